"""Test who else could change a file, by whatever way its path leads."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from pip_guard.environment import permissions
from pip_guard.environment.permissions import is_open_to_others, link_danger

Prepare = Callable[[Path], object]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder of the user's alone, with a file in it, in a folder where others have no rights either."""
    tmp_path.chmod(0o755)
    folder = tmp_path / "folder"
    folder.mkdir(mode=0o755)
    (folder / "file").touch(mode=0o644)
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o777)
    (tmp_path / "sticky").mkdir()
    (tmp_path / "sticky").chmod(0o1777)
    return folder


@pytest.mark.parametrize(
    ("prepare", "path", "others_can"),
    [
        pytest.param(lambda folder: None, "folder/file", False, id="own"),
        pytest.param(lambda folder: (folder / "file").chmod(0o666), "folder/file", True, id="file"),
        pytest.param(lambda folder: (folder / "file").chmod(0o664), "folder/file", False, id="own-group"),
        pytest.param(lambda folder: folder.chmod(0o777), "folder/file", True, id="its-folder"),
        pytest.param(lambda folder: folder.parent.chmod(0o777), "folder/file", True, id="folder-above"),
        pytest.param(lambda folder: folder.chmod(0o1777), "folder/file", False, id="sticky"),
        pytest.param(lambda folder: (folder / "file").unlink(), "folder/file", True, id="not-there"),
        pytest.param(lambda folder: (folder / "link").symlink_to("file"), "folder/link", False, id="link"),
        pytest.param(
            lambda folder: (folder / "link").symlink_to("../folder/./file"), "folder/link", False, id="link-by-detour"
        ),
        pytest.param(
            lambda folder: (folder.parent / "open" / "link").symlink_to(folder / "file"), "open/link", True, id="open"
        ),
        pytest.param(
            lambda folder: (folder.parent / "sticky" / "link").symlink_to(folder),
            "sticky/link/file",
            False,
            id="shared",
        ),
        pytest.param(lambda folder: (folder / "link").symlink_to("../open/x"), "folder/link", True, id="link-to-open"),
        pytest.param(lambda folder: (folder / "link").symlink_to("link"), "folder/link", True, id="link-to-itself"),
    ],
)
def test_looks_at_the_whole_way(folder: Path, prepare: Prepare, path: str, others_can: bool) -> None:
    prepare(folder)
    assert is_open_to_others(str(folder.parent / path)) is others_can


def test_strangers_can_change_what_is_theirs(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(permissions, "ROOT", -1)
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    assert is_open_to_others(str(folder / "file"))


def test_strangers_can_turn_their_links(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "link").symlink_to("file")
    owner = (folder / "link").lstat().st_uid
    mine = {"st_uid": owner + 1}
    real = os.lstat

    def lstat(path: str) -> object:
        """Let the link alone belong to somebody else."""
        status = real(path)
        if path.endswith("link"):
            return os.stat_result((*status[:4], mine["st_uid"], *status[5:]))
        return status

    monkeypatch.setattr(os, "lstat", lstat)
    assert is_open_to_others(str(folder / "link"))
    assert link_danger(str(folder / "link")) == f"is reached by a link that belongs to another user ({owner + 1})"


@pytest.mark.parametrize(
    ("place", "danger"),
    [
        pytest.param("folder", None, id="own"),
        pytest.param("sticky", None, id="sticky"),
        pytest.param("open", "others can replace, because they can write the folder of a link to it", id="open"),
    ],
)
def test_looks_at_the_folder_of_each_link(folder: Path, place: str, danger: str | None) -> None:
    (folder.parent / place / "second").symlink_to(folder / "file")
    (folder / "first").symlink_to(f"../{place}/second")
    assert link_danger(str(folder / "first")) == danger


def test_doubts_systems_whose_modes_say_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "name", "nt")
    assert is_open_to_others(str(folder / "file"))
