"""Look up the modules that Python and pip try to import, or have, and the projects that may bring them."""

from __future__ import annotations

from functools import cache

from pip_guard.distributions.reserved_names import read_reserved_names
from pip_guard.frozen import frozen

# The packages of pip, pip-guard and its dependencies, to which no other project may add even a file.
OWN_MODULES = {
    "pip": frozenset({"pip"}),
    "pip_guard": frozenset({"pip-guard-shim"}),
    "packaging": frozenset({"packaging"}),
    "platformdirs": frozenset({"platformdirs"}),
}
# Projects that bring a module of the standard library to Pythons that lack it, or lack its newer form.
BACKPORTS = {
    "_curses": frozenset({"windows-curses"}),
    "_curses_panel": frozenset({"windows-curses"}),
    "asynchat": frozenset({"pyasynchat", "standard-asynchat"}),
    "asyncore": frozenset({"pyasyncore", "standard-asyncore"}),
    "audioop": frozenset({"audioop-lts"}),
    "cgi": frozenset({"legacy-cgi", "standard-cgi"}),
    "cgitb": frozenset({"legacy-cgi", "standard-cgitb"}),
    "concurrent": frozenset({"futures"}),
    "enum": frozenset({"enum34"}),
    "graphlib": frozenset({"graphlib-backport"}),
    "imp": frozenset({"zombie-imp"}),
    "msilib": frozenset({"python-msilib"}),
    "readline": frozenset({"gnureadline", "pyreadline", "pyreadline3"}),
}
# Modules that the library has on some systems only, and looks for on all: on the others, anybody's would be found.
OTHER_SYSTEMS = frozenset(
    {"_msi", "_overlapped", "_scproxy", "_winapi", "_wmi", "msvcrt", "nt", "winreg", "winsound", "vms_lib", "java"}
)


@frozen
class OptionalModule:
    """A module that something imports if it is there, what that is, and the projects that may bring it."""

    reliance: str
    projects: frozenset[str]


@cache
def inner_namespaces() -> frozenset[str]:
    """Return the top-level namespaces in which something looks for modules."""
    return frozenset(name.partition(".")[0] for name in optional_modules() if "." in name)


@cache
def optional_modules() -> dict[str, OptionalModule]:
    """Return the modules by their dotted names, read when a wheel is first judged; every package around one is among them."""
    return {
        name: OptionalModule(reliance=reliance, projects=projects)
        for name, reliance, projects in read_reserved_names("optional_modules.txt")
    }
