"""Test the rule against connections that anybody on the way can change."""

from __future__ import annotations

import pytest

from pip_guard.facts.candidate import CandidateFacts
from pip_guard.facts.requirements import SourceFacts
from pip_guard.facts.violation import Violation
from pip_guard.policy.model import Policy
from pip_guard.rules.insecure_transport import RULE
from tests.unit.factories import (
    ARGUMENT,
    DEPENDENCY,
    ENVIRONMENT,
    make_archive_facts,
    make_candidate_facts,
    make_directory_facts,
    make_setting,
    make_source_facts,
    make_vcs_facts,
)


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param(make_source_facts(), id="nothing"),
        pytest.param(
            make_source_facts(
                indexes=(make_setting("https://pypi.example/simple/"), make_setting("http://localhost:8080/")),
                find_links=(make_setting("/srv/wheels"), make_setting("file:///srv/wheels"), make_setting("wheels")),
                requirement_files=(make_setting("requirements.txt"), make_setting("http://127.0.0.1/r.txt")),
            ),
            id="secure-sources",
        ),
        pytest.param(make_source_facts(proxies=(make_setting("http://proxy.example:3128"),)), id="proxy"),
        pytest.param(make_source_facts(trusted_hosts=(make_setting("pypi.example"),)), id="trusted-host"),
        pytest.param(make_candidate_facts(direct=True), id="https-file"),
        pytest.param(make_candidate_facts(url="http://files.example/x.whl"), id="file-of-an-index"),
        pytest.param(make_candidate_facts(direct=True, url="file:///srv/x.whl"), id="local-file"),
        pytest.param(make_directory_facts(direct=True), id="directory"),
        pytest.param(make_vcs_facts(direct=True), id="repository-over-https"),
        pytest.param(make_vcs_facts(direct=True, url="git+ssh://git@host.example/x"), id="repository-over-ssh"),
        pytest.param(make_vcs_facts(direct=True, url="git+file:///srv/x"), id="local-repository"),
        pytest.param(make_vcs_facts(direct=True, url="git+http://localhost/x"), id="repository-of-this-machine"),
    ],
)
def test_lets_pass(facts: SourceFacts | CandidateFacts) -> None:
    assert list(RULE.check(facts, Policy())) == []


def message(url: str) -> str:
    return f"pip would ask {url} without TLS: anyone on the network path could change the response."


def test_refuses_sources_without_tls() -> None:
    facts = make_source_facts(
        indexes=(make_setting("http://a.example/simple/", ENVIRONMENT), make_setting("https://b.example/")),
        find_links=(make_setting("ftp://c.example/"),),
        requirement_files=(make_setting("HTTP://d.example/r.txt"),),
    )
    violations = list(RULE.check(facts, Policy()))
    assert [violation.message for violation in violations] == [
        message(url) for url in ("http://a.example/simple/", "ftp://c.example/", "HTTP://d.example/r.txt")
    ]
    assert violations[0] == Violation(message=message("http://a.example/simple/"), origin=ENVIRONMENT)


@pytest.mark.parametrize(
    ("facts", "violation"),
    [
        pytest.param(
            make_candidate_facts(direct=True, url="http://files.example/x.whl"),
            Violation(message=message("http://files.example/x.whl"), origin=ARGUMENT, project="demo"),
            id="wheel",
        ),
        pytest.param(
            make_archive_facts(direct=True, url="ftp://files.example/x.zip", origin=DEPENDENCY),
            Violation(message=message("ftp://files.example/x.zip"), origin=DEPENDENCY, project="demo"),
            id="archive",
        ),
        *(
            pytest.param(
                make_vcs_facts(direct=True, url=url),
                Violation(message=message(url), origin=ARGUMENT, project="demo"),
                id=url.partition(":")[0],
            )
            for url in (
                "git+http://host.example/x",
                "git+git://host.example/x",
                "svn+svn://host.example/x",
                "hg+http://host.example/x",
                "bzr+ftp://host.example/x",
            )
        ),
    ],
)
def test_refuses_a_candidate_without_tls(facts: CandidateFacts, violation: Violation) -> None:
    assert list(RULE.check(facts, Policy())) == [violation]
