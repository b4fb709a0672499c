"""Find the folders in which distributions are installed, without starting the interpreter that they belong to."""

from __future__ import annotations

import os
import re
import site
import sys
from collections.abc import Iterable

from pip_guard.distributions.owners import libraries_below
from pip_guard.environment.files import list_folder
from pip_guard.errors import UsageError
from pip_guard.frozen import frozen

_LIBRARY = re.compile(
    r"(?P<prefix>.*?)(?:[/\\]local)?(?:[/\\]lib(?:32|64)?)?(?:[/\\](?:python|pypy)[\d.]*t?)?[/\\](?:site|dist)-packages",
    re.IGNORECASE,
)
_IN_ENVIRONMENT = re.compile(r"(?:site|dist)-packages")
# The suffixes of metadata, by which distributions are recognised.
_METADATA = (".dist-info", ".egg-info")
_BY_PACKAGE_MANAGER = re.compile(r".*/lib/python3/dist-packages")
EXAMPLE = (
    "Name a folder that pip installed into with --target, a site-packages folder, or that of a virtual environment."
)


@frozen
class LibraryFolder:
    """A library folder, and the folder of the environment (the prefix) that it belongs to; of a --target folder, itself."""

    library: str
    prefix: str

    @property
    def is_target(self) -> bool:
        """Tell whether all is in one folder."""
        return self.library == self.prefix

    @property
    def is_managed(self) -> bool:
        """Tell whether this is where the system's package manager installs, and pip does not."""
        return _BY_PACKAGE_MANAGER.fullmatch(self.library.replace(os.sep, "/")) is not None

    @property
    def commands(self) -> str:
        """The folder of commands."""
        return os.path.join(self.prefix, "bin" if os.name == "posix" else "Scripts")

    @property
    def is_virtual_environment(self) -> bool:
        """Tell whether all commands here are those of distributions, or of the environment itself."""
        return os.path.isfile(os.path.join(self.prefix, "pyvenv.cfg"))


def running_library_folders() -> tuple[LibraryFolder, ...]:
    """Return those of the interpreter that is running: what it imports from, the user's own among them."""
    folders = [*site.getsitepackages(), *([site.getusersitepackages()] if site.ENABLE_USER_SITE else [])]
    folders += [folder for folder in sys.path if _IN_ENVIRONMENT.fullmatch(os.path.basename(folder))]
    return _distinct(folders)


def library_folders_below(path: str) -> tuple[LibraryFolder, ...]:
    """Return those of a folder that was named. Raises `UsageError` if it is none."""
    path = os.path.realpath(path)
    if not os.path.isdir(path):
        raise UsageError(f"{path} is not a folder.", hint=EXAMPLE)
    if _IN_ENVIRONMENT.fullmatch(os.path.basename(path)):
        return _distinct([path])
    below = sorted(libraries_below(path))
    if not below and not any(name.endswith(_METADATA) for name in list_folder(path)):
        raise UsageError(f"Nothing is installed in {path}.", hint=EXAMPLE)
    return _distinct(below or [path])


def _distinct(folders: Iterable[str]) -> tuple[LibraryFolder, ...]:
    found = dict.fromkeys(os.path.realpath(folder) for folder in folders)
    return tuple(library_folder(folder) for folder in found if os.path.isdir(folder))


def library_folder(library: str) -> LibraryFolder:
    """Return a library folder with the environment that it belongs to, by their names."""
    match = _LIBRARY.fullmatch(library)
    return LibraryFolder(library=library, prefix=library if match is None else match["prefix"] or os.sep)
