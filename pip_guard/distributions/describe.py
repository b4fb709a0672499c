"""Turn the contents of wheels into facts for the rules."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from pip_guard.distributions.conflicts import WheelInstall, find_overlaps
from pip_guard.distributions.optional_modules import inner_namespaces
from pip_guard.distributions.owners import PATH_FILE, Folder, InstalledFiles, libraries_below
from pip_guard.distributions.startup_files import is_known, is_known_hash
from pip_guard.distributions.startup_imports import CUSTOMIZATIONS, imported_names, startup_imports
from pip_guard.distributions.wheel.contents import PlacedFile, Scheme, WheelContents
from pip_guard.distributions.wheel.importable import imported_as, is_extension, module_name
from pip_guard.distributions.wheel.member_names import find_folders
from pip_guard.distributions.wheel.metadata import DIST_INFO
from pip_guard.distributions.wheel.namespace import only_extends_path
from pip_guard.distributions.wheel.path_file import named_path, read_lines
from pip_guard.distributions.wheel.placement import command_path, library_path
from pip_guard.distributions.wheel.reader import STARTUP_SUFFIXES
from pip_guard.environment.programs import find_program
from pip_guard.facts.origin import Origin
from pip_guard.facts.wheel import Script, StartupFile, WheelFacts
from pip_guard.frozen import frozen
from pip_guard.names.normalize import normalize_name

# Packages that many projects share, and that something looks for.
_SHARED_PACKAGES = frozenset({"backports/__init__.py"})
# The suffixes by which pip recognises installed distributions, and the files that say where one came from.
METADATA_SUFFIXES = frozenset({"dist-info", "egg-info", "egg-link"})
DIRECT_URL = "direct_url.json"
INSTALLED_FILES = "installed-files.txt"


@frozen
class Wheel:
    """A wheel that pip is about to unpack, and where it was required."""

    contents: WheelContents
    origin: Origin
    built_from_directory: bool = False

    @property
    def project(self) -> str:
        """The normalised name of its project."""
        return normalize_name(self.contents.name)


def describe_wheels(wheels: Sequence[Wheel], folders: Mapping[Scheme, str] | None) -> Iterator[WheelFacts]:
    """Describe wheels that are unpacked together; `folders` is where, if they are unpacked into an environment."""
    installs = [
        WheelInstall(project=wheel.project, files=wheel.contents.files, read=_reader(wheel)) for wheel in wheels
    ]
    libraries = [Library(wheel.contents.files, project=wheel.project, read=_reader(wheel)) for wheel in wheels]
    installed = [] if folders is None else [Folder(folders[scheme]) for scheme in (Scheme.PURELIB, Scheme.PLATLIB)]

    def is_there(module: str) -> bool:
        return any(module in library.modules for library in libraries) or any(
            folder.has(module) for folder in installed
        )

    for wheel, library, conflicts in zip(wheels, libraries, find_overlaps(installs, folders), strict=True):
        contents = wheel.contents
        yield WheelFacts(
            project=wheel.project,
            version=contents.version,
            filename=contents.filename,
            sha256=contents.sha256,
            origin=wheel.origin,
            built_from_directory=wheel.built_from_directory,
            defects=contents.defects,
            startup_files=(
                *library.startup_files,
                *_from_folders_of_others(library, libraries, installed),
                *(_imported_at_start(wheel, folders) if folders is not None else ()),
            ),
            modules=library.modules,
            packages=library.packages,
            scripts=describe_scripts(contents.files, library, is_there, _program_finder(wheel.project, folders)),
            data_files=tuple(file.path for file in contents.files if is_data(file)),
            settings=_settings(contents),
            hidden_modules=tuple(_hidden_modules(wheel.project, library, folders)),
            provenance_files=library.provenance_files,
            conflicts=conflicts,
        )


def _imported_at_start(wheel: Wheel, folders: Mapping[Scheme, str]) -> Iterator[StartupFile]:
    """Yield modules that a startup file of another project, already installed, imports."""
    libraries = {folders[Scheme.PURELIB], folders[Scheme.PLATLIB]}
    wanted = startup_imports(libraries)
    found = []
    for file in wheel.contents.files if wanted else ():
        if (path := library_path(file)) is not None and (module := imported_as(path)) is not None:
            name = ".".join([*module[0].split("/"), module[1]] if module[0] else [module[1]])
            found += [(path, importer) for importer in wanted.get(name, ())]
    if found:
        owners = InstalledFiles(libraries).owners({importer for _, importer in found}, first=wheel.project)
        for path, importer in found:
            if owners.get(importer) != wheel.project:
                yield StartupFile(path=path, imported_by=importer)


def _program_finder(project: str, folders: Mapping[Scheme, str] | None) -> Callable[[str], str]:
    """Return a function that finds the program that a command would hide on PATH, unless the same project installed it."""

    def find(name: str) -> str:
        if folders is None or "/" in name:
            return ""
        path = find_program(name, besides=folders[Scheme.SCRIPTS])
        if path is None or InstalledFiles(libraries_below(os.path.dirname(os.path.dirname(path)))).has(project):
            return ""
        return path

    return find


def _settings(contents: WheelContents) -> dict[str, bytes]:
    """Return the contents of data files that were kept, by their paths."""
    kept = ((file, contents.texts.get(file.member.name)) for file in contents.files if file.member and is_data(file))
    return {file.path: text for file, text in kept if text is not None}


def _hidden_modules(project: str, library: Library, folders: Mapping[Scheme, str] | None) -> Iterator[tuple[str, str]]:
    """Yield modules of a wheel that a script of another project hides, and that script."""
    if folders is None:
        return
    commands = folders[Scheme.SCRIPTS]
    there = Folder(commands)
    found = [(module, path) for module in sorted(library.modules) for path in there.imported_as(module)]
    if found:
        paths = {os.path.join(commands, path) for _, path in found}
        installed = InstalledFiles({folders[Scheme.PURELIB], folders[Scheme.PLATLIB]})
        owners = installed.owners(paths, first=project)
        for module, path in found:
            if owners.get(os.path.join(commands, path)) != project:
                yield module, f"{os.path.basename(commands)}/{path}"


def _reader(wheel: Wheel) -> Callable[[PlacedFile], bytes | None]:
    def read(file: PlacedFile) -> bytes | None:
        return None if file.member is None else wheel.contents.texts.get(file.member.name)

    return read


def _from_folders_of_others(
    library: Library, libraries: Sequence[Library], installed: Sequence[Folder]
) -> Iterator[StartupFile]:
    """Yield what Python would import by itself because one distribution adds a folder to its path and another fills it."""
    if library.inner_customizations:
        added = {folder for other in libraries for folder in other.added}
        added.update(named for folder in installed for named in folder.named_by_path_files())
        for path, parent in library.inner_customizations.items():
            if parent in added - library.added:
                yield StartupFile(path=path)
    for path in sorted(library.added):
        for folder in installed:
            there = folder.below(path)
            yield from (StartupFile(path=f"{path}/{name}.py") for name in CUSTOMIZATIONS if there.has(name))


class Library:
    """The files of a distribution that can be imported, or that change what is imported.

    `read` returns the content of a startup file or of an ``__init__.py``, if it is kept.
    """

    def __init__(
        self,
        files: Sequence[PlacedFile],
        *,
        project: str = "",
        read: Callable[[PlacedFile], bytes | None] = lambda file: None,
    ) -> None:
        paths = []
        beside = []
        namespaces = set()
        for file in files:
            if (path := library_path(file)) is not None:
                paths.append(path)
                if path in _SHARED_PACKAGES and only_extends_path(read(file) or b"?"):
                    namespaces.add(path)
            elif file.scheme is Scheme.DATA:
                # NOTE: in a --target folder, and on Windows, files beside the library can be imported as well.
                beside.append(file.path)
        everything = [*paths, *beside]
        folders = find_folders(everything)
        self.startup_files = tuple(_startup_files(files, project, read, folders))
        added = {
            named_path(line)
            for file in self.startup_files
            if file.path.lower().endswith(PATH_FILE) and not file.known and file.content is not None
            for line in read_lines(file.content)
        }
        self.added = frozenset(added & folders)
        self.inner_customizations = dict(_inner_customizations(everything))
        inner = [(path, path[len(folder) + 1 :]) for folder in self.added for path in _below(folder, everything)]
        self.startup_files += tuple(StartupFile(path=path) for path, name in inner if _is_customization(name))
        self.provenance_files = tuple(
            [path for path in _metadata(everything) if _is_provenance(path, project)]
            + [path for path, name in inner if _metadata_suffix(name)]
        )
        importable = [*paths, *(path for path in beside if imported_as(path) is not None), *(name for _, name in inner)]
        self.modules = frozenset(_modules(path for path in importable if path not in namespaces))
        self.packages = frozenset(_packages(importable))


def _inner_customizations(paths: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield customization modules in subfolders, with their folder: Python would import them if that folder were on its path."""
    for path in paths:
        if "customize" in path and (module := imported_as(path)) is not None:
            folder, name = module
            if folder and name in CUSTOMIZATIONS:
                yield path, folder


