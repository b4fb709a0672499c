"""Merge what several policy files say into the one policy that is in force.

Three laws hold. What a project's file says only tightens. What a locked administrator's file settles, nothing loosens. Else
the file that is nearer to the user decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

from pip_guard.facts.violation import Severity
from pip_guard.frozen import frozen
from pip_guard.policy.exceptions import PolicyException
from pip_guard.policy.keys import (
    ADVISORIES,
    ADVISORY_MESSAGE,
    APPROVED,
    EXEMPT_FROM_ADVISORIES,
    EXEMPT_FROM_AGE,
    FILE_HOSTS,
    JOURNAL_ENABLED,
    JOURNAL_PATH,
    JOURNAL_REQUIRED,
    JOURNAL_SIZE,
    KEYS,
    LOCAL_FIND_LINKS,
    LOCAL_PROJECTS,
    MINIMUM_AGE,
    MODE,
    PROXIES,
    PUBLIC_INDEXES,
    STRICTER_SEVERITY,
    SYSLOG,
    TIES_RULE,
    UNAVAILABLE,
    UNKNOWN_AGE,
    AnyKey,
    Key,
)
from pip_guard.policy.layer import Ignored, Layer, Trust, ValueSource
from pip_guard.policy.model import Advisories, Indexes, Journal, Policy, Releases
from pip_guard.policy.profiles import PROFILES
from pip_guard.urls.location import Location

if TYPE_CHECKING:
    from pip_guard.policy.toml_lines import KeyPath

ValueT = TypeVar("ValueT")


@frozen
class Merged:
    """The policy in force, and who decided what in it.

    `sources` has an entry for every key that is not left at its default: a path such as ``("rules", "missing-hash")``. Of the
    ties of projects, which may be thousands, `tie_layers` has the layer by name.
    `locked` are the rules, and `locked_keys` the keys, that a locked administrator's file settles.
    """

    policy: Policy
    values: Mapping[AnyKey, object]
    layers: tuple[Layer, ...] = ()
    sources: Mapping[KeyPath, ValueSource] = MappingProxyType({})
    tie_layers: Mapping[str, Layer] = MappingProxyType({})
    ignored: tuple[Ignored, ...] = ()
    lock: Layer | None = None
    locked: frozenset[str] = frozenset()
    locked_keys: frozenset[AnyKey] = frozenset()


def merge(layers: Iterable[Layer], rules: Mapping[str, Severity]) -> Merged:
    """Return the policy that layers come to; `rules` are all rules, each with its own severity."""
    ordered = sorted(layers, key=lambda layer: list(Trust).index(layer.trust))
    merger = _Merger(rules)
    for layer in ordered:
        merger.add(layer)
    return merger.merged(tuple(ordered))


class _Merger:
    """What is in force so far."""

    def __init__(self, rules: Mapping[str, Severity]) -> None:
        self._rules = rules
        self._values: dict[AnyKey, object] = {key: key.default for key in KEYS}
        self._severities: dict[str, Severity] = {}
        self._ties: dict[str, Location] = {}
        self._tie_layers: dict[str, Layer] = {}
        self._restrictions: list[Mapping[str, Location]] = []
        self._exceptions: list[PolicyException] = []
        self._powerless: list[PolicyException] = []
        self._sources: dict[KeyPath, ValueSource] = {}
        self._ignored: list[Ignored] = []
        self._lock: Layer | None = None
        self._locked: frozenset[str] = frozenset()
        self._locked_keys: frozenset[AnyKey] = frozenset()

    def add(self, layer: Layer) -> None:
        for source, key, value in _values(layer):
            self._set_value(source, key, value)
        for source, rule, severity in _severities(layer):
            self._set_severity(source, rule, severity)
        self._add_ties(layer)
        if layer.trust is not Trust.PROJECT and not self._locked:
            self._exceptions += layer.exceptions
        else:
            for exception in layer.exceptions:
                counts = self._may_loosen(layer, exception.rule)
                (self._exceptions if counts else self._powerless).append(exception)
        if layer.locked and layer.trust is Trust.ADMINISTRATOR:
            self._settle(layer)

    def merged(self, layers: tuple[Layer, ...]) -> Merged:
        policy = Policy(
            severities=self._severities,
            indexes=Indexes(
                approved=self._get(APPROVED),
                file_hosts=self._get(FILE_HOSTS),
                local_find_links=self._get(LOCAL_FIND_LINKS),
                projects=self._ties,
                proxies=self._get(PROXIES),
                restrictions=tuple(self._restrictions),
            ),
            local_projects=self._get(LOCAL_PROJECTS),
            releases=Releases(
                minimum_age=self._get(MINIMUM_AGE),
                exempt_indexes=self._get(EXEMPT_FROM_AGE),
                unknown_age=self._get(UNKNOWN_AGE),
            ),
            advisories=Advisories(
                source=self._get(ADVISORIES),
                public_indexes=self._get(PUBLIC_INDEXES),
                exempt_indexes=self._get(EXEMPT_FROM_ADVISORIES),
                unavailable=self._get(UNAVAILABLE),
            ),
            journal=Journal(
                enabled=self._get(JOURNAL_ENABLED) or self._get(JOURNAL_REQUIRED),
                path=self._get(JOURNAL_PATH),
                syslog=self._get(SYSLOG),
                required=self._get(JOURNAL_REQUIRED),
                max_size=self._get(JOURNAL_SIZE),
            ),
            exceptions=tuple(self._exceptions),
            ineffective=tuple(self._powerless),
            mode=self._get(MODE),
            advisory_message=self._get(ADVISORY_MESSAGE),
        )
        return Merged(
            policy=policy,
            values=self._values,
            layers=layers,
            sources=self._sources,
            tie_layers=self._tie_layers,
            ignored=tuple(self._ignored),
            lock=self._lock,
            locked=self._locked,
            locked_keys=self._locked_keys,
        )

    def _get(self, key: Key[ValueT]) -> ValueT:
        # NOTE: `Any`, because no type says that a key's value has the key's type; `_set_value` alone writes here.
        value: Any = self._values[key]
        return value  # type: ignore[no-any-return]

    def _may_loosen(self, layer: Layer, rule: str) -> bool:
        return layer.trust is not Trust.PROJECT and rule not in self._locked

    def _set_value(self, source: ValueSource, key: AnyKey, value: object) -> None:
        before = self._values[key]
        may_loosen = source.layer.trust is not Trust.PROJECT and key not in self._locked_keys
        after = value if may_loosen else key.tighten(before, value)
        self._values[key] = after
        self._note(key.path, source, value, decided=may_loosen or after != before, counts=after == value)

    def _set_severity(self, source: ValueSource, rule: str, severity: Severity) -> None:
        before = self._severities.get(rule, self._rules.get(rule, Severity.ERROR))
        may_loosen = self._may_loosen(source.layer, rule)
        after = severity if may_loosen else STRICTER_SEVERITY(before, severity)
        decided = may_loosen or after is not before
        if decided:
            self._severities[rule] = after
        self._note(("rules", rule), source, severity, decided=decided, counts=after is severity)

    def _note(self, path: KeyPath, source: ValueSource, value: object, *, decided: bool, counts: bool) -> None:
        if decided:
            self._sources[path] = source
        elif not counts:
            self._ignored.append(Ignored(path=path, value=value, source=source))

    def _add_ties(self, layer: Layer) -> None:
        if not layer.ties:
            return
        if self._may_loosen(layer, TIES_RULE):
            # the first that fits decides, so that the nearer ones come first
            self._ties = {**layer.ties, **{name: index for name, index in self._ties.items() if name not in layer.ties}}
            self._tie_layers.update(dict.fromkeys(layer.ties, layer))
        else:
            self._restrictions.append(layer.ties)

    def _settle(self, layer: Layer) -> None:
        """Settle whole subjects: what the file sets, with every key and every rule that bears on the same."""
        keys = {key for _, key, _ in _values(layer)}
        rules = {rule for _, rule, _ in _severities(layer)} | {rule for key in keys for rule in key.rules}
        self._lock = layer
        self._locked = frozenset(rules | ({TIES_RULE} if layer.ties else set()))
        self._locked_keys = frozenset(
            key for key in KEYS if key in keys or key is MODE or not self._locked.isdisjoint(key.rules)
        )


def _values(layer: Layer) -> Iterator[tuple[ValueSource, AnyKey, object]]:
    """Return what a layer sets, its profile's values where it sets none of its own."""
    if layer.profile is not None and LOCAL_PROJECTS not in layer.values:
        yield ValueSource(layer=layer, path=("profile",)), LOCAL_PROJECTS, PROFILES[layer.profile].local_projects
    for key, value in layer.values.items():
        yield ValueSource(layer=layer, path=key.path), key, value


def _severities(layer: Layer) -> Iterator[tuple[ValueSource, str, Severity]]:
    if layer.profile is not None:
        for rule, severity in PROFILES[layer.profile].severities.items():
            if rule not in layer.severities:
                yield ValueSource(layer=layer, path=("profile",)), rule, severity
    for rule, severity in layer.severities.items():
        yield ValueSource(layer=layer, path=("rules", rule)), rule, severity
