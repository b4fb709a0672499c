"""Test what a policy says about advisories, and whom it may not excuse."""

from __future__ import annotations

from pathlib import Path

import pytest

from pip_guard.errors import ExitCode, PolicyError
from pip_guard.facts.violation import Severity
from pip_guard.policy.exceptions import allow_once
from pip_guard.policy.known_rules import KnownRules
from pip_guard.policy.model import Advisories, Policy
from pip_guard.policy.parser import parse_policy
from pip_guard.urls.location import parse_location

RULES = KnownRules(severities=dict.fromkeys(("known-malicious", "known-vulnerability"), Severity.ERROR))
HASH = "sha256:" + "a" * 64
ONE_FILE = 'known-malicious can only be excused for one exact file: a project, a version such as "==1.2.3" and a hash'


def parse(text: str) -> Policy:
    return parse_policy(text, source="policy.toml", rules=RULES)


def problems(text: str) -> tuple[str, ...]:
    with pytest.raises(PolicyError) as raised:
        parse(text)
    assert raised.value.exit_code == ExitCode.POLICY
    return raised.value.problems


def exception(**fields: str) -> str:
    values = {"rule": "known-malicious", "reason": "read it", **fields}
    return "\n".join(["[[exceptions]]", *(f'{key} = "{value}"' for key, value in values.items())])


def test_public_service_is_asked_by_default_and_its_silence_is_a_warning() -> None:
    expected = Advisories(source=parse_location("https://api.osv.dev"), exempt_indexes=(), unavailable=Severity.WARNING)
    assert parse("").advisories == parse("[advisories]").advisories == expected


def test_public_index_is_pypi_unless_the_policy_names_others() -> None:
    assert [str(place) for place in parse("").advisories.public_indexes] == [
        "https://pypi.org/simple",
        "https://files.pythonhosted.org/",
    ]
    named = parse('[advisories]\npublic-indexes = ["https://mirror.example/simple/"]').advisories
    assert named.public_indexes == (parse_location("https://mirror.example/simple/"),)


@pytest.mark.parametrize(
    ("source", "url"),
    [
        pytest.param("https://mirror.example/osv/", "https://mirror.example/osv", id="mirror"),
        pytest.param("https://mirror.example:8443", "https://mirror.example:8443/", id="port"),
        pytest.param("http://localhost:8080/osv", "http://localhost:8080/osv", id="on-this-machine"),
        pytest.param("/srv/osv/all.zip", "file:///srv/osv/all.zip", id="path"),
        pytest.param("/srv/o s v", "file:///srv/o%20s%20v", id="path-with-blanks"),
        pytest.param("file:///srv/osv", "file:///srv/osv", id="file-url"),
    ],
)
def test_source_is_a_service_or_an_export(source: str, url: str) -> None:
    assert str(parse(f'[advisories]\nsource = "{source}"').advisories.source) == str(parse_location(url))


def test_path_leads_to_the_file(tmp_path: Path) -> None:
    path = tmp_path / "the export.zip"
    assert parse(f"[advisories]\nsource = '{path}'").advisories.source.local_path == str(path)


def test_other_keys_are_read() -> None:
    text = '[advisories]\nunavailable = "error"\nexempt-indexes = ["https://pypi.acme.example/simple/"]'
    advisories = parse(text).advisories
    assert advisories.unavailable is Severity.ERROR
    assert advisories.exempt_indexes == (parse_location("https://pypi.acme.example/simple/"),)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        pytest.param('source = ""', "source: must not be empty", id="empty"),
        pytest.param("source = 5", "source: must be a string, not a number", id="number"),
        pytest.param(
            'source = "http://mirror.example"',
            "source: must be an https URL, an http URL of this machine, a file URL or an absolute path",
            id="without-tls",
        ),
        pytest.param(
            'source = "https://user:secret@mirror.example"',
            "source: must not have a password; .netrc can",
            id="password",
        ),
        pytest.param(
            'unavailable = "off"',
            'unavailable: must be one of error, warning, not "off"',
            id="off",
        ),
        pytest.param('unavailable = "no"', 'unavailable: must be one of error, warning, not "no"', id="word"),
        pytest.param("exempt-indexes = [5]", "exempt-indexes[0]: must be a string, not a number", id="number-as-index"),
        pytest.param('sourc = "x"', 'sourc: there is no such key; did you mean "source"?', id="unknown-key"),
    ],
)
def test_says_what_is_wrong(line: str, problem: str) -> None:
    assert f"policy.toml:2: advisories.{problem}" in problems(f"[advisories]\n{line}")


@pytest.mark.parametrize("source", ["all.zip", "https://mirror.example/?x", "C:advisories", "https://"])
def test_source_must_be_a_place(source: str) -> None:
    (problem,) = problems(f'[advisories]\nsource = "{source}"')
    assert problem.startswith("policy.toml:2: advisories.source: ")


@pytest.mark.parametrize("version", ["==1.0", "===1.0", " == 1!2.0+local"])
def test_malware_is_excused_by_one_file(version: str) -> None:
    (parsed,) = parse(exception(project="demo", version=version, hash=HASH)).exceptions
    assert parsed.is_exact


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({}, id="rule"),
        pytest.param({"project": "demo"}, id="name"),
        pytest.param({"project": "demo", "version": "==1.0"}, id="version"),
        pytest.param({"project": "demo", "hash": HASH}, id="no-version"),
        pytest.param({"version": "==1.0", "hash": HASH}, id="no-name"),
        pytest.param({"project": "demo-*", "version": "==1.0", "hash": HASH}, id="pattern"),
        pytest.param({"project": "demo", "version": "==1.*", "hash": HASH}, id="wildcard"),
        pytest.param({"project": "demo", "version": "~=1.0", "hash": HASH}, id="range"),
        pytest.param({"project": "demo", "version": "==1.0,==1.0", "hash": HASH}, id="two-specifiers"),
    ],
)
def test_malware_is_excused_by_nothing_less(fields: dict[str, str]) -> None:
    assert problems(exception(**fields)) == (f"policy.toml:2: exceptions[0].rule: {ONE_FILE}",)


def test_vulnerabilities_are_excused_like_anything_else() -> None:
    assert parse(exception(rule="known-vulnerability", project="demo-*")).exceptions


def test_malware_is_not_excused_by_an_option() -> None:
    with pytest.raises(PolicyError) as raised:
        allow_once("known-malicious", None, RULES)
    assert raised.value.exit_code == ExitCode.POLICY
    assert raised.value.message == (
        "The policy cannot be used:\n"
        "--guard-allow=known-malicious: this rule can only be excused for one exact file, which an option cannot name"
    )
    assert raised.value.hint == (
        "If you are sure of the file, add an exception with project, version and hash to the policy."
    )
    assert allow_once("known-vulnerability", None, RULES).rule == "known-vulnerability"
