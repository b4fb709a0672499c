"""List every value of a merged policy, with the file that set it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from pip_guard.facts.violation import Severity
from pip_guard.frozen import frozen
from pip_guard.policy.exceptions import PolicyException
from pip_guard.policy.keys import INDEX_PINS_RULE, KEYS, PUBLISHERS_RULE, SEVERITY
from pip_guard.policy.layers import Layer, Merged, ValueSource
from pip_guard.policy.model import Pins
from pip_guard.policy.toml_lines import KeyPath
from pip_guard.policy.value_types import Plain, ValueType

DEFAULT = "default"


@frozen
class ShownValue:
    """One value as it is written in a policy file, and its source; `layer` is whose file that is, or ``default``."""

    path: tuple[str, ...]
    value: Plain
    layer: str = DEFAULT
    file: str | None = None
    line: int | None = None
    profile: str | None = None
    locked: bool = False

    @property
    def origin(self) -> str:
        """The source of the value, in words."""
        if self.file is None:
            return DEFAULT
        profile = "" if self.profile is None else f"profile {self.profile} of "
        return f"{profile}{self.file}{'' if self.line is None else f':{self.line}'} ({self.layer})"


class _PinTable(NamedTuple):
    """A table of pins, those in force, whose they are, and the rule that depends on them."""

    path: tuple[str, ...]
    pins: Pins[Any]
    layers: Mapping[str, Layer]
    rule: str
    of_layer: Callable[[Layer], Mapping[str, Any]]


@frozen
class ShownException:
    """One exception, where it is written, and its state.

    `last_used` is when it last excused a finding according to this user's journal, or None if it never did.
    """

    entry: PolicyException
    state: str
    layer: str
    line: int | None
    last_used: datetime | None = None


def show_values(merged: Merged, rules: Mapping[str, Severity]) -> Iterator[ShownValue]:
    """Yield every value in force: the keys in the order of the reference, then the rules, then the pins."""
    for name, key in KEYS.items():
        value = merged.values[name]
        if value is not None:
            yield _show(key.path, key.kind.plain(value), merged.sources.get(key.path), name in merged.locked_keys)
    for rule, default in rules.items():
        value = merged.policy.severity(rule, default)
        yield _show(("rules", rule), SEVERITY.plain(value), merged.sources.get(("rules", rule)), rule in merged.locked)
    for table in _pin_tables(merged):
        for name, pin in table.pins.projects.items():
            path = (*table.path, name)
            source = ValueSource(layer=table.layers[name], path=path)
            yield _show(path, str(pin), source, table.rule in merged.locked)


def show_restrictions(merged: Merged) -> Iterator[ShownValue]:
    """Yield the pins that only restrict: a project must also come from their index, or from their publisher."""
    for table in _pin_tables(merged):
        for layer in merged.layers:
            own = table.of_layer(layer)
            for name, pin in own.items() if any(own is other for other in table.pins.restrictions) else ():
                path = (*table.path, name)
                yield _show(path, str(pin), ValueSource(layer=layer, path=path), False)


def _pin_tables(merged: Merged) -> tuple[_PinTable, ...]:
    return (
        _PinTable(
            path=("indexes", "projects"),
            pins=merged.policy.indexes,
            layers=merged.pin_layers,
            rule=INDEX_PINS_RULE,
            of_layer=lambda layer: layer.index_pins,
        ),
        _PinTable(
            path=("publishers",),
            pins=merged.policy.publishers,
            layers=merged.publisher_layers,
            rule=PUBLISHERS_RULE,
            of_layer=lambda layer: layer.publishers,
        ),
    )


def show_ignored(merged: Merged) -> Iterator[ShownValue]:
    """Yield the values without effect, because their file may only tighten."""
    for ignored in merged.ignored:
        key = KEYS.get(".".join(str(part) for part in ignored.path))
        kind: ValueType[Any] = SEVERITY if key is None else key.kind
        yield _show(ignored.path, kind.plain(ignored.value), ignored.source, False)


def show_exceptions(
    merged: Merged, today: date, uses: Mapping[tuple[str, str | None, str | None], datetime]
) -> Iterator[ShownException]:
    """Yield all exceptions, the ineffective ones included; `uses` has the last use of a rule, project and version."""
    ineffective = {id(entry) for entry in merged.policy.ineffective}
    for layer in merged.layers:
        for position, entry in enumerate(layer.exceptions):
            yield ShownException(
                entry=entry,
                state="ineffective" if id(entry) in ineffective else _state(entry, today),
                layer=layer.trust.value,
                line=layer.lines().get(("exceptions", position)),
                last_used=uses.get((entry.rule, entry.project, entry.version)),
            )


def profile_of(merged: Merged) -> Layer | None:
    """Return the nearest layer that names a profile."""
    return next((layer for layer in reversed(merged.layers) if layer.profile is not None), None)


def _state(entry: PolicyException, today: date) -> str:
    if not entry.has_not_expired(today):
        return "expired"
    return "expires soon" if entry.expires_soon(today) else "in force"


def _show(path: KeyPath, value: Plain, source: ValueSource | None, locked: bool) -> ShownValue:
    names = tuple(str(part) for part in path)
    if source is None:
        return ShownValue(path=names, value=value, locked=locked)
    profile = source.layer.profile
    return ShownValue(
        path=names,
        value=value,
        layer=source.layer.trust.value,
        file=source.layer.source,
        line=source.line,
        profile=profile.value if source.by_profile and profile is not None else None,
        locked=locked,
    )