def _is_customization(path: str) -> bool:
    """Tell whether Python imports a file of the library by itself."""
    folder, name = imported_as(path) or ("", "")
    return not folder and name in CUSTOMIZATIONS


def _below(folder: str, paths: Iterable[str]) -> Iterator[str]:
    return (path for path in paths if path.startswith(f"{folder}/"))


def _metadata(paths: list[str]) -> list[str]:
    """Return the paths that pip takes for metadata; a wheel can have tens of thousands of paths, but few top-level names."""
    tops = {top for top in {path.partition("/")[0] for path in paths} if _metadata_suffix(top)}
    return [path for path in paths if path.partition("/")[0] in tops]


def _metadata_suffix(path: str) -> str:
    """Return the suffix by which pip takes the top-level folder of a path for metadata, or an empty string."""
    suffix = path.partition("/")[0].rpartition(".")[2].lower()
    return suffix if suffix in METADATA_SUFFIXES else ""


def _is_provenance(path: str, project: str) -> bool:
    """Tell whether metadata, other than the wheel's own, says what is installed or where it came from."""
    top, _, name = path.partition("/")
    match _metadata_suffix(path):
        case "egg-info":  # left over from its build, in some wheels
            owner = normalize_name(top[: -len(".egg-info")].partition("-")[0])
            return owner != project or name.lower() == INSTALLED_FILES
        case "dist-info":
            return not top.endswith(DIST_INFO) or name.lower() == DIRECT_URL
        case _:
            return True


