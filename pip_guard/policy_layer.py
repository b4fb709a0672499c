"""Define a layer of the policy: what one file sets, and where in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from enum import Enum

from pip_guard.allowance import Allowance
from pip_guard.frozen import frozen
from pip_guard.policy_keys import AnyKey
from pip_guard.policy_profiles import Profile
from pip_guard.rule import Severity
from pip_guard.toml_lines import KeyPath
from pip_guard.urls import Location


class Trust(Enum):
    """Name whose file a layer is, the farthest from the user first."""

    ADMINISTRATOR = "administrator"
    USER = "user"
    PROJECT = "project"


def _no_lines() -> Mapping[KeyPath, int]:
    return {}


@frozen
class Layer:
    """What one file says, and no more; `ties` is [indexes.projects]. `lines` finds the lines of its keys."""

    trust: Trust
    source: str = ""
    profile: Profile | None = None
    locked: bool = False
    values: Mapping[AnyKey, object] = field(default_factory=dict)
    severities: Mapping[str, Severity] = field(default_factory=dict)
    ties: Mapping[str, Location] = field(default_factory=dict)
    exceptions: tuple[Allowance, ...] = ()
    lines: Callable[[], Mapping[KeyPath, int]] = field(default=_no_lines, compare=False, repr=False)


@frozen
class Source:
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
    source: Source
