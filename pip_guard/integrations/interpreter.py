"""Guard interpreters: a start-up hook that runs `python -m pip`, and all of pip's console scripts, under guard."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import textwrap
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType

from pip_guard.environment.active import RUNNER
from pip_guard.environment.module_origins import own_modules
from pip_guard.environment.permissions import others_who_can_write, path_danger
from pip_guard.errors import GuardError
from pip_guard.guard_actions import GuardRequest
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
# On start, this makes pip run under guard, and does nothing else. To undo: {DISABLE},
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
    """Plan to add the hook to an interpreter. Raises `GuardError`."""
    interpreter = _interpreter(request)
    for needed in needed_files():
        if danger := others_who_can_write(needed, beside=str(interpreter.library)):
            raise GuardError(
                f"{interpreter.executable} would run {danger[0]}, which {danger[1]}.",
                hint="Whoever can write to it could run code as everybody who starts pip. Install pip-guard as the owner of\n"
                f"the interpreter, where nobody else can write, and use that copy's {ENABLE}.",
            )
    path = interpreter.start_up_file
    before = read(path)
    after = with_block(before, render_hook(hides=without_block(before) is None))
    edit = Edit(path=path, before=before, after=after)
    return _planned(request, *([edit] if edit.changes else []))


def plan_disable(request: GuardRequest, context: UserContext) -> tuple[Change, ...]:
    """Plan to remove the hook from an interpreter. Raises `GuardError`."""
    return _planned(request, *removals([_interpreter(request).start_up_file]))


def states(context: UserContext) -> tuple[IntegrationState, ...]:
    """Return the state of the running interpreter, and of those on PATH that have the hook."""
    own = this_interpreter()
    others = [each for each in interpreters_on_path(context.environ) if not _same(each.library, own.library)]
    found = [state_of(each, context) for each in (own, *others)]
    return tuple(state for position, state in enumerate(found) if position == 0 or state.enabled)


def render_hook(*, hides: bool) -> str:
    """Return the lines of the hook; `hides` if its file may hide a `sitecustomize` farther down the path."""
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
    """Return the script that the hook starts, and the folders that this imports from."""
    return (RUNNER, *own_modules().values())


def _interpreter(request: GuardRequest) -> BaseInterpreter:
    named = request.text(INTEGRATION.flag)
    return this_interpreter() if named is None else named_interpreter(named)


def _planned(request: GuardRequest, *edits: Edit) -> tuple[Change, ...]:
    for edit in edits:
        real = os.path.realpath(edit.path)
        if not request.has("--dry-run") and not os.access(os.path.dirname(real), os.W_OK):
            raise GuardError(
                f"You cannot write {real}.",
                hint="Run this as the owner of the interpreter, for example with sudo. --dry-run shows the change.",
            )
    return edits


def _source(module: ModuleType) -> str:
    """Return the source of a module, without its imports from pip_guard, whose source comes before it."""
    lines = Path(str(module.__file__)).read_text(encoding="utf-8").splitlines()
    return "\n".join(line for line in lines if not line.startswith("from pip_guard"))


def state_of(interpreter: BaseInterpreter, context: UserContext) -> IntegrationState:
    """Return the state of an interpreter, by its files."""
    path = interpreter.start_up_file
    try:
        content = read(path)
    except OSError as error:
        return _describe(
            interpreter, enabled=False, problems=[(f"{path} cannot be read: {error.strerror}", "Look at that file.")]
        )
    body = block_body(content)
    if body is None:
        return _describe(interpreter, enabled=False, problems=[])
    again = f"Enable it again: {ENABLE} {interpreter.executable}"
    problems = []
    needed = _needed_by(body)
    if needed is None or body != render_hook(hides=without_block(content) is None).rstrip("\n"):
        problems.append(("the hook was written by another installation or version of pip-guard", again))
    for needed_path in needed or ():
        if not os.access(needed_path, os.R_OK):
            problems.append((f"{needed_path} is missing or unreadable, so the hook refuses to run pip", again))
        elif danger := others_who_can_write(needed_path, beside=str(interpreter.library)):
            problems.append((f"{danger[0]} {danger[1]}", f"Disable it: {DISABLE} {interpreter.executable}"))
    problems += [
        (f"{shadow} replaces the hook, because its folder is on PYTHONPATH", "Unset PYTHONPATH.")
        for shadow in _shadows(context.environ.get("PYTHONPATH", ""), path)
    ]
    if not problems and not _runs_under_guard(interpreter, needed or ()):
        problems.append((f"{interpreter.executable} -m pip does not run under guard, for an unknown reason", again))
    return _describe(interpreter, enabled=True, problems=problems)


def _runs_under_guard(interpreter: BaseInterpreter, needed: tuple[str, ...]) -> bool:
    """Tell whether starting pip starts pip-guard. NOTE: for the owner of the library, this also stores the hook's bytecode."""
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
    """Return the files that a hook lists as needed; None if it lists none."""
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
    summary="Guard pip in an interpreter, and in every virtual environment made from it.",
    plan_enable=plan_enable,
    plan_disable=plan_disable,
    states=states,
)
