"""Test who else can change a file, or replace it by another one."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pip_guard.environment import permissions
from pip_guard.environment.permissions import (
    describe_files,
    is_open_to_others,
    link_danger,
    others_can_change,
    others_who_can_write,
    path_danger,
)
from pip_guard.facts.command import FileFacts, TrustedFile
from tests.kit.file_owners import pretend_owner

Prepare = Callable[[Path], object]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder of the user's alone, where no other file is believed."""
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent))
    tmp_path.chmod(0o755)
    folder = tmp_path / "folder"
    folder.mkdir(mode=0o755)
    (folder / "pip.conf").touch(mode=0o644)
    (folder / "cache").mkdir(mode=0o755)
    return folder


@pytest.fixture
def stranger(monkeypatch: pytest.MonkeyPatch) -> int:
    """Let everything belong to another ordinary user than the one that looks; return that user's number."""
    owner = os.geteuid()
    monkeypatch.setattr(permissions, "ROOT", -1)
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)
    return owner


def make_open_pipe(path: Path) -> None:
    os.mkfifo(path)
    path.chmod(0o666)


def dangers(path: Path, role: str = "configuration") -> list[str | None]:
    found = describe_files([(str(path), role)])
    assert all((file.path, file.role) == (str(path), role) for file in found.files)
    return [file.danger for file in found.files]


def test_tells_path_role_and_danger(folder: Path) -> None:
    (folder / "pip.conf").chmod(0o646)
    files = [(str(folder / "pip.conf"), "configuration"), (str(folder / "cache"), "cache")]
    assert describe_files(iter(files)) == FileFacts(
        files=(TrustedFile(path=str(folder / "pip.conf"), role="configuration", danger="others can write"),)
    )


@pytest.mark.parametrize(
    ("name", "prepare"),
    [
        pytest.param("pip.conf", lambda path: path.chmod(0o600), id="private"),
        pytest.param("pip.conf", lambda path: path.chmod(0o644), id="readable"),
        pytest.param("pip.conf", lambda path: path.chmod(0o664), id="group-of-the-user"),
        pytest.param("cache", lambda path: path.chmod(0o1777), id="folder-like-tmp"),
        pytest.param("cache", lambda path: path.chmod(0o775), id="folder-of-the-users-group"),
        pytest.param("pip.conf", lambda path: path.parent.chmod(0o1777), id="file-in-a-folder-like-tmp"),
        pytest.param("missing.conf", lambda path: path.parent.chmod(0o777), id="missing"),
        pytest.param("pip.conf\0", lambda path: None, id="no-path"),
        pytest.param("pipe", make_open_pipe, id="neither-file-nor-folder"),
        pytest.param("link", lambda path: path.symlink_to("pip.conf"), id="link"),
    ],
)
def test_believes_what_nobody_else_can_change(folder: Path, name: str, prepare: Prepare) -> None:
    prepare(folder / name)
    assert dangers(folder / name) == []


@pytest.mark.parametrize(
    ("name", "prepare", "danger"),
    [
        pytest.param("pip.conf", lambda path: path.chmod(0o602), "others can write", id="file"),
        pytest.param("cache", lambda path: path.chmod(0o777), "others can write", id="folder"),
        pytest.param(
            "pip.conf", lambda path: path.chmod(0o1646), "others can write", id="sticky-means-nothing-for-files"
        ),
        pytest.param(
            "pip.conf",
            lambda path: path.parent.chmod(0o777),
            "others can replace, because they can write its folder",
            id="file-in-an-open-folder",
        ),
    ],
)
def test_finds_what_others_can_change(folder: Path, name: str, prepare: Prepare, danger: str) -> None:
    prepare(folder / name)
    assert dangers(folder / name) == [danger]


