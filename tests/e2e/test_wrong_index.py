"""Where several indexes are asked, a project comes from its own, or not at all."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime, timezone

import pytest

from tests.e2e.outcome import refusals
from tests.e2e.settings import approve
from tests.kit.http_server import FaultKind
from tests.kit.index import LocalIndex
from tests.kit.sources import make_sdist
from tests.kit.wheels import make_wheel
from tests.kit.workspace import Workspace

WRONG = ("wrong-index",)
INSTALL = ("install", "--dry-run")
PASSWORD = "open-sesame"


def test_project_of_two_indexes_must_be_pinned(place: Workspace, rogue: LocalIndex) -> None:
    policy = approve(place.index, rogue)
    ended = place.guard(*INSTALL, "harmless", "--extra-index-url", rogue.url, policy=policy)
    assert refusals(ended) == WRONG
    assert "and the policy does not say which one to use.\n  required by the command line\n" in ended.stderr


def test_hash_says_which_file_is_meant(place: Workspace, rogue: LocalIndex) -> None:
    digest = hashlib.sha256(make_wheel("harmless").content).hexdigest()
    place.write("r.txt", f"harmless==1.0 --hash=sha256:{digest} --hash=sha256:{'0' * 64}\n")
    rogue.publish(make_wheel("harmless", files={"other.py": ""}))
    policy = approve(place.index, rogue)
    for first, second in ((place.index, rogue), (rogue, place.index)):
        options = ("-i", first.url, "--extra-index-url", second.url)
        ended = place.guard(*INSTALL, *options, "-r", "r.txt", policy=policy).check()
        assert ended.stdout.endswith("Would install harmless-1.0\n")


def pin(place: Workspace, rogue: LocalIndex, *, to: LocalIndex) -> str:
    """Approve both indexes, and pin the project to one."""
    return approve(place.index, rogue, more=f"[indexes.projects]\n'harm*' = '{to.url}'\n")


@pytest.mark.parametrize("wanted", ["harmless==9.0", "harmless>=2"])
def test_version_that_only_another_index_has_is_refused(wanted: str, place: Workspace, rogue: LocalIndex) -> None:
    ended = place.guard(*INSTALL, wanted, "--extra-index-url", rogue.url, policy=pin(place, rogue, to=place.index))
    own = place.index.url.rstrip("/")
    assert refusals(ended) == WRONG
    assert f"pip would take {wanted} from {rogue.url}, but it belongs to {own}." in ended.stderr
    assert f"hint: Ask for a version that {own} has, or correct [indexes.projects] in the policy." in ended.stderr
    assert "ERROR" not in ended.stderr
    assert not [path for path in rogue.paths if path.startswith("/files/")]


@pytest.mark.parametrize("command", [("install", "--dry-run"), ("download", "-d", "files")])
@pytest.mark.parametrize("resolver", [(), ("--use-deprecated=legacy-resolver",)])
@pytest.mark.parametrize("version", ["1.0", "9.0"])
def test_other_indexes_are_left_aside_for_a_pinned_project(
    version: str, resolver: tuple[str, ...], command: tuple[str, ...], place: Workspace, rogue: LocalIndex
) -> None:
    rogue.publish(make_wheel("harmless", version, files={"other.py": ""}))
    policy = pin(place, rogue, to=place.index)
    for first, second in ((place.index, rogue), (rogue, place.index)):
        options = ("-i", first.url, "--extra-index-url", second.url, *resolver)
        ended = place.guard(*command, "harmless", *options, policy=policy).check()
        assert "harmless-1.0" in ended.stdout
        assert ended.stderr == ""
    assert not [path for path in rogue.paths if path.startswith("/files/")]


def test_rest_belongs_to_the_public_index(place: Workspace, rogue: LocalIndex) -> None:
    """Try the policy for PyTorch, whose index has its own copy of what PyTorch needs."""
    place.index.publish(make_wheel("torch", "1.0"))
    place.index.publish(make_wheel("filelock", "3.0"))
    rogue.publish(make_wheel("torch", "2.0+cpu", requires=["filelock", "nvidia-part"]))
    rogue.publish(make_wheel("nvidia-part"))
    rogue.publish(make_wheel("filelock", "3.0", files={"other.py": ""}))
    pins = f"'torch*' = '{rogue.url}'\n'nvidia-*' = '{rogue.url}'\n'*' = '{place.index.url}'\n"
    policy = approve(place.index, rogue, more=f"[indexes.projects]\n{pins}")
    ended = place.guard(*INSTALL, "torch", "harmless", "--extra-index-url", rogue.url, policy=policy).check()
    assert ended.stdout.endswith("Would install filelock-3.0 harmless-1.0 nvidia-part-1.0 torch-2.0+cpu\n")
    assert not [path for path in rogue.paths if path.startswith(("/files/harmless", "/files/filelock"))]


def test_own_index_that_is_down_is_waited_for(place: Workspace, rogue: LocalIndex) -> None:
    with LocalIndex() as down:
        policy = approve(place.index, rogue, down, more=f"[indexes.projects]\n'harmless' = '{down.url}'\n")
    ended = place.guard(*INSTALL, "harmless", "--extra-index-url", down.url, policy=policy)
    assert refusals(ended) == WRONG
    assert f"hint: {down.url.rstrip('/')} did not answer: try again later" in ended.stderr


def test_pinned_project_is_taken_from_its_index(place: Workspace, rogue: LocalIndex) -> None:
    policy = pin(place, rogue, to=rogue)
    ended = place.guard(*INSTALL, "harmless", "--extra-index-url", rogue.url, policy=policy).check()
    assert ended.stdout.endswith("Would install harmless-9.0\n")


def test_project_of_one_index_needs_no_pin(place: Workspace, rogue: LocalIndex) -> None:
    rogue.publish(make_wheel("other"))
    policy = approve(place.index, rogue)
    place.guard(*INSTALL, "other", "--extra-index-url", rogue.url, policy=policy).check()


def test_pin_holds_where_one_index_is_asked(place: Workspace, rogue: LocalIndex) -> None:
    ended = place.guard(*INSTALL, "harmless", "-i", rogue.url, policy=pin(place, rogue, to=place.index))
    assert refusals(ended) == WRONG
    assert f"hint: Ask its own index, {place.index.url.rstrip('/')}, or" in ended.stderr


def fails(index: LocalIndex) -> None:
    index.fail("/simple/harmless/", FaultKind.SERVER_ERROR)


def breaks_off(index: LocalIndex) -> None:
    index.fail("/simple/harmless/", FaultKind.RESET)


def wants_password(index: LocalIndex) -> None:
    index.credentials = ("user", PASSWORD)


def forbids(index: LocalIndex) -> None:
    index.page("/simple/harmless/", "", status=403)


def talks_otherwise(index: LocalIndex) -> None:
    index.page("/simple/harmless/", "Please log in.")


@pytest.mark.parametrize("trouble", [fails, breaks_off, wants_password, forbids, talks_otherwise])
def test_silent_index_leaves_project_in_doubt(
    trouble: Callable[[LocalIndex], None], place: Workspace, rogue: LocalIndex
) -> None:
    trouble(rogue)
    policy = approve(place.index, rogue)
    ended = place.guard(*INSTALL, "harmless", "--extra-index-url", rogue.url, policy=policy)
    assert refusals(ended) == WRONG
    assert f"pip would take harmless from {place.index.url}, while {rogue.url} did not answer." in ended.stderr


def test_index_that_is_down_leaves_project_in_doubt(place: Workspace) -> None:
    with LocalIndex() as down:
        policy = approve(place.index, down)
    ended = place.guard(*INSTALL, "harmless", "--extra-index-url", down.url, policy=policy)
    assert refusals(ended) == WRONG
    assert f"while {down.url} did not answer." in ended.stderr


def test_index_that_has_not_heard_of_project_is_no_doubt(place: Workspace, rogue_index: LocalIndex) -> None:
    policy = approve(place.index, rogue_index)
    place.guard(*INSTALL, "harmless", "--extra-index-url", rogue_index.url, policy=policy).check()
    assert rogue_index.paths == ["/simple/harmless/"]


# spellings: pip knows a page by the address from which it came, without credentials


def with_password(index: LocalIndex) -> str:
    index.credentials = ("user", PASSWORD)
    return index.url_with_credentials


def in_capitals(index: LocalIndex) -> str:
    return index.url.replace("https://localhost", "HTTPS://LocalHost")


def with_detour(index: LocalIndex) -> str:
    return index.url.replace("/simple/", "/other/../%73imple/")


@pytest.mark.parametrize("spell", [with_password, in_capitals, with_detour])
def test_index_is_known_however_it_is_spelled(
    spell: Callable[[LocalIndex], str], place: Workspace, rogue: LocalIndex
) -> None:
    options = ("-i", spell(place.index), "--extra-index-url", spell(rogue))
    ended = place.guard(*INSTALL, "harmless", *options, policy=approve(place.index, rogue))
    assert refusals(ended) == WRONG
    assert "and the policy does not say which one to use." in ended.stderr
    assert PASSWORD not in ended.output
    pinned = place.guard(*INSTALL, "harmless", *options, policy=pin(place, rogue, to=place.index)).check()
    assert pinned.stdout.endswith("Would install harmless-1.0\n")


def test_one_index_in_two_spellings_is_one(place: Workspace) -> None:
    again = place.index.url.rstrip("/")
    place.guard(*INSTALL, "harmless", "--extra-index-url", again, policy=approve(place.index)).check()


# files that pip cannot use, or is kept from, count: the project is offered


def only_sources(place: Workspace) -> None:
    place.index.publish(make_sdist("own", sentinel=place.sentinel()))


def only_for_another_python(place: Workspace) -> None:
    place.index.publish(make_wheel("own", requires_python=">=3.99"))


def only_young_files(place: Workspace) -> None:
    place.index.publish(make_wheel("own"), upload_time=datetime.now(timezone.utc))


@pytest.mark.parametrize("offer", [only_sources, only_for_another_python, only_young_files])
def test_hidden_files_of_one_index_leave_no_way_for_another(
    offer: Callable[[Workspace], None], place: Workspace, rogue: LocalIndex
) -> None:
    offer(place)
    rogue.publish(make_wheel("own", "9.0"))
    policy = approve(place.index, rogue)
    ended = place.guard(*INSTALL, "own", "--extra-index-url", rogue.url, policy=policy)
    assert refusals(ended) == WRONG
    assert f"own is on several indexes, {' and '.join(sorted((place.index.url, rogue.url)))}" in ended.stderr


def test_find_links_page_does_not_stand_in_for_the_index_of_a_project(place: Workspace, rogue: LocalIndex) -> None:
    url = rogue.publish(make_wheel("harmless", "9.0"))
    page = rogue.page("/links.html", f'<!DOCTYPE html><a href="{url}">harmless-9.0-py3-none-any.whl</a>', "text/html")
    approved = f"[indexes]\napproved = ['{place.index.url}', '{page}']\nfile-hosts = ['{rogue.files_url}']\n"
    place.guard(*INSTALL, "harmless", "--find-links", page, policy=approved).check()
    tied = f"{approved}[indexes.projects]\n'harmless' = '{place.index.url}'\n"
    assert refusals(place.guard(*INSTALL, "harmless", "--find-links", page, policy=tied)) == WRONG
