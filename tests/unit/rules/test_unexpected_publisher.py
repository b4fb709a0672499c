"""Test the rule against files of other publishers than those of the policy."""

from __future__ import annotations

from typing import Any

import pytest

from pip_guard.facts.resolution import PublisherFacts
from pip_guard.facts.violation import Allow, PolicyLines, Severity
from pip_guard.policy.model import Policy, Publishers
from pip_guard.rules.unexpected_publisher import RULE
from tests.unit.factories import ARGUMENT

WHEEL = "demo-1.0-py3-none-any.whl"
MUST = "The policy accepts demo only from github:acme/demo."


def facts(**only_what_matters: Any) -> PublisherFacts:
    made = {
        "project": "demo",
        "version": "1.0",
        "filename": WHEEL,
        "origin": ARGUMENT,
        "hashes": frozenset({"sha256:a"}),
    }
    return PublisherFacts(**{**made, **only_what_matters})


def pinned(*publishers: str, **fields: Any) -> Policy:
    first, *others = publishers or ("github:acme/demo",)
    return Policy(
        publishers=Publishers(projects={"demo": first}, restrictions=tuple({"*": other} for other in others), **fields)
    )


@pytest.mark.parametrize(
    ("pins", "found"),
    [
        pytest.param(["github:acme/demo"], ["github:acme/demo"], id="same"),
        pytest.param(["github:acme/*"], ["github:acme/demo"], id="any-repository"),
        pytest.param(["gitlab:acme/*/demo"], ["gitlab:acme/tools/demo"], id="one-group"),
        pytest.param(["google:*@acme.example"], ["google:me@acme.example"], id="any-account"),
        pytest.param(["github:acme/demo", "github:acme/*"], ["github:acme/demo"], id="two-pins"),
        pytest.param(["github:acme/*"], ["github:acme/a", "github:acme/b"], id="two-publishers"),
    ],
)
def test_expected_publishers_pass(pins: list[str], found: list[str]) -> None:
    assert list(RULE.check(facts(publishers=tuple(found)), pinned(*pins))) == []


@pytest.mark.parametrize(
    ("pins", "found", "named"),
    [
        pytest.param(["github:acme/demo"], ["github:evil/demo"], "github:evil/demo", id="another-owner"),
        pytest.param(["github:acme/demo"], ["gitlab:acme/demo"], "gitlab:acme/demo", id="another-forge"),
        pytest.param(["github:acme/demo"], ["github:acme/demo-fork"], "github:acme/demo-fork", id="longer"),
        pytest.param(["github:acme/d.mo"], ["github:acme/demo"], "github:acme/demo", id="no-expression"),
        pytest.param(["gitlab:acme/*"], ["gitlab:acme/a/demo"], "gitlab:acme/a/demo", id="deeper"),
        pytest.param(["github:acme/*"], ["github:acme/demo", "github:evil/x"], "github:evil/x", id="one-of-two"),
    ],
)
def test_other_publishers_are_refused(pins: list[str], found: list[str], named: str) -> None:
    (violation,) = RULE.check(facts(publishers=tuple(found)), pinned(*pins))
    wanted = pins[0]
    assert (
        violation.message
        == f"pip would take {WHEEL}, which was published by {named}. The policy accepts demo only from {wanted}."
    )
    assert violation.remedy == (
        f"Ask for a release of {wanted}. If the project itself says that it has moved, pin it anew in the policy:",
        PolicyLines(f'[publishers]\n"demo" = "{named}"'),
    )
    assert (violation.project, violation.version, violation.hashes) == ("demo", "1.0", frozenset({"sha256:a"}))
    assert violation.severity is None


def test_pins_of_several_files_must_all_fit() -> None:
    (violation,) = RULE.check(facts(publishers=("github:acme/demo",)), pinned("github:acme/demo", "github:other/*"))
    assert violation.message.endswith("only from github:other/* and github:acme/demo.")


def test_file_without_provenance_is_refused() -> None:
    (violation,) = RULE.check(facts(), pinned())
    assert violation.message == f"pip would take {WHEEL}, which has no provenance (PEP 740). {MUST}"
    assert violation.remedy == (
        "Ask for a release of github:acme/demo, or find out why this file has no provenance, and allow it:",
        Allow("demo", "1.0"),
    )


@pytest.mark.parametrize("severity", [Severity.ERROR, Severity.WARNING])
def test_policy_says_how_bad_silence_is(severity: Severity) -> None:
    (violation,) = RULE.check(facts(problem="the index did not answer"), pinned(unavailable=severity))
    assert violation.message == f"It is not known who published {WHEEL}: the index did not answer. {MUST}"
    assert violation.severity is severity


def test_project_that_is_not_pinned_passes() -> None:
    assert list(RULE.check(facts(publishers=("github:evil/demo",)), Policy())) == []
