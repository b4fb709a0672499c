"""Define where a value comes from, and what all facts have in common."""

from __future__ import annotations

from enum import Enum

from pip_guard.frozen import frozen


class OriginKind(Enum):
    """The kinds of place from which a value can come."""

    DEFAULT = "default"
    ARGUMENT = "argument"
    COMMAND_LINE = "command line"
    ENVIRONMENT = "environment variable"
    CONFIGURATION = "configuration file"
    FILE_OPTION = "option in a requirements file"
    REQUIREMENTS = "requirements file"
    GROUP = "dependency group"
    SCRIPT = "script"
    LOCK = "lock file"
    DEPENDENCY = "dependency"
    PLACE = "place on disk"


# The kinds whose places ask for a distribution; in the others, an option gets its value.
_REQUIRING = frozenset(
    {
        OriginKind.ARGUMENT,
        OriginKind.REQUIREMENTS,
        OriginKind.GROUP,
        OriginKind.SCRIPT,
        OriginKind.LOCK,
        OriginKind.DEPENDENCY,
    }
)


@frozen
class Origin:
    """Where a value came from; `text` names the place."""

    kind: OriginKind
    text: str

    def __str__(self) -> str:
        if self.kind is OriginKind.PLACE:
            return f"in {self.text}"
        return f"{'required' if self.kind in _REQUIRING else 'set'} by {self.text}"


@frozen
class Setting:
    """One value of an option, and where it was set."""

    value: str
    origin: Origin

    @property
    def by_command_line(self) -> bool:
        """Tell whether the value was typed."""
        return self.origin.kind is OriginKind.COMMAND_LINE


class Facts:
    """Something known at one stage of a command; rules say by its type which facts they check."""
