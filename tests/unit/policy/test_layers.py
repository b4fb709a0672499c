"""Test how what several files say becomes one policy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pip_guard.facts.violation import Severity
from pip_guard.policy.exceptions import PolicyException
from pip_guard.policy.keys import INDEX_PINS_RULE, KEYS, MODELS, PUBLISHERS_RULE, STRICTER_SEVERITY
from pip_guard.policy.layers import Layer, Merged, Trust, merge
from pip_guard.policy.model import LocalFindLinks, LocalProjects, Mode, Policy, parse_locations
from pip_guard.policy.profiles import PROFILES, Profile
from pip_guard.rules import ALL_RULES
from pip_guard.urls.compare import contains
from pip_guard.urls.location import Location, parse_location
from tests.unit.factories import make_violation

RULES = {rule.id: rule.severity for rule in ALL_RULES}
TODAY = date(2026, 5, 1)
PLACES = parse_locations(
    ["https://a.example/", "https://a.example/simple/", "https://b.example/", "file:///srv/wheels", "file:///srv"]
)
NAMES = ("acme-core", "acme-web", "other")
PATTERNS = ("acme-*", "acme-core", "*", "other")
PUBLISHERS = ("github:acme/*", "github:acme/core", "gitlab:acme/web")

places = st.lists(st.sampled_from(PLACES), unique=True, max_size=3).map(tuple)
severities = st.sampled_from(list(Severity))
VALUES: Mapping[str, st.SearchStrategy[object]] = {
    "mode": st.sampled_from(list(Mode)),
    "advisory-message": st.sampled_from(["Ask us.", "Ask them."]),
    "indexes.approved": places,
    "indexes.file-hosts": places,
    "indexes.local-find-links": st.sampled_from(list(LocalFindLinks)),
    "indexes.proxies": places,
    "sources.local-projects": st.sampled_from(list(LocalProjects)),
    "releases.minimum-age": st.integers(0, 9).map(lambda days: timedelta(days=days)),
    "releases.exempt-indexes": places,
    "releases.unknown-age": severities,
    "publishers.unavailable": st.sampled_from([Severity.ERROR, Severity.WARNING]),
    "advisories.source": st.sampled_from(PLACES),
    "advisories.public-indexes": places,
    "advisories.exempt-indexes": places,
    "advisories.unavailable": st.sampled_from([Severity.ERROR, Severity.WARNING]),
    "journal.enabled": st.booleans(),
    "journal.path": st.sampled_from(["/srv/a", "/srv/b"]),
    "journal.syslog": st.booleans(),
    "journal.required": st.booleans(),
    "journal.max-size": st.sampled_from([1024, 2048]),
    "network.ahead": st.booleans(),
}
exceptions = st.builds(
    PolicyException,
    rule=st.sampled_from(sorted(RULES)),
    project=st.sampled_from([None, *PATTERNS]),
    reason=st.just("tested"),
)


def layers(trust: Trust, *, locked: bool | None = None) -> st.SearchStrategy[Layer]:
    return st.builds(
        Layer,
        trust=st.just(trust),
        profile=st.none() | st.sampled_from(list(Profile)),
        locked=st.booleans() if locked is None else st.just(locked),
        values=st.fixed_dictionaries({}, optional=VALUES),
        severities=st.dictionaries(st.sampled_from(sorted(RULES)), severities, max_size=6),
        index_pins=st.dictionaries(st.sampled_from(PATTERNS), st.sampled_from(PLACES), max_size=3),
        publishers=st.dictionaries(st.sampled_from(PATTERNS), st.sampled_from(PUBLISHERS), max_size=3),
        exceptions=st.lists(exceptions, max_size=3).map(tuple),
    )


admins = layers(Trust.ADMINISTRATOR)
users = layers(Trust.USER)
projects = layers(Trust.PROJECT)


def rank(severity: Severity) -> int:
    return [Severity.OFF, Severity.WARNING, Severity.ERROR].index(severity)


def severity(policy: Policy, rule: str) -> int:
    return rank(policy.severity(rule, RULES[rule]))


def all_within(inner: Iterable[Location], outer: Iterable[Location]) -> bool:
    outer = tuple(outer)
    return all(any(contains(prefix, place) for prefix in outer) for place in inner)


def from_index(policy: Policy, name: str, index: Location) -> bool:
    """Tell whether the index pins let a project come from an index."""
    return all(each == index for each in policy.indexes.pins(name))


def looser_keys(after: Policy, before: Policy) -> list[str]:
    """Return the keys that let anything pass in one policy which another one does not."""
    one, other = after, before
    strict = {
        "mode": one.mode is Mode.ENFORCE or other.mode is Mode.OBSERVE,
        "advisory-message": one.advisory_message == other.advisory_message,
        "indexes.approved": set(one.indexes.approved) <= set(other.indexes.approved),
        "indexes.file-hosts": all_within(one.indexes.file_hosts, other.indexes.file_hosts),
        "indexes.local-find-links": one.indexes.local_find_links is LocalFindLinks.APPROVED
        or other.indexes.local_find_links is LocalFindLinks.COMMAND_LINE,
        "indexes.proxies": set(one.indexes.proxies) <= set(other.indexes.proxies),
        "sources.local-projects": one.local_projects is LocalProjects.NEVER
        or other.local_projects is LocalProjects.COMMAND_LINE,
        "releases.minimum-age": one.releases.minimum_age >= other.releases.minimum_age,
        "releases.exempt-indexes": all_within(one.releases.exempt_indexes, other.releases.exempt_indexes),
        "releases.unknown-age": rank(one.releases.unknown_age) >= rank(other.releases.unknown_age),
        "publishers.unavailable": rank(one.publishers.unavailable) >= rank(other.publishers.unavailable),
        "publishers": all(set(one.publishers.pins(name)) >= set(other.publishers.pins(name)) for name in NAMES),
        "advisories.source": one.advisories.source == other.advisories.source,
        "advisories.public-indexes": one.advisories.public_indexes == other.advisories.public_indexes,
        "advisories.exempt-indexes": one.advisories.exempt_indexes == other.advisories.exempt_indexes,
        "advisories.unavailable": rank(one.advisories.unavailable) >= rank(other.advisories.unavailable),
        "journal.enabled": one.journal.enabled >= other.journal.enabled,
        "journal.path": one.journal.path == other.journal.path,
        "journal.syslog": one.journal.syslog >= other.journal.syslog,
        "journal.required": one.journal.required >= other.journal.required,
        "journal.max-size": one.journal.max_size == other.journal.max_size,
        "network.ahead": one.network.ahead == other.network.ahead,
        # a project that several indexes offer is refused unless it is pinned to one of them, which a file that only tightens cannot do
        "indexes.projects": all(
            one.indexes.owner(name) == other.indexes.owner(name)
            and (from_index(other, name, index) or not from_index(one, name, index))
            for name, index in product(NAMES, PLACES)
        ),
    }
    return [key for key, is_strict in strict.items() if not is_strict]


def excused(policy: Policy) -> set[tuple[str, str]]:
    return {
        (rule, name)
        for rule, name in product(RULES, NAMES)
        if policy.exception_for(rule, make_violation(project=name), TODAY) is not None
    }


def looser_rules(after: Policy, before: Policy) -> set[str]:
    """Return the rules that let anything pass in one policy which they refuse in another."""
    by_severity = {rule for rule in RULES if severity(after, rule) < severity(before, rule)}
    return by_severity | {rule for rule, _ in excused(after) - excused(before)}


@given(below=st.lists(admins, max_size=1), user=st.lists(users, max_size=1), project=projects)
def test_project_only_tightens(below: list[Layer], user: list[Layer], project: Layer) -> None:
    before = merge([*below, *user], RULES).policy
    after = merge([project, *below, *user], RULES).policy
    assert (looser_keys(after, before), looser_rules(after, before)) == ([], set())


@given(admin=layers(Trust.ADMINISTRATOR, locked=True), user=users, project=st.lists(projects, max_size=1))
def test_nothing_loosens_what_a_locked_file_sets(admin: Layer, user: Layer, project: list[Layer]) -> None:
    alone = merge([admin], RULES)
    policy = merge([admin, user, *project], RULES).policy
    loosened = set(looser_keys(policy, alone.policy))
    assert loosened.isdisjoint(admin.values)
    assert "mode" not in loosened
    assert not ({"indexes.projects"} & loosened and admin.index_pins)
    assert not ({"publishers"} & loosened and admin.publishers)
    profile = set() if admin.profile is None else set(PROFILES[admin.profile].severities)
    set_rules = {*admin.severities, *profile, *(rule for name in admin.values for rule in KEYS[name].rules)}
    assert set_rules <= alone.locked
    assert looser_rules(policy, alone.policy).isdisjoint(set_rules)
    # and what these rules go by stays, even where the file says nothing of it
    assert {name for name, key in KEYS.items() if set_rules.intersection(key.rules)}.isdisjoint(loosened)


@given(admin=admins, user=users)
def test_nearer_file_wins_where_nothing_is_locked(admin: Layer, user: Layer) -> None:
    merged = merge([Layer(**{**fields(admin), "locked": False}), user], RULES)
    for name, key in KEYS.items():
        expected = next((each[name] for each in (expanded(user), expanded(admin)) if name in each), key.default)
        assert merged.values[name] == expected
    for rule, default in RULES.items():
        stated = [each[rule] for each in (expanded_rules(user), expanded_rules(admin)) if rule in each]
        assert merged.policy.severity(rule, default) is (stated[0] if stated else default)
    assert merged.policy.exceptions == (*admin.exceptions, *user.exceptions)
    assert merged.policy.indexes.projects == {**admin.index_pins, **user.index_pins}
    assert list(merged.policy.indexes.projects)[: len(user.index_pins)] == list(user.index_pins)
    assert merged.policy.publishers.projects == {**admin.publishers, **user.publishers}
    restrictions = (merged.policy.indexes.restrictions, merged.policy.publishers.restrictions)
    assert (merged.policy.ineffective, restrictions, merged.lock) == ((), ((), ()), None)


@given(admin=admins, user=users, project=projects)
def test_order_of_the_layers_does_not_matter(admin: Layer, user: Layer, project: Layer) -> None:
    assert merge([admin, user, project], RULES).policy == merge([project, user, admin], RULES).policy


def fields(layer: Layer) -> dict[str, Any]:
    return {name: getattr(layer, name) for name in Layer.__annotations__}


def expanded(layer: Layer) -> dict[str, object]:
    return {**({} if layer.profile is None else PROFILES[layer.profile].values), **layer.values}


def expanded_rules(layer: Layer) -> dict[str, Severity]:
    return {**({} if layer.profile is None else PROFILES[layer.profile].severities), **layer.severities}


def admin(**fields: Any) -> Layer:
    return Layer(trust=Trust.ADMINISTRATOR, source="/etc/policy.toml", **fields)


def user(**fields: Any) -> Layer:
    return Layer(trust=Trust.USER, source="policy.toml", **fields)


def project(**fields: Any) -> Layer:
    return Layer(trust=Trust.PROJECT, source="pyproject.toml", **fields)


def in_force(merged: Merged, rule: str) -> str:
    return merged.policy.severity(rule, RULES[rule]).value


@pytest.mark.parametrize("name", sorted(KEYS))
def test_policy_has_what_a_file_sets(name: str) -> None:
    key, value = KEYS[name], object()
    policy = merge([user(values={name: value})], RULES).policy
    table = getattr(policy, key.path[0]) if key.path[0] in MODELS else policy
    assert getattr(table, key.field) is value


def test_without_layers_the_defaults_hold() -> None:
    merged = merge([], RULES)
    assert merged.policy == Policy()
    assert (merged.sources, merged.ignored, merged.lock, merged.locked) == ({}, (), None, frozenset())


@pytest.mark.parametrize("profile", list(Profile))
def test_all_profiles_set_the_same(profile: Profile) -> None:
    assert PROFILES[profile].severities.keys() == PROFILES[Profile.DEVELOPER].severities.keys()
    assert PROFILES[profile].values.keys() == PROFILES[Profile.DEVELOPER].values.keys()


def test_profile_of_a_developer_is_the_defaults() -> None:
    merged = merge([user(profile=Profile.DEVELOPER)], RULES)
    assert {rule: in_force(merged, rule) for rule in RULES} == {rule: each.value for rule, each in RULES.items()}
    assert merged.values == merge([], RULES).values


def test_profile_lies_below_what_the_same_file_sets_and_above_what_others_set() -> None:
    below = admin(severities={"running-as-root": Severity.WARNING, "missing-hash": Severity.ERROR})
    merged = merge([below, user(profile=Profile.CONTAINER, severities={"missing-hash": Severity.WARNING})], RULES)
    assert in_force(merged, "running-as-root") == "off"
    assert in_force(merged, "missing-hash") == "warning"
    assert merged.sources["rules", "running-as-root"].by_profile
    assert not merged.sources["rules", "missing-hash"].by_profile


def test_profile_of_a_project_only_tightens() -> None:
    merged = merge([user(profile=Profile.CI), project(profile=Profile.CONTAINER)], RULES)
    assert in_force(merged, "running-as-root") == "error"
    assert in_force(merged, "missing-hash") == "error"
    assert {ignored.path[-1] for ignored in merged.ignored} == {
        "running-as-root",
        "outside-virtual-environment",
        "missing-hash",
        "new-project",
    }


def test_lock_covers_whole_subjects() -> None:
    locked = admin(locked=True, values={"indexes.approved": PLACES[:1]})
    merged = merge(
        [
            locked,
            user(
                values={"indexes.file-hosts": PLACES, "releases.minimum-age": timedelta(0)},
                severities={"direct-url": Severity.OFF, "missing-hash": Severity.ERROR},
            ),
        ],
        RULES,
    )
    assert merged.policy.indexes.file_hosts == ()
    assert merged.policy.releases.minimum_age == timedelta(0)
    assert (in_force(merged, "direct-url"), in_force(merged, "missing-hash")) == ("error", "error")
    assert merged.lock is locked
    assert "indexes.file-hosts" in merged.locked_keys
    assert "releases.minimum-age" not in merged.locked_keys
    assert [(ignored.path, ignored.source.layer.trust) for ignored in merged.ignored] == [
        (("rules", "direct-url"), Trust.USER)
    ]


def test_only_the_administrator_locks() -> None:
    merged = merge([user(locked=True, severities={"missing-hash": Severity.ERROR})], RULES)
    assert (merged.lock, merged.locked) == (None, frozenset())


def test_exceptions_from_locked_rules_are_ineffective() -> None:
    mine = tuple(
        PolicyException(rule=rule, project="demo", reason="x") for rule in ("recent-release", "source-distribution")
    )
    locked = admin(locked=True, severities={"recent-release": Severity.ERROR}, exceptions=mine[:1])
    merged = merge([locked, user(exceptions=mine), project(exceptions=mine[1:])], RULES)
    assert merged.policy.exceptions == (mine[0], mine[1])
    assert merged.policy.ineffective == (mine[0], mine[1])


def test_index_pins_that_may_not_loosen_restrict() -> None:
    one, other = PLACES[0], PLACES[2]
    merged = merge([user(index_pins={"acme-*": one}), project(index_pins={"acme-web": other, "other": other})], RULES)
    indexes = merged.policy.indexes
    assert [indexes.owner(name) for name in NAMES] == [one, one, None]
    assert [indexes.pins(name) for name in NAMES] == [(one,), (other, one), (other,)]


def test_user_may_not_loosen_locked_index_pins() -> None:
    merged = merge([admin(locked=True, index_pins={"acme-*": PLACES[0]}), user(index_pins={"*": PLACES[2]})], RULES)
    assert INDEX_PINS_RULE in merged.locked
    assert merged.policy.indexes.restrictions == ({"*": PLACES[2]},)


def test_user_may_not_loosen_locked_publishers() -> None:
    locked = admin(locked=True, publishers={"acme-*": PUBLISHERS[0]})
    merged = merge(
        [locked, user(publishers={"acme-*": PUBLISHERS[2]}), project(publishers={"other": PUBLISHERS[1]})], RULES
    )
    assert PUBLISHERS_RULE in merged.locked
    assert [merged.policy.publishers.pins(name) for name in NAMES[1:]] == [PUBLISHERS[2::-2], PUBLISHERS[1:2]]


def test_first_file_that_decided_is_the_source() -> None:
    merged = merge(
        [
            user(values={"releases.minimum-age": timedelta(days=5)}, severities={"missing-hash": Severity.ERROR}),
            project(values={"releases.minimum-age": timedelta(days=5)}, severities={"missing-hash": Severity.ERROR}),
        ],
        RULES,
    )
    assert merged.sources[("releases", "minimum-age")].layer.trust is Trust.USER
    assert merged.sources["rules", "missing-hash"].layer.trust is Trust.USER
    assert merged.ignored == ()


def test_lines_are_looked_up_when_they_are_asked_for() -> None:
    layer = user(values={"releases.minimum-age": timedelta(0)}, lines=lambda: {("releases", "minimum-age"): 7})
    assert merge([layer], RULES).sources[("releases", "minimum-age")].line == 7
    assert (
        merge([user(values={"releases.minimum-age": timedelta(0)})], RULES).sources[("releases", "minimum-age")].line
        is None
    )


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        pytest.param(["https://a.example/"], ["https://a.example/simple/"], ["https://a.example/simple/"], id="below"),
        pytest.param(["https://a.example/simple/"], ["https://a.example/"], ["https://a.example/simple/"], id="above"),
        pytest.param(["https://a.example/"], ["https://b.example/"], [], id="apart"),
        pytest.param(["https://a.example/"], ["https://a.example/"], ["https://a.example/"], id="same"),
    ],
)
def test_narrower_place_is_what_is_left(one: list[str], other: list[str], both: list[str]) -> None:
    layers = [
        user(values={"indexes.file-hosts": parse_locations(one)}),
        project(values={"indexes.file-hosts": parse_locations(other)}),
    ]
    assert merge(layers, RULES).policy.indexes.file_hosts == parse_locations(both)


def test_index_is_approved_as_it_is_or_not_at_all() -> None:
    layers = [
        user(values={"indexes.approved": parse_locations(["https://a.example/"])}),
        project(values={"indexes.approved": parse_locations(["https://a.example/simple/"])}),
    ]
    assert merge(layers, RULES).policy.indexes.approved == ()


def test_keys_name_rules_that_exist() -> None:
    assert {rule for key in KEYS.values() for rule in key.rules} <= RULES.keys()
    assert {INDEX_PINS_RULE, PUBLISHERS_RULE} <= RULES.keys()
    assert parse_location("https://a.example/") == PLACES[0]
    assert STRICTER_SEVERITY(Severity.OFF, Severity.WARNING) is Severity.WARNING


@pytest.mark.parametrize("key", ["indexes.approved", "indexes.file-hosts"])
def test_locked_places_lock_every_rule_by_which_another_place_could_be_reached(key: str) -> None:
    rules = (
        "vcs-requirement",
        "source-distribution",
        "local-project",
        "trusted-host",
        "insecure-transport",
        "wrong-index",
    )
    mine = user(
        severities=dict.fromkeys(rules, Severity.OFF),
        exceptions=tuple(PolicyException(rule=rule, project=None, reason="x") for rule in rules),
        values={"sources.local-projects": LocalProjects.COMMAND_LINE},
    )
    locked = admin(locked=True, values={key: PLACES[:1], "sources.local-projects": LocalProjects.NEVER})
    merged = merge([locked, mine], RULES)
    assert {in_force(merged, rule) for rule in rules} == {"error"}
    assert (merged.policy.exceptions, len(merged.policy.ineffective)) == ((), len(rules))
    assert merged.policy.local_projects is LocalProjects.NEVER
    assert merged.policy.places_locked
    assert not merge(
        [admin(locked=True, severities={"missing-hash": Severity.ERROR}), mine], RULES
    ).policy.places_locked
