"""Run pip-guard with another interpreter, the one that ``--python`` names."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from pip_guard import target_runner
from pip_guard.errors import GuardError
from pip_guard.modules import NAMES, find_module, own_folder

# What an executable file starts with: ELF, Mach-O (both byte orders, 32 and 64 bits, universal) and PE.
_MAGIC = (b"\x7fELF", b"\xcf\xfa\xed\xfe", b"\xfe\xed\xfa\xcf", b"\xce\xfa\xed\xfe", b"\xca\xfe\xba\xbe", b"MZ")
_INTERPRETERS = ("bin/python", "Scripts/python.exe")


def find_interpreter(named: str, *, option: str = "--python") -> str:
    """Return the interpreter that a value of an option stands for: a file, or an environment's folder.

    Nothing is run to find out. Raises `GuardError` if it is not an interpreter.
    """
    path = Path(named)
    if path.is_dir():
        found = [path / relative for relative in _INTERPRETERS if (path / relative).exists()]
        if not found:
            raise _no_interpreter(option, named, "it is a folder without an interpreter")
        path = found[0]
    if not path.exists():
        raise _no_interpreter(option, named, "there is no such file")
    if not path.is_file():
        raise _no_interpreter(option, named, "it is not a file")
    try:
        with path.open("rb") as file:
            start = file.read(4)
    except OSError as error:
        raise _no_interpreter(option, named, error.strerror or str(error)) from None
    if not start.startswith(_MAGIC) or not os.access(path, os.X_OK):
        raise _no_interpreter(option, named, "it is not an executable program")
    if not path.name.lower().startswith(("python", "pypy")):
        raise _no_interpreter(option, named, "no interpreter of Python is called that")
    return str(path.absolute())


def is_this_interpreter(named: str) -> bool:
    """Tell whether a value of ``--python`` stands for the interpreter, and the environment, that is running."""
    try:
        path = find_interpreter(named)
    except GuardError:
        return False
    return os.path.dirname(path) == os.path.dirname(os.path.abspath(sys.executable)) and os.path.samefile(
        path, sys.executable
    )


def run_in(interpreter: str, arguments: Sequence[str], *, marker: str) -> int:
    """Start over with another interpreter, which is given pip-guard, pip and what they need, and nothing else.

    `marker` is the variable that tells pip that this has been done. Returns the exit code, where it returns at all.
    """
    modules = {name: find_module(name) for name in NAMES} | {"pip_guard": os.path.join(own_folder(), "pip_guard")}
    command = [interpreter, target_runner.__file__, json.dumps(modules), *arguments]
    environment = {**os.environ, marker: "1"}
    if os.name == "posix":
        sys.stdout.flush()
        sys.stderr.flush()
        try:
            os.execve(interpreter, command, environment)
        except OSError as error:
            raise _no_interpreter("--python", interpreter, error.strerror or str(error)) from None
    return subprocess.run(command, env=environment, check=False).returncode


def _no_interpreter(option: str, named: str, reason: str) -> GuardError:
    return GuardError(
        f"{option} {named} cannot be used: {reason}.",
        hint="Name an interpreter of Python 3.10 or newer, or the folder of a virtual environment. Nothing was run.",
    )
