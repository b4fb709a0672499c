"""How old a file must be: what pip takes instead of a young one, and what is said where there is nothing else."""

from __future__ import annotations

import json
import re
import time
import zipfile
from collections.abc import Callable
from datetime import datetime, timedelta, timezone

import pytest

from tests.e2e.outcome import DOCS, refusals, told
from tests.e2e.rows import slow
from tests.kit.http_server import FaultKind
from tests.kit.index import LocalIndex
from tests.kit.wheels import make_wheel
from tests.kit.workspace import Workspace

RECENT = ("recent-release",)
DRY = ("install", "--dry-run", "--no-cache-dir")
WARNING = "warning: recent-release"


@pytest.fixture
def place(shared_workspace: Workspace) -> Workspace:
    """Offer releases of different ages; the policy says nothing of these."""
    shared_workspace.policy("")
    index = shared_workspace.index
    young = datetime.now(timezone.utc) - timedelta(hours=3)
    for name in ("tool", "other"):
        index.publish(make_wheel(name, "1.0"))
        index.publish(make_wheel(name, "2.0"), upload_time=young)
    index.publish(make_wheel("fresh", "2.0"), upload_time=young)
    index.publish(make_wheel("parent", requires=["fresh"]))
    index.publish(make_wheel("mixed", tag="cp310-cp310-win32"))
    index.publish(make_wheel("mixed"), upload_time=young)
    index.publish(make_wheel("untimed"), upload_time=None)
    return shared_workspace


@pytest.mark.parametrize(
    ("policy", "chosen"),
    [
        pytest.param("", ["other-1.0", "tool-1.0"], id="older-release"),
        pytest.param('[releases]\nminimum-age = "PT2H"\n', ["other-2.0", "tool-2.0"], id="shorter-age"),
        slow('[releases]\nminimum-age = "P0D"\n', ["other-2.0", "tool-2.0"], id="no-age"),
        pytest.param('[releases]\nexempt-indexes = ["{url}"]\n', ["other-2.0", "tool-2.0"], id="exempt-index"),
        pytest.param(
            '[[exceptions]]\nrule = "recent-release"\nproject = "tool"\nreason = "ours"\n',
            ["other-1.0", "tool-2.0"],
            id="excused-project",
        ),
        slow(
            '[[exceptions]]\nrule = "recent-release"\nproject = "to*"\nreason = "ours"\n',
            ["other-1.0", "tool-2.0"],
            id="excused-pattern",
        ),
    ],
)
def test_takes_what_is_old_enough(place: Workspace, policy: str, chosen: list[str]) -> None:
    ended = place.guard(*DRY, "tool", "other", policy=policy.format(url=place.index.url)).check()
    assert f"Would install {' '.join(chosen)}\n" in ended.stdout
    assert WARNING not in ended.stderr


@pytest.mark.parametrize(
    ("arguments", "requirement", "filename"),
    [
        pytest.param((*DRY, "tool==2.0"), "tool==2.0", "tool-2.0-py3-none-any.whl", id="pin"),
        pytest.param((*DRY, "parent"), "fresh", "fresh-2.0-py3-none-any.whl", id="dependency"),
        pytest.param((*DRY, "mixed"), "mixed", "mixed-1.0-py3-none-any.whl", id="another-file-is-old"),
        slow(
            (*DRY, "--use-deprecated=legacy-resolver", "fresh"),
            "fresh",
            "fresh-2.0-py3-none-any.whl",
            id="old-resolver",
        ),
        slow((*DRY, "--uploaded-prior-to=2099-01-01", "fresh"), "fresh", "fresh-2.0-py3-none-any.whl", id="option"),
        slow(("install", "fresh"), "fresh", "fresh-2.0-py3-none-any.whl", id="install"),
        slow(("download", "fresh"), "fresh", "fresh-2.0-py3-none-any.whl", id="download"),
        slow(("wheel", "fresh"), "fresh", "fresh-2.0-py3-none-any.whl", id="wheel"),
        slow(("lock", "fresh"), "fresh", "fresh-2.0-py3-none-any.whl", id="lock"),
    ],
)
def test_says_what_is_too_young_and_until_when(
    place: Workspace, arguments: tuple[str, ...], requirement: str, filename: str
) -> None:
    ended = place.guard(*arguments)
    assert refusals(ended) == RECENT
    assert f"Every file matching {requirement} is too new:\n  {filename} was uploaded 3 hours ago;" in ended.stderr
    (ready,) = re.findall(r"it can be installed from (\S+ \S+) UTC on\.", ended.stderr)
    left = datetime.fromisoformat(f"{ready}+00:00") - datetime.now(timezone.utc)
    assert timedelta(hours=68) < left < timedelta(hours=70)


def test_file_that_is_asked_for_by_its_address_is_as_old_as_the_index_says(place: Workspace) -> None:
    young, old = (f"{place.index.files_url}tool-{version}-py3-none-any.whl" for version in ("2.0", "1.0"))
    ended = place.guard(*DRY, young)
    assert refusals(ended) == RECENT
    assert "pip would take tool-2.0-py3-none-any.whl, which was uploaded 3 hours ago;" in ended.stderr
    assert WARNING not in place.guard(*DRY, old).check().stderr


PAGE = "/simple/tool/"


def wants_password(index: LocalIndex) -> None:
    index.page(PAGE, "", status=401)


def is_broken(index: LocalIndex) -> None:
    index.fail(PAGE, FaultKind.SERVER_ERROR)


