"""Find out under which name a file is imported."""

from __future__ import annotations

import re

_SOURCES = frozenset({"py", "pyc", "pyw"})
_EXTENSIONS = frozenset({"so", "pyd"})
COMPILED_FOLDER = "__pycache__"
_COMPILED = re.compile(r"(?:(?P<folder>.*)/)?__pycache__/(?P<name>[^/.]+)\.[^/]+\.pyc")


def module_name(filename: str) -> str | None:
    """Return the name under which a file is imported from its folder, or None if it cannot be."""
    stem, _, suffix = filename.rpartition(".")
    if suffix in _SOURCES:
        return stem if stem and "." not in stem else None
    return filename.partition(".")[0] or None if suffix in _EXTENSIONS else None


def is_extension(filename: str) -> bool:
    """Tell whether a file is imported as native code."""
    return filename.rpartition(".")[2] in _EXTENSIONS


def precedence(path: str) -> int:
    """Return the rank of a file, or of a namespace with a slash at its end, among what is imported under one name: 0 comes first."""
    if path.endswith("/"):
        return 4
    stem, _, suffix = path.rpartition("/")[2].partition(".")
    if stem == "__init__":
        return 0
    if suffix.rpartition(".")[2] in _EXTENSIONS:
        return 1
    return 3 if suffix == "pyc" else 2


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
