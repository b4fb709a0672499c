"""Test what the text of a policy file sets, and what is said of one that is wrong."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from pip_guard.commands.assembly import KNOWN_RULES
from pip_guard.errors import PolicyError
from pip_guard.facts.violation import Severity
from pip_guard.policy.exceptions import PolicyException
from pip_guard.policy.known_rules import KnownRules
from pip_guard.policy.layers import Layer, Trust
from pip_guard.policy.model import Indexes, LocalFindLinks, LocalProjects, Policy, Publishers, Releases, parse_locations
from pip_guard.policy.parser import PolicyTextError, parse_layer, parse_policy
from pip_guard.urls.location import InvalidURL, parse_index

RULES = KnownRules(severities={"some-rule": Severity.ERROR, "other-rule": Severity.WARNING})
DIGEST = "ab" * 32
PROJECT_INDEPENDENT = sorted(KNOWN_RULES.project_independent)
CONDITIONS = {
    "project": "docopt",
    "version": "==0.6.2",
    "hash": f"sha256:{DIGEST}",
    "url": "https://docopt.example/",
}


def parse(text: str) -> Policy:
    return parse_policy(text, source="p.toml", rules=RULES)


@pytest.mark.parametrize(
    ("text", "policy"),
    [
        pytest.param("", Policy(), id="empty"),
        pytest.param("[rules]\n[indexes]\n[sources]\n", Policy(), id="empty-tables"),
        pytest.param("exceptions = []\n", Policy(), id="no-exceptions"),
        pytest.param(
            '[rules]\nsome-rule = "warning"\nother-rule = "off"\n',
            Policy(severities={"some-rule": Severity.WARNING, "other-rule": Severity.OFF}),
            id="severities",
        ),
        pytest.param(
            '[indexes]\napproved = ["https://a.example/simple", "https://b.example/"]\n'
            'file-hosts = []\nlocal-find-links = "approved"\nproxies = ["http://proxy.example:3128"]\n'
            '[indexes.projects]\n"Acme_*" = "https://a.example/simple/"\nother = "https://a.example/simple/"\n',
            Policy(
                indexes=Indexes(
                    approved=parse_locations(["https://a.example/simple/", "https://b.example/"]),
                    file_hosts=(),
                    local_find_links=LocalFindLinks.APPROVED,
                    projects=dict.fromkeys(("acme-*", "other"), parse_locations(["https://a.example/simple/"])[0]),
                    proxies=parse_locations(["http://proxy.example:3128/"]),
                )
            ),
            id="indexes",
        ),
        pytest.param(
            '[releases]\nminimum-age = "P1W2DT3H4M"\nunknown-age = "error"\nexempt-indexes = ["https://a.example/"]\n',
            Policy(
                releases=Releases(
                    minimum_age=timedelta(weeks=1, days=2, hours=3, minutes=4),
                    exempt_indexes=parse_locations(["https://a.example/"]),
                    unknown_age=Severity.ERROR,
                )
            ),
            id="releases",
        ),
        pytest.param(
            '[publishers]\n"Acme_*" = "GitHub:Acme/Tools"\nb = "gitlab:a/b/c"\nc = "google:a@b.example"\nunavailable = "warning"\n',
            Policy(
                publishers=Publishers(
                    projects={"acme-*": "github:acme/tools", "b": "gitlab:a/b/c", "c": "google:a@b.example"},
                    unavailable=Severity.WARNING,
                )
            ),
            id="publishers",
        ),
        pytest.param('[sources]\nlocal-projects = "never"\n', Policy(local_projects=LocalProjects.NEVER), id="sources"),
        pytest.param(
            '[[exceptions]]\nrule = "some-rule"\nreason = "known"\n',
            Policy(exceptions=(PolicyException(rule="some-rule", project=None, reason="known"),)),
            id="exception-for-every-project",
        ),
        pytest.param(
            '[[exceptions]]\nrule = "some-rule"\nreason = "a"\nproject = "Zope.Interface"\nversion = ">=1,<2"\n'
            f'hash = "sha256:{DIGEST}"\nexpires = 2027-01-31\n'
            '[[exceptions]]\nrule = "other-rule"\nreason = "b"\nproject = "acme_*"\n',
            Policy(
                exceptions=(
                    PolicyException(
                        rule="some-rule",
                        project="zope-interface",
                        reason="a",
                        version=">=1,<2",
                        hash=f"sha256:{DIGEST}",
                        expires=date(2027, 1, 31),
                    ),
                    PolicyException(rule="other-rule", project="acme-*", reason="b"),
                )
            ),
            id="exceptions",
        ),
    ],
)
def test_parses(text: str, policy: Policy) -> None:
    assert parse(text) == policy


NO_PUBLISHER = 'must be a publisher such as "github:owner/repository", "gitlab:group/project" or "google:email"'


def refusal_of(url: str) -> str:
    with pytest.raises(InvalidURL) as caught:
        parse_index(url)
    return str(caught.value)


ENTRY = '[[exceptions]]\nrule = "some-rule"\nreason = "known"\n'
HASH = 'p.toml:4: exceptions[0].hash: must be "sha256:" and the 64 hexadecimal digits, or that of sha384 or sha512'


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        pytest.param(
            'profil = "ci"\n', ['p.toml:1: profil: there is no such key; did you mean "profile"?'], id="unknown-key"
        ),
        pytest.param("rules = 1\n", ["p.toml:1: rules: must be a table, not a number"], id="no-table"),
        pytest.param(
            '[rules]\nsome-rul = "off"\n',
            ['p.toml:2: rules.some-rul: there is no rule "some-rul"; did you mean "some-rule"?'],
            id="unknown-rule",
        ),
        pytest.param(
            '[rules]\nsome-rule = "allow"\nother-rule = false\n',
            [
                'p.toml:2: rules.some-rule: must be one of error, warning, off, not "allow"',
                "p.toml:3: rules.other-rule: must be a string, not a boolean",
            ],
            id="severity",
        ),
        pytest.param(
            '[indexes]\napproved = ["pypi.org", "https://a.example/", "https://me:pw@a.example:x/"]\n',
            [
                f"p.toml:2: indexes.approved[0]: {refusal_of('pypi.org')}",
                f"p.toml:2: indexes.approved[2]: {refusal_of('https://me:pw@a.example:x/')}",
            ],
            id="urls",
        ),
        pytest.param(
            '[indexes]\naproved = []\nlocal-find-links = "never"\n',
            [
                'p.toml:2: indexes.aproved: there is no such key; did you mean "approved"?',
                'p.toml:3: indexes.local-find-links: must be one of command-line, approved, not "never"',
            ],
            id="indexes",
        ),
        pytest.param(
            '[publishers]\na = "acme/a"\nb = "github:acme"\nc = ""\nd = 1\nunavailable = "off"\n',
            [
                f"p.toml:2: publishers.a: {NO_PUBLISHER}",
                f"p.toml:3: publishers.b: {NO_PUBLISHER}",
                "p.toml:4: publishers.c: must not be empty",
                "p.toml:5: publishers.d: must be a string, not a number",
                'p.toml:6: publishers.unavailable: must be one of error, warning, not "off"',
            ],
            id="publishers",
        ),
        pytest.param(
            '[indexes.projects]\nacme = "acme.example"\n',
            [f"p.toml:2: indexes.projects.acme: {refusal_of('acme.example')}"],
            id="owner",
        ),
        pytest.param(
            '[indexes.projects]\nacme = "acme.example"\nother = "acme.example"\n',
            [
                f"p.toml:2: indexes.projects.acme: {refusal_of('acme.example')}",
                f"p.toml:3: indexes.projects.other: {refusal_of('acme.example')}",
            ],
            id="owner-of-two",
        ),
        pytest.param(
            '[indexes.projects]\nacme = 1\nother = ""\n',
            [
                "p.toml:2: indexes.projects.acme: must be a string, not a number",
                "p.toml:3: indexes.projects.other: must not be empty",
            ],
            id="owner-that-is-no-url",
        ),
        pytest.param(
            "[indexes]\nprojects = 1\n", ["p.toml:2: indexes.projects: must be a table, not a number"], id="owners"
        ),
        pytest.param(
            '[indexes]\napproved = ["https://a.example/?x="]\n',
            [f"p.toml:2: indexes.approved[0]: {refusal_of('https://a.example/?x=')}"],
            id="index-with-a-query",
        ),
        pytest.param(
            "[sources]\nlocal-projects = true\n",
            ["p.toml:2: sources.local-projects: must be a string, not a boolean"],
            id="sources",
        ),
        pytest.param(
            "[[exceptions]]\n",
            ["p.toml:1: exceptions[0].rule: is missing", "p.toml:1: exceptions[0].reason: is missing"],
            id="exception-without-rule-and-reason",
        ),
        pytest.param(
            '[[exceptions]]\nrule = ""\nreason = " "\nproject = ""\n',
            [
                "p.toml:2: exceptions[0].rule: must not be empty",
                "p.toml:3: exceptions[0].reason: must not be empty",
                "p.toml:4: exceptions[0].project: must not be empty",
            ],
            id="empty-values-of-an-exception",
        ),
        pytest.param(
            '[[exceptions]]\nrule = "sum-rule"\nreason = "x"\n',
            ['p.toml:2: exceptions[0].rule: there is no rule "sum-rule"; did you mean "some-rule"?'],
            id="exception-from-an-unknown-rule",
        ),
        pytest.param(
            f'{ENTRY}version = "1.0"\n',
            ['p.toml:4: exceptions[0].version: must be a version specifier such as "==1.2.3", not "1.0"'],
            id="version",
        ),
        pytest.param(f'{ENTRY}hash = "{DIGEST}"\n', [HASH], id="hash-without-algorithm"),
        pytest.param(f'{ENTRY}hash = "sha256:"\n', [HASH], id="empty-hash"),
        pytest.param(f'{ENTRY}hash = "sha256:{DIGEST[:31]}"\n', [HASH], id="short-hash"),
        pytest.param(f'{ENTRY}hash = "sha256:{DIGEST[:-1]}x"\n', [HASH], id="no-hexadecimal-hash"),
        pytest.param(f'{ENTRY}hash = ":{DIGEST}"\n', [HASH], id="hash-with-empty-algorithm"),
        pytest.param(f'{ENTRY}hash = "sha256={DIGEST}"\n', [HASH], id="hash-with-equals"),
        pytest.param(f'{ENTRY}hash = "md5:{DIGEST[:32]}"\n', [HASH], id="weak-hash"),
        pytest.param(f'{ENTRY}hash = "sha512:{DIGEST}"\n', [HASH], id="digest-of-another-algorithm"),
        pytest.param(
            f'{ENTRY}expires = "2027-01-31"\n',
            ["p.toml:4: exceptions[0].expires: must be a date such as 2027-01-31, not a string"],
            id="date-as-string",
        ),
        pytest.param(
            f"{ENTRY}expires = 2027-01-31T00:00:00\n",
            ["p.toml:4: exceptions[0].expires: must be a date such as 2027-01-31, not a date or a time"],
            id="date-with-time",
        ),
        pytest.param(
            f"{ENTRY}{ENTRY}until = 2027-01-31\n",
            ["p.toml:7: exceptions[1].until: there is no such key"],
            id="unknown-key-of-an-exception",
        ),
        pytest.param(
            f"{ENTRY.replace('[[exceptions]]', '[exceptions]')}",
            ["p.toml:1: exceptions: must be an array of tables, each headed [[exceptions]], not a table"],
            id="exception-headed-like-a-table",
        ),
        pytest.param(
            "[rules]\nx = 1\n[indexes]\napproved = 1\n[sources]\ny = 2\n[[exceptions]]\nz = 3\n",
            [
                'p.toml:2: rules.x: there is no rule "x"',
                "p.toml:4: indexes.approved: must be a list of strings, not a number",
                "p.toml:6: sources.y: there is no such key",
                "p.toml:7: exceptions[0].rule: is missing",
                "p.toml:7: exceptions[0].reason: is missing",
                "p.toml:8: exceptions[0].z: there is no such key",
            ],
            id="all-at-once",
        ),
        pytest.param(
            '[rules]\nsome-rule = "off"\nsome-rule = "off"\n',
            ["p.toml:3: some-rule: is given twice"],
            id="key-given-twice",
        ),
    ],
)
def test_refuses_what_it_does_not_understand(text: str, problems: list[str]) -> None:
    with pytest.raises(PolicyError) as caught:
        parse(text)
    assert list(caught.value.problems) == problems


@pytest.mark.parametrize("hash_", [f"sha256:{DIGEST}", f"sha384:{DIGEST}{DIGEST[:32]}", f"sha512:{DIGEST}{DIGEST}"])
def test_reads_a_hash(hash_: str) -> None:
    (exception,) = parse(f'{ENTRY}hash = "{hash_}"\n').exceptions
    assert exception.hash == hash_


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        pytest.param("P3D", timedelta(days=3), id="days"),
        pytest.param("P2W", timedelta(weeks=2), id="weeks"),
        pytest.param("PT12H", timedelta(hours=12), id="hours"),
        pytest.param("PT90M", timedelta(minutes=90), id="minutes"),
        pytest.param("P1DT1H", timedelta(days=1, hours=1), id="days-and-hours"),
        pytest.param("P0D", timedelta(), id="none"),
        pytest.param("P9999W", timedelta(weeks=9999), id="largest"),
    ],
)
def test_reads_a_duration(text: str, duration: timedelta) -> None:
    assert parse(f'[releases]\nminimum-age = "{text}"\n').releases.minimum_age == duration


@pytest.mark.parametrize(
    "text",
    ["3 days", "3", "P", "PT", "P3DT", "P3", "P3H", "PT3D", "P1M", "P1Y", "P-3D", "P1.5D", "p3d", "P3D ", "P99999D"],
)
def test_refuses_what_is_no_duration(text: str) -> None:
    with pytest.raises(PolicyError) as caught:
        parse(f'[releases]\nminimum-age = "{text}"\n')
    assert caught.value.problems == (
        f'p.toml:2: releases.minimum-age: must be a duration such as "P3D" or "PT12H", not "{text}"',
    )


# Exceptions that can excuse nothing


def read(text: str) -> Layer:
    return parse_layer(text, trust=Trust.USER, source="p.toml", rules=KNOWN_RULES)


def entry(rule: str, **conditions: str) -> str:
    lines = "".join(f'{key} = "{value}"\n' for key, value in conditions.items())
    return f'[[exceptions]]\nrule = "{rule}"\n{lines}reason = "known"\n'


@pytest.mark.parametrize("rule", PROJECT_INDEPENDENT)
def test_rule_that_names_no_project_is_excused_as_a_whole(rule: str) -> None:
    (exception,) = read(entry(rule)).exceptions
    assert (exception.rule, exception.project) == (rule, None)


@pytest.mark.parametrize("condition", CONDITIONS)
def test_other_rules_may_be_excused_under_any_condition(condition: str) -> None:
    assert read(entry("source-distribution", **{condition: CONDITIONS[condition]})).exceptions


@pytest.mark.parametrize("condition", CONDITIONS)
@pytest.mark.parametrize("rule", PROJECT_INDEPENDENT)
def test_refuses_a_condition_that_nothing_meets(rule: str, condition: str) -> None:
    text = entry("source-distribution") + entry(rule, **{condition: CONDITIONS[condition]})
    with pytest.raises(PolicyTextError) as caught:
        read(text)
    assert caught.value.problems == (
        (
            f"p.toml:6: exceptions[1].{condition}: {rule} is about no project, so that this exception would excuse nothing;"
            f' leave this key out, or set the severity of the rule: [rules] {rule} = "warning"'
        ),
    )


def test_names_all_of_them() -> None:
    with pytest.raises(PolicyTextError) as caught:
        read(entry("find-links", project="a", version="==1") + entry("running-as-root", project="b"))
    places = [problem.partition(": ")[2].partition(": ")[0] for problem in caught.value.problems]
    assert places == ["exceptions[0].project", "exceptions[0].version", "exceptions[1].project"]
