"""Test that pip goes on with files that nobody can exchange, and not with those that merely lie about."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pip._internal.exceptions import HashMismatch, InstallationError
from pip._internal.models.link import Link
from pip._internal.operations.prepare import File
from pip._internal.utils.hashes import Hashes
from pip._internal.utils.temp_dir import global_tempdir_manager

from pip_guard.pip_adapter.resolution.local_files import check_download_dir, get_file_url, save_linked_requirement
from pip_guard.pip_adapter.resolution.state import ResolutionState
from tests.unit.engine.factories import make_session

NAME = "demo-1.0-py3-none-any.whl"
LINK = Link(f"https://host.example/{NAME}")


@pytest.fixture(autouse=True)
def _temporary_folders() -> Iterator[None]:
    with global_tempdir_manager():
        yield


@pytest.fixture
def state() -> ResolutionState:
    return ResolutionState(make_session())


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    path = tmp_path / NAME
    path.write_bytes(b"checked")
    return path


def get(path: Path, hashes: Hashes | None = None) -> File:
    state = ResolutionState(make_session())
    return get_file_url(state, lambda link, download_dir, hashes: File(str(path)), Link(path.as_uri()), None, hashes)


def test_goes_on_with_a_private_copy(wheel: Path) -> None:
    copy = Path(get(wheel).path)
    wheel.write_bytes(b"changed")
    assert copy.read_bytes() == b"checked"
    assert copy.name == NAME
    assert copy.parent.stat().st_mode & 0o077 == 0


def test_checks_the_copy_again(wheel: Path) -> None:
    assert get(wheel, Hashes({"sha256": [hashlib.sha256(b"checked").hexdigest()]})).path != str(wheel)
    with pytest.raises(HashMismatch):
        get(wheel, Hashes({"sha256": [hashlib.sha256(b"other").hexdigest()]}))


def test_refuses_what_is_no_regular_file(wheel: Path) -> None:
    wheel.unlink()
    os.mkfifo(wheel)
    with pytest.raises(InstallationError, match=f"^{wheel} is not a regular file[.]$"):
        get(wheel)
    with pytest.raises(InstallationError, match=f"^{wheel} is not a regular file[.]$"):
        check_download_dir(ResolutionState(make_session()), lambda *_: str(wheel), LINK, str(wheel.parent), None)


def test_leaves_a_missing_file_to_pip(wheel: Path) -> None:
    wheel.unlink()
    with pytest.raises(FileNotFoundError):
        get(wheel)


def look(state: ResolutionState, path: Path | None, link: Link = LINK, hashes: Hashes | None = None) -> str | None:
    found = None if path is None else str(path)
    return check_download_dir(state, lambda link, download_dir, hashes, warn: found, link, "", hashes)


def test_looks_for_nothing_that_is_not_there(state: ResolutionState) -> None:
    assert look(state, None) is None
    assert state.replaced == {}


def test_uses_a_file_that_a_hash_vouches_for(state: ResolutionState, wheel: Path) -> None:
    assert look(state, wheel, hashes=Hashes({"sha256": ["a" * 64]})) == str(wheel)


def test_uses_the_file_that_was_asked_for(state: ResolutionState, wheel: Path) -> None:
    assert look(state, wheel, Link(wheel.as_uri())) == str(wheel)
    assert look(state, wheel, Link((wheel.parent / "absent" / NAME).as_uri())) is None


def test_replaces_a_file_that_nothing_vouches_for(
    state: ResolutionState, wheel: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert (look(state, wheel), look(state, wheel)) == (None, None)
    assert caplog.messages == [f"Previously-downloaded file {wheel} has no hash to check it by. Re-downloading."]
    saved = []
    requirement: Any = SimpleNamespace(link=LINK)
    preparer: Any = SimpleNamespace(download_dir=str(wheel.parent))
    for _ in range(2):
        save_linked_requirement(state, lambda preparer, req: saved.append(wheel.exists()), preparer, requirement)
        wheel.touch()
    assert saved == [False, True]


def test_does_not_save_through_a_link_that_leads_nowhere(state: ResolutionState, tmp_path: Path) -> None:
    (tmp_path / NAME).symlink_to("elsewhere")
    requirement: Any = SimpleNamespace(link=LINK)
    preparer: Any = SimpleNamespace(download_dir=str(tmp_path))
    saved = []
    save_linked_requirement(state, lambda preparer, req: saved.append(req), preparer, requirement)
    assert saved == [requirement]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("link", [None, LINK])
def test_leaves_what_is_not_saved_to_pip(state: ResolutionState, link: Link | None) -> None:
    requirement: Any = SimpleNamespace(link=link)
    preparer: Any = SimpleNamespace(download_dir=None)
    saved = []
    save_linked_requirement(state, lambda preparer, req: saved.append(req), preparer, requirement)
    assert saved == [requirement]
