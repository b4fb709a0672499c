"""Ways around the judged options that were found by attacking: each would install what nobody approved."""

from __future__ import annotations

import hashlib
import json
import shutil
import zipfile
from datetime import datetime, timedelta, timezone

import pytest

from tests.e2e.outcome import refusals
from tests.kit.index import LocalIndex
from tests.kit.sources import make_source_tree
from tests.kit.wheels import make_wheel
from tests.kit.workspace import Workspace


@pytest.fixture
def published(workspace: Workspace) -> Workspace:
    """Offer a release on the index, and a higher one in a folder that nobody named."""
    workspace.index.publish(make_wheel("harmless", "1.0"))
    folder = workspace.cwd / "planted"
    folder.mkdir()
    make_wheel("harmless", "9.0").write(folder)
    workspace.give(folder)
    return workspace


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        pytest.param("--find-links ./planted", "find-links", id="find-links"),
        pytest.param("--trusted-host localhost", "trusted-host", id="trusted-host"),
        pytest.param("--extra-index-url https://evil.example/simple/", "unapproved-index", id="index"),
    ],
)
def test_build_constraints_add_no_source(published: Workspace, line: str, rule: str) -> None:
    published.write(published.cwd / "limits.txt", f"{line}\n")
    ended = published.guard("install", "harmless", env={"PIP_BUILD_CONSTRAINT": "limits.txt"})
    assert refusals(ended) == (rule,)
    assert "line 1 of limits.txt" in ended.stderr
    assert published.added() == set()


def test_password_does_not_leave_for_a_host_that_a_file_trusts(workspace: Workspace, rogue_index: LocalIndex) -> None:
    host = rogue_index.origin.removeprefix("https://")
    workspace.write(workspace.cwd / "r.txt", f"--trusted-host {host}\n-r https://user:secret@{host}/more.txt\n")
    assert refusals(workspace.guard("install", "-r", "r.txt")) == ("trusted-host", "remote-requirements-file")
    assert rogue_index.requests == []


def test_nested_file_must_lie_below_an_approved_place(workspace: Workspace) -> None:
    page = workspace.index.page("/elsewhere/more.txt", "harmless\n", "text/plain")
    workspace.write(workspace.cwd / "r.txt", f"-r {page}\n")
    workspace.policy(f'[indexes]\napproved = ["{workspace.index.url}"]\nfile-hosts = ["{workspace.index.files_url}"]\n')
    assert refusals(workspace.guard("install", "-r", "r.txt")) == ("remote-requirements-file",)


@pytest.mark.parametrize(
    ("arguments", "environ", "believed"),
    [
        pytest.param((), {"PIP_CACHE_DIR": "cache"}, False, id="variable"),
        pytest.param(("--cache-dir", "cache"), {}, True, id="command-line"),
        pytest.param((), {}, True, id="users-own"),
    ],
)
def test_cache_that_a_setting_names_is_not_believed(
    published: Workspace, arguments: tuple[str, ...], environ: dict[str, str], believed: bool
) -> None:
    ended = published.guard("--guard-format=json", "install", "harmless", *arguments, env=environ).check()
    assert ("no-cache-dir" not in json.loads(ended.stderr)["enforced"]) == believed
    assert believed or not (published.cwd / "cache").exists()


def test_proxy_does_not_answer_for_a_local_index_without_tls(workspace: Workspace) -> None:
    with LocalIndex(tls=False) as plain, LocalIndex(tls=False) as proxy:
        plain.publish(make_wheel("harmless"))
        workspace.policy(f'[indexes]\napproved = ["{plain.url}"]\nfile-hosts = ["{plain.files_url}"]\n')
        environ = {"PIP_INDEX_URL": plain.url, "http_proxy": proxy.origin, "NO_PROXY": None, "PIP_CERT": None}
        ended = workspace.guard("install", "harmless", env={**environ, "SSL_CERT_FILE": None})
        assert refusals(ended) == ("unapproved-host",)
        assert proxy.requests == []


def test_consent_is_for_the_folder_that_is_built(workspace: Workspace) -> None:
    sentinel = workspace.sentinel("other")
    make_source_tree(workspace.cwd / "named", "named", sentinel=workspace.sentinel("named"))
    make_source_tree(workspace.cwd / "other", "other", sentinel=sentinel)
    workspace.give(workspace.cwd)
    url = (workspace.cwd / "named").as_uri()
    workspace.index.publish(make_wheel("needy", requires=[f"other @ {url}#subdirectory=../other"]))
    assert refusals(workspace.guard("install", "./named", "needy")) == ("local-project",)
    assert not sentinel.exists()


def test_index_page_names_no_file_of_this_machine(published: Workspace) -> None:
    wheel = next((published.cwd / "planted").glob("*.whl"))
    published.index.publish(make_wheel("other"), url=wheel.as_uri().replace("harmless", "other"))
    shutil.copy(wheel, wheel.with_name(wheel.name.replace("harmless", "other")))
    published.give(published.cwd)
    ended = published.guard("install", "other")
    assert ended.returncode != 0
    assert published.added() == set()


