"""Test who else can change a file, or replace it by another one."""

from __future__ import annotations

import errno
import grp
import os
import pwd
import shutil
import struct
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from pip_guard.environment import permissions
from pip_guard.environment.permissions import (
    describe_files,
    folder_danger,
    link_danger,
    others_can_change,
    others_who_can_write,
    path_danger,
)
from pip_guard.errors import GuardError
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
    found = [file for file in describe_files([(str(path), role)]).files if file.role != "temporary files"]
    assert all((file.path, file.role) == (str(path), role) for file in found)
    return [file.danger for file in found]


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
        found = (
            others_who_can_write(str(library), beside=str(library)),
            path_danger(str(library)),
            folder_danger(str(library)),
        )
    assert found == (None, None, None)


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


OTHER = 24802
SETFACL = shutil.which("setfacl")
# Tags of access lists, and permissions to read and to write.
USER_OBJECT, USER, GROUP_OBJECT, GROUP, MASK, OTHERS = 0x01, 0x02, 0x04, 0x08, 0x10, 0x20
NOBODY = 0xFFFFFFFF


def access_list(*entries: tuple[int, int, int]) -> bytes:
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)


@pytest.mark.parametrize(
    ("entries", "danger"),
    [
        pytest.param(
            [(USER, 6, OTHER), (GROUP_OBJECT, 4, NOBODY), (MASK, 6, NOBODY)], "the user 24802 can write", id="user"
        ),
        pytest.param([(USER, 4, OTHER), (GROUP, 6, OTHER), (MASK, 6, NOBODY)], "the group 24802 can write", id="group"),
        pytest.param([(USER, 6, OTHER), (MASK, 4, NOBODY)], None, id="masked"),
        pytest.param([(USER, 4, OTHER), (GROUP_OBJECT, 4, NOBODY), (MASK, 6, NOBODY)], None, id="read-only"),
        pytest.param([(USER, 6, 0), (USER, 6, os.geteuid()), (MASK, 6, NOBODY)], None, id="root-and-the-user"),
        pytest.param(
            [(USER_OBJECT, 6, NOBODY), (GROUP_OBJECT, 6, NOBODY), (OTHERS, 4, NOBODY)], None, id="no-more-than-the-mode"
        ),
    ],
)
def test_whoever_an_access_list_lets_write_counts(
    folder: Path, monkeypatch: pytest.MonkeyPatch, entries: list[tuple[int, int, int]], danger: str | None
) -> None:
    path = folder / "pip.conf"
    path.chmod(0o664)  # the group bits are the mask
    lists = {str(path): access_list(*entries)}

    def getxattr(path: str, attribute: str) -> bytes:
        assert attribute == "system.posix_acl_access"
        if path not in lists:
            raise OSError(errno.ENODATA, os.strerror(errno.ENODATA))
        return lists[path]

    monkeypatch.setattr(os, "getxattr", getxattr, raising=False)
    assert dangers(path) == ([] if danger is None else [danger])
    lists[str(folder)] = lists.pop(str(path))
    folder.chmod(0o775)
    replaced = danger and f"{danger.removesuffix(' can write')} can replace, because they can write its folder"
    assert dangers(path) == ([] if replaced is None or "group" in replaced else [replaced])
    assert others_can_change(str(folder / "cache" / "x")) == (
        None if danger is None or "group" in danger else f"is in {folder}, into which {danger}"
    )
    found = others_who_can_write(str(folder), beside=str(folder))  # where the group may, too
    assert found == (None if danger is None else (str(folder), danger))
    folder.chmod(0o1775)
    assert dangers(path) == []


