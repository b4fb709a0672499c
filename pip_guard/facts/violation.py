"""Define what a rule finds, how severe that is, and what the user can do about it."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from pip_guard.facts.origin import Origin
from pip_guard.frozen import frozen


class Severity(Enum):
    """The effect of a finding: it refuses the command, warns, or does nothing."""

    ERROR = "error"
    WARNING = "warning"
    OFF = "off"


class Approvable(NamedTuple):
    """A URL, and the key in a table of the policy that approves or exempts it."""

    key: str
    url: str
    table: str = "indexes"


class Approve(NamedTuple):
    """Lines of one table of the policy; one without the others would lead to the next refusal."""

    places: tuple[Approvable, ...]


class Allow(NamedTuple):
    """An exception from the rule for a project, for a file by its hash (``algorithm:hexdigest``), or for a place."""

    project: str | None = None
    version: str | None = None
    hash: str | None = None
    url: str | None = None


class Run(NamedTuple):
    """A pip-guard command to run instead."""

    arguments: tuple[str, ...]


class PolicyLines(NamedTuple):
    """Lines to write into the policy."""

    lines: str


# The steps of a remedy; a string is shown as it is.
Remedy = tuple[str | Allow | Approve | Run | PolicyLines, ...]


@frozen
class Violation:
    """What a rule found, in the present tense; the engine adds the rule and its severity.

    `project`, `version`, `hashes` (``algorithm:hexdigest``) and `place` (a URL) are what an exception in the policy can name.
    `remedy` replaces the rule's own remediation, and a `severity` of WARNING makes this violation no more than a warning.
    """

    message: str
    origin: Origin | None = None
    project: str | None = None
    version: str | None = None
    hashes: frozenset[str] = frozenset()
    remedy: str | Remedy | None = None
    severity: Severity | None = None
    place: str | None = None
