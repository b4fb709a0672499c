"""Test the rule against indexes that nobody approved."""

from __future__ import annotations

import pytest

from pip_guard.facts.candidate import CandidateFacts
from pip_guard.facts.requirements import SourceFacts
from pip_guard.facts.violation import Violation
from pip_guard.policy.suggestions import approve_index
from pip_guard.rules.unapproved_index import RULE
from tests.unit.factories import (
    ARGUMENT,
    ENVIRONMENT,
    make_candidate_facts,
    make_policy,
    make_setting,
    make_source_facts,
)


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param(make_source_facts(), id="nothing"),
        pytest.param(make_source_facts(indexes=(make_setting("https://pypi.example/simple"),)), id="index"),
        pytest.param(make_source_facts(find_links=(make_setting("https://pypi.example/simple/"),)), id="page"),
        pytest.param(make_source_facts(find_links=(make_setting("/srv/wheels"),)), id="folder-is-another-rule's"),
        pytest.param(make_candidate_facts(index="https://pypi.example/simple/"), id="file-of-the-index"),
        pytest.param(make_candidate_facts(index="https://pypi.example/simple/demo/"), id="file-of-a-page-below"),
        pytest.param(make_candidate_facts(), id="file-of-a-folder"),
        pytest.param(make_candidate_facts(direct=True, index="https://evil.example/"), id="address-is-another-rule's"),
    ],
)
def test_lets_pass(facts: SourceFacts | CandidateFacts) -> None:
    assert list(RULE.check(facts, make_policy())) == []


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("https://evil.example/simple/", id="other-host"),
        pytest.param("https://pypi.example/simple/../evil/", id="dots"),
        pytest.param("https://pypi.example/simple/evil/", id="below"),
        pytest.param("https://pypi.example/simple/?x=", id="query"),
        pytest.param("https://pypi.example/", id="above"),
        pytest.param("http://pypi.example/simple/", id="other-scheme"),
        pytest.param("https://pypi.example@evil.example/simple/", id="host-as-user"),
    ],
)
def test_refuses_an_index_that_is_not_approved(url: str) -> None:
    settings = (make_setting("https://pypi.example/simple/"), make_setting(url, ENVIRONMENT))
    assert list(RULE.check(make_source_facts(indexes=settings), make_policy())) == [
        Violation(
            message=f"pip would look for distributions on {url}, which is not approved.",
            origin=ENVIRONMENT,
            remedy=(RULE.remediation, approve_index(url)),
        )
    ]
    assert list(RULE.check(make_source_facts(find_links=settings), make_policy())) == [
        Violation(
            message=f"pip would look for links on {url}, which is not approved.",
            origin=ENVIRONMENT,
            remedy=(RULE.remediation, approve_index(url)),
        )
    ]


def test_local_index_is_one_too() -> None:
    facts = make_source_facts(indexes=(make_setting("/srv/simple"), make_setting("file:///srv/simple")))
    assert [violation.message for violation in RULE.check(facts, make_policy())] == [
        "pip would look for distributions on /srv/simple, which is not approved.",
        "pip would look for distributions on file:///srv/simple, which is not approved.",
    ]


def test_refuses_a_local_file_that_a_page_of_the_network_names() -> None:
    page = "https://pypi.example/simple/demo/"
    facts = make_candidate_facts(index=page, url="file:///srv/demo-1.0-py3-none-any.whl")
    assert list(RULE.check(facts, make_policy())) == [
        Violation(
            message=f"{page} makes pip take file:///srv/demo-1.0-py3-none-any.whl from this machine.",
            origin=ARGUMENT,
            project="demo",
            remedy="Name the file on the command line, if you trust it: an index should list no files of this machine.",
        )
    ]


def test_refuses_a_file_that_only_another_page_lists() -> None:
    page = "file:///work/https:/pypi.example/simple/demo/"
    assert list(RULE.check(make_candidate_facts(index=page), make_policy())) == [
        Violation(
            message=f"pip would take demo-1.0-py3-none-any.whl from {page}, which is not a page of an approved index.",
            origin=ARGUMENT,
            project="demo",
            remedy="Find out why pip reads that page: a folder called https: in the working directory stands in for an index.",
        )
    ]
