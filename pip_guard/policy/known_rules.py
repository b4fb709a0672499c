"""Define what the policy needs to know about the rules."""

from __future__ import annotations

from collections.abc import Mapping

from pip_guard.facts.violation import Severity
from pip_guard.frozen import frozen


@frozen
class KnownRules:
    """The ids of all rules with their default severities, and the ids of rules that are not about projects."""

    severities: Mapping[str, Severity]
    project_independent: frozenset[str] = frozenset()

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids in the order of the registry."""
        return tuple(self.severities)
