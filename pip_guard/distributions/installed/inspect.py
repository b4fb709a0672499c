"""Describe everything in a library folder, for the rules and for reports."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from concurrent.futures import Executor
from enum import Enum

from pip_guard.distributions.conflicts import WheelInstall, find_overlaps
from pip_guard.distributions.describe import Library, describe_scripts, is_data
from pip_guard.distributions.installed.libraries import LibraryFolder
from pip_guard.distributions.installed.metadata import Distribution, read_distributions
from pip_guard.distributions.installed.unowned import find_unowned, unowned_commands
from pip_guard.distributions.installed.verify import Verified, path_of, verify
from pip_guard.distributions.owners import Folder, fold
from pip_guard.distributions.startup_files import is_known
from pip_guard.distributions.startup_imports import CUSTOMIZATIONS
from pip_guard.distributions.wheel.contents import PlacedFile, Scheme
from pip_guard.distributions.wheel.importable import imported_as, module_name
from pip_guard.distributions.wheel.placement import library_path
from pip_guard.distributions.wheel.reader import STARTUP_SUFFIXES
from pip_guard.environment.files import list_folder, read_file_if_possible
from pip_guard.facts.installed import InstalledFacts, UnownedFacts
from pip_guard.facts.origin import Origin, OriginKind
from pip_guard.facts.wheel import FileConflict, Script, StartupFile
from pip_guard.frozen import frozen

# In bytes, as in a wheel.
_LARGEST_STARTUP_FILE = 64 << 10
SETTINGS = "etc/jupyter/"
# virtualenv leaves a module, and beside it a .pth file that imports it; only both together are known.
_TOOL = "virtualenv"
_OF_TOOL = {"_virtualenv.pth": "_virtualenv.py"}


class FileState(Enum):
    """The state of the files of an installed distribution."""

    VERIFIED = "verified"
    CHANGED = "changed"
    EDITABLE = "editable"
    UNVERIFIABLE = "unverifiable"


@frozen
class Installed:
    """An installed distribution, its library folder, and the state of its files."""

    distribution: Distribution
    place: LibraryFolder
    state: FileState
    files: int

    @property
    def is_published(self) -> bool:
        """Tell whether it may be a published release, and not the user's own project or a build of the system."""
        return self.distribution.source is None and not self.place.is_managed and bool(self.distribution.version)


@frozen
class Inspection:
    """The findings in one library folder."""

    place: LibraryFolder
    installed: tuple[Installed, ...]
    facts: tuple[InstalledFacts | UnownedFacts, ...]


def inspect_library_folder(place: LibraryFolder, pool: Executor) -> Inspection:
    """Read, verify and describe everything in a library folder."""
    distributions = read_distributions(place.library)
    verified = list(pool.map(lambda distribution: verify(distribution, place), distributions))
    return Inspection(
        place=place,
        installed=tuple(
            Installed(
                distribution=distribution, place=place, state=_state(distribution, found, place), files=found.compared
            )
            for distribution, found in zip(distributions, verified, strict=True)
        ),
        facts=tuple(_describe(place, distributions, verified)),
    )


def origin_of(place: LibraryFolder) -> Origin:
    """Return the origin of everything in a library folder."""
    return Origin(kind=OriginKind.PLACE, text=place.library)


def _state(distribution: Distribution, verified: Verified, place: LibraryFolder) -> FileState:
    if verified.defects or distribution.problems:
        return FileState.CHANGED
    if distribution.is_live:
        return FileState.EDITABLE
    if not distribution.is_verifiable or place.is_managed:
        return FileState.UNVERIFIABLE
    return FileState.CHANGED if verified.differences else FileState.VERIFIED


def _describe(
    place: LibraryFolder, distributions: Sequence[Distribution], verified: Sequence[Verified]
) -> Iterator[InstalledFacts | UnownedFacts]:
    def read(file: PlacedFile) -> bytes | None:
        return _content(path_of(file, place))

    libraries = [Library(found.files, read=read) for found in verified]
    modules = frozenset[str]().union(*(library.modules for library in libraries))
    owners: dict[str, str] = {}
    owned = set()
    for distribution, found in zip(distributions, verified, strict=True):
        for file in (*found.files, *found.compiled):
            if (path := library_path(file)) is not None:
                owned.add(fold(path))
                owners.setdefault(fold(path.partition("/")[0]), distribution.project)
    unowned = find_unowned(place, owned, owners, _claimed(distributions))
    installs = [
        WheelInstall(project=distribution.project, files=found.files, read=read)
        for distribution, found in zip(distributions, verified, strict=True)
    ]
    conflicts = find_overlaps(installs, None)
    on_path = frozenset(Folder(place.library).named_by_path_files())
    for distribution, found, library, conflict in zip(distributions, verified, libraries, conflicts, strict=True):
        startup_files = tuple(_startup_files(place, distribution, found, on_path))
        yield _facts(place, distribution, found, library, conflict, modules, unowned.added, startup_files)
    names = [name for name in unowned.names if not _is_of_tool(place, name)]
    is_known_whole = not place.is_managed and all(
        distribution.rows is not None or distribution.top_level for distribution in distributions
    )
    commands = {fold(path_of(file, place)) for found in verified for file in found.files}
    yield UnownedFacts(
        origin=origin_of(place),
        names=tuple(names) if is_known_whole else (),
        startup_files=(
            *_unowned_startup_files(place, owned, {each.project for each in distributions}),
            *_unowned_customizations(place, owned, on_path),
        ),
        modules=frozenset(module for name in names if (module := module_name(name) or name.rstrip("/"))),
        packages=unowned.packages | frozenset[str]().union(*(library.packages for library in libraries)),
        scripts=tuple(Script(path=name) for name in unowned_commands(place, commands)),
    )


