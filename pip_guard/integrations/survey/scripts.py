"""Find out what a program called pip is, by reading it."""

from __future__ import annotations

import os
import re
import shutil
from enum import Enum

from pip_guard.frozen import frozen
from pip_guard.integrations.file_edits import BEGIN
from pip_guard.integrations.interpreter_layout import PROGRAM, read_text

NAME = re.compile(r"pip(3(\.\d+)?)?(\.exe)?", re.IGNORECASE)
# distlib starts the interpreter through /bin/sh if the first line would be too long, or has spaces.
_THROUGH_SHELL = re.compile(r"^'''exec' \"?(?P<program>[^\"\n]+?)\"? \"\$0\" \"\$@\"$", re.MULTILINE)
# The shims of pyenv and similar tools, which start the program of that name of a chosen interpreter.
_VERSION_MANAGERS = ('pyenv" exec ', "pyenv exec ", "asdf exec ", "mise exec ")
_ENV = ("/usr/bin/env", "/bin/env")


class Nature(Enum):
    """The kind of a program called pip."""

    GUARD = "pip-guard itself"
    SHIM = "a shim of pip-guard"
    SCRIPT = "a console script"
    VERSION_MANAGER = "a shim of a version manager"
    OTHER = "something else"


@frozen
class Program:
    """A program called pip; `interpreter` runs it, if that can be read."""

    path: str
    nature: Nature
    interpreter: str | None = None


def inspect(path: str, *, launcher: str, search_path: str) -> Program:
    """Read a program; `search_path` is where ``env`` would look for its interpreter."""
    if os.path.realpath(path) == os.path.realpath(launcher):
        return Program(path=path, nature=Nature.GUARD)
    text = read_text(path) or ""
    if BEGIN in text.splitlines()[:3]:
        return Program(path=path, nature=Nature.SHIM)
    interpreter = _interpreter_of(text, search_path)
    if interpreter is None and path.lower().endswith(".exe"):
        # launchers on Windows end with the path of their interpreter, which is the one beside them
        interpreter = _beside(path)
    if interpreter is not None:
        return Program(path=path, nature=Nature.SCRIPT, interpreter=interpreter)
    chooses = text.startswith("#!") and any(each in text for each in _VERSION_MANAGERS)
    return Program(path=path, nature=Nature.VERSION_MANAGER if chooses else Nature.OTHER)


def _interpreter_of(text: str, search_path: str) -> str | None:
    first, _, rest = text.partition("\n")
    if not first.startswith("#!"):
        return None
    words = first[2:].split()
    if words[:1] == ["/bin/sh"] and (match := _THROUGH_SHELL.search(rest)):
        return match["program"]
    if words and words[0] in _ENV:
        words = [word for word in words[1:] if not word.startswith("-")]
    if not words or not PROGRAM.fullmatch(os.path.basename(words[0])):
        return None
    return words[0] if os.path.isabs(words[0]) else shutil.which(words[0], path=search_path)


def _beside(path: str) -> str | None:
    for folder in (os.path.dirname(path), os.path.dirname(os.path.dirname(path))):
        program = os.path.join(folder, "python.exe")
        if os.path.isfile(program):
            return program
    return None
