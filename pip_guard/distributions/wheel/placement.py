"""Work out where pip puts the files of a wheel, and which files it creates itself.

This follows `_install_wheel` in https://github.com/pypa/pip/blob/26.3/src/pip/_internal/operations/install/wheel.py.
"""

from __future__ import annotations

import os
import posixpath
import re
import sys
from collections.abc import Iterable, Iterator, Sequence

from pip_guard.distributions.wheel.contents import Member, PlacedFile, Scheme

_SCHEMES = {scheme.value: scheme for scheme in Scheme}
_DATA = ".data"
_VERSIONED_PIP = re.compile(r"pip(\d+(\.\d+)?)?")
_VERSIONED_EASY_INSTALL = re.compile(r"easy_install(-\d+\.\d+)?")
# The folders below an environment's own in which the library and the commands are, wherever Python was built.
_LIBRARY = re.compile(
    r"(?:local/)?(?:lib(?:32|64)?/)?(?:(?:python|pypy)[\d.]*t?/)?(?:site-packages|dist-packages)/(?P<path>.+)",
    re.IGNORECASE,
)
_COMMANDS = re.compile(r"(?:local/)?(?:bin|scripts)/(?P<path>.+)", re.IGNORECASE)
# The paths that pip takes for an installed distribution, or for a part of one.
_METADATA = re.compile(r"[^/]+\.(?:dist-info/|egg-info|egg-link)", re.IGNORECASE)
# The wrappers that old setuptools created for entry points; pip skips them and creates its own.
_WRAPPER = re.compile(r"(?P<name>.*?)(\.exe|-script\.py|\.pya)", re.IGNORECASE)


def place(
    members: Iterable[Member], root: Scheme, console: list[str], gui: list[str], *, windows: bool = os.name == "nt"
) -> Iterator[PlacedFile | str]:
    """Yield each file where pip will put it, or the name of a member for which pip knows no place."""
    wrapped = {*console, *gui}
    for member in members:
        name = member.name
        top, _, rest = name.partition("/")
        if not (top.endswith(_DATA) and rest):
            yield PlacedFile(root, posixpath.normpath(name), member)
            continue
        key, _, path = posixpath.normpath(rest).partition("/")
        if key not in _SCHEMES or not path:
            yield name
        elif not (key == Scheme.SCRIPTS.value and _wrapped_name(path) in wrapped):
            yield PlacedFile(_SCHEMES[key], path, member)
    for script in (*_console_scripts(console), *gui):
        yield PlacedFile(Scheme.SCRIPTS, posixpath.normpath(_executable(script) if windows else script))


def check_places(files: Sequence[PlacedFile]) -> Iterator[str]:
    """Yield the files that end up at the same path, and those that end up in the metadata of a distribution."""
    if all(file.member is None or file.member.name == file.path for file in files):
        return
    seen = set()
    for file in files:
        path = library_path(file)
        if path is None:
            command = command_path(file)
            place = (file.scheme.value, file.path) if command is None else (Scheme.SCRIPTS.value, command)
        else:
            place = ("", path)
            if file.member is not None and file.member.name != path and _METADATA.match(path):
                yield f"{file.member.name} would be metadata of a distribution"
        if place in seen:
            yield f"two of its files would be {file.path}"
        seen.add(place)


def library_path(file: PlacedFile) -> str | None:
    """Return the path of a file in the library folder, or None if it does not end up there."""
    if file.scheme in (Scheme.PURELIB, Scheme.PLATLIB):
        return file.path
    return _below(_LIBRARY, file)


def command_path(file: PlacedFile) -> str | None:
    """Return the path of a file in the folder of commands, or None if it does not end up there."""
    return file.path if file.scheme is Scheme.SCRIPTS else _below(_COMMANDS, file)


def _below(pattern: re.Pattern[str], file: PlacedFile) -> str | None:
    match = pattern.fullmatch(file.path) if file.scheme is Scheme.DATA else None
    return match["path"] if match is not None else None


def _console_scripts(names: list[str]) -> list[str]:
    """Return the scripts that pip creates, with its special cases for pip and easy_install."""
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    made = []
    if "pip" in names:
        made += ["pip", f"pip{sys.version_info[0]}", f"pip{version}"]
        names = [name for name in names if not _VERSIONED_PIP.fullmatch(name)]
    if "easy_install" in names:
        made += ["easy_install", f"easy_install-{version}"]
        names = [name for name in names if not _VERSIONED_EASY_INSTALL.fullmatch(name)]
    return [*made, *names]


def _executable(script: str) -> str:
    """Return the name that a script gets on Windows."""
    stem, extension = os.path.splitext(script)
    return f"{stem if extension.startswith('.py') else script}.exe"


def _wrapped_name(path: str) -> str:
    name = posixpath.basename(path)
    match = _WRAPPER.fullmatch(name)
    return match["name"] if match is not None else name
