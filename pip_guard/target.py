"""Run pip-guard with another interpreter, the one that ``--python`` names."""

from __future__ import annotations

import os
import sys

from pip_guard.active_environment import PATH
from pip_guard.modules import NAMES, find_module, own_folder

# NOTE: a command that works on another environment waits for whatever is imported here.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pip_guard.active_environment import Choice
    from pip_guard.errors import GuardError

# What an executable file starts with: ELF, Mach-O (both byte orders, 32 and 64 bits, universal) and PE.
_MAGIC = (b"\x7fELF", b"\xcf\xfa\xed\xfe", b"\xfe\xed\xfa\xcf", b"\xce\xfa\xed\xfe", b"\xca\xfe\xba\xbe", b"MZ")
OPTION = "--python"
_INTERPRETERS = ("bin/python", "Scripts/python.exe")


def find_interpreter(named: str, *, option: str = OPTION) -> str:
    """Return the interpreter that a value of ``--python`` stands for: a file, or an environment's folder.

    `option` is what named it. Nothing is run to find out. Raises `GuardError` if it is not an interpreter.
    """
    path = named
    if os.path.isdir(named):
        found = [path for relative in _INTERPRETERS if os.path.exists(path := os.path.join(named, relative))]
        if not found:
            raise _no_interpreter(named, "it is a folder without an interpreter", option)
        path = found[0]
    if not os.path.exists(path):
        raise _no_interpreter(named, "there is no such file", option)
    if not os.path.isfile(path):
        raise _no_interpreter(named, "it is not a file", option)
    try:
        with open(path, "rb") as file:
            start = file.read(4)
    except OSError as error:
        raise _no_interpreter(named, error.strerror or str(error), option) from None
    if not start.startswith(_MAGIC) or not os.access(path, os.X_OK):
        raise _no_interpreter(named, "it is not an executable program", option)
    if not os.path.basename(path).lower().startswith(("python", "pypy")):
        raise _no_interpreter(named, "no interpreter of Python is called that", option)
    return os.path.abspath(path)


def find_chosen(choice: Choice) -> str:
    """Return the interpreter of an environment that was chosen. Raises `GuardError` if there is none."""
    if choice.source == PATH:
        if not os.path.isabs(choice.value):
            from pip_guard.errors import GuardError

            raise GuardError(
                f"There is no {choice.value} on PATH, and no environment is active that has one.",
                hint="Activate a virtual environment, or name an interpreter with --python. Nothing was run.",
            )
        # NOTE: it may be a script that starts the interpreter of a version manager; people get it by its plain name.
        return choice.value
    if not os.path.isabs(choice.value):
        raise _no_interpreter(choice.value, "it is a relative path, which no activation sets", choice.source)
    if not os.path.isdir(choice.value):
        raise _no_interpreter(choice.value, "there is no such folder", choice.source)
    return find_interpreter(choice.value, option=choice.source)


def is_this_interpreter(named: str) -> bool:
    """Tell whether a value of ``--python`` stands for the interpreter, and the environment, that is running."""
    from pip_guard.errors import GuardError

    try:
        path = find_interpreter(named)
    except GuardError:
        return False
    return os.path.dirname(path) == os.path.dirname(os.path.abspath(sys.executable)) and os.path.samefile(
        path, sys.executable
    )


def run_in(interpreter: str, arguments: Sequence[str], *, marker: str | None = None) -> int:
    """Start over with another interpreter, which is given pip-guard, pip and what they need, and nothing else.

    `marker` is the variable that tells pip that ``--python`` has been obeyed. Returns the exit code, where it returns at all.
    """
    modules = {name: find_module(name) for name in NAMES} | {"pip_guard": os.path.join(own_folder(), "pip_guard")}
    runner = os.path.join(os.path.dirname(os.path.abspath(__file__)), "target_runner.py")
    command = [interpreter, runner, _as_json(modules), *arguments]
    environment = {**os.environ, **({} if marker is None else {marker: "1"})}
    if os.name == "posix":
        sys.stdout.flush()
        sys.stderr.flush()
        try:
            os.execve(interpreter, command, environment)
        except OSError as error:
            raise _no_interpreter(interpreter, error.strerror or str(error), OPTION) from None
    import subprocess

    return subprocess.run(command, env=environment, check=False).returncode


def _as_json(modules: Mapping[str, str | None]) -> str:
    paths = modules.values()
    if all(path is not None and path.isprintable() and not {'"', "\\"}.intersection(path) for path in paths):
        return "{" + ", ".join(f'"{name}": "{path}"' for name, path in modules.items()) + "}"
    # NOTE: this loads as much as all the rest.
    import json

    return json.dumps(modules)


def _no_interpreter(named: str, reason: str, option: str) -> GuardError:
    from pip_guard.errors import GuardError

    if option.startswith("-"):
        hint = "Name an interpreter of Python 3.10 or newer, or the folder of a virtual environment. Nothing was run."
        return GuardError(f"{option} {named} cannot be used: {reason}.", hint=hint)
    return GuardError(
        f"{option} names {named} as the active environment, which cannot be used: {reason}.",
        hint="Activate another environment, deactivate this one, or name an interpreter with --python. Nothing was run.",
    )
