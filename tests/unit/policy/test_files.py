"""Test which policy files are in force, and what is said of one that cannot be read."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from types import MappingProxyType
from typing import Any

import platformdirs
import pytest

from pip_guard.environment import permissions
from pip_guard.errors import PolicyError
from pip_guard.facts.violation import Severity
from pip_guard.policy import files
from pip_guard.policy.files import (
    admin_policy_path,
    find_policy,
    find_project_file,
    load_admin_policy,
    load_policy,
    read_policy_text,
    user_policy_path,
)
from pip_guard.policy.known_rules import KnownRules
from pip_guard.policy.model import Policy
from pip_guard.policy.parser import NO_EXCEPTIONS

RULES = KnownRules(
    severities={"some-rule": Severity.ERROR, "other-rule": Severity.WARNING, "whole-rule": Severity.ERROR},
    project_independent=frozenset({"whole-rule"}),
)
ENTRY = '[[exceptions]]\nrule = "some-rule"\nreason = "known"\n'


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the user a home folder without a policy."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path


def write(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def severities(policy: Policy) -> dict[str, str]:
    return {rule: severity.value for rule, severity in policy.severities.items()}


def test_policy_of_the_user_is_in_the_configuration_folder(home: Path) -> None:
    assert user_policy_path() == home / "config" / "pip-guard" / "policy.toml"


def test_defaults_hold_where_there_is_no_policy(home: Path) -> None:
    assert find_policy(None, {}) is None
    assert load_policy(None, {}, RULES).policy == Policy()


@pytest.mark.parametrize(
    ("option", "variable", "in_force"),
    [
        pytest.param(None, None, "user", id="user's-own"),
        pytest.param(None, "", "user", id="empty-variable"),
        pytest.param(None, "{home}/variable.toml", "variable", id="variable"),
        pytest.param("{home}/option.toml", "{home}/variable.toml", "option", id="option"),
    ],
)
def test_first_of_option_variable_and_user_is_in_force(
    home: Path, option: str | None, variable: str | None, in_force: str
) -> None:
    for name, path in {
        "user": user_policy_path(),
        "variable": home / "variable.toml",
        "option": home / "option.toml",
    }.items():
        write(path, f'[rules]\n{name} = "off"\n')
    named = None if option is None else option.format(home=home)
    environ = {} if variable is None else {"PIP_GUARD_POLICY": variable.format(home=home)}
    rules = KnownRules(severities=dict.fromkeys(["user", "variable", "option"], Severity.ERROR))
    policy = load_policy(named, environ, rules).policy
    assert severities(policy) == {in_force: "off"}


def folder(path: Path) -> None:
    path.mkdir(parents=True)


def dangling(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to("nowhere")


def make_pipe(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    os.mkfifo(path)


def lead_to_device(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to("/dev/zero")


def lead_to_itself(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(path.name)


def file(content: bytes) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        write(path, content)

    return make


def nothing(path: Path) -> None:
    return


BROKEN = [
    pytest.param(folder, ": is a folder, not a file", id="folder"),
    pytest.param(dangling, ": No such file or directory", id="dangling-link"),
    pytest.param(file(b"x" * (4 * 1024 * 1024 + 1)), ": is larger than 4 MiB", id="too-large"),
    pytest.param(file(b"\n# \xe4\n"), ":2: is not UTF-8 (byte 3)", id="latin-1"),
    pytest.param(file("[rules]\n".encode("utf-16")), ":1: is not UTF-8 (byte 0)", id="utf-16"),
    pytest.param(file(b"rules = \n"), ":1: Invalid value", id="no-toml"),
    pytest.param(file(b"\xef\xbb\xbf[rules]\n"), ":1: Invalid statement", id="byte-order-mark"),
    pytest.param(file(b"x = " + b"[" * 100_000), ": is nested too deep", id="nested-too-deep"),
    pytest.param(file(b"x = " + b"9" * 5000), ": has a number with too many digits", id="number-too-long"),
    pytest.param(make_pipe, ": is a pipe, not a file", id="pipe"),
    pytest.param(lead_to_device, ": is a device, not a file", id="device"),
    pytest.param(lead_to_itself, f": {os.strerror(errno.ELOOP)}", id="link-to-itself"),
]


@pytest.mark.parametrize(("make", "problem"), BROKEN)
def test_refuses_a_policy_that_cannot_be_read(home: Path, make: Callable[[Path], None], problem: str) -> None:
    make(user_policy_path())
    with pytest.raises(PolicyError) as caught:
        load_policy(None, {}, RULES)
    assert caught.value.problems == (f"{user_policy_path()}{problem}",)


@pytest.mark.parametrize(
    ("make", "problem"), [*BROKEN, pytest.param(nothing, ": No such file or directory", id="missing")]
)
@pytest.mark.parametrize("by_variable", [pytest.param(True, id="variable"), pytest.param(False, id="option")])
def test_refuses_a_named_policy_that_cannot_be_read(
    home: Path, make: Callable[[Path], None], problem: str, by_variable: bool
) -> None:
    path = home / "named.toml"
    make(path)
    with pytest.raises(PolicyError) as caught:
        load_policy(None if by_variable else str(path), {"PIP_GUARD_POLICY": str(path)}, RULES)
    assert caught.value.problems == (f"{path}{problem}",)


@pytest.mark.skipif(os.geteuid() == 0, reason="root can read everything")
def test_refuses_a_policy_that_the_user_may_not_read(home: Path) -> None:
    write(home / "named.toml", "").chmod(0)
    with pytest.raises(PolicyError, match="Permission denied"):
        load_policy(str(home / "named.toml"), {}, RULES)


def test_largest_policy_is_read(home: Path) -> None:
    text = "#" * (4 * 1024 * 1024 - 1) + "\n"
    assert read_policy_text(write(home / "large.toml", text)) == text


def test_lines_are_read_as_they_are(home: Path) -> None:
    assert read_policy_text(write(home / "p.toml", "# a\r\n# ä\n")) == "# a\r\n# ä\n"


# The administrator's file and the project's


@pytest.fixture
def admin_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Look for the administrator's policy in a folder that is nobody else's."""
    path = tmp_path / "etc" / "pip-guard" / "policy.toml"
    monkeypatch.setattr(files, "admin_policy_path", lambda: path)
    monkeypatch.setattr(permissions, "others_can_change", lambda path: None)
    return path


