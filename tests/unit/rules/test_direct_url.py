"""Test the rule against files from addresses that nobody approved."""

from __future__ import annotations

import pytest

from pip_guard.facts.candidate import CandidateFacts
from pip_guard.facts.violation import Violation
from pip_guard.frozen import replace
from pip_guard.policy.suggestions import approve
from pip_guard.rules.direct_url import RULE
from pip_guard.urls.compare import folder_of
from tests.unit.factories import (
    ARGUMENT,
    DEPENDENCY,
    REQUIREMENTS,
    make_archive_facts,
    make_candidate_facts,
    make_directory_facts,
    make_policy,
    make_vcs_facts,
)

ELSEWHERE = "https://evil.example/demo-1.0-py3-none-any.whl"
LOCAL = "file:///srv/demo-1.0-py3-none-any.whl"
GOOD = "sha256:" + "a" * 64


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param(make_candidate_facts(url=ELSEWHERE), id="not-direct"),
        pytest.param(make_candidate_facts(direct=True), id="file-host"),
        pytest.param(make_archive_facts(direct=True, origin=DEPENDENCY), id="sdist-on-file-host"),
        pytest.param(make_candidate_facts(direct=True, url="https://pypi.example/simple/demo/x.whl"), id="index"),
        pytest.param(make_candidate_facts(direct=True, url=LOCAL), id="local-file-on-command-line"),
        pytest.param(make_directory_facts(direct=True, origin=DEPENDENCY), id="directory"),
        pytest.param(make_vcs_facts(direct=True, origin=DEPENDENCY), id="repository"),
    ],
)
def test_lets_pass(facts: CandidateFacts) -> None:
    assert list(RULE.check(facts, make_policy())) == []


@pytest.mark.parametrize(
    ("facts", "violation"),
    [
        pytest.param(
            make_candidate_facts(direct=True, url=ELSEWHERE, hashes=frozenset({GOOD})),
            Violation(
                message=f"pip would take demo-1.0-py3-none-any.whl from {ELSEWHERE}, which is not approved.",
                origin=ARGUMENT,
                project="demo",
                hashes=frozenset({GOOD}),
                remedy=(RULE.remediation, approve("file-hosts", folder_of(ELSEWHERE))),
            ),
            id="command-line",
        ),
        pytest.param(
            make_archive_facts(direct=True, url="https://evil.example/x", filename="", origin=REQUIREMENTS),
            Violation(
                message="pip would take a file from https://evil.example/x, which is not approved.",
                origin=REQUIREMENTS,
                project="demo",
                remedy=(RULE.remediation, approve("file-hosts", "https://evil.example/")),
            ),
            id="file-without-a-name",
        ),
        pytest.param(
            make_candidate_facts(direct=True, url=ELSEWHERE, origin=DEPENDENCY),
            Violation(
                message=f"pip would take demo-1.0-py3-none-any.whl from {ELSEWHERE}, which is not approved.",
                origin=DEPENDENCY,
                remedy=(RULE.remediation, approve("file-hosts", folder_of(ELSEWHERE))),
            ),
            id="dependency-gives-itself-a-name",
        ),
        pytest.param(
            make_candidate_facts(direct=True, url=LOCAL, origin=REQUIREMENTS),
            Violation(
                message=f"pip would take demo-1.0-py3-none-any.whl from {LOCAL}, which is not approved.",
                origin=REQUIREMENTS,
                project="demo",
                remedy=(RULE.remediation, approve("file-hosts", folder_of(LOCAL))),
            ),
            id="local-file-in-requirements",
        ),
        pytest.param(
            make_candidate_facts(direct=True, url="https://files.example.evil.example/x.whl"),
            Violation(
                message="pip would take demo-1.0-py3-none-any.whl from "
                "https://files.example.evil.example/x.whl, which is not approved.",
                origin=ARGUMENT,
                project="demo",
                remedy=(RULE.remediation, approve("file-hosts", "https://files.example.evil.example/")),
            ),
            id="host-that-begins-alike",
        ),
    ],
)
def test_refuses_what_is_not_approved(facts: CandidateFacts, violation: Violation) -> None:
    assert list(RULE.check(facts, make_policy())) == [replace(violation, place=facts.url)]


def test_refuses_a_repository_elsewhere_where_places_are_locked() -> None:
    policy = replace(make_policy(), places_locked=True)
    (violation,) = RULE.check(make_vcs_facts(), policy)
    assert (violation.message, violation.project, violation.place) == (
        "pip would clone git+https://host.example/demo.git, which is not approved.",
        "demo",
        "git+https://host.example/demo.git",
    )
    (violation,) = RULE.check(make_vcs_facts(origin=DEPENDENCY), policy)
    assert violation.project is None
    assert list(RULE.check(make_vcs_facts(url="git+https://files.example/demo.git"), policy)) == []