def test_exception_is_not_for_a_file_of_another_name(workspace: Workspace) -> None:
    workspace.write(workspace.cwd / "evil-1.0.tar.gz", "")
    policy = '[[exceptions]]\nrule = "source-distribution"\nproject = "good"\nversion = "==1.0"\nreason = "read"\n'
    ended = workspace.guard("install", f"good @ {(workspace.cwd / 'evil-1.0.tar.gz').as_uri()}", policy=policy)
    assert "source-distribution" in refusals(ended)


def test_file_cannot_be_exchanged_once_its_hash_was_checked(workspace: Workspace) -> None:
    folder = workspace.cwd / "open"
    folder.mkdir()
    workspace.give(folder)
    folder.chmod(0o777)
    good = make_wheel("harmless", files={"harmless.py": "GOOD = True"})
    path = good.write(folder)
    other = make_wheel("other")
    url = workspace.index.publish(other)

    def exchange(*_: object) -> bytes:
        """Answer for the index, which pip asks once it has checked the local file."""
        path.write_bytes(make_wheel("harmless", files={"harmless.py": "GOOD = False"}).content)
        return f'<!DOCTYPE html><a href="{url}">{other.filename}</a>'.encode()

    # fetched ahead, that page could be asked for before pip has checked the file
    workspace.policy("[network]\nahead = false\n")
    workspace.index.page("/simple/other/", exchange, "text/html")
    lines = [(f"./open/{path.name}", good), ("other==1.0", other)]
    text = "".join(f"{what} --hash=sha256:{hashlib.sha256(wheel.content).hexdigest()}\n" for what, wheel in lines)
    workspace.write("r.txt", text)
    workspace.guard("--guard-allow=direct-url", "--guard-allow=recent-release", "install", "-r", "r.txt").check()
    assert zipfile.ZipFile(path).read("harmless.py") == b"GOOD = False"
    assert (workspace.venv.site_packages / "harmless.py").read_text() == "GOOD = True"


@pytest.mark.parametrize("command", ["download", "wheel"])
def test_file_that_lies_in_the_target_folder_is_not_taken_for_the_indexs(workspace: Workspace, command: str) -> None:
    wheel = make_wheel("harmless")
    workspace.index.publish(wheel, hashes=False)
    planted = workspace.write(wheel.filename, make_wheel("harmless", files={"planted.py": ""}).content)
    ended = workspace.guard(command, "harmless").check()
    assert planted.read_bytes() == wheel.content
    assert "has no hash to check it by" in ended.stderr


def test_page_of_this_machine_approves_no_place(published: Workspace) -> None:
    local = next((published.cwd / "planted").glob("*.whl"))
    elsewhere = published.index.page(
        "/elsewhere/harmless-10.0-py3-none-any.whl", make_wheel("harmless", "10.0").content
    )
    published.write("links.html", f'<!DOCTYPE html><a href="{local.as_uri()}">{local.name}</a>')
    published.guard("install", "--dry-run", "harmless", "--find-links", "links.html").check()
    published.write("more/links.html", f'<!DOCTYPE html><a href="{elsewhere}">harmless-10.0-py3-none-any.whl</a>')
    for named in ("more", "more/links.html"):
        assert refusals(published.guard("install", "harmless", "--find-links", named)) == ("direct-url",)
    ended = published.guard("install", "harmless", env={"PIP_FIND_LINKS": "links.html"})
    assert refusals(ended) == ("find-links",)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        pytest.param("install.requirement", "more.txt", id="requirements"),
        pytest.param("install.editable", "git+https://evil.example/x", id="editable"),
        pytest.param("global.constraint", "https://evil.example/c.txt", id="constraints"),
    ],
)
def test_no_later_command_is_told_to_install_more(place: Workspace, key: str, value: str) -> None:
    written = place.write("own.conf", "")
    ended = place.guard("config", "set", key, value, env={"PIP_CONFIG_FILE": str(written)})
    assert refusals(ended) == ("configuration-change",)
    assert written.read_text() == ""


def test_settings_are_not_read_through_a_link_that_others_can_turn(place: Workspace) -> None:
    shared = place.cwd / "shared"
    shared.mkdir()
    place.give(shared)
    shared.chmod(0o777)
    own = place.write("own.conf", "[global]\ntimeout = 60\n")
    (shared / "pip.conf").symlink_to(own)
    place.give(shared / "pip.conf")
    ended = place.guard("install", "harmless", env={"PIP_CONFIG_FILE": str(shared / "pip.conf")})
    assert refusals(ended) == ("writable-configuration",)


