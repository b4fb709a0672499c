"""Find and read the policy files."""

from __future__ import annotations

import os
import re
import stat
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from pip_guard.environment.permissions import ROOT
from pip_guard.errors import PolicyError
from pip_guard.frozen import frozen, replace
from pip_guard.policy.known_rules import KnownRules
from pip_guard.policy.model import Policy

# NOTE: every guarded command loads this module, so the modules that parse and merge are imported once there is a file.
if TYPE_CHECKING:
    from pip_guard.policy.layers import Layer, Merged

VARIABLE = "PIP_GUARD_POLICY"
FILE_NAME = "policy.toml"
PROJECT_FILE = "pyproject.toml"
# A policy of ten thousand entries stays far below this.
LARGEST = 4 * 1024 * 1024
# A project's file is parsed only if it may have our table: by its full name, or in a table of all tools.
_NAME = b"pip-guard"
_MENTION = rb"""(?m)tool["']?[ \t]*\.[ \t]*["']?pip-guard["']?[ \t]*[].=]|^[ \t]*\[?[ \t]*["']?tool["']?[ \t]*[]=]"""
_SHELL_FOLDERS = r"SOFTWARE\Microsoft\Windows\CurrentVersion\Explorer\Shell Folders"
_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFSOCK: "a socket",
}


def admin_policy_path() -> Path:
    """Return the path of the administrator's policy file.

    It is the one that platformdirs names, without any environment variable: setting a variable for a command must not evade the
    administrator's policy.
    """
    if sys.platform == "win32":
        import winreg

        # only an administrator can change the registry's values for all users
        with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, _SHELL_FOLDERS) as key:
            return Path(str(winreg.QueryValueEx(key, "Common AppData")[0]), "pip-guard", FILE_NAME)
    if sys.platform == "darwin":
        return Path("/Library/Application Support/pip-guard", FILE_NAME)
    return Path("/etc/xdg/pip-guard", FILE_NAME)


def user_policy_path() -> Path:
    """Return the default path of the user's policy file."""
    from pip_guard.environment.folders import config_folder

    return Path(config_folder()) / FILE_NAME


def find_policy(named: str | None, environ: Mapping[str, str]) -> Path | None:
    """Return the path of the user's policy file, or None if there is none. Raises `PolicyError`.

    `named`, the value of ``--guard-policy``, takes precedence over the variable PIP_GUARD_POLICY, and that over the default
    path. A named file need not exist; reading it reports that.
    """
    chosen = named or environ.get(VARIABLE)
    if chosen:
        return Path(chosen)
    path = user_policy_path()
    return path if _exists(path) else None


def find_project_file() -> tuple[Path | None, tuple[tuple[str, str], ...]]:
    """Return the nearest pyproject.toml at or above the working directory, and those of other users that are passed over.

    Each of the latter comes with the reason. Root also reads a file of the owner of the working directory, as in a container
    with a mounted project.
    """
    try:
        folder = os.getcwd()
        trusted = {ROOT, *((os.geteuid(),) if hasattr(os, "geteuid") else ())}
        trusted |= {os.stat(folder).st_uid} if ROOT in trusted and len(trusted) == 1 else set()
    except OSError:  # it has been removed
        return None, ()
    passed_over: list[tuple[str, str]] = []
    while True:
        path = os.path.join(folder, PROJECT_FILE)
        if os.path.isfile(path):
            owner = next((uid for uid in (os.lstat(path).st_uid, os.stat(path).st_uid) if uid not in trusted), None)
            if owner is None:
                return Path(path), tuple(passed_over)
            passed_over.append((path, f"belongs to another user ({owner})"))
        parent = os.path.dirname(folder)
        if parent == folder:
            return None, tuple(passed_over)
        folder = parent


@frozen
class LoadedPolicy:
    """The policy in force, the user's policy file, and the source of each value; the latter are None if there is no file."""

    policy: Policy
    user_file: Path | None = None
    merged: Merged | None = None

    @property
    def lock(self) -> Layer | None:
        """The administrator's file, if it is locked."""
        return None if self.merged is None else self.merged.lock

    def locks(self, rule: str) -> bool:
        """Tell whether a rule is locked by the administrator's file."""
        return self.merged is not None and rule in self.merged.locked


