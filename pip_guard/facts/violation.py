"""Define what a rule sees, and how severe it is."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from pip_guard.facts.origin import Origin
from pip_guard.frozen import frozen


class Severity(Enum):
    """Say what a finding does: refuse, say so and go on, or nothing."""

    ERROR = "error"
    WARNING = "warning"
    OFF = "off"


class Approvable(NamedTuple):
    """A URL, and the key of `[indexes]` in the policy by which it would be approved."""

    key: str
    url: str


@frozen
class Violation:
    """What a rule saw, in the present tense; the engine adds which rule it was and how severe.

    `project`, `version`, `hashes` (``algorithm:hexdigest``) and `place` (a URL) are what an exception of the policy can name.
    `remedy` replaces the rule's own remediation where the facts allow a more exact one, and a `severity` of WARNING makes this
    violation no more than a warning. `approvable` is what the user could approve instead, for the lines to write into the policy.
    """

    message: str
    origin: Origin | None = None
    project: str | None = None
    version: str | None = None
    hashes: frozenset[str] = frozenset()
    remedy: str | None = None
    severity: Severity | None = None
    place: str | None = None
    approvable: Approvable | None = None
