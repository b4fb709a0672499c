"""Find the files of others that wheels would take the place of: on disk, and among each other."""

from __future__ import annotations

import os
import posixpath
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from pip_guard.distributions.owners import Folder, InstalledFiles, fold, has_content
from pip_guard.distributions.wheel.contents import PlacedFile, Scheme
from pip_guard.distributions.wheel.importable import imported_as, module_name
from pip_guard.distributions.wheel.placement import command_path, library_path
from pip_guard.facts.wheel import ConflictingFile, FileConflict, OwnerKind
from pip_guard.frozen import frozen

INTERPRETER = "the interpreter"
# The folders of an environment that is not known, or not there yet.
ANYWHERE = {
    Scheme.PURELIB: "library",
    Scheme.PLATLIB: "library",
    Scheme.HEADERS: "include",
    Scheme.SCRIPTS: "bin",
    Scheme.DATA: "",
}


@frozen
class WheelInstall:
    """The files that pip would write for a wheel of a (normalised) project."""

    project: str
    files: tuple[PlacedFile, ...]


class _Target(NamedTuple):
    """Where a file is written: the folder of its scheme, and the path there."""

    root: str
    path: str
    file: PlacedFile

    @property
    def shown(self) -> str:
        """The path that people know it by."""
        in_commands = self.file.scheme is Scheme.SCRIPTS
        return f"{os.path.basename(self.root)}/{self.path}" if in_commands else self.path


class _Conflict(NamedTuple):
    """A file whose place a target would take; `victim` is relative to the target's root."""

    target: _Target
    existing: str
    owner: str
    kind: OwnerKind


# What can only meet each other if they are the same: a folder, and the name of its entry, or as what that is imported.
_Group = tuple[str, str]


def find_overlaps(
    unpackings: Sequence[WheelInstall], folders: Mapping[Scheme, str] | None
) -> list[tuple[FileConflict, ...]]:
    """Return, for each wheel, whose place it would take; what is on disk counts only if the folders are given."""
    roots = ANYWHERE if folders is None else folders
    groups = [_group(unpacking, roots) for unpacking in unpackings]
    met: list[list[_Conflict]] = [[] for _ in unpackings]
    for number, one in _among_each_other(unpackings, groups):
        met[number].append(one)
    if folders is not None:
        together = frozenset(unpacking.project for unpacking in unpackings)
        for unpacking, own_groups, found in zip(unpackings, groups, met, strict=True):
            found.extend(_on_disk(unpacking.project, own_groups, roots, together))
    return [_summarize(found) for found in met]


def _group(unpacking: WheelInstall, roots: Mapping[Scheme, str]) -> dict[_Group, list[_Target]]:
    groups: dict[_Group, list[_Target]] = defaultdict(list)
    for file in unpacking.files:
        target = _target(unpacking.project, file, roots)
        top, below, _ = target.path.partition("/")
        groups[target.root, fold(top if below else module_name(top) or top)].append(target)
    return groups


def _target(project: str, file: PlacedFile, roots: Mapping[Scheme, str]) -> _Target:
    """Return where a file is written; one that reaches the library or the commands as data, as one of those."""
    if file.scheme is Scheme.DATA:
        if (path := library_path(file)) is not None:
            return _Target(roots[Scheme.PURELIB], path, file)
        if (path := command_path(file)) is not None:
            return _Target(roots[Scheme.SCRIPTS], path, file._replace(scheme=Scheme.SCRIPTS))
    root = roots[file.scheme]
    return _Target(os.path.join(root, project) if file.scheme is Scheme.HEADERS else root, file.path, file)


def _among_each_other(
    unpackings: Sequence[WheelInstall], groups: list[dict[_Group, list[_Target]]]
) -> Iterator[tuple[int, _Conflict]]:
    """Yield what each wheel takes from those that are unpacked before it."""
    holders: dict[_Group, list[int]] = defaultdict(list)
    for number, own_groups in enumerate(groups):
        for group in own_groups:
            holders[group].append(number)
    for group, numbers in holders.items():
        if len(numbers) < 2:
            continue
        claims = _Claimed()
        for number in numbers:
            owner = unpackings[number].project
            for target in groups[number][group]:
                for existing, victim_owner in claims.met_by(target, owner):
                    yield number, _Conflict(target, existing, victim_owner, OwnerKind.COMMAND)
            for target in groups[number][group]:
                claims.add(target, owner)