def load_policy(named: str | None, environ: Mapping[str, str], rules: KnownRules) -> LoadedPolicy:
    """Find, read and merge all policy files. Raises `PolicyError` with the problems of all of them."""
    user_file = find_policy(named, environ)
    project, passed_over = find_project_file()
    files = [*_read_admin(), *_read_user(user_file), *_read_project(project)]
    return _merge(files, rules, user_file, passed_over)


def load_admin_policy(rules: KnownRules) -> LoadedPolicy:
    """Read the administrator's policy file alone. Raises `PolicyError`."""
    return _merge(list(_read_admin()), rules)


def read_policy_text(path: Path) -> str:
    """Return the text of a policy file. Raises `PolicyError` with the reason if it cannot be read."""
    return _decode(_read(path), path)


def _merge(
    files: list[tuple[str, Path, str]],
    rules: KnownRules,
    user_file: Path | None = None,
    passed_over: tuple[tuple[str, str], ...] = (),
) -> LoadedPolicy:
    if not files:
        return LoadedPolicy(policy=Policy(passed_over=passed_over), user_file=user_file)
    from pip_guard.policy.layers import merge

    merged = merge(_parse(files, rules), rules.severities)
    return LoadedPolicy(policy=replace(merged.policy, passed_over=passed_over), user_file=user_file, merged=merged)


def _parse(files: Iterable[tuple[str, Path, str]], rules: KnownRules) -> list[Layer]:
    """Parse files, each given as trust, path and text. Raises `PolicyError` with the problems of all of them."""
    from pip_guard.policy.layers import Trust
    from pip_guard.policy.parser import parse_layer

    layers: list[Layer] = []
    problems: list[str] = []
    for trust, path, text in files:
        try:
            layers.append(parse_layer(text, trust=Trust(trust), source=str(path), rules=rules))
        except PolicyError as error:
            problems += error.problems
    if problems:
        raise PolicyError(problems)
    return layers


def _read_admin() -> Iterator[tuple[str, Path, str]]:
    admin = admin_policy_path()
    if _exists(admin):
        from pip_guard.environment.permissions import others_can_change

        if danger := others_can_change(str(admin)):
            raise PolicyError(
                [f"{admin}: {danger}"],
                hint="Only the administrator may be able to change it: chown root, and chmod go-w.",
            )
        yield "administrator", admin, read_policy_text(admin)


def _read_user(path: Path | None) -> Iterator[tuple[str, Path, str]]:
    if path is not None:
        yield "user", path, read_policy_text(path)


def _read_project(project: Path | None) -> Iterator[tuple[str, Path, str]]:
    if project is not None and _NAME in (content := _read(project)) and re.search(_MENTION, content):
        yield "project", project, _decode(content, project)


def _exists(path: Path) -> bool:
    """Tell whether a file or a dangling link exists. Raises `PolicyError` if that cannot be determined."""
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise PolicyError([f"{path}: {error.strerror or error}"]) from None
    return True


def _read(path: Path) -> bytes:
    try:
        # NOTE: opening a pipe would wait for a writer, and opening a device can have any effect.
        kind = stat.S_IFMT(os.stat(path).st_mode)
        if kind != stat.S_IFREG:
            raise PolicyError([f"{path}: is {_KINDS.get(kind, 'something else')}, not a file"])
        with open(os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)), "rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise PolicyError([f"{path}: {error.strerror or error}"]) from None
    except ValueError as error:  # the path has a null character
        raise PolicyError([f"{str(path)!r}: {error}"]) from None
    if len(content) > LARGEST:
        raise PolicyError([f"{path}: is larger than {LARGEST // 1024 // 1024} MiB"])
    return content


def _decode(content: bytes, path: Path) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise PolicyError([f"{path}:{line}: is not UTF-8 (byte {error.start})"]) from None
