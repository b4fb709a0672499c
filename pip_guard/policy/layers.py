"""Define a layer of the policy, which is what one file sets, and merge layers into the policy in force.

A project's file only tightens. Nothing loosens what a locked administrator's file decides. Otherwise the file that is nearer to
the user decides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import Enum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pip_guard.facts.violation import Severity
from pip_guard.frozen import frozen, replace, uncompared
from pip_guard.policy.exceptions import PolicyException
from pip_guard.policy.keys import INDEX_PINS_RULE, KEYS, MODELS, PLACES_RULE, PUBLISHERS_RULE, STRICTER_SEVERITY
from pip_guard.policy.model import Advisories, Indexes, Journal, Network, Policy, Publishers, Releases
from pip_guard.policy.profiles import PROFILES, Profile
from pip_guard.urls.location import Location

if TYPE_CHECKING:
    from pip_guard.policy.toml_lines import KeyPath

ValueT = TypeVar("ValueT")
_NOTHING: Mapping[Any, Any] = MappingProxyType({})


class Trust(Enum):
    """The owners of layers, the farthest from the user first."""

    ADMINISTRATOR = "administrator"
    USER = "user"
    PROJECT = "project"


@frozen
class Layer:
    """What one file sets: `values` by the name of the key; `index_pins` is [indexes.projects], and `publishers` names those of projects. `lines` finds the lines of keys."""

    trust: Trust
    source: str = ""
    profile: Profile | None = None
    locked: bool = False
    values: Mapping[str, object] = _NOTHING
    severities: Mapping[str, Severity] = _NOTHING
    index_pins: Mapping[str, Location] = _NOTHING
    publishers: Mapping[str, str] = _NOTHING
    exceptions: tuple[PolicyException, ...] = ()
    lines: Callable[[], Mapping[KeyPath, int]] = uncompared(default=staticmethod(lambda: _NOTHING))


@frozen
class ValueSource:
    """The layer that set a value, and the key that did: that of the value, or ``profile``."""

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
    """A value without effect: it is looser than the one in force, which its file may only tighten."""

    path: KeyPath
    value: object
    source: ValueSource


@frozen
class Merged:
    """The policy in force, and the source of each decision.

    `sources` has an entry for every key that is not left at its default: a path such as ``("rules", "missing-hash")``. The
    layers of pins, of which there may be thousands, are in `pin_layers` and `publisher_layers` by name. `locked` are the rules, and `locked_keys`
    the keys, that only the administrator's locked file may loosen.
    """

    policy: Policy
    values: Mapping[str, object]
    layers: tuple[Layer, ...] = ()
    sources: Mapping[KeyPath, ValueSource] = _NOTHING
    pin_layers: Mapping[str, Layer] = _NOTHING
    publisher_layers: Mapping[str, Layer] = _NOTHING
    ignored: tuple[Ignored, ...] = ()
    lock: Layer | None = None
    locked: frozenset[str] = frozenset()
    locked_keys: frozenset[str] = frozenset()


def merge(layers: Iterable[Layer], rules: Mapping[str, Severity]) -> Merged:
    """Return the policy in force; `rules` are all rules, each with its own severity."""
    ordered = sorted(layers, key=lambda layer: list(Trust).index(layer.trust))
    merger = _Merger(rules)
    for layer in ordered:
        merger.add(layer)
    return merger.merged(tuple(ordered))


class _Pins(Generic[ValueT]):
    """The pins of one table that are in force so far, and whose they are."""

    def __init__(self) -> None:
        self.projects: Mapping[str, ValueT] = {}
        self.layers: dict[str, Layer] = {}
        self.restrictions: tuple[Mapping[str, ValueT], ...] = ()

    def add(self, layer: Layer, pins: Mapping[str, ValueT], *, may_loosen: bool) -> None:
        if may_loosen:
            # the first that matches decides, so the nearer ones come first
            self.projects = {**pins, **{name: value for name, value in self.projects.items() if name not in pins}}
            self.layers.update(dict.fromkeys(pins, layer))
        elif pins:
            self.restrictions = (*self.restrictions, pins)


class _Merger:
    """Merges layers, one after the other."""

    def __init__(self, rules: Mapping[str, Severity]) -> None:
        self._rules = rules
        self._values: dict[str, object] = {name: key.default for name, key in KEYS.items()}
        self._severities: dict[str, Severity] = {}
        self._pins = _Pins[Location]()
        self._publishers = _Pins[str]()
        self._exceptions: list[PolicyException] = []
        self._ineffective: list[PolicyException] = []
        self._sources: dict[KeyPath, ValueSource] = {}
        self._ignored: list[Ignored] = []
        self._lock: Layer | None = None
        self._locked: frozenset[str] = frozenset()
        self._locked_keys: frozenset[str] = frozenset()

    def add(self, layer: Layer) -> None:
        for source, key, value in _values(layer):
            self._set_value(source, key, value)
        for source, rule, severity in _severities(layer):
            self._set_severity(source, rule, severity)
        self._pins.add(layer, layer.index_pins, may_loosen=self._may_loosen(layer, INDEX_PINS_RULE))
        self._publishers.add(layer, layer.publishers, may_loosen=self._may_loosen(layer, PUBLISHERS_RULE))
        if layer.trust is not Trust.PROJECT and not self._locked:
            self._exceptions += layer.exceptions
        else:
            for exception in layer.exceptions:
                is_effective = self._may_loosen(layer, exception.rule)
                (self._exceptions if is_effective else self._ineffective).append(exception)
        if layer.locked and layer.trust is Trust.ADMINISTRATOR:
            self._lock_subjects(layer)

    def merged(self, layers: tuple[Layer, ...]) -> Merged:
        # NOTE: `Any`, because no type says that a key's value has the type of its field; `_set_value` alone writes here.
        tables: dict[str, dict[str, Any]] = {name: {} for name in ("", *MODELS)}
        for name, key in KEYS.items():
            tables[key.path[0] if key.path[0] in MODELS else ""][key.field] = self._values[name]
        journal = Journal(**tables["journal"])
        policy = Policy(
            **tables[""],
            severities=self._severities,
            indexes=Indexes(**tables["indexes"], **_pins(self._pins)),
            releases=Releases(**tables["releases"]),
            publishers=Publishers(**tables["publishers"], **_pins(self._publishers)),
            advisories=Advisories(**tables["advisories"]),
            journal=replace(journal, enabled=journal.enabled or journal.required),
            network=Network(**tables["network"]),
            places_locked=PLACES_RULE in self._locked,
            exceptions=tuple(self._exceptions),
            ineffective=tuple(self._ineffective),
        )
        return Merged(
            policy=policy,
            values=self._values,
            layers=layers,
            sources=self._sources,
            pin_layers=self._pins.layers,
            publisher_layers=self._publishers.layers,
            ignored=tuple(self._ignored),
            lock=self._lock,
            locked=self._locked,
            locked_keys=self._locked_keys,
        )

    def _may_loosen(self, layer: Layer, rule: str) -> bool:
        return layer.trust is not Trust.PROJECT and rule not in self._locked

    def _set_value(self, source: ValueSource, name: str, value: object) -> None:
        before = self._values[name]
        may_loosen = source.layer.trust is not Trust.PROJECT and name not in self._locked_keys
        after = value if may_loosen else KEYS[name].tighten(before, value)
        self._values[name] = after
        self._note(KEYS[name].path, source, value, decided=may_loosen or after != before, has_effect=after == value)

    def _set_severity(self, source: ValueSource, rule: str, severity: Severity) -> None:
        before = self._severities.get(rule, self._rules.get(rule, Severity.ERROR))
        may_loosen = self._may_loosen(source.layer, rule)
        after = severity if may_loosen else STRICTER_SEVERITY(before, severity)
        decided = may_loosen or after is not before
        if decided:
            self._severities[rule] = after
        self._note(("rules", rule), source, severity, decided=decided, has_effect=after is severity)

    def _note(self, path: KeyPath, source: ValueSource, value: object, *, decided: bool, has_effect: bool) -> None:
        if decided:
            self._sources[path] = source
        elif not has_effect:
            self._ignored.append(Ignored(path=path, value=value, source=source))

    def _lock_subjects(self, layer: Layer) -> None:
        """Lock what the file sets, and every other key and rule about the same subject."""
        keys = {name for _, name, _ in _values(layer)}
        rules = {rule for _, rule, _ in _severities(layer)} | {rule for name in keys for rule in KEYS[name].rules}
        self._lock = layer
        pinned = ((INDEX_PINS_RULE, layer.index_pins), (PUBLISHERS_RULE, layer.publishers))
        self._locked = frozenset(rules | {rule for rule, pins in pinned if pins})
        self._locked_keys = frozenset(
            name
            for name, key in KEYS.items()
            if name in keys or name == "mode" or not self._locked.isdisjoint(key.rules)
        )


def _pins(pins: _Pins[ValueT]) -> dict[str, Any]:
    return {"projects": pins.projects, "restrictions": pins.restrictions}


def _values(layer: Layer) -> Iterator[tuple[ValueSource, str, object]]:
    """Yield what a layer sets, including the values of its profile that it does not set itself."""
    if layer.profile is not None:
        for name, chosen in PROFILES[layer.profile].values.items():
            if name not in layer.values:
                yield ValueSource(layer=layer, path=("profile",)), name, chosen
    for name, value in layer.values.items():
        yield ValueSource(layer=layer, path=KEYS[name].path), name, value


def _severities(layer: Layer) -> Iterator[tuple[ValueSource, str, Severity]]:
    if layer.profile is not None:
        for rule, severity in PROFILES[layer.profile].severities.items():
            if rule not in layer.severities:
                yield ValueSource(layer=layer, path=("profile",)), rule, severity
    for rule, severity in layer.severities.items():
        yield ValueSource(layer=layer, path=("rules", rule)), rule, severity