def _facts(
    place: LibraryFolder,
    distribution: Distribution,
    verified: Verified,
    library: Library,
    conflicts: tuple[FileConflict, ...],
    modules: frozenset[str],
    added: Mapping[str, tuple[str, ...]],
    startup_files: tuple[StartupFile, ...],
) -> InstalledFacts:
    source = distribution.source
    data_files = [file.path for file in verified.files if is_data(file)]
    differences = [*verified.differences, *(f"{path} was added" for path in added.get(distribution.project, ()))]
    return InstalledFacts(
        project=distribution.project,
        version=distribution.version,
        origin=origin_of(place),
        requested=distribution.requested,
        managed=place.is_managed,
        kind=None if source is None else source.kind,
        url="" if source is None else source.url,
        built_from_directory=distribution.is_live,
        defects=(*distribution.problems, *verified.defects),
        differences=tuple(differences) if distribution.is_verifiable and not place.is_managed else (),
        startup_files=startup_files,
        modules=library.modules,
        packages=library.packages,
        scripts=describe_scripts(verified.files, library, modules.__contains__),
        data_files=tuple(data_files),
        settings={
            path: content
            for path in data_files
            if path.startswith(SETTINGS) and (content := _content(os.path.join(place.prefix, path))) is not None
        },
        conflicts=conflicts,
    )


def _claimed(distributions: Iterable[Distribution]) -> frozenset[str]:
    """Return the top-level names that distributions without RECORD claim."""
    names: set[str] = set()
    for distribution in distributions:
        if not distribution.is_verifiable:
            names.add(distribution.project.replace("-", "_"))
            names.add(distribution.name)
            names.update(name.partition(".")[0] for name in distribution.top_level)
    return frozenset(names)


def _startup_files(
    place: LibraryFolder, distribution: Distribution, verified: Verified, on_path: Set[str]
) -> Iterator[StartupFile]:
    """Describe what Python obeys at its start; `on_path` are the folders that path files have it import from."""
    for file in verified.files:
        if file.scheme is Scheme.PURELIB and "/" not in file.path and file.path.lower().endswith(STARTUP_SUFFIXES):
            content = _content(path_of(file, place))
            known = content is not None and is_known(distribution.project, file.path, content)
            yield StartupFile(path=file.path, content=content, known=known)
        elif (path := library_path(file)) is not None and (module := imported_as(path)) is not None:
            folder, name = module
            if name in CUSTOMIZATIONS and (not folder or folder in on_path):
                yield StartupFile(path=path)


def _unowned_startup_files(place: LibraryFolder, owned: set[str], projects: set[str]) -> Iterator[StartupFile]:
    for name in list_folder(place.library):
        if fold(name) in owned:
            continue
        if name.lower().endswith(STARTUP_SUFFIXES):
            content = _content(os.path.join(place.library, name))
            known = content is not None and _is_known_unowned(place, name, content, projects)
            yield StartupFile(path=name, content=content, known=known)
        elif _imported_name(place, name) in CUSTOMIZATIONS:
            yield StartupFile(path=name, content=_content(os.path.join(place.library, name)))


def _unowned_customizations(place: LibraryFolder, owned: Set[str], on_path: Set[str]) -> Iterator[StartupFile]:
    """Describe the customizations in folders that path files add, below the library: other path files are found themselves."""
    folders = [
        folder for folder in on_path if folder != "." and not os.path.isabs(folder) and not folder.startswith("..")
    ]
    for path in (f"{folder}/{name}" for folder in sorted(folders) for name in list_folder(f"{place.library}/{folder}")):
        is_owned = fold(path) in owned or fold(f"{path}/__init__.py") in owned
        if _imported_name(place, path) in CUSTOMIZATIONS and not is_owned:
            yield StartupFile(path=path, content=_content(os.path.join(place.library, path)))


def _imported_name(place: LibraryFolder, path: str) -> str | None:
    """Return the name under which Python imports a folder, or a file, from the folder that it lies in."""
    name = os.path.basename(path)
    return name if os.path.isdir(os.path.join(place.library, path)) else module_name(name)


def _is_known_unowned(place: LibraryFolder, name: str, content: bytes, projects: set[str]) -> bool:
    """Tell whether a file is one that a tool leaves, or one of a project that is installed here without RECORD."""
    imported = _OF_TOOL.get(name)
    if imported is None:
        return any(is_known(project, name, content) for project in projects)
    return is_known(_TOOL, name, content) and _is_of_tool(place, imported)


def _is_of_tool(place: LibraryFolder, name: str) -> bool:
    """Tell whether a module is one that a tool left here when it created the environment."""
    content = _content(os.path.join(place.library, name)) if name in _OF_TOOL.values() else None
    return content is not None and is_known(_TOOL, name, content)


def _content(path: str) -> bytes | None:
    return read_file_if_possible(path, _LARGEST_STARTUP_FILE)
