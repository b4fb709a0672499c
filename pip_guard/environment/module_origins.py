"""Find out which files pip, and the modules that pip-guard needs, would be imported from."""

from __future__ import annotations

import os
import site
import sys
from importlib.machinery import PathFinder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from pip_guard.facts.start import ModuleOrigin

# Set instead of PYTHONPATH, whose `sitecustomize` would run before anything of pip-guard.
HIDDEN_PYTHON_PATH = "_PIP_GUARD_PYTHONPATH"
NAMES = ("pip", "packaging", "platformdirs")
_BUNDLED = os.path.join(os.path.dirname(os.__file__), "ensurepip", "_bundled")


def find_foreign_modules() -> tuple[ModuleOrigin, ...]:
    """Return the modules that would be imported from the working directory or PYTHONPATH instead of the installed ones."""
    foreign = []
    trusted = _trusted_folders()
    for name in NAMES:
        path = find_module(name)
        if path is not None and (reason := _foreign_folder(os.path.dirname(path), trusted)):
            # NOTE: importing the facts costs more than all else in this module.
            from pip_guard.facts.start import ModuleOrigin

            foreign.append(ModuleOrigin(name=name, path=path, foreign=reason))
    return tuple(foreign)


def find_startup_modules() -> tuple[ModuleOrigin, ...]:
    """Return the modules on PYTHONPATH that Python imported at startup, before pip-guard could stop them."""
    folders = [os.path.abspath(folder) for folder in _python_path() if folder]
    if not folders or sys.flags.ignore_environment or sys.flags.no_site:
        return ()
    found = []
    trusted = _trusted_folders()
    for name in ("sitecustomize", "usercustomize") if site.ENABLE_USER_SITE else ("sitecustomize",):
        spec = PathFinder.find_spec(name, folders)
        if spec is not None and spec.origin is not None:
            path = next(iter(spec.submodule_search_locations or ()), spec.origin)
            if reason := _foreign_folder(os.path.dirname(path), trusted):
                from pip_guard.facts.start import ModuleOrigin

                found.append(ModuleOrigin(name=name, path=path, foreign=reason, ran=True))
    return tuple(found)


def restore_python_path() -> bool:
    """Add the folders of PYTHONPATH to `sys.path` if a shim or a shell function hid that variable at startup; return whether it did."""
    hidden = os.environ.pop(HIDDEN_PYTHON_PATH, None)
    if not hidden:
        return False
    os.environ["PYTHONPATH"] = hidden
    sys.path[:0] = [os.path.abspath(folder) for folder in _python_path()]
    return True


def leave_foreign_folders(modules: Iterable[ModuleOrigin]) -> list[str]:
    """Remove the folders of foreign modules from `sys.path`; return the path as it was before.

    The code that judges them and reads the policy imports modules of the same names.
    """
    before = sys.path[:]
    foreign = {os.path.realpath(os.path.dirname(module.path)) for module in modules}
    sys.path[:] = [entry for entry in before if os.path.realpath(entry or os.curdir) not in foreign]
    return before


def find_module(name: str) -> str | None:
    """Return the folder or file of a top-level module, without importing it."""
    spec = PathFinder.find_spec(name)
    if spec is None:
        return None
    if spec.submodule_search_locations:
        return next(iter(spec.submodule_search_locations))
    return spec.origin


def own_modules() -> dict[str, str]:
    """Return the folders of pip-guard, pip and what they need, by the finders of this process.

    In an environment other than pip-guard's own, those on `sys.path` are others. Raises `GuardError` if one is missing.
    """
    folders = {"pip_guard": os.path.join(own_folder(), "pip_guard")}
    for name in NAMES:
        found = (finder.find_spec(name, None) for finder in sys.meta_path if _may_find(finder))
        spec = next((spec for spec in found if spec is not None), None)
        if spec is None or spec.origin is None:
            from pip_guard.errors import GuardError

            raise GuardError(f"The module {name}, which pip-guard needs, is missing.", hint="Install pip-guard again.")
        folders[name] = os.path.dirname(os.path.abspath(spec.origin))
    return folders


def own_folder() -> str:
    """Return the folder that pip-guard was imported from."""
    return os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def _may_find(finder: object) -> bool:
    """Tell whether to ask a finder: the one of setuptools knows none of these modules, and imports a lot."""
    return hasattr(finder, "find_spec") and type(finder).__module__ != "_distutils_hack"


def _foreign_folder(folder: str, trusted: Collection[str]) -> str | None:
    """Say why a folder is foreign, or return None if Python itself put it on its path."""
    folder = os.path.realpath(folder)
    # pipx and others put the pip wheel that came with Python on PYTHONPATH.
    if folder in trusted or os.path.dirname(folder) == os.path.realpath(_BUNDLED):
        return None
    for entry in _python_path():
        if entry and folder == os.path.realpath(entry):
            return "which PYTHONPATH names"
    return "which is the working directory" if folder == _working_directory() else None


def _python_path() -> list[str]:
    return os.environ.get("PYTHONPATH", "").split(os.pathsep)


def _trusted_folders() -> set[str]:
    folders = [own_folder(), *site.getsitepackages(), *site.getsitepackages([sys.base_prefix, sys.base_exec_prefix])]
    if site.ENABLE_USER_SITE:
        folders.append(site.getusersitepackages())
    return {os.path.realpath(folder) for folder in folders}


def _working_directory() -> str:
    try:
        return os.path.realpath(os.getcwd())
    except OSError:  # it is gone, so nothing can be imported from it
        return os.devnull
