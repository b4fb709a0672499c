"""Make facts about what is installed."""

from __future__ import annotations

from typing import Any

from pip_guard.facts.installed import InstalledFacts, UnownedFacts
from pip_guard.facts.origin import Origin, OriginKind
from pip_guard.facts.violation import Violation
from pip_guard.frozen import replace

PLACE = Origin(kind=OriginKind.PLACE, text="/venv/lib/python3.11/site-packages")
_INSTALLED = InstalledFacts(project="demo", version="1.0", origin=PLACE)


def make_installed_facts(**only_what_matters: Any) -> InstalledFacts:
    """Describe a distribution with which nothing is wrong."""
    return replace(_INSTALLED, **only_what_matters)


def make_unowned_facts(**only_what_matters: Any) -> UnownedFacts:
    """Describe a place in which nothing is that belongs to nobody, but what is given."""
    return UnownedFacts(origin=PLACE, **only_what_matters)


def make_installed_violation(message: str, **more: Any) -> Violation:
    """Make the violation of that distribution."""
    return Violation(message=message, origin=PLACE, project="demo", version="1.0", **more)
