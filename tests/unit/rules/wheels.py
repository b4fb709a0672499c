"""Make facts about wheels."""

from __future__ import annotations

from typing import Any

from pip_guard.facts.violation import Remedy, Violation
from pip_guard.facts.wheel import WheelFacts
from pip_guard.frozen import replace
from tests.unit.factories import ARGUMENT

SHA256 = "a" * 64
_WHEEL = WheelFacts(project="demo", version="1.0", filename="demo-1.0-py3-none-any.whl", sha256=SHA256, origin=ARGUMENT)


def make_wheel_facts(**only_what_matters: Any) -> WheelFacts:
    """Describe a wheel that brings nothing."""
    return replace(_WHEEL, **only_what_matters)


def make_wheel_violation(message: str, remedy: Remedy | None = None) -> Violation:
    """Make the violation of that wheel."""
    return Violation(
        message=message,
        origin=ARGUMENT,
        project="demo",
        version="1.0",
        hashes=frozenset({f"sha256:{SHA256}"}),
        remedy=remedy,
    )
