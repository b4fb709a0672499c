"""Look up the commands that other programs and people rely on, and the projects that may bring them."""

from __future__ import annotations

import re
from functools import cache

from pip_guard.distributions.reserved_names import read_reserved_names
from pip_guard.frozen import frozen


@frozen
class ReservedCommand:
    """A command that people or programs rely on, why, and the projects that may bring it.

    A core one is part of every environment, or of pip-guard.
    """

    reliance: str
    projects: frozenset[str] = frozenset()
    is_core: bool = False


def _reserve(names: str, reliance: str, *projects: str) -> tuple[str, ReservedCommand]:
    return names, ReservedCommand(reliance=reliance, projects=frozenset(projects), is_core=True)


_PATTERNS = (
    _reserve(r"pip\d*(?:\.\d+)?(?:-\d+(?:\.\d+)?)?", "which is pip", "pip"),
    _reserve("pip-guard", "which is pip-guard", "pip-guard-shim"),
    _reserve(r"(?:python|pypy)(?:\d+(?:\.\d+)*)?[dmtw]{0,3}(?:-config)?", "which is the interpreter"),
    _reserve("pyw?", "which starts the interpreter on Windows", "pythonpy"),
    _reserve(
        r"activate(?:_this)?(?:\.\w+)?|deactivate(?:\.\w+)?|(?:pre|post)(?:de)?activate",
        "which shells read to activate an environment",
    ),
)
_WINDOWS_SUFFIX = r"\.(?:exe|bat|cmd|com|ps1|vbs|vbe|jse?|wsf|wsh|msc)$|-script\.pyw?$"
# Versions as Debian and others append them: gcc-12, perl5.36, pip-3.11, but not ping3.
_VERSION = r"-\d+(?:\.\d+)*$|\d+(?:\.\d+)+$"
# Of a toolchain for another system, as in x86_64-linux-gnu-gcc.
_TARGET = r"(?:[a-z0-9_]+-){2,3}(?=(?:gcc|g\+\+|c\+\+|cpp|cc|clang|gfortran|ld|as|ar|nm|strip|objcopy|objdump|ranlib|readelf)\b)"
_VERSIONED = r"(?P<name>clang|gcc|go|java|lua|node|perl|php|ruby|tclsh)\d+"


def reserved_command(filename: str) -> ReservedCommand | None:
    """Return what is known about a command, by the name under which shells find it."""
    name = re.sub(_WINDOWS_SUFFIX, "", filename.casefold())
    for names, reserved in _PATTERNS:
        if re.fullmatch(names, name):
            return reserved
    name = re.sub(_TARGET, "", name)
    found = _reserved().get(name) or _reserved().get(re.sub(_VERSION, "", name))
    if found is None and (versioned := re.fullmatch(_VERSIONED, name)):
        return _reserved().get(versioned["name"])
    return found


@cache
def _reserved() -> dict[str, ReservedCommand]:
    """Return the commands by their names, read when a wheel first brings a command."""
    return {
        name: ReservedCommand(reliance=reliance, projects=projects)
        for name, reliance, projects in read_reserved_names("commands.txt")
    }