def never_answers(index: LocalIndex) -> None:
    index.fail(PAGE, FaultKind.SLOW, seconds=30)


def talks_otherwise(index: LocalIndex) -> None:
    index.page(PAGE, "{", "application/vnd.pypi.simple.v1+json")


def shows_a_login(index: LocalIndex) -> None:
    index.page(PAGE, "<!DOCTYPE html><form>Log in.</form>", "text/html")


@pytest.mark.parametrize("trouble", [wants_password, is_broken, never_answers, talks_otherwise, shows_a_login])
def test_age_of_what_is_asked_for_by_its_address_may_stay_unknown(
    place: Workspace, trouble: Callable[[LocalIndex], None]
) -> None:
    trouble(place.index)
    url = f"{place.index.files_url}tool-1.0-py3-none-any.whl"
    began = time.monotonic()
    ended = place.guard(*DRY, url).check()
    assert time.monotonic() - began < 15
    assert ended.stdout.endswith("Would install tool-1.0\n")
    assert "User for" not in ended.output
    assert f"pip cannot tell how old {url} is: no index gives its upload time." in ended.stderr
    assert place.index.paths.count(PAGE) == 1
    place.index.requests.clear()
    off = "[rules]\nrecent-release = 'off'\nnew-project = 'off'\nlost-provenance = 'off'\n"
    assert place.guard(*DRY, url, policy=off).check().stderr == ""
    assert place.index.paths.count(PAGE) == 0


@pytest.mark.parametrize(
    ("choice", "outcome"), [pytest.param("warning", WARNING, id="warning"), slow("off", "", id="off")]
)
def test_index_without_times_is_a_choice(place: Workspace, choice: str, outcome: str) -> None:
    ended = place.guard(*DRY, "untimed", policy=f'[releases]\nunknown-age = "{choice}"\n').check()
    assert (WARNING if WARNING in ended.stderr else "") == outcome


def test_index_without_times_can_be_refused(place: Workspace) -> None:
    ended = place.guard(*DRY, "untimed", policy='[releases]\nunknown-age = "error"\n')
    assert refusals(ended) == RECENT
    assert told(place, ended) == (
        "error: recent-release\n\n"
        "pip cannot tell how old the files on <index>untimed/ are: it gives no upload times.\n\n"
        "hint: If you trust the place, exempt it from the minimum age.\n"
        "      In <home>/.config/pip-guard/policy.toml:\n"
        "      [releases]\n"
        f'      exempt-indexes = ["{place.index.url.rstrip("/")}"]\n'
        f"docs: {DOCS}/recent-release.html\n\nNothing was installed.\n"
    )


def test_index_that_is_a_folder_gives_no_times(place: Workspace) -> None:
    wheel = make_wheel("local")
    place.write(f"mirror/local/{wheel.filename}", wheel.content)
    place.write("mirror/local/index.html", f'<a href="{wheel.filename}">{wheel.filename}</a>')
    mirror = (place.cwd / "mirror").as_uri()
    approval = f'[indexes]\napproved = ["{mirror}"]\nfile-hosts = ["{mirror}/"]\n'
    command = (*DRY, f"--index-url={mirror}", "local")
    assert WARNING in place.guard(*command, policy=approval).check().stderr
    exempt = f'[releases]\nexempt-indexes = ["{mirror}"]\n{approval}'
    assert WARNING not in place.guard(*command, policy=exempt).check().stderr
    assert refusals(place.guard(*command, policy=f'[releases]\nunknown-age = "error"\n{approval}')) == RECENT


def test_file_of_this_machine_may_be_of_any_age(place: Workspace) -> None:
    wheel = make_wheel("local")
    path = place.write(f"wheels/{wheel.filename}", wheel.content)
    place.policy('[releases]\nunknown-age = "error"\n')
    for arguments in ((str(path),), (path.as_uri(),), ("--no-index", "--find-links=wheels", "local")):
        assert WARNING not in place.guard(*DRY, *arguments).check().stderr


HELD_BACK = re.compile(r"note: tool 2\.0 is held back until \d{4}-\d\d-\d\d \(minimum age 3 days\)\n")


@pytest.mark.parametrize("options", [(), ("--use-deprecated=legacy-resolver",)])
def test_says_what_is_held_back(place: Workspace, options: tuple[str, ...]) -> None:
    assert HELD_BACK.search(place.guard(*DRY, "tool", *options).check().stderr)
    assert "note:" not in place.guard(*DRY, "-q", "tool", *options).check().stderr


def test_says_what_is_held_back_where_an_older_release_is_installed(place: Workspace) -> None:
    library = place.cwd / "library"
    with zipfile.ZipFile(make_wheel("tool", "1.0").write(place.cwd)) as wheel:
        wheel.extractall(library)
    environ = {"PYTHONPATH": str(library)}
    upgrade = place.guard("install", "--dry-run", "-U", "tool", env=environ).check()
    assert "Requirement already satisfied: tool" in upgrade.stdout
    assert HELD_BACK.search(upgrade.stderr)
    listed = place.guard("list", "--outdated", "--path", library).check()
    assert re.search(r"tool +1\.0 +2\.0 +wheel", listed.stdout)
    assert HELD_BACK.fullmatch(listed.stderr)
    assert place.guard("list", "--outdated", "-q", "--path", library).check().stderr == ""
    report = json.loads(place.guard("--guard-format=json", "list", "--outdated", "--path", library).check().stderr)
    assert [each["version"] for each in report["held_back"]] == ["2.0"]
