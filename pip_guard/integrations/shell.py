"""Guard shells: `pip` at the prompt, in commands started from it, and in scripts of the same shell."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from pip_guard.errors import GuardError, UsageError
from pip_guard.guard_actions import GuardRequest
from pip_guard.integrations import shell_templates
from pip_guard.integrations.file_edits import (
    Change,
    Edit,
    block_body,
    has_block,
    read,
    removals,
    with_block,
    with_two_blocks,
)
from pip_guard.integrations.integration import Integration, IntegrationState, UserContext, unreadable
from pip_guard.integrations.shell_files import SHELLS, OwnFiles, StartFile, login_shell, own_files, start_files

NAME = "shell"
# Lines in other startup files that may undo the guard. A mere change of PATH is corrected at the next prompt.
_UNDOING = re.compile(rb"pip|source|eval|precmd|BASH_ENV|(?:^|[\s;&|])\.\s", re.IGNORECASE)
_COVERS = {
    "bash": "pip at the prompt, in commands started from it, and in scripts of bash; not env -i, sudo, cron, or a path to pip",
    "zsh": "pip at the prompt, in commands started from it, and in every script of zsh; not sudo, or a path to pip",
    "fish": "pip at the prompt, in commands started from it, and in every script of fish; not sudo, or a path to pip",
    "powershell": "pip at the prompt, and in scripts; not in commands started from it",
}


def plan_enable(request: GuardRequest, context: UserContext) -> tuple[Change, ...]:
    """Plan to add the functions and the shims to one shell. Raises `GuardError`."""
    shell = _named(request) or login_shell(context)
    if shell is None:
        raise UsageError(
            f"pip-guard does not know your shell ({context.variable('SHELL') or 'SHELL is not set'}).",
            hint=f"Name one: {' or '.join(f'--shell {name}' for name in SHELLS)}. Or use --shims, for any shell.",
        )
    _refuse_root(context)
    return (
        *_enable_own(shell, context),
        *(_enable_in(file, shell, context) for file in _files(shell, context)),
    )


def plan_disable(request: GuardRequest, context: UserContext) -> tuple[Change, ...]:
    """Plan to remove them from one shell, or from all."""
    named = _named(request)
    going = SHELLS if named is None else (named,)
    _refuse_root(context)
    files = _once(file for shell in going for file in start_files(shell, context))
    edits = [*removals(file.path for file in files)]
    closed = {os.path.realpath(edit.path) for edit in edits}
    staying = [
        path for shell in SHELLS for path in _enabled_files(shell, context) if os.path.realpath(path) not in closed
    ]
    if not staying:
        edits += [_remove(path) for path in _contents(own_files(context), context)]
    return tuple(edit for edit in edits if edit.changes)


def states(context: UserContext) -> tuple[IntegrationState, ...]:
    """Return the state of each enabled shell, or of the one that could be enabled."""
    found = [state for shell in SHELLS if (state := _state(shell, context)).enabled or state.problems]
    return tuple(found or [_state(login_shell(context) or SHELLS[0], context)])


def _named(request: GuardRequest) -> str | None:
    named = request.text(INTEGRATION.flag)
    if named is not None and named not in SHELLS:
        raise UsageError(f"pip-guard does not know the shell {named}.", hint=f"The shells are {', '.join(SHELLS)}.")
    return named


def _refuse_root(context: UserContext) -> None:
    """Refuse to write into the home of another user as root, who would own the files. Raises `GuardError`."""
    sudo = context.variable("SUDO_USER")
    if context.as_root and (sudo not in (None, "root") or context.home.stat().st_uid != 0):
        raise GuardError(
            f"This runs as root, and {context.home} or this session belongs to another user.",
            hint="Run the command without sudo. To guard all users of this machine, use --shims.",
        )


def _files(shell: str, context: UserContext) -> Iterator[StartFile]:
    """Yield the files of a shell that exist, or that it needs."""
    files = start_files(shell, context)
    return _once(file for file in files if file.made or read(file.path) is not None)


def _once(files: Iterable[StartFile]) -> Iterator[StartFile]:
    """Skip links to a file that came before."""
    seen = set()
    for file in files:
        real = os.path.realpath(file.path)
        if real not in seen:
            seen.add(real)
            yield file


def _enable_in(file: StartFile, shell: str, context: UserContext) -> Edit:
    before = read(file.path)
    body = _body(shell, context)
    after = with_two_blocks(before, body) if file.twice else with_block(before, body)
    return Edit(path=file.path, before=before, after=after)


def _remove(path: Path) -> Edit:
    before = read(path)
    return Edit(path=path, before=before, after=None if has_block(before) else before, mode=_mode(path))


def _enable_own(shell: str, context: UserContext) -> Iterator[Edit]:
    if shell == "powershell":
        return
    for path, content in _contents(own_files(context), context).items():
        before = read(path)
        if before is not None and not has_block(before):
            raise GuardError(f"{path} was not written by pip-guard.", hint="Look at it, and move it away.")
        yield Edit(path=path, before=before, after=content, mode=_mode(path))


def _contents(own: OwnFiles, context: UserContext) -> dict[Path, bytes]:
    """Return pip-guard's own files, with their contents."""
    launcher, disable = context.launcher, _command("disable")
    texts = {
        own.start: shell_templates.posix_start(own.shims, own.functions, own.bash_env, disable=disable),
        own.functions: shell_templates.posix_functions(launcher, disable=disable),
        own.bash_env: shell_templates.bash_environment(own.functions, disable=disable),
    }
    shims = {
        own.shims / name: b"#!/bin/sh\n" + with_block(b"", shell_templates.shim(launcher, environment, disable=disable))
        for name, environment in shell_templates.commands().items()
    }
    return {path: with_block(b"", text) for path, text in texts.items()} | shims