class _Claimed:
    """The files, modules and folders that wheels of one command would bring, of those that could meet."""

    def __init__(self) -> None:
        self._files: dict[str, tuple[_Target, str]] = {}
        self._modules: dict[tuple[str, str], tuple[_Target, str]] = {}
        self._folders: dict[str, str] = {}

    def add(self, target: _Target, owner: str) -> None:
        """Remember a file."""
        self._files[fold(target.path)] = (target, owner)
        if (module := imported_as(target.path)) is not None:
            self._modules[module] = (target, owner)
        folder = posixpath.dirname(target.path)
        while folder and folder not in self._folders:
            self._folders[folder] = owner
            folder = posixpath.dirname(folder)

    def met_by(self, target: _Target, owner: str) -> Iterator[tuple[str, str]]:
        """Yield the paths, and their owners, whose place a file of another wheel takes."""
        same, other = self._files.get(fold(target.path), (None, owner))
        if same is not None:
            if other != owner and not _is_same_content(target.file, same.file):
                yield same.path, other
            return
        module = imported_as(target.path)
        if module is None:
            return
        rival, other = self._modules.get(module, (None, owner))
        if rival is not None and other != owner:
            yield rival.path, other
        folder = posixpath.join(*module)
        other = self._folders.get(folder, owner)
        if rival is None and other != owner and not target.path.startswith(f"{folder}/"):
            yield f"{folder}/", other


def _is_same_content(one: PlacedFile, other: PlacedFile) -> bool:
    if one.member is None or other.member is None:
        return False
    return bool(one.member.hash) and one.member.hash == other.member.hash


def _on_disk(
    project: str, groups: dict[_Group, list[_Target]], roots: Mapping[Scheme, str], together: frozenset[str]
) -> Iterator[_Conflict]:
    """Yield what a wheel takes from what is there: of other projects, unless they are replaced themselves."""
    met = list(_met_on_disk(groups))
    if not met:
        return
    installed = InstalledFiles({roots[Scheme.PURELIB], roots[Scheme.PLATLIB]})
    owners = installed.owners({os.path.join(target.root, existing) for target, existing in met}, first=project)
    for target, existing in met:
        path = os.path.join(target.root, existing)
        owner = owners.get(path)
        if owner is None:
            if installed.is_of_interpreter(path):
                yield _Conflict(target, existing, INTERPRETER, OwnerKind.INTERPRETER)
        elif owner not in together and not (existing == target.path and has_content(path, target.file)):
            yield _Conflict(target, existing, owner, OwnerKind.INSTALLED)


def _met_on_disk(groups: dict[_Group, list[_Target]]) -> Iterator[tuple[_Target, str]]:
    """Yield what would meet a file that exists, or one that is imported under the same name, and that file."""
    known: dict[str, Folder] = {}

    def look(path: str) -> Folder:
        if path not in known:
            known[path] = Folder(path)
        return known[path]

    for (root, entry), targets in groups.items():
        if not look(root).has(entry):
            continue
        for target in targets:
            folder, name = posixpath.split(target.path)
            if look(os.path.join(root, folder)).has_entry(name):
                yield target, target.path
            elif (module := imported_as(target.path)) is not None:
                for existing in look(os.path.join(root, module[0])).imported_as(module[1]):
                    path = posixpath.join(module[0], existing)
                    if not (path.endswith("/") and target.path.startswith(path)):
                        yield target, path


def _summarize(met: list[_Conflict]) -> tuple[FileConflict, ...]:
    owners: dict[tuple[str, OwnerKind], list[ConflictingFile]] = defaultdict(list)
    for target, existing, owner, kind in met:
        shown = target._replace(path=existing).shown
        owners[owner, kind].append(ConflictingFile(path=target.shown, existing=shown))
    return tuple(FileConflict(owner=owner, kind=kind, files=tuple(files)) for (owner, kind), files in owners.items())
