"""Define a layer of the policy: what one file sets, and where in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pip_guard.facts.violation import Severity
from pip_guard.frozen import frozen, uncompared
from pip_guard.policy.exceptions import PolicyException
from pip_guard.policy.keys import AnyKey
from pip_guard.policy.profiles import Profile
from pip_guard.urls.location import Location

if TYPE_CHECKING:
    from pip_guard.policy.toml_lines import KeyPath


class Trust(Enum):
    """Name whose file a layer is, the farthest from the user first."""

    ADMINISTRATOR = "administrator"
    USER = "user"
    PROJECT = "project"


_NOTHING: Mapping[Any, Any] = MappingProxyType({})


@frozen
class Layer:
    """What one file says, and no more; `ties` is [indexes.projects]. `lines` finds the lines of its keys."""

    trust: Trust
    source: str = ""
    profile: Profile | None = None
    locked: bool = False
    values: Mapping[AnyKey, object] = _NOTHING
    severities: Mapping[str, Severity] = _NOTHING
    ties: Mapping[str, Location] = _NOTHING
    exceptions: tuple[PolicyException, ...] = ()
    lines: Callable[[], Mapping[KeyPath, int]] = uncompared(default=staticmethod(lambda: _NOTHING))


@frozen
class ValueSource:
    """The layer that set a value, where in its file, and whether it did so by naming its profile."""

    layer: Layer
    path: KeyPath

    @property
    def by_profile(self) -> bool:
        """Tell whether the value comes from the profile that the file names."""
        return self.path == ("profile",)

    @property
    def line(self) -> int | None:
        """The line, if it is known."""
        return self.layer.lines().get(self.path)


@frozen
class Ignored:
    """A value that does not count, because it is looser than one that its file may only tighten."""

    path: KeyPath
    value: object
    source: ValueSource
