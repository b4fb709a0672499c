"""Import nothing but Python's standard library, pip, and what pip-guard itself needs.

pip tries to import modules that need not exist: `attr`, `org.python.core`, `socks`, and those of other platforms. A distribution
with a module of such a name would run in every command, and so would a file in a folder on PYTHONPATH.
"""

import os
import sys

# NOTE: this module is imported before the guard is in force, so it may import only what Python itself has loaded: neither
# `importlib`, which imports `warnings`, nor `__future__`.
from _frozen_importlib import BuiltinImporter, FrozenImporter, ModuleSpec
from _frozen_importlib_external import PathFinder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

OWN = frozenset({"pip", "pip_guard", "packaging", "platformdirs"})


class OwnLibraryFinder:
    """A finder for the front of `sys.meta_path` that decides about every top-level module."""

    def __init__(self) -> None:
        added = {real_path(path) for path in os.environ.get("PYTHONPATH", "").split(os.pathsep)}
        self._folders = [path for path in sys.path if _is_library(path) and real_path(path) not in added]

    def find_spec(
        self, fullname: str, path: "Sequence[str] | None" = None, target: "ModuleType | None" = None
    ) -> ModuleSpec | None:
        """Find a module of the standard library; raise for any other top-level module that is not one of `OWN`."""
        if path is not None or fullname in OWN:
            return None
        spec = (
            BuiltinImporter.find_spec(fullname)
            or FrozenImporter.find_spec(fullname)
            or PathFinder.find_spec(fullname, self._folders)
        )
        if spec is None:
            raise ModuleNotFoundError(f"pip-guard imports no module named {fullname!r}", name=fullname)
        return spec


def _is_library(path: str) -> bool:
    """Tell whether an entry of `sys.path` came with the interpreter: below its prefix, and not a folder of distributions."""
    parts = path.split(os.sep)
    prefixes = (sys.base_prefix, sys.base_exec_prefix)
    below = any(path.startswith(prefix.rstrip(os.sep) + os.sep) for prefix in prefixes)
    return below and not {"site-packages", "dist-packages", "bin", "Scripts"}.intersection(parts)


def real_path(path: str) -> str:
    """Return the path that links lead to, or the path itself where that cannot be told."""
    try:
        return os.path.realpath(path)
    except OSError:  # the path is relative to a working directory that is gone
        return path


def leave_script_folder() -> None:
    """Stop importing from the folder of the console script, where scripts of any distribution lie."""
    try:
        if os.path.realpath(sys.path[0]) == os.path.dirname(os.path.realpath(sys.argv[0])):
            del sys.path[0]
    except OSError:  # the working directory is gone, and the path relative to it
        return


def import_own_library_only() -> None:
    """Install the finder that guards imports."""
    if not any(isinstance(finder, OwnLibraryFinder) for finder in sys.meta_path):
        sys.meta_path.insert(0, OwnLibraryFinder())


def import_as_before() -> None:
    """Remove the finder that guards imports."""
    sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, OwnLibraryFinder)]
