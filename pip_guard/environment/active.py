"""Choose the environment that a command works on: the one that pip-guard is installed in, or the active one.

pip-guard is installed in each environment, like pip, or once for all of them. Started by its path, as ``.venv/bin/pip-guard`` or
``PYTHON -m pip_guard``, it works on its own environment; found by its name on PATH, it works on the active one.
"""

from __future__ import annotations

import os
import sys

from pip_guard.environment.import_guard import real_path

# NOTE: every command imports this module, and may then only start over in another interpreter, so it imports next to nothing.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ACTIVE = "active"
OWN = "own"
# While this variable is set, pip takes --python as obeyed: it neither starts another interpreter nor complains.
IN_TARGET = "_PIP_RUNNING_IN_SUBPROCESS"
# The variables that activation sets, to absolute paths, in order of precedence.
PATH = "PATH"
VARIABLES = ("VIRTUAL_ENV", "CONDA_PREFIX")
# The files by which pipx and ``uv tool`` mark the environment of a tool.
_TOOL_MARKS = ("pipx_metadata.json", "uv-receipt.toml")
_SCRIPTS = frozenset({"pip-guard", "pip-guard.exe", "pip-guard-script.py"})
_PROGRAMS = ("python3.exe", "python.exe") if os.name == "nt" else ("python3", "python")
# The files that mark an environment: a virtual one, and conda's.
MARKS = ("pyvenv.cfg", "conda-meta")
# The script that other interpreters start; they are given its path, and this process never imports it.
RUNNER = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "relaunch_script.py")


class Invocation:
    """How pip-guard was started: the script as typed, and the environment that it is installed in."""

    __slots__ = ("environ", "executable", "in_virtual_environment", "prefix", "script")

    def __init__(
        self, *, script: str, prefix: str, executable: str, in_virtual_environment: bool, environ: Mapping[str, str]
    ) -> None:
        self.script = script
        self.prefix = prefix
        self.executable = executable
        self.in_virtual_environment = in_virtual_environment
        self.environ = environ


class SelectedEnvironment(tuple[str, str]):
    """An environment other than pip-guard's own: `value` is its folder or interpreter, `source` the variable that names it.

    Only an interpreter from PATH may be a script, like those of version managers.
    """

    __slots__ = ()

    def __new__(cls, source: str, value: str) -> SelectedEnvironment:
        """Pair the two."""
        return super().__new__(cls, (source, value))

    @property
    def source(self) -> str:
        """The variable."""
        return self[0]

    @property
    def value(self) -> str:
        """The folder or the interpreter."""
        return self[1]


def this_invocation() -> Invocation:
    """Describe how this process was started."""
    return Invocation(
        script=sys.argv[0],
        prefix=sys.prefix,
        executable=sys.executable,
        in_virtual_environment=in_virtual_environment(),
        environ=os.environ,
    )


def in_virtual_environment() -> bool:
    """Tell whether this interpreter belongs to a virtual environment (PEP 405), or to a conda environment other than base."""
    if sys.prefix != sys.base_prefix:
        return True
    return os.path.isdir(os.path.join(sys.prefix, "conda-meta")) and not os.path.isdir(
        os.path.join(sys.prefix, "condabin")
    )


def is_in_target() -> bool:
    """Tell whether this process was started by pip-guard to work on another environment than its own."""
    # NOTE: not told by a variable, because anybody can set one.
    return getattr(sys.modules.get("__main__"), "__file__", None) == RUNNER


def choose(start: Invocation, wanted: str | None) -> SelectedEnvironment | None:
    """Return the environment to work on, or None for pip-guard's own; `wanted` is the value of ``--guard-environment``.

    A version, such as 3.12, stands for the interpreter of that name on PATH.
    """
    if wanted == OWN or (wanted is None and not _is_console_script(start.script)):
        return None
    active = find_active(start.environ)
    choice: SelectedEnvironment | None = None
    if wanted is not None and wanted != ACTIVE:
        choice = _on_path(start.environ, f"python{wanted}")
    elif wanted == ACTIVE or is_tool(start):
        choice = active or _on_path(start.environ, *_PROGRAMS)
    elif active is not None and _stands_before(active, start):
        choice = active
    return None if choice is None or _is_own(choice, start) else choice


def find_active(environ: Mapping[str, str]) -> SelectedEnvironment | None:
    """Return the active environment, if there is one.

    A variable may be stale: an environment that comes before the named one on PATH was activated after it.
    """
    for variable in VARIABLES:
        if value := environ.get(variable):
            scripts = _scripts(value)
            first = _on_path(environ, *_PROGRAMS)
            folder = os.path.dirname(first.value)
            if (
                folder
                and real_path(folder) not in scripts
                and scripts.intersection(map(real_path, path_folders(environ)))
            ):
                above = os.path.dirname(folder)
                if any(os.path.exists(os.path.join(above, mark)) for mark in MARKS):
                    return first
            return SelectedEnvironment(source=variable, value=value)
    return None


def is_tool(start: Invocation) -> bool:
    """Tell whether pip-guard is installed as a tool: by pipx, by ``uv tool``, or with a link to its script."""
    if any(os.path.lexists(os.path.join(start.prefix, mark)) for mark in _TOOL_MARKS):
        return True
    scripts = real_path(os.path.dirname(start.executable))
    named = real_path(os.path.dirname(os.path.abspath(start.script)))
    return start.in_virtual_environment and named != scripts and os.path.dirname(real_path(start.script)) == scripts


def _is_console_script(script: str) -> bool:
    return os.path.basename(script) in _SCRIPTS


def _on_path(environ: Mapping[str, str], *programs: str) -> SelectedEnvironment:
    """Return the first of these programs on PATH; the value is the first name if there is none."""
    for folder in path_folders(environ):
        for program in programs:
            path = os.path.join(folder, program)
            if os.path.isfile(path) and os.access(path, os.X_OK):
                return SelectedEnvironment(source=PATH, value=path)
    return SelectedEnvironment(source=PATH, value=programs[0])


def _stands_before(active: SelectedEnvironment, start: Invocation) -> bool:
    """Tell whether pip-guard was found on PATH after the active environment, which has no pip-guard of its own."""
    folders = list(path_folders(start.environ))
    # A program found on PATH has the folder as spelled there; with any other spelling, its path was typed.
    found = os.path.dirname(start.script)
    if found not in folders:
        return False
    scripts = {real_path(os.path.dirname(active.value))} if active.source == PATH else _scripts(active.value)
    return any(real_path(folder) in scripts for folder in folders[: folders.index(found)])


def _scripts(environment: str) -> set[str]:
    """Return the folders in which an environment can have its programs."""
    return {real_path(os.path.join(environment, name)) for name in ("bin", "Scripts")}


def path_folders(environ: Mapping[str, str]) -> Iterator[str]:
    """Yield the folders on PATH, without relative ones, which depend on the working directory."""
    folders = environ.get("PATH", "").split(os.pathsep)
    return (folder.rstrip(os.sep) or folder for folder in folders if os.path.isabs(folder))


def _is_own(choice: SelectedEnvironment, start: Invocation) -> bool:
    if choice.source != PATH or not os.path.isabs(choice.value):
        return real_path(choice.value) == real_path(start.prefix)
    folder = os.path.dirname(os.path.dirname(os.path.abspath(choice.value)))
    if os.path.isfile(os.path.join(folder, "pyvenv.cfg")):
        return real_path(folder) == real_path(start.prefix)
    return not start.in_virtual_environment and real_path(choice.value) == real_path(start.executable)
