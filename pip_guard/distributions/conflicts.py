"""Find files that a wheel would overwrite or hide: installed ones, and those of other wheels."""

from __future__ import annotations

import os
import posixpath
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from pip_guard.distributions.owners import Folder, InstalledFiles, fold, has_content
from pip_guard.distributions.wheel.contents import PlacedFile, Scheme
from pip_guard.distributions.wheel.importable import COMPILED_FOLDER, imported_as, module_name, precedence
from pip_guard.distributions.wheel.namespace import LARGEST, only_extends_path
from pip_guard.distributions.wheel.placement import command_path, library_path
from pip_guard.environment.files import read_file_if_possible
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
    """The files that pip would write for a wheel of a (normalised) project; `read` returns the content of a file, if it is kept."""

    project: str
    files: tuple[PlacedFile, ...]
    read: Callable[[PlacedFile], bytes | None] = lambda file: None


class _Target(NamedTuple):
    """Where a file is written: the folder of its scheme, and the path there."""

    root: str
    path: str
    file: PlacedFile
    install: WheelInstall

    @property
    def shown(self) -> str:
        """The path to show to people."""
        in_commands = self.file.scheme is Scheme.SCRIPTS
        return f"{os.path.basename(self.root)}/{self.path}" if in_commands else self.path

    @property
    def only_extends_path(self) -> bool:
        """Tell whether this is an ``__init__.py`` that several projects may bring."""
        if not self.path.endswith("/__init__.py"):
            return False
        content = self.install.read(self.file)
        return content is not None and only_extends_path(content)


class _Conflict(NamedTuple):
    """A file whose place a target would take; `existing` is relative to the target's root."""

    target: _Target
    existing: str
    owner: str
    kind: OwnerKind


# Only files of one group can conflict: a folder, and the first name below it, or the name of the module there.
_Group = tuple[str, str]


def find_overlaps(
    installs: Sequence[WheelInstall], folders: Mapping[Scheme, str] | None
) -> list[tuple[FileConflict, ...]]:
    """Return, for each wheel, the files whose place it would take; without folders, only files of the other wheels."""
    roots = ANYWHERE if folders is None else folders
    groups = [_group(install, roots) for install in installs]
    found: list[list[_Conflict]] = [[] for _ in installs]
    for number, conflict in _among_each_other(groups):
        found[number].append(conflict)
    if folders is not None:
        together = frozenset(install.project for install in installs)
        for install, own_groups, conflicts in zip(installs, groups, found, strict=True):
            conflicts.extend(_on_disk(install.project, own_groups, roots, together))
    return [_summarize(conflicts) for conflicts in found]


def _group(install: WheelInstall, roots: Mapping[Scheme, str]) -> dict[_Group, list[_Target]]:
    groups: dict[_Group, list[_Target]] = defaultdict(list)
    for file in install.files:
        target = _target(install, file, roots)
        top, below, _ = target.path.partition("/")
        if not below:
            top = module_name(top) or top
        elif top == COMPILED_FOLDER and (module := imported_as(target.path)) is not None:
            top = module[1]
        groups[target.root, fold(top)].append(target)
    return groups


def _target(install: WheelInstall, file: PlacedFile, roots: Mapping[Scheme, str]) -> _Target:
    """Return where a file is written; data below the library or the commands belongs there."""
    if file.scheme is Scheme.DATA:
        if (path := library_path(file)) is not None:
            return _Target(roots[Scheme.PURELIB], path, file, install)
        if (path := command_path(file)) is not None:
            return _Target(roots[Scheme.SCRIPTS], path, file._replace(scheme=Scheme.SCRIPTS), install)
    root = roots[file.scheme]
    return _Target(
        os.path.join(root, install.project) if file.scheme is Scheme.HEADERS else root, file.path, file, install
    )


def _among_each_other(groups: list[dict[_Group, list[_Target]]]) -> Iterator[tuple[int, _Conflict]]:
    """Yield the conflicts of each wheel with those that are unpacked before it."""
    holders: dict[_Group, list[int]] = defaultdict(list)
    for number, own_groups in enumerate(groups):
        for group in own_groups:
            holders[group].append(number)
    for group, numbers in holders.items():
        if len(numbers) < 2:
            continue
        claims = _Claimed()
        for number in numbers:
            for target in groups[number][group]:
                for existing, owner in claims.replaced_by(target):
                    yield number, _Conflict(target, existing, owner, OwnerKind.COMMAND)
            for target in groups[number][group]:
                claims.add(target)