def _mode(path: Path) -> int:
    return 0o755 if path.suffix != ".sh" else 0o644


def _body(shell: str, context: UserContext) -> str:
    own = own_files(context)
    disable = _command("disable", shell)
    match shell:
        case "fish":
            return shell_templates.fish(context.launcher, own.shims, own.bash_env, disable=disable)
        case "powershell":
            files = (file.path for file in start_files(shell, context))
            return shell_templates.powershell(context.launcher, files, disable=disable)
        case _:
            return shell_templates.source(own.start, again=_command("enable", shell))


def _command(action: str, shell: str | None = None) -> str:
    return " ".join(["pip-guard guard", action, "--shell", *([shell] if shell else [])])


def _enabled_files(shell: str, context: UserContext) -> tuple[Path, ...]:
    return tuple(file.path for file in start_files(shell, context) if has_block(read(file.path)))


def _state(shell: str, context: UserContext) -> IntegrationState:
    try:
        files = _enabled_files(shell, context)
        problems = tuple(_problems(shell, context)) if files else ()
    except OSError as error:
        return unreadable(NAME, shell, _COVERS[shell], error)
    return IntegrationState(
        integration=NAME,
        place=shell,
        enabled=bool(files),
        covers=_COVERS[shell],
        files=files,
        problems=problems,
    )


def _problems(shell: str, context: UserContext) -> Iterator[tuple[str, str]]:
    """Yield the problems of an enabled shell."""
    again = _command("enable", shell)
    wanted = _body(shell, context).rstrip("\n")
    for file in _files(shell, context):
        content = read(file.path)
        body = block_body(content)
        if body is None:
            if file.made or _may_undo(content or b""):
                yield f"{file.path} lacks pip-guard's lines", again
        elif body != wanted:
            yield f"{file.path} was written by another installation or version of pip-guard", again
    if shell != "powershell":
        for path, content in _contents(own_files(context), context).items():
            if read(path) != content:
                yield f"{path} is missing or was changed", again


def _may_undo(content: bytes) -> bool:
    """Tell whether a file that is read after ours may redefine pip."""
    return any(_UNDOING.search(line) for line in content.splitlines() if not line.lstrip().startswith(b"#"))


INTEGRATION = Integration(
    name=NAME,
    summary="Have pip run under guard in your shell, and in what is started from it.",
    plan_enable=plan_enable,
    plan_disable=plan_disable,
    states=states,
)
