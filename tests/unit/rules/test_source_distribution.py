"""Test the rule against builds."""

from __future__ import annotations

import pytest

from pip_guard.facts.candidate import CandidateFacts, HiddenSdistFacts, ProcessFacts
from pip_guard.facts.violation import Allow, Remedy, Violation
from pip_guard.frozen import replace
from pip_guard.policy.model import Policy
from pip_guard.rules.source_distribution import RULE
from tests.unit.factories import (
    ARGUMENT,
    DEPENDENCY,
    REQUIREMENTS,
    make_archive_facts,
    make_candidate_facts,
    make_directory_facts,
    make_hidden_facts,
    make_process_facts,
    make_vcs_facts,
)

GOOD = "sha256:" + "a" * 64


def remedy(project: str | None, version: str | None = None, url: str | None = None) -> Remedy:
    return "Ask for a version that has a wheel, or allow this one:", Allow(project, version, url=url)


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param(make_candidate_facts(), id="wheel"),
        pytest.param(make_candidate_facts(direct=True, origin=DEPENDENCY), id="wheel-by-address"),
        pytest.param(make_directory_facts(), id="directory"),
        pytest.param(make_vcs_facts(), id="repository"),
    ],
)
def test_lets_other_rules_judge(facts: CandidateFacts) -> None:
    assert list(RULE.check(facts, Policy())) == []


@pytest.mark.parametrize(
    ("facts", "violation"),
    [
        pytest.param(
            make_archive_facts(origin=REQUIREMENTS, hashes=frozenset({GOOD})),
            Violation(
                message="pip would build demo 1.0 from demo-1.0.tar.gz, which runs code from that file.",
                origin=REQUIREMENTS,
                project="demo",
                version="1.0",
                hashes=frozenset({GOOD}),
                remedy=remedy("demo", "1.0"),
            ),
            id="release",
        ),
        pytest.param(
            make_archive_facts(version=None, filename="demo.zip"),
            Violation(
                message="pip would build demo from demo.zip, which runs code from that file.",
                origin=ARGUMENT,
                project="demo",
                remedy=remedy("demo"),
            ),
            id="no-version",
        ),
        pytest.param(
            make_archive_facts(project=None, version=None, filename="", url="https://host.example/?get=demo"),
            Violation(
                message="pip would build a distribution from https://host.example/?get=demo, which runs code from that file.",
                origin=ARGUMENT,
                remedy=remedy(None, url="https://host.example/?get=demo"),
            ),
            id="nothing-is-known",
        ),
        pytest.param(
            make_archive_facts(origin=DEPENDENCY),
            Violation(
                message="pip would build demo 1.0 from demo-1.0.tar.gz, which runs code from that file.",
                origin=DEPENDENCY,
                project="demo",
                version="1.0",
                remedy=remedy("demo", "1.0"),
            ),
            id="dependency-from-an-index",
        ),
        pytest.param(
            make_archive_facts(origin=DEPENDENCY, direct=True),
            Violation(
                message="pip would build demo 1.0 from demo-1.0.tar.gz, which runs code from that file.",
                origin=DEPENDENCY,
                version="1.0",
                remedy=remedy(None, url=make_archive_facts().url),
            ),
            id="dependency-by-address-gives-itself-a-name",
        ),
        pytest.param(
            make_archive_facts(direct=True),
            Violation(
                message="pip would build demo 1.0 from demo-1.0.tar.gz, which runs code from that file.",
                origin=ARGUMENT,
                project="demo",
                version="1.0",
                remedy=remedy("demo", "1.0"),
            ),
            id="address-on-the-command-line",
        ),
    ],
)
def test_refuses_an_archive(facts: CandidateFacts, violation: Violation) -> None:
    assert list(RULE.check(facts, Policy())) == [replace(violation, place=facts.url)]


@pytest.mark.parametrize(
    ("files", "listed"),
    [
        pytest.param(["1"], "demo-1.tar.gz", id="one"),
        pytest.param(
            ["1", "2", "3", "4", "5"],
            "demo-5.tar.gz, demo-4.tar.gz, demo-3.tar.gz, demo-2.tar.gz, demo-1.tar.gz",
            id="five",
        ),
        pytest.param(
            ["1", "2", "3", "4", "5", "6"],
            "demo-6.tar.gz, demo-5.tar.gz, demo-4.tar.gz, demo-3.tar.gz, demo-2.tar.gz, and 1 older",
            id="six",
        ),
        pytest.param(
            ["1", "2", "3", "4", "5", "6", "7"],
            "demo-7.tar.gz, demo-6.tar.gz, demo-5.tar.gz, demo-4.tar.gz, demo-3.tar.gz, and 2 older",
            id="seven",
        ),
    ],
)
def test_refuses_what_only_source_satisfies(files: list[str], listed: str) -> None:
    facts: HiddenSdistFacts = make_hidden_facts(
        files=tuple(f"demo-{version}.tar.gz" for version in files), origin=DEPENDENCY
    )
    assert list(RULE.check(facts, Policy())) == [
        Violation(
            message=f"demo>=1 has no wheel that fits, and pip would build it from source: {listed}.",
            origin=DEPENDENCY,
            project="demo",
            remedy=remedy("demo"),
        )
    ]


def test_refuses_a_process() -> None:
    facts: ProcessFacts = make_process_facts("/usr/bin/gcc")
    assert list(RULE.check(facts, Policy())) == [
        Violation(
            message="pip would start /usr/bin/gcc, although no build is allowed.",
            remedy="If this is not a build, please report it: pip needs no other program to install wheels.",
        )
    ]
