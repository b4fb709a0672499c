"""Tell where in an environment a placed file is found again: as a module, as a command, as neither."""

from __future__ import annotations

import re

from pip_guard.wheel_archive.contents import PlacedFile, Scheme

# The folders below an environment's own in which the library and the commands are, wherever Python was built.
_LIBRARY = re.compile(
    r"(?:local/)?lib(?:32|64)?/(?:(?:python|pypy)[\d.]*t?/)?(?P<kind>site-packages|dist-packages)/(?P<path>.+)", re.IGNORECASE
)
_COMMANDS = re.compile(r"(?:local/)?(?:bin|scripts)/(?P<path>.+)", re.IGNORECASE)
_SOURCES = frozenset({"py", "pyc", "pyw"})
_EXTENSIONS = frozenset({"so", "pyd"})
_COMPILED = re.compile(r"(?:(?P<folder>.*)/)?__pycache__/(?P<name>[^/.]+)\.[^/]+\.pyc")


def library_path(file: PlacedFile) -> str | None:
    """Return the path of a file in the library folder, or None if it is not put there, by whichever way."""
    if file.scheme in (Scheme.PURELIB, Scheme.PLATLIB):
        return file.path
    return _below(_LIBRARY, file)


def command_path(file: PlacedFile) -> str | None:
    """Return the path of a file in the folder of commands, or None if it is not put there, by whichever way."""
    return file.path if file.scheme is Scheme.SCRIPTS else _below(_COMMANDS, file)


def module_name(filename: str) -> str | None:
    """Return the name under which a file is imported from its folder, or None if it cannot be."""
    stem, _, suffix = filename.rpartition(".")
    if suffix in _SOURCES:
        return stem if stem and "." not in stem else None
    return filename.partition(".")[0] or None if suffix in _EXTENSIONS else None


def imported_as(path: str) -> tuple[str, str] | None:
    """Return the folder and the name under which a file of the library is imported from there, or None if it cannot be.

    A package is imported from the folder above its own, and a compiled file from that of its source.
    """
    if match := _COMPILED.fullmatch(path):
        folder, name = match["folder"] or "", match["name"]
    else:
        folder, _, filename = path.rpartition("/")
        found = module_name(filename)
        if found is None:
            return None
        name = found
    if name == "__init__":
        folder, _, name = folder.rpartition("/")
    return (folder, name) if name else None


def _below(pattern: re.Pattern[str], file: PlacedFile) -> str | None:
    match = pattern.fullmatch(file.path) if file.scheme is Scheme.DATA else None
    return match["path"] if match is not None else None
