"""Test what a policy says about the journal."""

from __future__ import annotations

import pytest

from pip_guard.errors import PolicyError
from pip_guard.policy.known_rules import KnownRules
from pip_guard.policy.layers import Layer, Trust, merge
from pip_guard.policy.model import Journal, Policy
from pip_guard.policy.parser import parse_layer, parse_policy
from pip_guard.policy.value_types import SIZES


def parse(text: str) -> Policy:
    return parse_policy(text, source="policy.toml", rules=KnownRules(severities={}))


def test_journal_is_kept_by_default_and_not_required() -> None:
    expected = Journal(enabled=True, path=None, syslog=False, required=False, max_size=10 * 1024 * 1024)
    assert parse("").journal == parse("[journal]").journal == expected


@pytest.mark.parametrize(
    ("line", "journal"),
    [
        pytest.param("enabled = false", Journal(enabled=False), id="off"),
        pytest.param('path = "/var/log/me/journal.jsonl"', Journal(path="/var/log/me/journal.jsonl"), id="path"),
        pytest.param('path = "~/journal.jsonl"', Journal(path="/home/me/journal.jsonl"), id="path-at-home"),
        pytest.param("syslog = true", Journal(syslog=True), id="syslog"),
        pytest.param("required = true", Journal(required=True), id="required"),
        pytest.param("required = true\nenabled = false", Journal(required=True), id="required-comes-first"),
        pytest.param('max-size = "512 KiB"', Journal(max_size=512 * 1024), id="kibibytes"),
        pytest.param('max-size = "1MiB"', Journal(max_size=1024 * 1024), id="mebibytes"),
        pytest.param('max-size = "2 GiB"', Journal(max_size=2 * 1024**3), id="gibibytes"),
    ],
)
def test_reads_a_setting(line: str, journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/me")
    assert parse(f"[journal]\n{line}").journal == journal


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        pytest.param("enabled = 1", "enabled: must be true or false, not a number", id="enabled"),
        pytest.param('syslog = "yes"', "syslog: must be true or false, not a string", id="syslog"),
        pytest.param(
            'path = "journal.jsonl"',
            'path: must be an absolute path, or begin with "~/", not "journal.jsonl"',
            id="relative-path",
        ),
        pytest.param('path = ""', "path: must not be empty", id="no-path"),
        pytest.param("max-size = 10", "max-size: must be a string, not a number", id="number"),
        pytest.param('max-size = "10"', 'max-size: must be a size such as "10 MiB", not "10"', id="no-unit"),
        pytest.param('max-size = "0 MiB"', 'max-size: must be a size such as "10 MiB", not "0 MiB"', id="zero"),
        pytest.param('max-size = "10 MB"', 'max-size: must be a size such as "10 MiB", not "10 MB"', id="other-unit"),
        pytest.param("file = 1", "file: there is no such key", id="key"),
    ],
)
def test_refuses_what_it_does_not_understand(lines: str, problem: str) -> None:
    with pytest.raises(PolicyError) as raised:
        parse(f"[journal]\n{lines}")
    assert raised.value.problems[0] == f"policy.toml:2: journal.{problem}"


def test_sizes_are_shown_as_they_are_written() -> None:
    for text in ("1 KiB", "512 KiB", "10 MiB", "1 GiB"):
        assert SIZES.plain(parse(f'[journal]\nmax-size = "{text}"').journal.max_size) == text


def layer(trust: Trust, text: str) -> Layer:
    return parse_layer(text, trust=trust, source=trust.value, rules=KnownRules(severities={}))


ADMINISTRATOR = """\
locked = true
[journal]
path = "/var/log/pip-guard.jsonl"
"""


def test_project_can_only_ask_for_more() -> None:
    text = '[tool.pip-guard.journal]\nenabled = false\npath = "/tmp/x"\nrequired = true\nsyslog = true\nmax-size = "1 KiB"\n'
    merged = merge([layer(Trust.PROJECT, text)], {})
    assert merged.policy.journal == Journal(required=True, syslog=True)


def test_user_decides_where_nobody_else_does() -> None:
    merged = merge([layer(Trust.USER, '[journal]\nenabled = false\nmax-size = "1 KiB"\n')], {})
    assert merged.policy.journal == Journal(enabled=False, max_size=1024)


def test_nobody_gets_out_of_a_journal_that_is_locked() -> None:
    user = '[journal]\nenabled = false\npath = "/tmp/x"\nmax-size = "1 KiB"\n'
    merged = merge([layer(Trust.USER, user), layer(Trust.ADMINISTRATOR, ADMINISTRATOR)], {})
    assert merged.policy.journal == Journal(path="/var/log/pip-guard.jsonl")
    assert "unwritten-journal" in merged.locked
