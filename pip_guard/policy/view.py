"""Put a merged policy into the form in which it is shown: every value, with the file that decided it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime

from pip_guard.facts.violation import Severity
from pip_guard.frozen import frozen
from pip_guard.policy.exceptions import PolicyException
from pip_guard.policy.keys import KEYS, SEVERITY, TIES_RULE
from pip_guard.policy.layer import Layer, ValueSource
from pip_guard.policy.layers import Merged
from pip_guard.policy.toml_lines import KeyPath
from pip_guard.policy.value_types import Plain

DEFAULT = "default"


@frozen
class ShownValue:
    """One value as a policy file has it, and where it comes from; `layer` is whose file that is, or ``default``."""

    path: tuple[str, ...]
    value: Plain
    layer: str = DEFAULT
    file: str | None = None
    line: int | None = None
    profile: str | None = None
    locked: bool = False

    @property
    def origin(self) -> str:
        """Say where the value comes from."""
        if self.file is None:
            return DEFAULT
        profile = "" if self.profile is None else f"profile {self.profile} of "
        return f"{profile}{self.file}{'' if self.line is None else f':{self.line}'} ({self.layer})"


@frozen
class ShownException:
    """One exception, where it stands, and what has become of it.

    `last_used` is when it last excused anything, as far as the journal of this user tells, and None if it never did.
    """

    entry: PolicyException
    state: str
    layer: str
    line: int | None
    last_used: datetime | None = None


def show_values(merged: Merged, rules: Mapping[str, Severity]) -> Iterator[ShownValue]:
    """Return every value in force: the keys in the order of the reference, then the rules, then the ties of projects."""
    for key in KEYS:
        value = merged.values[key]
        if value is not None:
            yield _show(key.path, key.kind.plain(value), merged.sources.get(key.path), key in merged.locked_keys)
    for rule, default in rules.items():
        value = merged.policy.severity(rule, default)
        yield _show(("rules", rule), SEVERITY.plain(value), merged.sources.get(("rules", rule)), rule in merged.locked)
    for name, index in merged.policy.indexes.projects.items():
        path = ("indexes", "projects", name)
        source = ValueSource(layer=merged.tie_layers[name], path=path)
        yield _show(path, str(index), source, TIES_RULE in merged.locked)


def show_restrictions(merged: Merged) -> Iterator[ShownValue]:
    """Return the ties that only say where a project must come from besides."""
    for layer in merged.layers:
        if any(layer.ties is restriction for restriction in merged.policy.indexes.restrictions):
            for name, index in layer.ties.items():
                path = ("indexes", "projects", name)
                yield _show(path, str(index), ValueSource(layer=layer, path=path), False)


def show_ignored(merged: Merged) -> Iterator[ShownValue]:
    """Return the values that do not count, because they are looser than their file may make them."""
    kinds = {key.path: key.kind for key in KEYS}
    for ignored in merged.ignored:
        kind = kinds.get(tuple(str(part) for part in ignored.path), SEVERITY)
        yield _show(ignored.path, kind.plain(ignored.value), ignored.source, False)


def show_exceptions(
    merged: Merged, today: date, uses: Mapping[tuple[str, str | None, str | None], datetime]
) -> Iterator[ShownException]:
    """Return all exceptions, those that do not count included; `uses` has the last use of a rule, project and version."""
    ineffective = {id(entry) for entry in merged.policy.ineffective}
    for layer in merged.layers:
        for position, entry in enumerate(layer.exceptions):
            yield ShownException(
                entry=entry,
                state="does not count" if id(entry) in ineffective else _state(entry, today),
                layer=layer.trust.value,
                line=layer.lines().get(("exceptions", position)),
                last_used=uses.get((entry.rule, entry.project, entry.version)),
            )


def profile_of(merged: Merged) -> Layer | None:
    """Return the layer whose profile is the nearest one."""
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
