"""List the startup files of each shell, and pip-guard's own files for shells."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from pip_guard.integrations.integration import UserContext

SHELLS = ("bash", "zsh", "fish", "powershell")
# Programs that are not named after their language.
_PROGRAMS = {"pwsh": "powershell", "sh": "bash", "dash": "bash"}
_LOGIN_FILES = (".bash_profile", ".bash_login", ".profile")


class StartFile(NamedTuple):
    """A startup file of a shell: `made` if it is created where it is missing, `twice` if such files often return early.

    The shell is guarded without a file that is not `made`, unless that file undoes what another one did.
    """

    path: Path
    made: bool
    twice: bool = False


class OwnFiles(NamedTuple):
    """pip-guard's own files, in a folder of the user."""

    folder: Path

    @property
    def shims(self) -> Path:
        """The folder that goes first on PATH."""
        return self.folder / "shims"

    @property
    def start(self) -> Path:
        """What POSIX shells source."""
        return self.folder / "start.sh"

    @property
    def functions(self) -> Path:
        """The functions of bash and zsh."""
        return self.folder / "functions.sh"

    @property
    def bash_env(self) -> Path:
        """What BASH_ENV names."""
        return self.folder / "bash-env.sh"


def login_shell(context: UserContext) -> str | None:
    """Return the login shell of the user, if pip-guard knows it."""
    if context.platform == "win32":
        return "powershell"
    name = os.path.basename(context.variable("SHELL") or "")
    name = _PROGRAMS.get(name, name)
    return name if name in SHELLS else None


def own_files(context: UserContext) -> OwnFiles:
    """Return the paths of pip-guard's own files, whether or not they exist."""
    data = context.folder("XDG_DATA_HOME", ".local/share")
    return OwnFiles(folder=data / "pip-guard" / "shell")


def start_files(shell: str, context: UserContext) -> tuple[StartFile, ...]:
    """Return the startup files of a shell to edit."""
    match shell:
        case "bash":
            return tuple(_bash(context.home))
        case "zsh":
            return tuple(_zsh(context))
        case "fish":
            folder = context.folder("XDG_CONFIG_HOME", ".config") / "fish"
            # NOTE: a function in the second replaces one of the same name in the first.
            return (
                StartFile(path=folder / "conf.d" / "pip-guard.fish", made=True),
                StartFile(path=folder / "config.fish", made=False),
            )
        case _:
            return tuple(StartFile(path=path, made=True) for path in _powershell(context))


def _bash(home: Path) -> Iterator[StartFile]:
    """Yield the file of interactive shells, and those of login shells: bash reads the first that exists."""
    yield StartFile(path=home / ".bashrc", made=True, twice=True)
    existing = [home / name for name in _LOGIN_FILES if os.path.lexists(home / name)]
    for path in existing or [home / ".profile"]:
        yield StartFile(path=path, made=True)


def _zsh(context: UserContext) -> Iterator[StartFile]:
    """Yield the file of all shells, and that of interactive ones, which may change PATH again."""
    # NOTE: the file in the home folder usually sets ZDOTDIR, and is the one that is read until then.
    named = context.variable("ZDOTDIR")
    folders = dict.fromkeys([context.home, *([Path(named)] if named and os.path.isabs(named) else [])])
    for folder in folders:
        yield StartFile(path=folder / ".zshenv", made=True)
        yield StartFile(path=folder / ".zshrc", made=False, twice=True)


def _powershell(context: UserContext) -> Iterator[Path]:
    if context.platform == "win32":
        documents = context.home / "Documents"
        yield documents / "PowerShell" / "profile.ps1"
        yield documents / "WindowsPowerShell" / "profile.ps1"
    else:
        yield context.folder("XDG_CONFIG_HOME", ".config") / "powershell" / "profile.ps1"
