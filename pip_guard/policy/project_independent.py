"""Refuse exceptions that would excuse nothing, though whoever wrote them believes that they do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pip_guard.policy.layer import Layer, Trust
from pip_guard.policy.parser import Defect, PolicyTextError, parse_layer
from pip_guard.rules import ALL_RULES

# The rules that are about no project.
PROJECT_INDEPENDENT = frozenset(rule.id for rule in ALL_RULES if not rule.names_project)
# The conditions that no finding meets of a rule that is about no project.
_CONDITIONS = ("project", "version", "hash", "url")


def read_layer(text: str, *, trust: Trust, source: str, rules: Iterable[str]) -> Layer:
    """Return what the text of a policy file sets, if each of its exceptions can excuse something. Raises `PolicyTextError`."""
    layer = parse_layer(text, trust=trust, source=source, rules=rules)
    if defects := tuple(_void_exceptions(layer)):
        raise PolicyTextError(defects)
    return layer


def _void_exceptions(layer: Layer) -> Iterator[Defect]:
    for position, exception in enumerate(layer.exceptions):
        if exception.rule not in PROJECT_INDEPENDENT:
            continue
        for condition in _CONDITIONS:
            if getattr(exception, condition) is not None:
                yield Defect(
                    source=layer.source,
                    line=layer.lines().get(("exceptions", position, condition)),
                    key=f"exceptions[{position}].{condition}",
                    message=f"{exception.rule} is about no project, so that this exception would excuse nothing;"
                    f' leave this key out, or set the severity of the rule: [rules] {exception.rule} = "warning"',
                )
