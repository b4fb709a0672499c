"""Turn the contents of wheels into what the rules may know of them."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping, Sequence

from pip_guard.facts import Origin, Script, StartupFile, WheelFacts
from pip_guard.frozen import frozen
from pip_guard.installed_files import Folder
from pip_guard.names import normalize_name
from pip_guard.overlaps import Unpacking, find_overlaps
from pip_guard.startup_files import is_known
from pip_guard.wheel_archive.contents import PlacedFile, Scheme, WheelContents
from pip_guard.wheel_archive.importable import imported_as, is_extension, module_name
from pip_guard.wheel_archive.placement import command_path, library_path
from pip_guard.wheel_archive.reader import STARTUP_SUFFIXES

CUSTOMIZATIONS = frozenset({("", "sitecustomize"), ("", "usercustomize")})
# A folder in which modules of many projects lie side by side.
SHARED_NAMESPACE = "backports"


@frozen
class Wheel:
    """A wheel that is to be unpacked, and how pip came to it."""

    contents: WheelContents
    origin: Origin
    built_from_directory: bool = False

    @property
    def project(self) -> str:
        """The normalised name of its project."""
        return normalize_name(self.contents.name)


def describe_wheels(wheels: Sequence[Wheel], folders: Mapping[Scheme, str] | None) -> Iterator[WheelFacts]:
    """Describe wheels that are unpacked together; `folders` is where, if they are unpacked into an environment."""
    unpackings = [Unpacking(project=wheel.project, files=wheel.contents.files) for wheel in wheels]
    libraries = [Library(wheel.contents.files) for wheel in wheels]
    installed = [] if folders is None else [Folder(folders[scheme]) for scheme in (Scheme.PURELIB, Scheme.PLATLIB)]

    def is_there(module: str) -> bool:
        return any(module in library.modules for library in libraries) or any(
            folder.has(module) for folder in installed
        )

    for wheel, library, overlaps in zip(wheels, libraries, find_overlaps(unpackings, folders), strict=True):
        contents = wheel.contents
        yield WheelFacts(
            project=wheel.project,
            version=contents.version,
            filename=contents.filename,
            sha256=contents.sha256,
            origin=wheel.origin,
            built_from_directory=wheel.built_from_directory,
            defects=contents.defects,
            startup_files=tuple(_startup_files(contents, wheel.project)),
            modules=library.modules,
            packages=library.packages,
            scripts=tuple(
                Script(
                    path=path,
                    module=module,
                    hides_module=module is not None and module not in library.modules and is_there(module),
                )
                for path, module in place_scripts(contents.files)
            ),
            data_files=tuple(file.path for file in contents.files if is_data(file)),
            overlaps=overlaps,
        )


class Library:
    """What a wheel brings that can be imported."""

    def __init__(self, files: Iterable[PlacedFile]) -> None:
        paths = []
        for file in files:
            if (path := library_path(file)) is not None:
                paths.append(path)
            elif file.scheme is Scheme.DATA and imported_as(file.path) is not None:
                # NOTE: in a --target folder, and on Windows, what lies beside the library can be imported as well.
                paths.append(file.path)
        self.modules = frozenset(_modules(paths))
        self.packages = frozenset(_packages(paths))


def _modules(paths: Iterable[str]) -> Iterator[str]:
    """Yield the names at the top that are imported, and those one below a namespace that many projects share."""
    for path in paths:
        if path.count("/") > 2:
            continue
        module = imported_as(path)
        if module is None:
            continue
        folder, name = module
        if not folder:
            yield name
        elif folder == SHARED_NAMESPACE:
            yield f"{folder}.{name}"


def _packages(paths: list[str]) -> set[str]:
    """Return the dotted names of all folders, except those that are imported as native code."""
    folders = {posixpath.dirname(path) for path in paths}
    for folder in list(folders):
        while folder := posixpath.dirname(folder):
            folders.add(folder)
    native = {posixpath.join(*module) for path in paths if is_extension(path) and (module := imported_as(path))}
    return {folder.replace("/", ".") for folder in folders - native if folder}


def _startup_files(contents: WheelContents, project: str) -> Iterator[StartupFile]:
    """Yield what the interpreter looks for when it starts."""
    for file in contents.files:
        # NOTE: on Windows, the environment's own folder is one of those that the site module reads.
        path = library_path(file) or (file.path if is_data(file) else "")
        if path.lower().endswith(STARTUP_SUFFIXES) and "/" not in path:
            content = None if file.member is None else contents.startup_texts.get(file.member.name)
            yield StartupFile(
                path=path, content=content, known=content is not None and is_known(project, path, content)
            )
        elif (module := imported_as(path)) is not None and module in CUSTOMIZATIONS:
            yield StartupFile(path=path)


def place_scripts(files: Iterable[PlacedFile]) -> Iterator[tuple[str, str | None]]:
    """Yield what is put among the commands, and the name under which other scripts would import it."""
    for file in files:
        path = command_path(file)
        if path is not None:
            folder, below, _ = path.partition("/")
            yield path, folder if below else module_name(path)


def is_data(file: PlacedFile) -> bool:
    """Tell whether a file is put into the environment's own folder, beside the library and the commands."""
    return file.scheme is Scheme.DATA and library_path(file) is None and command_path(file) is None