@pytest.fixture
def work(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder of a project."""
    folder = home / "project" / "src"
    folder.mkdir(parents=True)
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.parametrize(
    ("platform", "path"),
    [
        pytest.param("linux", "/etc/xdg/pip-guard/policy.toml", id="linux"),
        pytest.param("darwin", "/Library/Application Support/pip-guard/policy.toml", id="macos"),
    ],
)
def test_policy_of_the_administrator_is_where_no_variable_moves_it(
    platform: str, path: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.platform", platform)
    for variable in ("XDG_CONFIG_DIRS", "XDG_CONFIG_HOME", "HOME", "PIP_CONFIG_FILE"):
        monkeypatch.setenv(variable, str(home))
    assert str(admin_policy_path()) == path


class Registry:
    """The registry of Windows, as far as it says where the programs of all users keep their data."""

    HKEY_LOCAL_MACHINE = "HKLM"
    VALUES = MappingProxyType(
        {r"SOFTWARE\Microsoft\Windows\CurrentVersion\Explorer\Shell Folders": {"Common AppData": "/ProgramData"}}
    )

    @staticmethod
    def OpenKey(key: str, sub_key: str) -> AbstractContextManager[dict[str, str]]:  # noqa: N802 -- as it is called there
        assert key == Registry.HKEY_LOCAL_MACHINE
        return nullcontext(Registry.VALUES[sub_key])

    @staticmethod
    def QueryValueEx(key: dict[str, str], value_name: str) -> tuple[str, int]:  # noqa: N802
        return key[value_name], 1


def test_policy_of_the_administrator_is_where_the_registry_of_windows_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "win32")
    monkeypatch.setitem(sys.modules, "winreg", Registry)
    monkeypatch.setenv("ProgramData", "/elsewhere")
    assert admin_policy_path() == Path("/ProgramData/pip-guard/policy.toml")


def test_place_of_the_administrators_policy_is_that_of_platformdirs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_CONFIG_DIRS", raising=False)
    assert admin_policy_path().parent == Path(platformdirs.site_config_dir("pip-guard", appauthor=False))


def test_all_files_are_merged(home: Path, admin_path: Path, work: Path) -> None:
    write(admin_path, '[rules]\nsome-rule = "warning"\nother-rule = "error"\n')
    write(user_policy_path(), '[rules]\nother-rule = "off"\n')
    write(work.parent / "pyproject.toml", '[tool.pip-guard.rules]\nother-rule = "warning"\n[tool.other]\nx = 1\n')
    assert severities(load_policy(None, {}, RULES).policy) == {"some-rule": "warning", "other-rule": "warning"}


def test_problems_of_all_files_are_told_at_once(home: Path, admin_path: Path, work: Path) -> None:
    write(admin_path, "a = 1\n")
    write(user_policy_path(), "\nb = 2\nlocked = true\n")
    pyproject = write(
        work / "pyproject.toml", "[tool.pip-guard]\nlocked = true\nexceptions = []\n[[tool.pip-guard.c]]\nx = 1\n"
    )
    with pytest.raises(PolicyError) as caught:
        load_policy(None, {}, RULES)
    assert caught.value.problems == (
        f"{admin_path}:1: a: there is no such key",
        f"{user_policy_path()}:2: b: there is no such key",
        f"{user_policy_path()}:3: locked: only the administrator's file can lock",
        f"{pyproject}:2: tool.pip-guard.locked: only the administrator's file can lock",
        f"{pyproject}:4: tool.pip-guard.c: there is no such key",
    )


def test_what_excuses_nothing_is_a_problem(home: Path) -> None:
    path = write(user_policy_path(), ENTRY.replace("some-rule", "whole-rule") + 'project = "docopt"\n')
    with pytest.raises(PolicyError) as caught:
        load_policy(None, {}, RULES)
    (problem,) = caught.value.problems
    assert problem.startswith(f"{path}:4: exceptions[0].project: whole-rule is about no project, so that")


def test_project_excuses_nothing(work: Path) -> None:
    path = write(work / "pyproject.toml", f"[project]\n{ENTRY.replace('exceptions', 'tool.pip-guard.exceptions')}")
    with pytest.raises(PolicyError) as caught:
        load_policy(None, {}, RULES)
    assert caught.value.problems == (f"{path}:2: tool.pip-guard.exceptions: {NO_EXCEPTIONS}",)


@pytest.mark.parametrize("name", ["pip-guard", '"pip-guard"', "'pip-guard'"])
@pytest.mark.parametrize(
    "text",
    [
        pytest.param('[tool.{}]\nrules.some-rule = "error"\n', id="table"),
        pytest.param('[ tool . {} ]\nrules.some-rule = "error"\n', id="blanks"),
        pytest.param('[tool.{}.rules]\nsome-rule = "error"\n', id="table-below"),
        pytest.param('[tool]\n{} = {{rules = {{some-rule = "error"}}}}\n', id="inline-table"),
        pytest.param('tool.{}.rules.some-rule = "error"\n', id="dotted"),
    ],
)
def test_table_of_a_project_is_found_however_it_is_written(work: Path, text: str, name: str) -> None:
    write(work / "pyproject.toml", text.format(name))
    loaded = load_policy(None, {}, KnownRules(severities={"some-rule": Severity.OFF}))
    assert severities(loaded.policy) == {"some-rule": "error"}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("[tool.pip-guard]\nx =", ":2: Invalid value", id="no-toml"),
        pytest.param(b"# \xe4\n[tool.pip-guard]\n", ":1: is not UTF-8 (byte 2)", id="no-utf-8"),
        pytest.param("[tool]\npip-guard = 1\n", ":2: tool.pip-guard: must be a table", id="no-table"),
    ],
)
def test_refuses_a_broken_table_of_a_project(work: Path, text: str | bytes, problem: str) -> None:
    path = write(work / "pyproject.toml", text)
    with pytest.raises(PolicyError) as caught:
        load_policy(None, {}, RULES)
    assert caught.value.problems == (f"{path}{problem}",)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("oops", id="no-toml"),
        pytest.param(b"\xff", id="no-utf-8"),
        pytest.param('[project]\ndependencies = ["pip-guard-shim>=1"]\nx =', id="named-as-a-dependency"),
        pytest.param('[project.scripts]\npip-guard = "x:y"\nx =', id="named-as-a-script"),
        pytest.param("[tool]\nx =", id="other-tools"),
        pytest.param('tool = ["pip-guard"]\n', id="tool-is-no-table"),
    ],
)
def test_project_without_a_table_changes_nothing(work: Path, text: str | bytes) -> None:
    write(work / "pyproject.toml", text)
    assert load_policy(None, {}, RULES).policy == Policy()


def test_nearest_project_counts(work: Path) -> None:
    write(work.parent / "pyproject.toml", "[tool.pip-guard]\noops = 1\n")
    (work / "pyproject.toml").mkdir()
    assert find_project_file() == (work.parent / "pyproject.toml", ())
    (work / "pyproject.toml").rmdir()
    write(work / "pyproject.toml", "")
    assert find_project_file() == (work / "pyproject.toml", ())
    assert load_policy(None, {}, RULES).policy == Policy()


def test_folder_without_a_project_has_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir("/")
    assert find_project_file() == (None, ())
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert find_project_file() == (None, ())


OTHERS = (1234, 0)
OWN = (4321, 0)


@pytest.mark.parametrize(
    ("euid", "file", "link", "folder", "read"),
    [
        pytest.param(4321, OWN, OWN, OWN, True, id="own"),
        pytest.param(4321, (0, 0), (0, 0), OWN, True, id="root's"),
        pytest.param(4321, OTHERS, OTHERS, OWN, False, id="of-another-user"),
        pytest.param(4321, OTHERS, OTHERS, OTHERS, False, id="in-a-folder-of-another-user"),
        pytest.param(4321, OWN, OTHERS, OWN, False, id="link-of-another-user"),
        pytest.param(4321, OTHERS, OWN, OWN, False, id="link-to-a-file-of-another-user"),
        pytest.param(0, OTHERS, OTHERS, OTHERS, True, id="root-in-a-mounted-project"),
        pytest.param(0, OTHERS, OTHERS, (0, 0), False, id="root-below-a-file-of-another-user"),
    ],
)
def test_project_of_another_user_is_not_read(
    work: Path,
    monkeypatch: pytest.MonkeyPatch,
    euid: int,
    file: tuple[int, int],
    link: tuple[int, int],
    folder: tuple[int, int],
    read: bool,
) -> None:
    outer = write(work.parent.parent / "pyproject.toml", '[tool.pip-guard.rules]\nother-rule = "error"\n')
    inner = write(work.parent / "pyproject.toml", "[tool.pip-guard]\noops = 1\n" if not read else "")
    owners = {str(inner): file, str(work): folder, str(outer): (euid, 0)}
    stat, lstat = os.stat, os.lstat

    def owned(status: os.stat_result, owner: tuple[int, int]) -> os.stat_result:
        return os.stat_result((*status[:4], *owner, *status[6:]))

    def owned_file(path: str, **options: Any) -> os.stat_result:
        return owned(stat(path, **options), owners.get(str(path), (0, 0)))

    monkeypatch.setattr(os, "stat", owned_file)
    monkeypatch.setattr(os, "lstat", lambda path: owned(lstat(path), link if str(path) == str(inner) else (euid, 0)))
    monkeypatch.setattr(os, "geteuid", lambda: euid)
    loaded = load_policy(None, {}, RULES)
    if read:
        assert loaded.policy == Policy()
        assert loaded.policy.passed_over == ()
    else:
        assert severities(loaded.policy) == {"other-rule": "error"}
        assert loaded.policy.passed_over == ((str(inner), "belongs to another user (1234)"),)


def test_refuses_an_administrators_policy_that_others_can_change(
    home: Path, admin_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(admin_path, "")
    monkeypatch.setattr(permissions, "others_can_change", lambda path: "others can write")
    with pytest.raises(PolicyError) as caught:
        load_policy(None, {}, RULES)
    assert caught.value.problems == (f"{admin_path}: others can write",)
    assert caught.value.hint == "Only the administrator may be able to change it: chown root, and chmod go-w."


@pytest.mark.parametrize("make", [dangling, folder])
def test_refuses_an_administrators_policy_that_is_no_file(
    home: Path, admin_path: Path, make: Callable[[Path], None]
) -> None:
    make(admin_path)
    with pytest.raises(PolicyError):
        load_policy(None, {}, RULES)


def test_folder_that_is_a_file_holds_no_policy(home: Path, admin_path: Path) -> None:
    write(admin_path.parent, "")
    write(user_policy_path().parent, "")
    assert load_policy(None, {}, RULES).policy == Policy()


def test_refuses_where_nobody_may_tell_whether_there_is_a_policy(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def lstat(path: Path) -> os.stat_result:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(os, "lstat", lstat)
    with pytest.raises(PolicyError) as caught:
        find_policy(None, {})
    assert caught.value.problems == (f"{user_policy_path()}: Permission denied",)


def test_refuses_a_name_that_no_file_can_have() -> None:
    with pytest.raises(PolicyError) as caught:
        load_policy("a\0b", {}, RULES)
    assert len(caught.value.problems) == 1


@pytest.mark.parametrize(
    ("text", "locked"),
    [
        pytest.param(None, None, id="no-file"),
        pytest.param('[rules]\nsome-rule = "error"\n', None, id="not-locked"),
        pytest.param('locked = false\n[rules]\nsome-rule = "error"\n', None, id="not-any-more"),
        pytest.param('locked = true\n[rules]\nsome-rule = "error"\n', {"some-rule"}, id="locked"),
    ],
)
def test_lock_is_that_of_the_administrator(
    home: Path, admin_path: Path, text: str | None, locked: set[str] | None
) -> None:
    if text is not None:
        write(admin_path, text)
    loaded = load_admin_policy(RULES)
    assert {rule for rule in RULES.ids if loaded.locks(rule)} == (locked or set())
    assert (loaded.lock is None) is (locked is None)