def test_finds_what_the_owner_of_its_folder_can_replace(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    owner = os.geteuid()
    (folder.parent / "link").symlink_to("folder/pip.conf")
    for theirs, path, what in (
        (folder, folder / "pip.conf", "its folder"),
        (folder.parent, folder.parent / "link", "the folder of a link to it"),
    ):
        with monkeypatch.context() as patch:
            pretend_owner(patch, theirs, owner + 1)
            patch.setattr(permissions, "ROOT", owner)
            assert dangers(path) == [f"another user ({owner + 1}) can replace, because {what} is theirs"]


def test_looks_behind_links(folder: Path) -> None:
    (folder / "pip.conf").chmod(0o666)
    (folder / "link").symlink_to("pip.conf")
    assert dangers(folder / "link") == ["others can write"]


def test_looks_at_the_folder_behind_a_link(folder: Path) -> None:
    (folder / "open").mkdir()
    (folder / "open").chmod(0o777)
    (folder / "open" / "pip.conf").touch(mode=0o644)
    (folder / "link").symlink_to("open/pip.conf")
    assert dangers(folder / "link") == ["others can replace, because they can write its folder"]


def test_finds_what_belongs_to_another_user(folder: Path, stranger: int) -> None:
    assert dangers(folder / "pip.conf") == [f"belongs to another user ({stranger})"]
    assert dangers(folder / "cache", "cache") == [f"belongs to another user ({stranger})"]


def test_believes_what_belongs_to_root(monkeypatch: pytest.MonkeyPatch) -> None:
    root = Path("/").stat()
    if (root.st_uid, root.st_mode & 0o22) != (0, 0):
        pytest.skip("the root folder does not belong to root alone")
    monkeypatch.setattr(os, "geteuid", lambda: 24801)
    assert dangers(Path("/")) == []


def test_finds_what_another_group_can_write(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    group = (folder / "pip.conf").stat().st_gid
    (folder / "pip.conf").chmod(0o664)
    monkeypatch.setattr(permissions, "ROOT", -1)
    monkeypatch.setattr(os, "getegid", lambda: group + 1)
    assert dangers(folder / "pip.conf") == [f"the group {group} can write"]


def test_looks_at_the_file_of_passwords(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "netrc").touch()
    (folder / "netrc").chmod(0o606)
    monkeypatch.setenv("NETRC", str(folder / "netrc"))
    expected = TrustedFile(path=str(folder / "netrc"), role="passwords", danger="others can write")
    assert describe_files([]) == FileFacts(files=(expected,))
    monkeypatch.delenv("NETRC")
    monkeypatch.setenv("HOME", str(folder))
    (folder / "netrc").rename(folder / ".netrc")
    assert [file.path for file in describe_files([]).files] == [str(folder / ".netrc")]
    (folder / ".netrc").rename(folder / "_netrc")
    assert [file.path for file in describe_files([]).files] == [str(folder / "_netrc")]


@pytest.mark.parametrize(
    ("path", "found"),
    [
        pytest.param("{open}:{own}", ["{open}"], id="before"),
        pytest.param("{own}:{open}", [], id="after"),
        pytest.param("{safe}:{open}:{missing}:{own}", ["{open}"], id="among-others"),
        pytest.param("{safe}:{open}", [], id="own-folder-is-not-there"),
        pytest.param("{sticky}:{own}", [], id="folder-like-tmp"),
        pytest.param("", [], id="empty"),
    ],
)
def test_looks_at_the_folders_in_which_pip_is_found_first(
    folder: Path, monkeypatch: pytest.MonkeyPatch, path: str, found: list[str]
) -> None:
    names = {name: str(folder / name) for name in ("open", "safe", "sticky", "missing")}
    for name, mode in {"open": 0o777, "safe": 0o755, "sticky": 0o1777}.items():
        (folder / name).mkdir()
        (folder / name).chmod(mode)
    names["own"] = str(Path(sys.executable).parent)
    monkeypatch.chdir(folder / "safe")
    monkeypatch.setenv("PATH", path.format_map(names))
    expected = [TrustedFile(path=each.format_map(names), role="PATH", danger="others can write") for each in found]
    assert describe_files([]) == FileFacts(files=tuple(expected))


def test_empty_entry_is_the_working_directory(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.chmod(0o777)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("PATH", f":{Path(sys.executable).parent}")
    assert [(file.path, file.danger) for file in describe_files([]).files] == [(".", "others can write")]


def test_own_folder_is_known_by_any_name(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "open").mkdir()
    (folder / "open").chmod(0o777)
    (folder / "own").symlink_to(Path(sys.executable).parent)
    monkeypatch.setenv("PATH", f"{folder / 'own'}:{folder / 'open'}")
    assert describe_files([]) == FileFacts()


def test_mode_says_nothing_on_windows(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "pip.conf").chmod(0o666)
    with monkeypatch.context() as patch:
        patch.setattr(os, "name", "nt")
        found = describe_files([(str(folder / "pip.conf"), "configuration")])
    assert found == FileFacts()


def test_finds_a_link_that_others_can_replace(folder: Path) -> None:
    shared = folder.parent / "shared"
    shared.mkdir()
    shared.chmod(0o777)
    (shared / "pip.conf").symlink_to(folder / "pip.conf")
    assert dangers(shared / "pip.conf") == ["others can replace, because they can write the folder of a link to it"]


def test_what_nobody_else_can_change_is_as_it_is(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = folder / "pip.conf"
    assert others_can_change(str(path)) is None
    path.chmod(0o646)
    assert others_can_change(str(path)) == "others can write"
    monkeypatch.setattr(os, "name", "nt")
    assert others_can_change(str(path)) is None


def test_whoever_can_change_a_folder_above_can_replace_the_file(folder: Path) -> None:
    (folder / "etc" / "pip-guard").mkdir(parents=True)
    path = folder / "etc" / "pip-guard" / "policy.toml"
    path.touch(mode=0o644)
    folder.chmod(0o777)
    assert others_can_change(str(path)) == f"is in {folder}, into which others can write"
    folder.chmod(0o1777)
    assert others_can_change(str(path)) is None


def test_owner_of_a_folder_above_can_replace_the_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = folder / "pip.conf"
    monkeypatch.setattr(permissions, "path_danger", lambda path: None)
    owner = os.geteuid()
    monkeypatch.setattr(permissions, "ROOT", -1)
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)
    assert others_can_change(str(path)) == f"is in {folder}, which belongs to another user ({owner})"


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """Make the folder of an interpreter's library, and what that interpreter would run."""
    library = tmp_path / "library"
    library.mkdir(mode=0o755)
    (tmp_path / "program" / "inner").mkdir(parents=True)
    (tmp_path / "program" / "inner" / "file.py").touch(mode=0o644)
    (tmp_path / "program" / "broken").symlink_to("nowhere")
    for folder in (tmp_path / "program", tmp_path / "program" / "inner"):
        folder.chmod(0o755)
    return library


def test_nobody_else_can_write(library: Path) -> None:
    assert others_who_can_write(str(library.parent / "program"), beside=str(library)) is None
    assert path_danger(str(library.parent / "program" / "inner" / "file.py")) is None


@pytest.mark.parametrize(
    ("mode", "how"), [(0o646, "others can write"), (0o664, f"the group {os.getegid() + 1} can write")]
)
def test_finds_what_others_can_write_below_a_folder(
    mode: int, how: str, library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = library.parent / "program" / "inner" / "file.py"
    file.chmod(mode)
    if os.geteuid() == 0:
        os.chown(file, -1, os.getegid() + 1)
    else:
        how = how.replace(str(os.getegid() + 1), str(os.getegid()))
    assert others_who_can_write(str(library.parent / "program"), beside=str(library)) == (str(file), how)


def test_the_group_of_the_library_may_write(library: Path) -> None:
    file = library.parent / "program" / "inner" / "file.py"
    file.chmod(0o664)
    library.chmod(0o775)
    for path in (file, library) if os.geteuid() == 0 else ():
        os.chown(path, -1, 12345)
    assert others_who_can_write(str(file), beside=str(library)) is None


def test_finds_what_others_can_write_above_a_link(library: Path) -> None:
    (library.parent / "link").symlink_to("program/inner")
    (library.parent / "program").chmod(0o757)
    found = others_who_can_write(str(library.parent / "link"), beside=str(library))
    assert found == (str(library.parent / "program"), "others can write")
    (library.parent / "program").chmod(0o1757)
    assert others_who_can_write(str(library.parent / "link"), beside=str(library)) is None


def test_finds_what_belongs_to_neither_root_nor_the_owner_of_the_library(
    library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = library.parent / "program" / "inner"
    pretend_owner(monkeypatch, program, 12345)
    assert others_who_can_write(str(program), beside=str(library)) == (str(program), "belongs to another user (12345)")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give a file away")
def test_owner_of_the_library_may_own_more(library: Path) -> None:
    program = library.parent / "program"
    os.chown(program, 12345, -1)
    os.chown(library, 12345, -1)
    assert others_who_can_write(str(program), beside=str(library)) is None


def test_nothing_is_known_of_others_elsewhere(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library.chmod(0o777)
    with monkeypatch.context() as patch:
        patch.setattr(os, "name", "nt")
        found = others_who_can_write(str(library), beside=str(library)), path_danger(str(library))
    assert found == (None, None)


@pytest.fixture
def way(tmp_path: Path) -> Path:
    """Return a folder of the user's alone, with a file in it, in a folder where others have no rights either."""
    tmp_path.chmod(0o755)
    way = tmp_path / "folder"
    way.mkdir(mode=0o755)
    (way / "file").touch(mode=0o644)
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o777)
    (tmp_path / "sticky").mkdir()
    (tmp_path / "sticky").chmod(0o1777)
    return way


@pytest.mark.parametrize(
    ("prepare", "path", "others_can"),
    [
        pytest.param(lambda way: None, "folder/file", False, id="own"),
        pytest.param(lambda way: (way / "file").chmod(0o666), "folder/file", True, id="file"),
        pytest.param(lambda way: (way / "file").chmod(0o664), "folder/file", False, id="own-group"),
        pytest.param(lambda way: way.chmod(0o777), "folder/file", True, id="its-folder"),
        pytest.param(lambda way: way.parent.chmod(0o777), "folder/file", True, id="folder-above"),
        pytest.param(lambda way: way.chmod(0o1777), "folder/file", False, id="sticky"),
        pytest.param(lambda way: (way / "file").unlink(), "folder/file", True, id="not-there"),
        pytest.param(lambda way: (way / "link").symlink_to("file"), "folder/link", False, id="link"),
        pytest.param(
            lambda way: (way / "link").symlink_to("../folder/./file"), "folder/link", False, id="link-by-detour"
        ),
        pytest.param(lambda way: (way.parent / "open" / "link").symlink_to(way / "file"), "open/link", True, id="open"),
        pytest.param(
            lambda way: (way.parent / "sticky" / "link").symlink_to(way),
            "sticky/link/file",
            False,
            id="shared",
        ),
        pytest.param(lambda way: (way / "link").symlink_to("../open/x"), "folder/link", True, id="link-to-open"),
        pytest.param(lambda way: (way / "link").symlink_to("link"), "folder/link", True, id="link-to-itself"),
    ],
)
def test_looks_at_the_whole_way(way: Path, prepare: Prepare, path: str, others_can: bool) -> None:
    prepare(way)
    assert is_open_to_others(str(way.parent / path)) is others_can


def test_strangers_can_change_what_is_theirs(way: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(permissions, "ROOT", -1)
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    assert is_open_to_others(str(way / "file"))


def test_strangers_can_turn_their_links(way: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (way / "link").symlink_to("file")
    owner = (way / "link").lstat().st_uid
    mine = {"st_uid": owner + 1}
    real = os.lstat

    def lstat(path: str) -> object:
        """Let the link alone belong to somebody else."""
        status = real(path)
        if path.endswith("link"):
            return os.stat_result((*status[:4], mine["st_uid"], *status[5:]))
        return status

    monkeypatch.setattr(os, "lstat", lstat)
    assert is_open_to_others(str(way / "link"))
    assert link_danger(str(way / "link")) == f"is reached by a link that belongs to another user ({owner + 1})"


@pytest.mark.parametrize(
    ("place", "danger"),
    [
        pytest.param("folder", None, id="own"),
        pytest.param("sticky", None, id="sticky"),
        pytest.param("open", "others can replace, because they can write the folder of a link to it", id="open"),
    ],
)
def test_looks_at_the_folder_of_each_link(way: Path, place: str, danger: str | None) -> None:
    (way.parent / place / "second").symlink_to(way / "file")
    (way / "first").symlink_to(f"../{place}/second")
    assert link_danger(str(way / "first")) == danger


def test_doubts_systems_whose_modes_say_nothing(way: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "name", "nt")
    assert is_open_to_others(str(way / "file"))
