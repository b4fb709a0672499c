"""Describe who runs a command, in which environment, and where it would write."""

from __future__ import annotations

import glob
import os
import site
import sys
import sysconfig
from collections.abc import Iterator

from pip_guard.environment.active import in_virtual_environment
from pip_guard.facts.command import CommandFacts, CommandOptions, Destination, DestinationKind
from pip_guard.facts.origin import Origin, OriginKind, Setting
from pip_guard.frozen import replace

# The folders in an interpreter's prefix that hold its library and scripts; the rest of a prefix such as / or /usr is not its own.
_INSTALLED_PARTS = frozenset({"lib", "lib64", "bin", "include", "Lib", "Scripts", "Include"})
_LIBRARY_NAMES = frozenset({"site-packages", "dist-packages"})


def describe_command(options: CommandOptions) -> CommandFacts:
    """Describe a command's options, and the environment that it runs in."""
    return CommandFacts(
        command=options.command,
        runs_as_root=runs_as_root(),
        in_virtual_environment=in_virtual_environment(),
        externally_managed=is_externally_managed(),
        destination=find_destination(options) if options.writes else None,
        outputs=options.outputs,
        break_system_packages=options.break_system_packages,
    )


def runs_as_root() -> bool:
    """Tell whether this process runs as root, or in an elevated Windows session."""
    if sys.platform == "win32":
        import ctypes

        return bool(ctypes.windll.shell32.IsUserAnAdmin())
    return os.geteuid() == 0


def is_externally_managed() -> bool:
    """Tell whether this interpreter is externally managed (PEP 668)."""
    return os.path.isfile(os.path.join(sysconfig.get_path("stdlib"), "EXTERNALLY-MANAGED"))


def find_destination(options: CommandOptions) -> Destination:
    """Return where a command would install or uninstall, according to its options."""
    if options.target is not None:
        return _at(options.target, os.path.abspath(options.target.value))
    if options.user is not None:
        return Destination(path=site.getusersitepackages(), place=DestinationKind.USER_SITE, origin=options.user)
    prefix = os.path.abspath(options.prefix.value) if options.prefix is not None else sys.prefix
    if options.root is not None:
        destination = _at(options.root, _below(os.path.abspath(options.root.value), prefix))
        # Below another root, an interpreter outside of environments installs into a system, too.
        system = options.prefix is None and not in_virtual_environment()
        return replace(destination, place=DestinationKind.INTERPRETER) if system else destination
    if options.prefix is not None:
        return _at(options.prefix, prefix)
    return Destination(
        path=sys.prefix,
        place=DestinationKind.THIS_ENVIRONMENT if in_virtual_environment() else DestinationKind.INTERPRETER,
        origin=Origin(kind=OriginKind.DEFAULT, text="the interpreter that runs pip"),
    )


def classify(path: str) -> DestinationKind:
    """Return the kind of destination that a folder belongs to; it need not exist."""
    real = os.path.realpath(path)
    if in_virtual_environment() and _is_below(real, os.path.realpath(sys.prefix)):
        return DestinationKind.THIS_ENVIRONMENT
    for ancestor in _ancestors(real):
        if os.path.isfile(os.path.join(ancestor, "pyvenv.cfg")):
            return DestinationKind.OTHER_ENVIRONMENT
        if _is_interpreter(ancestor) and _is_installed_part(real, ancestor):
            return DestinationKind.INTERPRETER
    if _is_below(real, os.path.realpath(site.getuserbase())) and _is_installed_part(real, site.getuserbase()):
        return DestinationKind.USER_SITE
    if any(
        _is_below(os.path.realpath(folder), real) or _is_below(real, os.path.realpath(folder)) for folder in _library()
    ):
        return DestinationKind.INTERPRETER
    # NOTE: an interpreter can keep its library outside its prefix, so a folder of such a name belongs to some interpreter.
    return DestinationKind.INTERPRETER if _LIBRARY_NAMES.intersection(real.split(os.sep)) else DestinationKind.FOLDER


def _at(option: Setting, path: str) -> Destination:
    return Destination(path=path, place=classify(path), origin=option.origin)


def _below(root: str, path: str) -> str:
    """Return an absolute path, moved below another root."""
    return os.path.join(root, os.path.splitdrive(path)[1].lstrip("/\\"))


def _ancestors(path: str) -> Iterator[str]:
    while True:
        yield path
        parent = os.path.dirname(path)
        if parent == path:
            return
        path = parent


def _is_interpreter(folder: str) -> bool:
    """Tell whether a folder is the prefix of an interpreter: whether the standard library is below it."""
    if os.path.isfile(os.path.join(folder, "Lib", "os.py")):
        return True
    return bool(glob.glob(os.path.join(glob.escape(folder), "lib", "python3*", "os.py")))


def _is_installed_part(path: str, prefix: str) -> bool:
    """Tell whether a path is a prefix itself, or one of the folders in it that installations write to."""
    relative = os.path.relpath(path, os.path.realpath(prefix))
    return relative == os.curdir or relative.split(os.sep)[0] in _INSTALLED_PARTS


def _library() -> list[str]:
    """Return the folders from which the base interpreter of this environment imports distributions."""
    return [folder for folder in site.getsitepackages([sys.base_prefix, sys.base_exec_prefix]) if os.path.isdir(folder)]


def _is_below(path: str, folder: str) -> bool:
    return os.path.commonpath([path, folder]) == folder if _same_drive(path, folder) else False


def _same_drive(path: str, folder: str) -> bool:
    return os.path.splitdrive(path)[0] == os.path.splitdrive(folder)[0]
