"""The door of the interpreters: a start-up hook that has `python -m pip`, and every console script of pip's, run under guard."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import textwrap
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType

from pip_guard.actions import GuardRequest
from pip_guard.environment.active import RUNNER
from pip_guard.environment.module_origins import own_modules
from pip_guard.environment.permissions import others_who_can_write, path_danger
from pip_guard.errors import GuardError
from pip_guard.integrations import hook_detection, hook_source
from pip_guard.integrations.base_interpreter import (
    PATIENCE,
    BaseInterpreter,
    interpreters_on_path,
    named_interpreter,
    this_interpreter,
)
from pip_guard.integrations.file_edits import Change, Edit, block_body, read, removals, with_block, without_block
from pip_guard.integrations.integration import Integration, IntegrationState, UserContext

NAME = "interpreter"
_COVERS = "pip, pip3 and python -m pip, in it and in every virtual environment made from it; not python -S, and not uv"
ENABLE = "pip-guard guard enable --interpreter"
DISABLE = "pip-guard guard disable --interpreter"
_HEAD = f"""\
# When Python starts, this has pip run under guard, and does nothing else. To take it back: {DISABLE},
# or remove these lines.
def _pip_guard():
"""
_CALL = """\
start(
    __file__,
    runner={runner},
    modules={modules},
    needed={needed},
    hides={hides},
)
"""
_TAIL = """

try:
    _pip_guard()
finally:
    del _pip_guard
"""
_NEEDED = "needed="


def plan_enable(request: GuardRequest, context: UserContext) -> tuple[Change, ...]:
    """Return how the hook gets into an interpreter. Raises `GuardError` where it cannot, or must not."""
    interpreter = _interpreter(request)
    for needed in needed_files():
        if danger := others_who_can_write(needed, beside=str(interpreter.library)):
            raise GuardError(
                f"{interpreter.executable} would run {danger[0]}, which {danger[1]}.",
                hint="Whoever can write it would run as everybody who starts pip. Install pip-guard as the owner of the\n"
                f"interpreter, where nobody else can write, and use that one's {ENABLE}.",
            )
    path = interpreter.start_up_file
    before = read(path)
    after = with_block(before, render_hook(hides=without_block(before) is None))
    edit = Edit(path=path, before=before, after=after)
    return _planned(request, *([edit] if edit.changes else []))


def plan_disable(request: GuardRequest, context: UserContext) -> tuple[Change, ...]:
    """Return how the hook gets out of an interpreter. Raises `GuardError` where it cannot."""
    return _planned(request, *removals([_interpreter(request).start_up_file]))


def states(context: UserContext) -> tuple[IntegrationState, ...]:
    """Return what became of the interpreter that runs pip-guard, and of those on PATH that have the hook."""
    own = this_interpreter()
    others = [each for each in interpreters_on_path(context.environ) if not _same(each.library, own.library)]
    found = [state_of(each, context) for each in (own, *others)]
    return tuple(state for position, state in enumerate(found) if position == 0 or state.enabled)


def render_hook(*, hides: bool) -> str:
    """Return the lines of the hook; `hides` says that no other `sitecustomize` is at its place, but perhaps behind it."""
    source = "\n\n".join(map(_source, (hook_detection, hook_source)))
    # NOTE: `ascii`, because the encoding of the file may be any.
    call = _CALL.format(
        runner=ascii(RUNNER),
        modules=ascii(json.dumps(own_modules())),
        needed=ascii(needed_files()),
        hides=hides,
    )
    return _HEAD + textwrap.indent(f"{source}\n{call}", "    ") + _TAIL


def needed_files() -> tuple[str, ...]:
    """Return the script that the hook starts, and the folders that it imports from."""
    return (RUNNER, *own_modules().values())


def _interpreter(request: GuardRequest) -> BaseInterpreter:
    named = request.text(INTEGRATION.flag)
    return this_interpreter() if named is None else named_interpreter(named)


def _planned(request: GuardRequest, *edits: Edit) -> tuple[Change, ...]:
    for edit in edits:
        real = os.path.realpath(edit.path)
        if not request.has("--dry-run") and not os.access(os.path.dirname(real), os.W_OK):
            raise GuardError(
                f"{real} cannot be written by this user.",
                hint="Do it as the owner of the interpreter, for example with sudo. --dry-run shows what it would be.",
            )
    return edits


def _source(module: ModuleType) -> str:
    """Return the text of a module without what it imports from others of pip-guard's, which stand before it."""
    lines = Path(str(module.__file__)).read_text(encoding="utf-8").splitlines()
    return "\n".join(line for line in lines if not line.startswith("from pip_guard"))