def write_lock(workspace: Workspace, url: str, *, more: str = "") -> None:
    """Write a lock file that names the one file of the project `harmless`."""
    wheel = make_wheel("harmless")
    digest = hashlib.sha256(wheel.content).hexdigest()
    entry = f'{{name = "{wheel.filename}", url = "{url}", hashes = {{sha256 = "{digest}"}}{more}}}'
    package = f'[[packages]]\nname = "harmless"\nversion = "1.0"\nwheels = [{entry}]\n'
    workspace.write("pylock.toml", f'lock-version = "1.0"\ncreated-by = "x"\n{package}')


def an_hour_ago() -> datetime:
    """Return the time an hour before now: of the test, for a run of all of them may take most of an hour itself."""
    return datetime.now(timezone.utc) - timedelta(hours=1)


@pytest.mark.parametrize(
    "claim",
    [
        pytest.param("", id="nothing"),
        pytest.param(", upload-time = 2020-01-01T00:00:00Z", id="an-age-that-is-a-lie"),
        pytest.param(", upload-time = {recent}", id="the-truth"),
    ],
)
def test_lock_file_does_not_say_how_old_its_files_are(shared_workspace: Workspace, claim: str) -> None:
    recent = an_hour_ago()
    url = shared_workspace.index.publish(make_wheel("harmless"), upload_time=recent)
    write_lock(shared_workspace, url, more=claim.format(recent=recent.isoformat()))
    ended = shared_workspace.guard("install", "-r", "pylock.toml")
    assert refusals(ended) == ("recent-release",)
    assert "was uploaded 6" in ended.stderr
    assert "required by pylock.toml" in ended.stderr


def test_locked_file_is_as_old_as_its_index_says(shared_workspace: Workspace) -> None:
    write_lock(shared_workspace, shared_workspace.index.publish(make_wheel("harmless")))
    ended = shared_workspace.guard("install", "--dry-run", "-r", "pylock.toml").check()
    assert "warning:" not in ended.stderr


def test_locked_file_that_no_index_lists_is_of_unknown_age(shared_workspace: Workspace) -> None:
    wheel = make_wheel("harmless")
    url = shared_workspace.index.page(f"/files/{wheel.filename}", wheel.content)
    write_lock(shared_workspace, url, more=", upload-time = 2020-01-01T00:00:00Z")
    ended = shared_workspace.guard("install", "--dry-run", "-r", "pylock.toml").check()
    assert "pip cannot tell how old the files" in ended.stderr
    write_lock(shared_workspace, url, more=f", upload-time = {an_hour_ago().isoformat()}")
    assert refusals(shared_workspace.guard("install", "-r", "pylock.toml")) == ("recent-release",)


def test_script_does_not_become_a_module(shared_workspace: Workspace) -> None:
    path = "../lib/python3/site-packages/sitecustomize.py"
    wheel = make_wheel("bad", entry_points={"console_scripts": {path: "bad:main"}})
    shared_workspace.index.publish(wheel)
    assert refusals(shared_workspace.guard("install", "bad")) == ("record-mismatch", "planted-file")


def test_nothing_is_saved_through_a_link_that_leads_nowhere(place: Workspace) -> None:
    folder = place.cwd / "out"
    folder.mkdir()
    link = folder / make_wheel("harmless").filename
    link.symlink_to(place.home / "absent")
    place.give(folder)
    place.guard("download", "--dest=out", "harmless").check()
    assert not (place.home / "absent").exists()
    assert link.is_file()
    assert not link.is_symlink()


@pytest.mark.parametrize("folder", ["../../../bin/", "pip_guard/"])
def test_no_folder_of_others_goes_with_a_distribution(shared_workspace: Workspace, folder: str) -> None:
    record = f"bad.py,,\nbad-1.0.dist-info/RECORD,,\n{folder},,\n"
    shared_workspace.index.publish(make_wheel("bad", record_override=record))
    ended = shared_workspace.guard("install", "bad")
    assert refusals(ended) == ("record-mismatch",)
    assert f"RECORD lists {folder}, which is not there" in ended.stderr


def test_wheel_with_an_absolute_path_is_looked_at_to_the_end(shared_workspace: Workspace) -> None:
    shared_workspace.index.publish(make_wheel("bad", files={"/tmp/planted.py": ""}))
    assert refusals(shared_workspace.guard("install", "bad")) == ("record-mismatch",)


def test_two_wheels_together_bring_no_startup_code(shared_workspace: Workspace) -> None:
    shared_workspace.index.publish(
        make_wheel("adder", files={"adder.pth": "shared\n", "shared/a.py": ""}, requires=["filler"])
    )
    shared_workspace.index.publish(make_wheel("filler", files={"shared/sitecustomize.py": ""}))
    ended = shared_workspace.guard("install", "adder")
    assert refusals(ended) == ("startup-code",)
    assert "Python imports shared/sitecustomize.py by itself" in ended.stderr
