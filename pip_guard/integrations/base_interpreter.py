"""Find the interpreters that virtual environments are created from, and their standard libraries."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from pip_guard.environment.active import path_folders
from pip_guard.environment.files import list_folder
from pip_guard.environment.relaunch import find_interpreter
from pip_guard.errors import GuardError
from pip_guard.frozen import frozen
from pip_guard.integrations.interpreter_layout import PROGRAM, describe

# The oldest interpreter that pip-guard supports, and the first that has sys.orig_argv.
OLDEST = (3, 10)
HINT = "Name an interpreter of CPython 3.10 or newer: pip-guard guard enable --interpreter /usr/bin/python3"
# So that it runs nothing that is installed: no start-up file, and nothing that a variable names.
_FLAGS = ("-I", "-S", "-B")
_DESCRIBE = "import json, os, sys; print(json.dumps([sys.implementation.name, sys.version_info[:2], os.__file__]))"
PATIENCE = 30.0


@frozen
class BaseInterpreter:
    """An interpreter, by the path that it is known under, and the folder of its standard library."""

    executable: Path
    library: Path

    @property
    def start_up_file(self) -> Path:
        """The file that this interpreter, and every virtual environment created from it, runs on start."""
        return self.library / "sitecustomize.py"


def this_interpreter() -> BaseInterpreter:
    """Return the base of the running interpreter."""
    executable = getattr(sys, "_base_executable", None) or sys.executable
    return _check(executable, sys.implementation.name, sys.version_info[:2], os.__file__)


def named_interpreter(named: str) -> BaseInterpreter:
    """Start a named interpreter to find its standard library. Raises `GuardError`."""
    executable = find_interpreter(named, option="--interpreter")
    try:
        asked = subprocess.run(
            [executable, *_FLAGS, "-c", _DESCRIBE], capture_output=True, check=True, timeout=PATIENCE, cwd=os.path.sep
        )
        implementation, version, os_file = json.loads(asked.stdout)
    except (OSError, ValueError, subprocess.SubprocessError):
        raise GuardError(f"{executable} does not run as Python 3.10 or newer.", hint=HINT) from None
    return _check(executable, implementation, version, os_file)


def interpreters_on_path(environ: Mapping[str, str]) -> tuple[BaseInterpreter, ...]:
    """Return the interpreters on PATH, as far as their files tell, without running any."""
    found: dict[str, BaseInterpreter] = {}
    for folder in path_folders(environ):
        for name in filter(PROGRAM.fullmatch, list_folder(folder)):
            interpreter = describe(os.path.join(folder, name))
            if (library := interpreter.library) is not None:
                known = BaseInterpreter(executable=Path(interpreter.path), library=Path(library))
                found.setdefault(os.path.realpath(library), known)
    return tuple(found.values())


def _check(executable: str, implementation: str, version: tuple[int, ...], os_file: str) -> BaseInterpreter:
    if implementation != "cpython":
        raise GuardError(f"{executable} is {implementation}, which pip-guard cannot hook.", hint=HINT)
    if tuple(version) < OLDEST:
        raise GuardError(f"{executable} is Python {version[0]}.{version[1]}.", hint=HINT)
    library = Path(os.path.dirname(os_file))
    if not library.is_dir():
        raise GuardError(f"The standard library of {executable} is not in a folder: {library}.", hint=HINT)
    return BaseInterpreter(executable=Path(executable), library=library)
