"""Find modules and commands that belong to no distribution."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Set
from typing import NamedTuple

from pip_guard.distributions.installed.libraries import LibraryFolder
from pip_guard.distributions.owners import fold
from pip_guard.distributions.wheel.importable import COMPILED_FOLDER, module_name
from pip_guard.distributions.wheel.metadata import DIST_INFO
from pip_guard.environment.files import scan_folder

_METADATA = (DIST_INFO, ".egg-info", ".egg-link")
# The commands that tools for virtual environments create.
_OF_ENVIRONMENT = re.compile(r"(?:python|pypy)[\d.]*t?w?(?:\.exe)?|(?:de)?activate.*|Activate\.ps1|pydoc\.bat")


class UnownedFiles(NamedTuple):
    """Files that are in no RECORD: top-level ones, and those in the folders of distributions, by project."""

    names: tuple[str, ...]
    added: Mapping[str, tuple[str, ...]]
    packages: frozenset[str]


def find_unowned(place: LibraryFolder, owned: Set[str], owners: Mapping[str, str], claimed: Set[str]) -> UnownedFiles:
    """Find them in a library folder.

    `owned` are the paths of all files that any RECORD lists, folded, `owners` the projects that have a file below a name at the
    top, and `claimed` are names at the top of distributions that have no RECORD.
    """
    names: list[str] = []
    packages: set[str] = set()
    added: dict[str, list[str]] = {}
    entries = scan_folder(place.library)
    here = {entry.name for entry in entries}
    for entry in entries:
        name = entry.name
        owner = owners.get(fold(name))
        if name == COMPILED_FOLDER or name.endswith(_METADATA) or _has_source(name, here):
            continue
        if not entry.is_dir(follow_symlinks=False):
            is_link = entry.is_dir()
            if _is_importable(name, is_folder=is_link) and fold(name) not in owned and not owner:
                module = name if is_link else module_name(name)
                if module not in claimed:
                    names.append(f"{name}/" if is_link else name)
        elif owner is not None:
            more = [path for path in _importable_below(entry.path, name) if fold(path) not in owned]
            if more and name not in claimed:
                added.setdefault(owner, []).extend(more)
        elif name.isidentifier():
            packages.add(name)
            if name not in claimed and next(_importable_below(entry.path, name), None):
                names.append(f"{name}/")
    return UnownedFiles(
        tuple(names), {owner: tuple(sorted(paths)) for owner, paths in added.items()}, frozenset(packages)
    )


def unowned_commands(place: LibraryFolder, owned: Set[str]) -> tuple[str, ...]:
    """Return the commands of a virtual environment that neither it nor a distribution brings; `owned` are absolute paths."""
    if not place.is_virtual_environment or os.path.isdir(os.path.join(place.prefix, "conda-meta")):
        return ()
    return tuple(
        entry.name
        for entry in scan_folder(place.commands)
        if not _OF_ENVIRONMENT.fullmatch(entry.name)
        and fold(entry.path) not in owned
        and not entry.is_dir(follow_symlinks=False)
    )


def _importable_below(folder: str, path: str) -> Iterator[str]:
    """Yield the paths of files that can be imported, without following links to folders."""
    left = [(folder, path)]
    while left:
        folder, path = left.pop()
        entries = scan_folder(folder)
        names = {entry.name for entry in entries}
        for entry in entries:
            below = f"{path}/{entry.name}"
            if entry.is_dir(follow_symlinks=False):
                if entry.name != COMPILED_FOLDER:
                    left.append((entry.path, below))
            elif _is_importable(entry.name, is_folder=False) and not _has_source(entry.name, names):
                yield below


def _is_importable(name: str, *, is_folder: bool) -> bool:
    module = name if is_folder else module_name(name)
    return module is not None and module.isidentifier()


def _has_source(name: str, names: Set[str]) -> bool:
    """Tell whether a compiled file lies beside its source, where Python 3 ignores it."""
    return name.endswith(".pyc") and name[:-1] in names
