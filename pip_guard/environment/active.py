"""Choose the environment that a command works on: the one that pip-guard is installed in, or the one that is active.

pip-guard is installed inside an environment, and works on that as its pip does, or once for all of them. What is named by its
path, as ``.venv/bin/pip-guard`` or ``PYTHON -m pip_guard``, works on its own environment; what is found by its name works on
the environment that a person has activated.
"""

from __future__ import annotations

import os
import sys

# NOTE: every command waits for what is imported here, and before it may start over in another interpreter for nothing else.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ACTIVE = "active"
OWN = "own"
# pip neither starts another interpreter nor complains of --python once this says that it has been done.
IN_TARGET = "_PIP_RUNNING_IN_SUBPROCESS"
# What a person has activated, in this order; the scripts that set them write absolute paths.
PATH = "PATH"
VARIABLES = ("VIRTUAL_ENV", "CONDA_PREFIX")
# The files with which pipx and ``uv tool`` mark the environments that they make for one tool.
_TOOL_MARKS = ("pipx_metadata.json", "uv-receipt.toml")
_SCRIPTS = frozenset({"pip-guard", "pip-guard.exe", "pip-guard-script.py"})
_PROGRAMS = ("python3.exe", "python.exe") if os.name == "nt" else ("python3", "python")
_IN_ENVIRONMENTS = ("pyvenv.cfg", "conda-meta")
# The script that other interpreters start; they are given its path, and this process never imports it.
RUNNER = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "relaunched.py")


class Invocation:
    """How pip-guard was started: the script as it was named, and the environment that it is installed in."""

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
    """What names an environment that is not pip-guard's own: `value` is a folder or an interpreter, `source` a variable.

    Only what PATH names may be a script, as the interpreters of version managers are.
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
    """Describe the start of this process."""
    return Invocation(
        script=sys.argv[0],
        prefix=sys.prefix,
        executable=sys.executable,
        in_virtual_environment=in_virtual_environment(),
        environ=os.environ,
    )


def in_virtual_environment() -> bool:
    """Tell whether this interpreter belongs to a virtual environment (PEP 405) or to a conda environment but the base."""
    if sys.prefix != sys.base_prefix:
        return True
    return os.path.isdir(os.path.join(sys.prefix, "conda-meta")) and not os.path.isdir(
        os.path.join(sys.prefix, "condabin")
    )


def is_in_target() -> bool:
    """Tell whether this process was started to work on another environment than the one that pip-guard is installed in."""
    # NOTE: a variable could say so too, but anybody can set it.
    return getattr(sys.modules.get("__main__"), "__file__", None) == RUNNER


def choose(start: Invocation, wanted: str | None) -> SelectedEnvironment | None:
    """Return the environment to work on, or None if it is pip-guard's own; `wanted` is the value of ``--guard-environment``.

    A version is that of the interpreter whose name it is part of, as that of ``pip3.12``.
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
    """Return the environment that is active, if one is.

    A variable may be left over: an environment that stands before that one on PATH has been activated after it.
    """
    for variable in VARIABLES:
        if value := environ.get(variable):
            scripts = _scripts(value)
            first = _on_path(environ, *_PROGRAMS)
            folder = os.path.dirname(first.value)
            if folder and _real(folder) not in scripts and scripts.intersection(map(_real, path_folders(environ))):
                above = os.path.dirname(folder)
                if any(os.path.exists(os.path.join(above, mark)) for mark in _IN_ENVIRONMENTS):
                    return first
            return SelectedEnvironment(source=variable, value=value)
    return None


def is_tool(start: Invocation) -> bool:
    """Tell whether pip-guard was installed for itself: by pipx, by ``uv tool``, or as a link into an environment."""
    if any(os.path.lexists(os.path.join(start.prefix, mark)) for mark in _TOOL_MARKS):
        return True
    scripts = _real(os.path.dirname(start.executable))
    named = _real(os.path.dirname(os.path.abspath(start.script)))
    return start.in_virtual_environment and named != scripts and os.path.dirname(_real(start.script)) == scripts


def _is_console_script(script: str) -> bool:
    return os.path.basename(script) in _SCRIPTS


def _on_path(environ: Mapping[str, str], *programs: str) -> SelectedEnvironment:
    """Return the interpreter that people get by its plain name; the value is that name if there is none."""
    for folder in path_folders(environ):
        for program in programs:
            path = os.path.join(folder, program)
            if os.path.isfile(path) and os.access(path, os.X_OK):
                return SelectedEnvironment(source=PATH, value=path)
    return SelectedEnvironment(source=PATH, value=programs[0])


def _stands_before(active: SelectedEnvironment, start: Invocation) -> bool:
    """Tell whether pip-guard was found on PATH behind the active environment, which has no pip-guard of its own."""
    folders = list(path_folders(start.environ))
    # What is found on PATH is started by the very name that stands there; other names of the folder were typed.
    found = os.path.dirname(start.script)
    if found not in folders:
        return False
    scripts = {_real(os.path.dirname(active.value))} if active.source == PATH else _scripts(active.value)
    return any(_real(folder) in scripts for folder in folders[: folders.index(found)])


def _scripts(environment: str) -> set[str]:
    """Return where an environment has its programs."""
    return {_real(os.path.join(environment, name)) for name in ("bin", "Scripts")}


def path_folders(environ: Mapping[str, str]) -> Iterator[str]:
    """Return the folders on PATH, without relative ones, which change with the working directory and nobody chose."""
    folders = environ.get("PATH", "").split(os.pathsep)
    return (folder.rstrip(os.sep) or folder for folder in folders if os.path.isabs(folder))


def _is_own(choice: SelectedEnvironment, start: Invocation) -> bool:
    if choice.source != PATH or not os.path.isabs(choice.value):
        return _real(choice.value) == _real(start.prefix)
    folder = os.path.dirname(os.path.dirname(os.path.abspath(choice.value)))
    if os.path.isfile(os.path.join(folder, "pyvenv.cfg")):
        return _real(folder) == _real(start.prefix)
    return not start.in_virtual_environment and _real(choice.value) == _real(start.executable)


def _real(path: str) -> str:
    try:
        return os.path.realpath(path)
    except OSError:  # the working directory is gone, and the path relative to it
        return path