def state_of(interpreter: BaseInterpreter, context: UserContext) -> IntegrationState:
    """Return what became of an interpreter, by what its files say."""
    path = interpreter.start_up_file
    try:
        content = read(path)
    except OSError as error:
        return _describe(
            interpreter, enabled=False, problems=[(f"{path} cannot be read: {error.strerror}", "See what is there.")]
        )
    body = block_body(content)
    if body is None:
        return _describe(interpreter, enabled=False, problems=[])
    again = f"Enable it again: {ENABLE} {interpreter.executable}"
    problems = []
    needed = _needed_by(body)
    if needed is None or body != render_hook(hides=without_block(content) is None).rstrip("\n"):
        problems.append(("the hook is that of another pip-guard, or of another version", again))
    for needed_path in needed or ():
        if not os.access(needed_path, os.R_OK):
            problems.append((f"{needed_path} is missing, or not for this user to read: pip is refused", again))
        elif danger := others_who_can_write(needed_path, beside=str(interpreter.library)):
            problems.append((f"{danger[0]} {danger[1]}", f"Take it back: {DISABLE} {interpreter.executable}"))
    problems += [
        (f"{shadow} takes the place of the hook, because PYTHONPATH names its folder", "Unset PYTHONPATH.")
        for shadow in _shadows(context.environ.get("PYTHONPATH", ""), path)
    ]
    if not problems and not _runs_under_guard(interpreter, needed or ()):
        problems.append(
            (f"{interpreter.executable} -m pip does not run under guard, whatever keeps it from that", again)
        )
    return _describe(interpreter, enabled=True, problems=problems)


def _runs_under_guard(interpreter: BaseInterpreter, needed: tuple[str, ...]) -> bool:
    """Start pip, and look which one it is; NOTE: as the owner of the library, this also stores the hook's bytecode."""
    if path_danger(str(interpreter.executable)) is not None:
        return False
    try:
        asked = subprocess.run(
            [interpreter.executable, "-I", "-m", "pip", "--version"],
            capture_output=True,
            check=False,
            text=True,
            timeout=PATIENCE,
            cwd=os.path.sep,
        )
    except (OSError, ValueError, subprocess.SubprocessError):
        return False
    return any(f" from {path} " in asked.stdout for path in needed)


def _describe(interpreter: BaseInterpreter, *, enabled: bool, problems: Iterable[tuple[str, str]]) -> IntegrationState:
    return IntegrationState(
        integration=NAME,
        place=str(interpreter.executable),
        enabled=enabled,
        covers=_COVERS,
        files=(interpreter.start_up_file,),
        problems=tuple(problems),
    )


def _needed_by(body: str) -> tuple[str, ...] | None:
    """Return the files that a hook needs, as it says itself; None if it does not."""
    for line in body.splitlines():
        if line.strip().startswith(_NEEDED):
            try:
                return tuple(map(str, ast.literal_eval(line.strip().removeprefix(_NEEDED).rstrip(","))))
            except (ValueError, SyntaxError, TypeError):
                return None
    return None


def _shadows(python_path: str, hook: Path) -> list[str]:
    entries = [entry for entry in python_path.split(os.pathsep) if entry]
    found = [os.path.join(entry, name) for entry in entries for name in (hook.name, hook.stem)]
    return [path for path in found if os.path.exists(path) and not _same(path, hook)]


def _same(one: str | Path, other: str | Path) -> bool:
    return os.path.realpath(one) == os.path.realpath(other)


INTEGRATION = Integration(
    name=NAME,
    summary="Have pip run under guard in an interpreter, and in every virtual environment made from it.",
    plan_enable=plan_enable,
    plan_disable=plan_disable,
    states=states,
)
