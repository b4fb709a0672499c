"""The door of PATH: programs called `pip` in a folder that stands before every other pip."""

from __future__ import annotations

import os
import shlex
import stat
from collections.abc import Iterator
from pathlib import Path

from pip_guard.actions import GuardRequest
from pip_guard.environment.active import path_folders
from pip_guard.errors import GuardError
from pip_guard.integrations import shell_templates
from pip_guard.integrations.file_edits import Change, Edit, Rename, has_block, read, with_block
from pip_guard.integrations.integration import Integration, IntegrationState, UserContext
from pip_guard.integrations.shell_files import own_files

NAME = "shims"
REPLACE = "--replace"
# What a program that was there before is called as long as a shim has its name.
SUFFIX = ".before-pip-guard"
_COVERS = "pip wherever a command is looked for on PATH; not python -m pip, and not a path to another pip"
_FOR_USER = ".local/bin"
_FOR_ALL = "/usr/local/bin"


def plan_enable(request: GuardRequest, context: UserContext) -> tuple[Change, ...]:
    """Return how a folder gets the shims. Raises `GuardError` where that would replace something unasked."""
    if context.platform == "win32":
        raise GuardError(
            "The shims are scripts for /bin/sh, which Windows does not run.", hint="Use --shell powershell instead."
        )
    folder = _named(request) or _usual(context)
    return tuple(_enable(folder, request, context))


def plan_disable(request: GuardRequest, context: UserContext) -> tuple[Change, ...]:
    """Return how a folder, or every one on PATH that has them, gets rid of the shims."""
    named = _named(request)
    # those of the shells belong to that door
    others = (folder for folder in _enabled(context) if folder != own_files(context).shims)
    folders = [named] if named is not None else others
    return tuple(change for folder in folders for change in _disable(folder))


def states(context: UserContext) -> tuple[IntegrationState, ...]:
    """Return what became of each folder that has shims, or of the one that could have them."""
    return tuple(_state(folder, context) for folder in _enabled(context) or [_usual(context)])


def is_shim(path: Path) -> bool:
    """Tell whether a file is a shim of ours, and no link to one."""
    try:
        return stat.S_ISREG(path.lstat().st_mode) and has_block(read(path))
    except OSError:
        return False


def _named(request: GuardRequest) -> Path | None:
    named = request.text(INTEGRATION.flag)
    return None if named is None else Path(named).expanduser().absolute().resolve()


def _usual(context: UserContext) -> Path:
    return Path(_FOR_ALL) if context.as_root else context.home / _FOR_USER


def _enable(folder: Path, request: GuardRequest, context: UserContext) -> Iterator[Change]:
    for name, content in _contents(folder, context).items():
        path = folder / name
        before: bytes | None = None
        if is_shim(path):
            before = read(path)
        elif os.path.lexists(path):
            yield _move_aside(path, request)
        yield Edit(path=path, before=before, after=content, mode=0o755)


def _move_aside(path: Path, request: GuardRequest) -> Rename:
    target = path.with_name(path.name + SUFFIX)
    if not request.has(REPLACE):
        raise GuardError(
            f"{path} is there already, and is not pip-guard's.",
            hint=f"Name another folder that stands before it on PATH, or add {REPLACE}: it is kept as {target.name},\n"
            "and gets its name back when the shims are disabled.",
        )
    if os.path.lexists(target):
        raise GuardError(
            f"{path} would be kept as {target.name}, but that is there already.",
            hint="Look at both, and move away the one that is not needed.",
        )
    return Rename(path=path, target=target)


def _disable(folder: Path) -> Iterator[Change]:
    for name in shell_templates.commands():
        path = folder / name
        if not is_shim(path):
            continue
        yield Edit(path=path, before=read(path), after=None, mode=0o755)
        kept = path.with_name(path.name + SUFFIX)
        if os.path.lexists(kept):
            yield Rename(path=kept, target=path)


def _contents(folder: Path, context: UserContext) -> dict[str, bytes]:
    of_shells = folder == own_files(context).shims
    disable = f"pip-guard guard disable {'--shell' if of_shells else f'--shims {shlex.quote(str(folder))}'}"
    return {
        name: b"#!/bin/sh\n" + with_block(b"", shell_templates.shim(context.launcher, environment, disable=disable))
        for name, environment in shell_templates.commands().items()
    }


def _path(context: UserContext) -> list[Path]:
    return list(dict.fromkeys(Path(folder).resolve() for folder in path_folders(context.environ)))


def _enabled(context: UserContext) -> list[Path]:
    """Return the folders on PATH, and the usual ones, that have shims."""
    folders = dict.fromkeys([*_path(context), _usual(context), Path(_FOR_ALL)])
    return [folder for folder in folders if any(map(is_shim, _shims(folder)))]


def _shims(folder: Path) -> Iterator[Path]:
    return (folder / name for name in shell_templates.commands())


def _state(folder: Path, context: UserContext) -> IntegrationState:
    files = tuple(path for path in _shims(folder) if is_shim(path))
    return IntegrationState(
        integration=NAME,
        place=str(folder),
        enabled=bool(files),
        covers=_COVERS,
        files=files,
        problems=tuple(_problems(folder, context)) if files else (),
    )


def _problems(folder: Path, context: UserContext) -> Iterator[tuple[str, str]]:
    again = f"pip-guard guard enable --shims {shlex.quote(str(folder))}"
    if any(read(folder / name) != content for name, content in _contents(folder, context).items()):
        yield "the shims are of another installation or version of pip-guard, or have been changed", again
    path = _path(context)
    if folder not in path:
        yield f"{folder} is not on PATH", f"Put it first: PATH={folder}:$PATH"
        return
    for before in path[: path.index(folder)]:
        for name in shell_templates.commands():
            if os.access(before / name, os.X_OK) and not is_shim(before / name):
                advice = "Put the folder of the shims first on PATH, or hook the interpreter: pip-guard guard enable --interpreter"
                yield f"{before / name} stands before them on PATH", advice


INTEGRATION = Integration(
    name=NAME,
    summary="Put programs called pip, which run pip-guard, into a folder on PATH.",
    plan_enable=plan_enable,
    plan_disable=plan_disable,
    states=states,
)
