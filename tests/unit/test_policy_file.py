"""Test which policy file is in force, how it is read, and what is said of one that is wrong."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from pip_guard.allowance import Allowance
from pip_guard.errors import PolicyError, UsageError
from pip_guard.policy import Indexes, LocalFindLinks, LocalProjects, Policy, Releases, parse_locations
from pip_guard.policy_file import (
    check_rule,
    find_policy,
    load_policy,
    parse_policy,
    read_policy_text,
    user_policy_path,
)
from pip_guard.rule import Severity
from pip_guard.urls import InvalidURL, parse_index

RULES = {"some-rule": Severity.ERROR, "other-rule": Severity.WARNING}
DIGEST = "ab" * 32


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the user a home folder without a policy."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path


def write(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def severities(policy: Policy) -> dict[str, str]:
    return {rule: severity.value for rule, severity in policy.severities.items()}


def test_policy_of_the_user_is_in_the_configuration_folder(home: Path) -> None:
    assert user_policy_path() == home / "config" / "pip-guard" / "policy.toml"


def test_defaults_hold_where_there_is_no_policy(home: Path) -> None:
    assert find_policy(None, {}) is None
    assert load_policy(None, {}, RULES) == Policy()


@pytest.mark.parametrize(
    ("option", "variable", "in_force"),
    [
        pytest.param(None, None, "user", id="user's-own"),
        pytest.param(None, "", "user", id="empty-variable"),
        pytest.param(None, "{home}/variable.toml", "variable", id="variable"),
        pytest.param("{home}/option.toml", "{home}/variable.toml", "option", id="option"),
    ],
)
def test_first_of_option_variable_and_user_is_in_force(
    home: Path, option: str | None, variable: str | None, in_force: str
) -> None:
    for name, path in {
        "user": user_policy_path(),
        "variable": home / "variable.toml",
        "option": home / "option.toml",
    }.items():
        write(path, f'[rules]\n{name} = "off"\n')
    named = None if option is None else option.format(home=home)
    environ = {} if variable is None else {"PIP_GUARD_POLICY": variable.format(home=home)}
    policy = load_policy(named, environ, dict.fromkeys(["user", "variable", "option"], Severity.ERROR))
    assert severities(policy) == {in_force: "off"}


def folder(path: Path) -> None:
    path.mkdir(parents=True)


def dangling(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to("nowhere")


def make_pipe(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    os.mkfifo(path)


def lead_to(target: str) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(target)

    return make


def file(content: bytes) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        write(path, content)

    return make


def nothing(path: Path) -> None:
    return


BROKEN = [
    pytest.param(folder, ": is a folder, not a file", id="folder"),
    pytest.param(dangling, ": No such file or directory", id="dangling-link"),
    pytest.param(file(b"x" * (4 * 1024 * 1024 + 1)), ": is larger than 4 MiB", id="too-large"),
    pytest.param(file(b"\n# \xe4\n"), ":2: is not UTF-8 (byte 3)", id="latin-1"),
    pytest.param(file("[rules]\n".encode("utf-16")), ":1: is not UTF-8 (byte 0)", id="utf-16"),
    pytest.param(file(b"rules = \n"), ":1: Invalid value", id="no-toml"),
    pytest.param(file(b"\xef\xbb\xbf[rules]\n"), ":1: Invalid statement", id="byte-order-mark"),
    pytest.param(file(b"x = " + b"[" * 100_000), ": is nested too deep", id="nested-too-deep"),
    pytest.param(file(b"x = " + b"9" * 5000), ": holds a number with too many digits", id="number-too-long"),
    pytest.param(make_pipe, ": is a pipe, not a file", id="pipe"),
    pytest.param(lead_to("/dev/zero"), ": is a device, not a file", id="device"),
    pytest.param(lead_to("policy.toml"), f": {os.strerror(errno.ELOOP)}", id="link-to-itself"),
]


@pytest.mark.parametrize(("make", "problem"), BROKEN)
def test_refuses_a_policy_that_cannot_be_read(home: Path, make: Callable[[Path], None], problem: str) -> None:
    make(user_policy_path())
    with pytest.raises(PolicyError) as caught:
        load_policy(None, {}, RULES)
    assert caught.value.problems == (f"{user_policy_path()}{problem}",)


@pytest.mark.parametrize(
    ("make", "problem"), [*BROKEN, pytest.param(nothing, ": No such file or directory", id="missing")]
)
@pytest.mark.parametrize("by_variable", [pytest.param(True, id="variable"), pytest.param(False, id="option")])
def test_refuses_a_named_policy_that_cannot_be_read(
    home: Path, make: Callable[[Path], None], problem: str, by_variable: bool
) -> None:
    path = home / "named.toml"
    make(path)
    with pytest.raises(PolicyError) as caught:
        load_policy(None if by_variable else str(path), {"PIP_GUARD_POLICY": str(path)}, RULES)
    assert caught.value.problems == (f"{path}{problem}",)


@pytest.mark.skipif(os.geteuid() == 0, reason="root can read everything")
def test_refuses_a_policy_that_the_user_may_not_read(home: Path) -> None:
    write(home / "named.toml", "").chmod(0)
    with pytest.raises(PolicyError, match="Permission denied"):
        load_policy(str(home / "named.toml"), {}, RULES)


def test_largest_policy_is_read(home: Path) -> None:
    text = "#" * (4 * 1024 * 1024 - 1) + "\n"
    assert read_policy_text(write(home / "large.toml", text)) == text


def test_lines_are_read_as_they_are(home: Path) -> None:
    assert read_policy_text(write(home / "p.toml", "# a\r\n# ä\n")) == "# a\r\n# ä\n"


def parse(text: str) -> Policy:
    return parse_policy(text, source="p.toml", rules=iter(RULES))


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
            '[indexes.projects]\n"Acme_*" = "https://a.example/simple/"\n',
            Policy(
                indexes=Indexes(
                    approved=parse_locations(["https://a.example/simple/", "https://b.example/"]),
                    file_hosts=(),
                    local_find_links=LocalFindLinks.APPROVED,
                    projects={"acme-*": parse_locations(["https://a.example/simple/"])[0]},
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
        pytest.param('[sources]\nlocal-projects = "never"\n', Policy(local_projects=LocalProjects.NEVER), id="sources"),
        pytest.param(
            '[[exceptions]]\nrule = "some-rule"\nreason = "known"\n',
            Policy(allowances=(Allowance(rule="some-rule", project=None, reason="known"),)),
            id="exception-for-every-project",
        ),
        pytest.param(
            '[[exceptions]]\nrule = "some-rule"\nreason = "a"\nproject = "Zope.Interface"\nversion = ">=1,<2"\n'
            f'hash = "sha256:{DIGEST}"\nexpires = 2027-01-31\n'
            '[[exceptions]]\nrule = "other-rule"\nreason = "b"\nproject = "acme_*"\n',
            Policy(
                allowances=(
                    Allowance(
                        rule="some-rule",
                        project="zope-interface",
                        reason="a",
                        version=">=1,<2",
                        hash=f"sha256:{DIGEST}",
                        expires=date(2027, 1, 31),
                    ),
                    Allowance(rule="other-rule", project="acme-*", reason="b"),
                )
            ),
            id="exceptions",
        ),
    ],
)
def test_parses(text: str, policy: Policy) -> None:
    assert parse(text) == policy


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
            '[indexes.projects]\nacme = "acme.example"\n',
            [f"p.toml:2: indexes.projects.acme: {refusal_of('acme.example')}"],
            id="owner",
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
    (allowance,) = parse(f'{ENTRY}hash = "{hash_}"\n').allowances
    assert allowance.hash == hash_


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


def test_rule_to_allow_must_exist() -> None:
    assert check_rule("some-rule", iter(RULES)) == "some-rule"
    with pytest.raises(UsageError) as caught:
        check_rule("no-rule", iter(RULES))
    assert (caught.value.message, caught.value.hint) == (
        "--guard-allow=no-rule: there is no such rule.",
        "The rules are some-rule, other-rule.",
    )