class _Claimed:
    """The files, modules and folders of one group that wheels of one command bring."""

    def __init__(self) -> None:
        self._files: dict[str, _Target] = {}
        self._modules: dict[tuple[str, str], list[_Target]] = defaultdict(list)
        self._folders: dict[str, str] = {}

    def add(self, target: _Target) -> None:
        """Add a file of a wheel."""
        self._files[fold(target.path)] = target
        if (module := imported_as(target.path)) is not None:
            self._modules[module].append(target)
        folder = posixpath.dirname(target.path)
        while folder and folder not in self._folders:
            self._folders[folder] = target.install.project
            folder = posixpath.dirname(folder)

    def replaced_by(self, target: _Target) -> Iterator[tuple[str, str]]:
        """Yield the paths of other wheels that a file would replace, with their owners."""
        own = target.install.project
        same = self._files.get(fold(target.path))
        if same is not None:
            if same.install.project != own and not _is_same_content(target, same):
                yield same.path, same.install.project
            return
        module = imported_as(target.path)
        if module is None:
            return
        rivals = self._modules.get(module, [])
        for rival in rivals:
            if rival.install.project != own and precedence(target.path) <= precedence(rival.path):
                yield rival.path, rival.install.project
                return
        folder = posixpath.join(*module)
        other = self._folders.get(folder, own)
        if not rivals and other != own and not target.path.startswith(f"{folder}/"):
            yield f"{folder}/", other


def _is_same_content(one: _Target, other: _Target) -> bool:
    if one.file.member is None or other.file.member is None:
        return False
    if one.file.member.hash and one.file.member.hash == other.file.member.hash:
        return True
    return one.only_extends_path and other.only_extends_path


def _on_disk(
    project: str, groups: dict[_Group, list[_Target]], roots: Mapping[Scheme, str], together: frozenset[str]
) -> Iterator[_Conflict]:
    """Yield the conflicts of a wheel with installed files, except its own and those of projects that the command replaces, too."""
    found = list(_replaced_on_disk(groups))
    if not found:
        return
    installed = InstalledFiles({roots[Scheme.PURELIB], roots[Scheme.PLATLIB]})
    owners = installed.owners({os.path.join(target.root, existing) for target, existing in found}, first=project)
    for target, existing in found:
        path = os.path.join(target.root, existing)
        owner = owners.get(path)
        if owner == project or (existing == target.path and _has_same_content(path, target)):
            continue
        if owner is not None:
            if owner not in together:
                yield _Conflict(target, existing, owner, OwnerKind.INSTALLED)
        elif installed.is_of_interpreter(path):
            yield _Conflict(target, existing, INTERPRETER, OwnerKind.INTERPRETER)
        elif not installed.is_left_by(project, path) and (not path.endswith("/") or Folder(path).has_modules):
            yield _Conflict(target, existing, "", OwnerKind.NOBODY)


def _has_same_content(path: str, target: _Target) -> bool:
    if has_content(path, target.file):
        return True
    content = read_file_if_possible(path, LARGEST) if target.only_extends_path else None
    return content is not None and only_extends_path(content)


def _replaced_on_disk(groups: dict[_Group, list[_Target]]) -> Iterator[tuple[_Target, str]]:
    """Yield the files that would overwrite or hide an existing one, each with that one."""
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
                    is_around = path.endswith("/") and target.path.startswith(path)
                    if not is_around and precedence(target.path) <= precedence(path):
                        yield target, path


def _summarize(conflicts: list[_Conflict]) -> tuple[FileConflict, ...]:
    owners: dict[tuple[str, OwnerKind], list[ConflictingFile]] = defaultdict(list)
    for target, existing, owner, kind in conflicts:
        shown = target._replace(path=existing).shown
        owners[owner, kind].append(ConflictingFile(path=target.shown, existing=shown))
    return tuple(FileConflict(owner=owner, kind=kind, files=tuple(files)) for (owner, kind), files in owners.items())
