"""Guard PATH: programs called `pip` in a folder that comes before every other pip."""

from __future__ import annotations

import os
import shlex
import stat
from collections.abc import Iterator
from pathlib import Path

from pip_guard.environment.active import path_folders
from pip_guard.errors import GuardError
from pip_guard.guard_actions import GuardRequest
from pip_guard.integrations import shell_templates
from pip_guard.integrations.file_edits import Change, Edit, Rename, has_block, read, with_block
from pip_guard.integrations.integration import Integration, IntegrationState, UserContext
from pip_guard.integrations.shell_files import own_files

NAME = "shims"
REPLACE = "--replace"
# The suffix of a program that had a shim's name before.
SUFFIX = ".before-pip-guard"
_COVERS = "pip wherever a command is looked for on PATH; not python -m pip, and not a path to another pip"
_FOR_USER = ".local/bin"
_FOR_ALL = "/usr/local/bin"


def plan_enable(request: GuardRequest, context: UserContext) -> tuple[Change, ...]:
    """Plan to add the shims to a folder. Raises `GuardError` if that would replace something without ``--replace``."""
    if context.platform == "win32":
        raise GuardError(
            "The shims are scripts for /bin/sh, which Windows does not run.", hint="Use --shell powershell instead."
        )
    folder = _named(request) or _usual(context)
    return tuple(_enable(folder, request, context))


def plan_disable(request: GuardRequest, context: UserContext) -> tuple[Change, ...]:
    """Plan to remove the shims from a folder, or from every one on PATH that has them."""
    named = _named(request)
    # the shell integration removes its own
    others = (folder for folder in _enabled(context) if folder != own_files(context).shims)
    folders = [named] if named is not None else others
    return tuple(change for folder in folders for change in _disable(folder))


def states(context: UserContext) -> tuple[IntegrationState, ...]:
    """Return the state of each folder that has shims, or of the one that could have them."""
    return tuple(_state(folder, context) for folder in _enabled(context) or [_usual(context)])


def is_shim(path: Path) -> bool:
    """Tell whether a file is one of our shims, and not a link to one."""
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
            f"{path} exists, and is not pip-guard's.",
            hint=f"Name another folder that comes before it on PATH, or add {REPLACE}: it is renamed to {target.name}\n"
            "until the shims are disabled.",
        )
    if os.path.lexists(target):
        raise GuardError(
            f"{path} would be renamed to {target.name}, but that exists.",
            hint="Look at both, and move one of them away.",
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
        name: b"#!/bin/sh\n"
        + with_block(
            b"",
            shell_templates.shim(
                context.launcher,
                environment,
                disable=disable,
                path=None if of_shells else folder / name,
                kept=name + SUFFIX,
            ),
        )
        for name, environment in shell_templates.commands().items()
    }


def _path(context: UserContext) -> list[Path]:
    return list(dict.fromkeys(Path(folder).resolve() for folder in path_folders(context.environ)))


def _enabled(context: UserContext) -> list[Path]:
    """Return the folders with shims among those on PATH and the usual ones."""
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
    if any(
        not is_shim(folder / name) or read(folder / name) != content
        for name, content in _contents(folder, context).items()
    ):
        yield "the shims were written by another installation or version of pip-guard, or changed", again
    path = _path(context)
    if folder not in path:
        yield f"{folder} is not on PATH", f"Put it first: PATH={folder}:$PATH"
        return
    for before in path[: path.index(folder)]:
        for name in shell_templates.commands():
            if os.access(before / name, os.X_OK) and not is_shim(before / name):
                advice = "Put the folder of the shims first on PATH, or hook the interpreter: pip-guard guard enable --interpreter"
                yield f"{before / name} comes before them on PATH", advice


INTEGRATION = Integration(
    name=NAME,
    summary="Put programs called pip, which run pip-guard, into a folder on PATH.",
    plan_enable=plan_enable,
    plan_disable=plan_disable,
    states=states,
)
