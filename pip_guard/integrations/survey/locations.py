"""Find interpreters and environments where they are usually kept."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from pip_guard.environment.active import VARIABLES, path_folders
from pip_guard.environment.files import list_folder
from pip_guard.integrations.interpreter_layout import PROGRAM, Interpreter, describe, programs_in

# Folders of programs that systems and installers use, whether or not they are on PATH.
PROGRAM_FOLDERS = ("/usr/local/bin", "/usr/bin", "/opt/homebrew/bin", "~/.local/bin")
# Folders whose entries are environments or installations: the variable that names them, the default, the subfolder.
_COLLECTIONS = (
    ("PYENV_ROOT", "~/.pyenv", "versions"),
    ("PIPX_HOME", "~/.local/share/pipx", "venvs"),
    ("PIPX_HOME", "~/.local/pipx", "venvs"),
    ("PIPX_GLOBAL_HOME", "/opt/pipx", "venvs"),
    ("UV_TOOL_DIR", "~/.local/share/uv/tools", ""),
    ("UV_PYTHON_INSTALL_DIR", "~/.local/share/uv/python", ""),
    ("WORKON_HOME", "~/.virtualenvs", ""),
    ("POETRY_VIRTUALENVS_PATH", "~/.cache/pypoetry/virtualenvs", ""),
    ("", "~/.local/share/virtualenvs", ""),  # pipenv
    ("", "~/.asdf/installs/python", ""),
    ("", "~/.local/share/mise/installs/python", ""),
    ("", "~/miniconda3", "envs"),
    ("", "~/anaconda3", "envs"),
    ("", "/opt/conda", "envs"),
    ("", "/opt", ""),
    ("", "/Library/Frameworks/Python.framework/Versions", ""),
    ("", "C:\\hostedtoolcache\\windows\\Python", ""),  # GitHub Actions
)
_IN_PROJECT = (".venv", "venv", "env")
_COLLECTED_IN_PROJECT = (".tox", ".nox")
# More than people have; a larger folder must not slow this down.
_MOST = 200


def find_interpreters(
    environ: Mapping[str, str], home: Path, working_directory: str, named: Iterable[str] = ()
) -> list[Interpreter]:
    """Return the interpreters and environments that are where such things are kept on this machine, each once.

    `named` are more of them: folders of environments, and interpreters.
    """
    found: dict[str, Interpreter] = {}
    user_base = environ.get("PYTHONUSERBASE") or str(home / ".local")
    for path in (*_named(named), *_programs(environ, home, working_directory)):
        interpreter = describe(path, user_base=user_base)
        # All names of one interpreter are the same entry point; each environment is one of its own.
        found.setdefault(_identity(interpreter), interpreter)
    return list(found.values())


def program_folders(environ: Mapping[str, str], home: Path) -> list[str]:
    """Return the folders of programs, each once, those on PATH first and in its order."""
    folders = [*map(os.path.normpath, path_folders(environ)), *(_at_home(folder, home) for folder in PROGRAM_FOLDERS)]
    return [folder for folder in dict.fromkeys(folders) if os.path.isdir(folder)]


def _programs(environ: Mapping[str, str], home: Path, working_directory: str) -> Iterator[str]:
    active = (prefix for variable in VARIABLES if (prefix := environ.get(variable)))
    for prefix in (*active, *(os.path.join(working_directory, name) for name in _IN_PROJECT)):
        yield from programs_in(prefix)
    for name in _COLLECTED_IN_PROJECT:
        yield from _collected_in(os.path.join(working_directory, name))
    for folder in program_folders(environ, home):
        for name in list_folder(folder):
            path = os.path.join(folder, name)
            if PROGRAM.fullmatch(name) and os.path.isfile(path) and not _is_script(path):
                yield path
    for variable, default, below in _COLLECTIONS:
        yield from _collected_in(os.path.join(environ.get(variable) or _at_home(default, home), below))


def _named(named: Iterable[str]) -> Iterator[str]:
    for path in named:
        programs = programs_in(path) if os.path.isdir(path) else [path] if os.path.isfile(path) else []
        yield from (os.path.abspath(each) for each in programs if PROGRAM.fullmatch(os.path.basename(each)))


def _collected_in(folder: str) -> Iterator[str]:
    for name in list_folder(folder, most=_MOST):
        yield from programs_in(os.path.join(folder, name))


def _identity(interpreter: Interpreter) -> str:
    if interpreter.library is None or os.path.isfile(os.path.join(interpreter.prefix, "pyvenv.cfg")):
        return os.path.realpath(interpreter.prefix) + os.sep + str(interpreter.version)
    return os.path.realpath(interpreter.library)


def _is_script(path: str) -> bool:
    """Tell whether a program is a script, as the shims of version managers are."""
    try:
        with open(path, "rb") as file:
            return file.read(2) == b"#!"
    except OSError:
        return False


def _at_home(path: str, home: Path) -> str:
    return str(home) + path[1:] if path.startswith("~") else path
