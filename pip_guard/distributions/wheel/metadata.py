"""Read the metadata of a wheel: its file name, and the files in its .dist-info folder."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from pip_guard.names.normalize import normalize_name

DIST_INFO = ".dist-info"
_FILENAME = re.compile(r"(?P<name>[^-]+)-(?P<version>[^-]+)(-\d[^-]*)?-[^-]+-[^-]+-[^-]+\.whl", re.IGNORECASE)
_FIELD = re.compile(rb"^(?P<key>[\w-]+)[ \t]*:(?P<value>.*)$", re.MULTILINE)
SCRIPT_GROUPS = ("console_scripts", "gui_scripts")


class Identity(NamedTuple):
    """The project, as it is written, and the version that something says a wheel is of."""

    name: str
    version: str


def parse_filename(filename: str) -> Identity | None:
    """Return what a file name says, or None if it is not a wheel's."""
    match = _FILENAME.fullmatch(filename)
    return Identity(match["name"], match["version"].replace("_", "-")) if match is not None else None


def find_dist_info(names: Iterable[str]) -> list[str]:
    """Return the .dist-info folders at the top."""
    return sorted({top for top in (name.partition("/")[0] for name in names) if top.endswith(DIST_INFO)})


def parse_dist_info(folder: str) -> Identity:
    """Return what the name of a .dist-info folder says."""
    name, _, version = folder.removesuffix(DIST_INFO).partition("-")
    return Identity(name, version.replace("_", "-"))


def read_fields(content: bytes, key: str) -> list[str]:
    """Return the values of a field in the head of a METADATA or WHEEL file."""
    head = re.split(rb"\r?\n\r?\n", content, maxsplit=1)[0]
    wanted = key.lower().encode()
    return [
        match["value"].strip().decode("utf-8", "replace")
        for match in _FIELD.finditer(head)
        if match["key"].lower() == wanted
    ]


def is_purelib(wheel: bytes) -> bool:
    """Tell whether pip puts the files at the top into the folder for pure Python, as a WHEEL file says."""
    return [value.lower() for value in read_fields(wheel, "Root-Is-Purelib")[:1]] == ["true"]


def read_scripts(entry_points: bytes) -> Iterator[tuple[str, str]]:
    """Yield the entry points of scripts, each with its group."""
    group = ""
    for line in map(str.strip, entry_points.decode("utf-8", "replace").splitlines()):
        if line.startswith("[") and line.endswith("]"):
            group = line.strip("[] ")
        elif line and not line.startswith("#") and group in SCRIPT_GROUPS:
            yield group, line


def script_names(entry_points: bytes) -> tuple[list[str], list[str]]:
    """Return the names of console scripts and of scripts without a console."""
    found: dict[str, list[str]] = {group: [] for group in SCRIPT_GROUPS}
    for group, line in read_scripts(entry_points):
        found[group].append(line.partition("=")[0].strip())
    return found["console_scripts"], found["gui_scripts"]


def check_identity(filename: Identity, dist_info: str, metadata: bytes | None) -> Iterator[str]:
    """Yield the ways in which file name, .dist-info folder and METADATA name different releases."""
    if not _is_same(parse_dist_info(dist_info), filename):
        yield f"its folder {dist_info} is of another release than its file name"
    if metadata is None:
        yield "it has no METADATA that can be read"
        return
    names, versions = read_fields(metadata, "Name"), read_fields(metadata, "Version")
    if len(names) != 1 or len(versions) != 1:
        yield "its METADATA does not have one name and one version"
    elif not _is_same(Identity(names[0], versions[0]), filename):
        yield f"its METADATA is of {names[0]} {versions[0]}, unlike its file name"


def _is_same(one: Identity, other: Identity) -> bool:
    if normalize_name(one.name) != normalize_name(other.name):
        return False
    return one.version == other.version or _is_same_version(one.version, other.version)


def _is_same_version(one: str, other: str) -> bool:
    # NOTE: loaded only for versions that are written differently; most are not.
    from packaging.version import InvalidVersion, Version

    try:
        return Version(one) == Version(other)
    except InvalidVersion:
        return False