def test_nothing_is_decided_about_an_access_list_that_cannot_be_read(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def getxattr(path: str, attribute: str) -> bytes:
        raise OSError(errno.EIO, "Input/output error")

    (folder / "pip.conf").chmod(0o664)
    monkeypatch.setattr(os, "getxattr", getxattr, raising=False)
    with pytest.raises(GuardError, match=r"access list of .*pip\.conf cannot be read \(Input/output error\)"):
        dangers(folder / "pip.conf")


def test_systems_without_access_lists_have_groups(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "pip.conf").chmod(0o664)
    monkeypatch.delattr(os, "getxattr", raising=False)
    assert dangers(folder / "pip.conf") == []


@pytest.mark.skipif(SETFACL is None, reason="setfacl, of the package acl, is not there")
@pytest.mark.parametrize("entry", ["u:24802:rw", "g:24802:rw"])
def test_finds_real_access_lists(folder: Path, entry: str) -> None:
    if subprocess.run([str(SETFACL), "-m", entry, folder / "pip.conf"], check=False).returncode != 0:
        pytest.skip("this file system has no access lists")
    kind = {"u": "user", "g": "group"}[entry[0]]
    assert dangers(folder / "pip.conf") == [f"the {kind} 24802 can write"]
    (folder / "pip.conf").chmod(0o644)
    assert dangers(folder / "pip.conf") == []


def account(name: str, user: int, group: int) -> pwd.struct_passwd:
    return pwd.struct_passwd((name, "x", user, group, "", "/", "/bin/sh"))


@pytest.mark.parametrize(
    ("accounts", "members", "danger"),
    [
        pytest.param([], None, False, id="group-without-a-name"),
        pytest.param([account("me", 7001, 7001)], [], False, id="group-of-the-user-alone"),
        pytest.param([account("me", 7001, 7001)], ["me"], False, id="member-by-name"),
        pytest.param([account("root", 0, 7001)], ["root"], False, id="root"),
        pytest.param([account("me", 7001, 7001)], ["me", "other"], True, id="other-member"),
        pytest.param([], ["somebody"], True, id="member-without-an-account"),
        pytest.param(
            [account("me", 7001, 7001), account("other", 7002, 7001)], [], True, id="primary-group-of-another"
        ),
        pytest.param([account("other", 7002, 7001)], None, True, id="primary-group-without-a-name"),
    ],
)
def test_own_group_may_write_if_nobody_else_is_in_it(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    accounts: list[pwd.struct_passwd],
    members: list[str] | None,
    danger: bool,
) -> None:
    def getgrgid(number: int) -> grp.struct_group:
        if members is None:
            raise KeyError(number)
        return grp.struct_group(("group", "x", number, members))

    permissions._has_others.cache_clear()
    for path in (folder, folder / "pip.conf"):
        pretend_owner(monkeypatch, path, 7001, group=7001)
    pretend_owner(monkeypatch, folder.parent, 7001)
    monkeypatch.setattr(os, "geteuid", lambda: 7001)
    monkeypatch.setattr(os, "getegid", lambda: 7001)
    monkeypatch.setattr(pwd, "getpwall", lambda: accounts)
    monkeypatch.setattr(grp, "getgrgid", getgrgid)
    (folder / "pip.conf").chmod(0o664)
    assert dangers(folder / "pip.conf") == (["the group 7001 can write"] if danger else [])
    (folder / "pip.conf").chmod(0o644)
    folder.chmod(0o775)
    replaced = "the group 7001 can replace, because they can write its folder"
    assert dangers(folder / "pip.conf") == ([replaced] if danger else [])
    permissions._has_others.cache_clear()


@pytest.mark.parametrize(
    ("mode", "danger"),
    [
        pytest.param(0o777, "others can write", id="open"),
        pytest.param(0o1777, None, id="sticky"),
        pytest.param(0o700, None, id="own"),
    ],
)
def test_looks_at_the_folder_of_temporary_files(
    folder: Path, monkeypatch: pytest.MonkeyPatch, mode: int, danger: str | None
) -> None:
    temporary = folder / "temporary"
    temporary.mkdir()
    temporary.chmod(mode)
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    expected = [] if danger is None else [TrustedFile(path=str(temporary), role="temporary files", danger=danger)]
    assert describe_files([]) == FileFacts(files=tuple(expected))
    temporary.chmod(0o700)
    folder.chmod(0o777)
    (found,) = describe_files([]).files
    assert (found.path, found.danger) == (str(temporary), f"is in {folder}, into which others can write")


@pytest.mark.parametrize(
    ("mode", "danger"),
    [
        pytest.param(0o777, "others can write", id="open"),
        pytest.param(0o1777, "others can write", id="sticky"),
        pytest.param(0o700, None, id="own"),
    ],
)
def test_looks_at_the_folder_of_bytecode(
    folder: Path, monkeypatch: pytest.MonkeyPatch, mode: int, danger: str | None
) -> None:
    prefix = folder / "bytecode"
    monkeypatch.setattr(sys, "pycache_prefix", str(prefix))
    assert describe_files([]) == FileFacts()
    prefix.mkdir()
    prefix.chmod(mode)
    expected = [] if danger is None else [TrustedFile(path=str(prefix), role="bytecode", danger=danger)]
    assert describe_files([]) == FileFacts(files=tuple(expected))
    prefix.rmdir()
    folder.chmod(0o777)
    (found,) = describe_files([]).files
    assert (found.path, found.danger) == (str(prefix), f"is in {folder}, into which others can write")


def test_nothing_is_said_of_a_folder_of_temporary_files_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> str:
        raise FileNotFoundError

    monkeypatch.setattr(tempfile, "gettempdir", fail)
    assert "temporary files" not in {file.role for file in describe_files(()).files}
