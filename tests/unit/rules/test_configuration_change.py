"""Test the rule against writing into a configuration what the other rules would refuse."""

from __future__ import annotations

from pathlib import Path

import pytest

from pip_guard.facts.command import ConfigurationChangeFacts
from pip_guard.facts.requirements import SourceFacts
from pip_guard.facts.violation import Violation
from pip_guard.frozen import replace
from pip_guard.policy.model import parse_locations
from pip_guard.policy.suggestions import approve, approve_index
from pip_guard.rules.configuration_change import RULE
from pip_guard.urls.compare import folder_of
from tests.unit.factories import (
    COMMAND_LINE,
    CONFIGURATION,
    ENVIRONMENT,
    make_configuration_change,
    make_policy,
    make_setting,
    make_source_facts,
)

POLICY = make_policy(proxies=parse_locations(["http://proxy.example:3128"]))


def of_index(value: str) -> ConfigurationChangeFacts:
    sources = make_source_facts(indexes=(make_setting(value, CONFIGURATION),))
    return make_configuration_change(key="index-url", value=value, sources=sources)


def of_links(value: str) -> ConfigurationChangeFacts:
    sources = make_source_facts(find_links=(make_setting(value, CONFIGURATION),))
    return make_configuration_change(key="find-links", value=value, sources=sources)


def of_file(value: str) -> ConfigurationChangeFacts:
    sources = make_source_facts(requirement_files=(make_setting(value, CONFIGURATION),))
    return make_configuration_change(key="constraint", value=value, sources=sources)


def of_proxy(value: str, *, private: bool = True) -> ConfigurationChangeFacts:
    sources = make_source_facts(proxies=(make_setting(value, CONFIGURATION),), private_authority=private)
    return make_configuration_change(key="proxy", value=value, sources=sources)


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param(make_configuration_change(), id="harmless-key"),
        pytest.param(of_index("https://pypi.example/simple"), id="approved-index"),
        pytest.param(of_links("https://pypi.example/simple/"), id="approved-page"),
        pytest.param(of_proxy("http://proxy.example:3128"), id="approved-proxy"),
        pytest.param(of_file("limits.txt"), id="local-constraints"),
        pytest.param(of_file("https://pypi.example/simple/limits.txt"), id="approved-constraints"),
        pytest.param(of_proxy("http://other.example:3128", private=False), id="proxy-that-can-read-nothing"),
        pytest.param(make_configuration_change(key="user", value="no"), id="no-user"),
        pytest.param(make_configuration_change(key="break-system-packages", value="False"), id="break-no-packages"),
        pytest.param(make_configuration_change(key="target", value=""), id="empty-target"),
        pytest.param(
            make_configuration_change(key="", value="", editor=make_setting("vi", COMMAND_LINE)),
            id="editor-on-command-line",
        ),
    ],
)
def test_lets_pass_what_no_rule_refuses(facts: ConfigurationChangeFacts) -> None:
    assert list(RULE.check(facts, POLICY)) == []


def default(what: str) -> Violation:
    return Violation(message=f"pip would make {what} the default of every later command.")


def source(key: str, value: str, *, index: bool = False) -> Violation:
    step = approve_index(value) if index else approve(key, folder_of(value) if key == "file-hosts" else value)
    return Violation(
        message=f"pip would make {value}, which is not approved, the default of every later command.",
        remedy=("If you trust it, approve it first.", step),
    )


LINES = Violation(
    message="The value has more than one line, so pip would write other settings, too.",
    remedy="Set each value with a command of its own.",
)


TRUSTED_FOLDER = ("If you trust it, approve it first.", approve("approved", "file:///srv/wheels"))
UNVERIFIED = Violation(
    message="pip would stop verifying the certificate of pypi.example in every later command.",
    remedy="For a private certificate authority, set its certificate instead: pip-guard config set global.cert FILE",
)


def editor(origin: object) -> Violation:
    return Violation(
        message="pip would start vi as an editor, through a shell.",
        origin=origin,  # type: ignore[arg-type]
        remedy="Name the editor on the command line, or in VISUAL or EDITOR.",
    )


@pytest.mark.parametrize(
    ("facts", "violations"),
    [
        pytest.param(
            of_index("https://evil.example/"), [source("approved", "https://evil.example/", index=True)], id="index"
        ),
        pytest.param(
            of_index("http://pypi.example/simple/"),
            [source("approved", "http://pypi.example/simple/", index=True)],
            id="index-without-tls",
        ),
        pytest.param(of_links("https://evil.example/"), [source("approved", "https://evil.example/")], id="page"),
        pytest.param(
            of_file("https://evil.example/c.txt"),
            [source("file-hosts", "https://evil.example/c.txt")],
            id="constraints-from-elsewhere",
        ),
        pytest.param(
            of_links("/srv/wheels"), [replace(source("approved", "/srv/wheels"), remedy=TRUSTED_FOLDER)], id="folder"
        ),
        pytest.param(
            of_proxy("http://other.example:3128"),
            [source("proxies", "http://other.example:3128")],
            id="proxy",
        ),
        pytest.param(
            make_configuration_change(
                key="trusted-host", sources=make_source_facts(trusted_hosts=(make_setting("pypi.example"),))
            ),
            [UNVERIFIED],
            id="trusted-host",
        ),
        *(
            pytest.param(make_configuration_change(key=key, value="/x"), [default(f"{key} = /x")], id=key)
            for key in (
                *("python", "target", "prefix", "root"),
                *("requirement", "requirements-from-script", "editable", "group"),
            )
        ),
        *(
            pytest.param(make_configuration_change(key=key, value="yes"), [default(f"{key} = yes")], id=key)
            for key in ("user", "break-system-packages")
        ),
        pytest.param(
            make_configuration_change(value="60\nindex-url = https://evil.example/"), [LINES], id="value-of-two-lines"
        ),
        pytest.param(make_configuration_change(key="timeout\rindex-url"), [LINES], id="key-of-two-lines"),
        pytest.param(
            make_configuration_change(editor=make_setting("vi", ENVIRONMENT)),
            [editor(ENVIRONMENT)],
            id="editor-by-variable",
        ),
        pytest.param(
            make_configuration_change(editor=make_setting("vi", CONFIGURATION)),
            [editor(CONFIGURATION)],
            id="editor-by-file",
        ),
    ],
)
def test_refuses_what_a_rule_would_refuse_later(facts: ConfigurationChangeFacts, violations: list[Violation]) -> None:
    assert list(RULE.check(facts, POLICY)) == violations


def test_approved_index_is_refused_without_tls() -> None:
    policy = make_policy(approved=parse_locations(["http://pypi.example/simple/"]))
    (violation,) = RULE.check(of_index("http://pypi.example/simple/"), policy)
    assert violation == source("approved", "http://pypi.example/simple/", index=True)


def test_approved_folder_may_be_written(tmp_path: Path) -> None:
    policy = make_policy(approved=parse_locations([tmp_path.as_uri()]))
    assert list(RULE.check(of_links(str(tmp_path)), policy)) == []
    assert list(RULE.check(of_links((tmp_path / "below").as_uri()), policy)) == []


def test_all_values_are_named() -> None:
    sources = SourceFacts(indexes=(make_setting("https://a.example/"), make_setting("https://b.example/")))
    violations = RULE.check(make_configuration_change(key="extra-index-url", sources=sources), POLICY)
    assert list(violations) == [
        source("approved", "https://a.example/", index=True),
        source("approved", "https://b.example/", index=True),
    ]