def _modules(paths: Iterable[str]) -> Iterator[str]:
    """Yield the top-level modules, and the dotted names in namespaces that something may look for."""
    inner = inner_namespaces()
    for path in paths:
        if path.count("/") > 2 and path.partition("/")[0] not in inner:
            continue
        module = imported_as(path)
        if module is None:
            continue
        folder, name = module
        if not folder:
            yield name
        elif folder.partition("/")[0] in inner:
            yield f"{folder.replace('/', '.')}.{name}"


def _packages(paths: list[str]) -> set[str]:
    """Return the dotted names of all folders, except those that are imported as native code."""
    native = {posixpath.join(*module) for path in paths if is_extension(path) and (module := imported_as(path))}
    return {folder.replace("/", ".") for folder in find_folders(paths) - native}


def _imports_known(project: str, content: bytes, files: Iterable[PlacedFile]) -> bool:
    """Tell whether all modules that a known path file imports from its wheel are known, too, or are named like the project."""
    names = imported_names(content)
    for file in files:
        path = library_path(file)
        module = None if path is None else imported_as(path)
        if path is None or module is None or module[1] not in names or normalize_name(module[1]) == project:
            continue
        if file.member is None or not is_known_hash(project, path, file.member.hash):
            return False
    return True


def _startup_files(
    files: Sequence[PlacedFile],
    project: str,
    read: Callable[[PlacedFile], bytes | None],
    folders: set[str],
) -> Iterator[StartupFile]:
    """Yield the files that the interpreter looks for when it starts."""
    for file in files:
        # NOTE: on Windows, the environment's own folder is one of those that the site module reads.
        path = library_path(file) or (file.path if is_data(file) else "")
        if path.lower().endswith(STARTUP_SUFFIXES) and "/" not in path:
            content = read(file)
            known = content is not None and is_known(project, path, content) and _imports_known(project, content, files)
            lines = [] if content is None or known or not path.lower().endswith(PATH_FILE) else read_lines(content)
            strange = tuple(line for line in lines if named_path(line) not in {".", *folders} or line[0].isspace())
            yield StartupFile(path=path, content=content, known=known, strange=strange)
        elif _is_customization(path):
            yield StartupFile(path=path)


def describe_scripts(
    files: Iterable[PlacedFile],
    library: Library,
    is_there: Callable[[str], bool],
    find: Callable[[str], str] = lambda name: "",
) -> tuple[Script, ...]:
    """Describe the commands of a distribution.

    `is_there` tells whether there is a module of a name at all, and `find` returns another program that goes by a name.
    """
    return tuple(
        Script(
            path=path,
            module=module,
            hides_module=module is not None and module not in library.modules and is_there(module),
            stands_before=find(path),
        )
        for path, module in _place_scripts(files)
    )


def _place_scripts(files: Iterable[PlacedFile]) -> Iterator[tuple[str, str | None]]:
    """Yield the commands, each with the name under which other scripts would import it."""
    for file in files:
        path = command_path(file)
        if path is not None:
            folder, below, _ = path.partition("/")
            yield path, folder if below else module_name(path)


def is_data(file: PlacedFile) -> bool:
    """Tell whether a file goes into the environment's own folder, outside of the library and the commands."""
    return file.scheme is Scheme.DATA and library_path(file) is None and command_path(file) is None
