"""Know where interpreters and environments are kept, and list those that are there."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from pip_guard.integrations.survey.interpreters import PROGRAM, Interpreter, describe, listed, programs_in

# Folders of programs that systems and installers use, whether or not they are on PATH.
PROGRAM_FOLDERS = ("/usr/local/bin", "/usr/bin", "/opt/homebrew/bin", "~/.local/bin")
# Folders of which each entry is an environment or an installation; the first part may be a variable that moves them.
_KEPT = (
    ("PYENV_ROOT", "~/.pyenv", "versions", "pyenv"),
    ("PIPX_HOME", "~/.local/share/pipx", "venvs", "pipx"),
    ("PIPX_HOME", "~/.local/pipx", "venvs", "pipx"),
    ("PIPX_GLOBAL_HOME", "/opt/pipx", "venvs", "pipx"),
    ("UV_TOOL_DIR", "~/.local/share/uv/tools", "", "uv tool"),
    ("UV_PYTHON_INSTALL_DIR", "~/.local/share/uv/python", "", "uv python"),
    ("WORKON_HOME", "~/.virtualenvs", "", "virtualenvwrapper"),
    ("POETRY_VIRTUALENVS_PATH", "~/.cache/pypoetry/virtualenvs", "", "poetry"),
    ("", "~/.local/share/virtualenvs", "", "pipenv"),
    ("", "~/.asdf/installs/python", "", "asdf"),
    ("", "~/.local/share/mise/installs/python", "", "mise"),
    ("", "~/miniconda3", "envs", "conda"),
    ("", "~/anaconda3", "envs", "conda"),
    ("", "/opt/conda", "envs", "conda"),
    ("", "/opt", "", "/opt"),
    ("", "/Library/Frameworks/Python.framework/Versions", "", "python.org"),
    ("", "C:\\hostedtoolcache\\windows\\Python", "", "GitHub Actions"),
)
_ACTIVE = ("VIRTUAL_ENV", "CONDA_PREFIX")
_IN_PROJECT = (".venv", "venv", "env")
_KEPT_IN_PROJECT = (".tox", ".nox")
# Nobody keeps more, and a folder with more must not make this slow.
_MOST = 200


def find_interpreters(
    environ: Mapping[str, str], home: Path, working_directory: str, named: Iterable[tuple[str, str]] = ()
) -> list[Interpreter]:
    """Return the interpreters and environments of this machine that are where such things are kept, each once.

    `named` are others to look at, each with what names it: folders of environments, and interpreters.
    """
    found: dict[str, Interpreter] = {}
    user_base = environ.get("PYTHONUSERBASE") or str(home / ".local")
    for path, reason in (*_named(named), *_programs(environ, home, working_directory)):
        interpreter = describe(path, reason, user_base=user_base)
        # every name of an interpreter is one door, every environment is another
        found.setdefault(_identity(interpreter), interpreter)
    return list(found.values())


def program_folders(environ: Mapping[str, str], home: Path) -> list[tuple[str, str]]:
    """Return the folders of programs, each once and with the reason why it is looked at, PATH's in its order first."""
    folders: dict[str, str] = {}
    for folder in environ.get("PATH", "").split(os.pathsep):
        if os.path.isabs(folder):
            folders.setdefault(os.path.normpath(folder), "PATH")
    for folder in PROGRAM_FOLDERS:
        folders.setdefault(_at_home(folder, home), "a usual place")
    return [(folder, reason) for folder, reason in folders.items() if os.path.isdir(folder)]


def _programs(environ: Mapping[str, str], home: Path, working_directory: str) -> Iterator[tuple[str, str]]:
    for variable in _ACTIVE:
        if prefix := environ.get(variable):
            yield from ((path, variable) for path in programs_in(prefix))
    for name in _IN_PROJECT:
        for path in programs_in(os.path.join(working_directory, name)):
            yield path, "the working directory"
    for name in _KEPT_IN_PROJECT:
        yield from _kept_in(os.path.join(working_directory, name), "the working directory")
    for folder, reason in program_folders(environ, home):
        for name in listed(folder, most=100_000):
            path = os.path.join(folder, name)
            if PROGRAM.fullmatch(name) and os.path.isfile(path) and not _is_script(path):
                yield path, reason
    for variable, default, below, reason in _KEPT:
        yield from _kept_in(os.path.join(environ.get(variable) or _at_home(default, home), below), reason)


def _named(named: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    for path, reason in named:
        programs = programs_in(path) if os.path.isdir(path) else [path] if os.path.isfile(path) else []
        yield from ((os.path.abspath(each), reason) for each in programs if PROGRAM.fullmatch(os.path.basename(each)))


def _kept_in(folder: str, reason: str) -> Iterator[tuple[str, str]]:
    for name in listed(folder, most=_MOST):
        yield from ((path, reason) for path in programs_in(os.path.join(folder, name)))


def _identity(interpreter: Interpreter) -> str:
    if interpreter.library is None or os.path.isfile(os.path.join(interpreter.prefix, "pyvenv.cfg")):
        return os.path.realpath(interpreter.prefix) + os.sep + str(interpreter.version)
    return os.path.realpath(interpreter.library)


def _is_script(path: str) -> bool:
    """Tell whether a program is a script, as those are that choose one of several interpreters."""
    try:
        with open(path, "rb") as file:
            return file.read(2) == b"#!"
    except OSError:
        return False


def _at_home(path: str, home: Path) -> str:
    return str(home) + path[1:] if path.startswith("~") else path
