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
    STRICTER_SEVERITY,
    SYSLOG,
    TIES_RULE,
    UNAVAILABLE,
    UNKNOWN_AGE,
    AnyKey,
)
from pip_guard.policy.layer import Layer, Trust
from pip_guard.policy.layers import Merged, merge
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

places = st.lists(st.sampled_from(PLACES), unique=True, max_size=3).map(tuple)
severities = st.sampled_from(list(Severity))
VALUES: Mapping[AnyKey, st.SearchStrategy[object]] = {
    MODE: st.sampled_from(list(Mode)),
    ADVISORY_MESSAGE: st.sampled_from(["Ask us.", "Ask them."]),
    APPROVED: places,
    FILE_HOSTS: places,
    LOCAL_FIND_LINKS: st.sampled_from(list(LocalFindLinks)),
    PROXIES: places,
    LOCAL_PROJECTS: st.sampled_from(list(LocalProjects)),
    MINIMUM_AGE: st.integers(0, 9).map(lambda days: timedelta(days=days)),
    EXEMPT_FROM_AGE: places,
    UNKNOWN_AGE: severities,
    ADVISORIES: st.sampled_from(PLACES),
    EXEMPT_FROM_ADVISORIES: places,
    UNAVAILABLE: st.sampled_from([Severity.ERROR, Severity.WARNING]),
    JOURNAL_ENABLED: st.booleans(),
    JOURNAL_PATH: st.sampled_from(["/srv/a", "/srv/b"]),
    SYSLOG: st.booleans(),
    JOURNAL_REQUIRED: st.booleans(),
    JOURNAL_SIZE: st.sampled_from([1024, 2048]),
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
        ties=st.dictionaries(st.sampled_from(PATTERNS), st.sampled_from(PLACES), max_size=3),
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
    """Tell whether ties let a project come from an index."""
    owner = policy.indexes.owner(name)
    return (owner is None or owner == index) and all(each == index for each in policy.indexes.required(name))


def looser_keys(after: Policy, before: Policy) -> list[str]:
    """Return the keys that let anything pass in one policy which another one does not."""
    one, other = after, before
    strict = {
        "mode": one.mode is Mode.ENFORCE or other.mode is Mode.OBSERVE,
        "advisory-message": one.advisory_message == other.advisory_message,
        "approved": set(one.indexes.approved) <= set(other.indexes.approved),
        "file-hosts": all_within(one.indexes.file_hosts, other.indexes.file_hosts),
        "local-find-links": one.indexes.local_find_links is LocalFindLinks.APPROVED
        or other.indexes.local_find_links is LocalFindLinks.COMMAND_LINE,
        "proxies": set(one.indexes.proxies) <= set(other.indexes.proxies),
        "local-projects": one.local_projects is LocalProjects.NEVER
        or other.local_projects is LocalProjects.COMMAND_LINE,
        "minimum-age": one.releases.minimum_age >= other.releases.minimum_age,
        "exempt-from-age": all_within(one.releases.exempt_indexes, other.releases.exempt_indexes),
        "unknown-age": rank(one.releases.unknown_age) >= rank(other.releases.unknown_age),
        "advisories": one.advisories.source == other.advisories.source,
        "exempt-from-advisories": one.advisories.exempt_indexes == other.advisories.exempt_indexes,
        "unavailable": rank(one.advisories.unavailable) >= rank(other.advisories.unavailable),
        "journal-enabled": one.journal.enabled >= other.journal.enabled,
        "journal-path": one.journal.path == other.journal.path,
        "syslog": one.journal.syslog >= other.journal.syslog,
        "journal-required": one.journal.required >= other.journal.required,
        "journal-size": one.journal.max_size == other.journal.max_size,
        # a project that several indexes offer is refused unless it is tied to one of them: who only tightens ties nothing
        "ties": all(
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
    names = {key: name for key, name in zip(KEYS, KEY_NAMES, strict=True) if key in admin.values}
    assert loosened.isdisjoint(names.values())
    assert "mode" not in loosened
    assert not ({"ties"} & loosened and admin.ties)
    profile = set() if admin.profile is None else set(PROFILES[admin.profile].severities)
    set_rules = {*admin.severities, *profile, *(rule for key in admin.values for rule in key.rules)}
    assert set_rules <= alone.locked
    assert looser_rules(policy, alone.policy).isdisjoint(set_rules)
    # and what these rules go by stays, even where the file says nothing of it
    assert {names_of(key) for key in KEYS if set_rules.intersection(key.rules)}.isdisjoint(loosened)


KEY_NAMES = (
    "mode",
    "advisory-message",
    "approved",
    "file-hosts",
    "local-find-links",
    "proxies",
    "local-projects",
    "minimum-age",
    "exempt-from-age",
    "unknown-age",
    "advisories",
    "public-indexes",
    "exempt-from-advisories",
    "unavailable",
    "journal-enabled",
    "journal-path",
    "syslog",
    "journal-required",
    "journal-size",
)


def names_of(key: AnyKey) -> str:
    return KEY_NAMES[KEYS.index(key)]


@given(admin=admins, user=users)
def test_nearer_file_wins_where_nothing_is_locked(admin: Layer, user: Layer) -> None:
    merged = merge([Layer(**{**fields(admin), "locked": False}), user], RULES)
    for key in KEYS:
        expected = next((each[key] for each in (expanded(user), expanded(admin)) if key in each), key.default)
        assert merged.values[key] == expected
    for rule, default in RULES.items():
        stated = [each[rule] for each in (expanded_rules(user), expanded_rules(admin)) if rule in each]
        assert merged.policy.severity(rule, default) is (stated[0] if stated else default)
    assert merged.policy.exceptions == (*admin.exceptions, *user.exceptions)
    assert merged.policy.indexes.projects == {**admin.ties, **user.ties}
    assert list(merged.policy.indexes.projects)[: len(user.ties)] == list(user.ties)
    assert (merged.policy.ineffective, merged.policy.indexes.restrictions, merged.lock) == ((), (), None)


@given(admin=admins, user=users, project=projects)
def test_order_of_the_layers_does_not_matter(admin: Layer, user: Layer, project: Layer) -> None:
    assert merge([admin, user, project], RULES).policy == merge([project, user, admin], RULES).policy


def fields(layer: Layer) -> dict[str, Any]:
    return {name: getattr(layer, name) for name in Layer.__annotations__}


def expanded(layer: Layer) -> dict[AnyKey, object]:
    of_profile = {} if layer.profile is None else {LOCAL_PROJECTS: PROFILES[layer.profile].local_projects}
    return {**of_profile, **layer.values}


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


def test_without_layers_the_defaults_hold() -> None:
    merged = merge([], RULES)
    assert merged.policy == Policy()
    assert (merged.sources, merged.ignored, merged.lock, merged.locked) == ({}, (), None, frozenset())


@pytest.mark.parametrize("profile", list(Profile))
def test_all_profiles_set_the_same(profile: Profile) -> None:
    assert PROFILES[profile].severities.keys() == PROFILES[Profile.DEVELOPER].severities.keys()


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
    }


def test_lock_settles_whole_subjects() -> None:
    locked = admin(locked=True, values={APPROVED: PLACES[:1]})
    merged = merge(
        [
            locked,
            user(
                values={FILE_HOSTS: PLACES, MINIMUM_AGE: timedelta(0)},
                severities={"direct-url": Severity.OFF, "missing-hash": Severity.ERROR},
            ),
        ],
        RULES,
    )
    assert merged.policy.indexes.file_hosts == ()
    assert merged.policy.releases.minimum_age == timedelta(0)
    assert (in_force(merged, "direct-url"), in_force(merged, "missing-hash")) == ("error", "error")
    assert merged.lock is locked
    assert FILE_HOSTS in merged.locked_keys
    assert MINIMUM_AGE not in merged.locked_keys
    assert [(ignored.path, ignored.source.layer.trust) for ignored in merged.ignored] == [
        (("rules", "direct-url"), Trust.USER)
    ]


def test_only_the_administrator_locks() -> None:
    merged = merge([user(locked=True, severities={"missing-hash": Severity.ERROR})], RULES)
    assert (merged.lock, merged.locked) == (None, frozenset())


def test_exceptions_from_what_is_locked_do_not_count() -> None:
    mine = tuple(
        PolicyException(rule=rule, project="demo", reason="x") for rule in ("recent-release", "source-distribution")
    )
    locked = admin(locked=True, severities={"recent-release": Severity.ERROR}, exceptions=mine[:1])
    merged = merge([locked, user(exceptions=mine), project(exceptions=mine[1:])], RULES)
    assert merged.policy.exceptions == (mine[0], mine[1])
    assert merged.policy.ineffective == (mine[0], mine[1])


def test_ties_that_may_not_loosen_restrict() -> None:
    one, other = PLACES[0], PLACES[2]
    merged = merge([user(ties={"acme-*": one}), project(ties={"acme-web": other, "other": other})], RULES)
    indexes = merged.policy.indexes
    assert [indexes.owner(name) for name in NAMES] == [one, one, None]
    assert [list(indexes.required(name)) for name in NAMES] == [[], [other], [other]]


def test_user_may_not_loosen_ties_that_are_locked() -> None:
    merged = merge([admin(locked=True, ties={"acme-*": PLACES[0]}), user(ties={"*": PLACES[2]})], RULES)
    assert TIES_RULE in merged.locked
    assert merged.policy.indexes.restrictions == ({"*": PLACES[2]},)


def test_first_file_that_decided_is_the_source() -> None:
    merged = merge(
        [
            user(values={MINIMUM_AGE: timedelta(days=5)}, severities={"missing-hash": Severity.ERROR}),
            project(values={MINIMUM_AGE: timedelta(days=5)}, severities={"missing-hash": Severity.ERROR}),
        ],
        RULES,
    )
    assert merged.sources[MINIMUM_AGE.path].layer.trust is Trust.USER
    assert merged.sources["rules", "missing-hash"].layer.trust is Trust.USER
    assert merged.ignored == ()


def test_lines_are_looked_up_when_they_are_asked_for() -> None:
    layer = user(values={MINIMUM_AGE: timedelta(0)}, lines=lambda: {("releases", "minimum-age"): 7})
    assert merge([layer], RULES).sources[MINIMUM_AGE.path].line == 7
    assert merge([user(values={MINIMUM_AGE: timedelta(0)})], RULES).sources[MINIMUM_AGE.path].line is None


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
    layers = [user(values={FILE_HOSTS: parse_locations(one)}), project(values={FILE_HOSTS: parse_locations(other)})]
    assert merge(layers, RULES).policy.indexes.file_hosts == parse_locations(both)


def test_index_is_approved_as_it_is_or_not_at_all() -> None:
    layers = [
        user(values={APPROVED: parse_locations(["https://a.example/"])}),
        project(values={APPROVED: parse_locations(["https://a.example/simple/"])}),
    ]
    assert merge(layers, RULES).policy.indexes.approved == ()


def test_keys_name_rules_that_exist() -> None:
    assert {rule for key in KEYS for rule in key.rules} <= RULES.keys()
    assert TIES_RULE in RULES
    assert parse_location("https://a.example/") == PLACES[0]
    assert STRICTER_SEVERITY(Severity.OFF, Severity.WARNING) is Severity.WARNING
