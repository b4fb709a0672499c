"""Test the rule against malware, and against not knowing."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from pip_guard.engine.evaluate import evaluate
from pip_guard.facts.origin import Facts, Origin, OriginKind
from pip_guard.facts.resolution import (
    Advisory,
    AdvisoryFacts,
    ExportFacts,
    NotQueriedFacts,
    ProjectStatus,
    SourceFailedFacts,
    StatusFacts,
)
from pip_guard.facts.violation import Remedy, Severity, Violation
from pip_guard.frozen import replace
from pip_guard.policy.exceptions import PolicyException
from pip_guard.policy.model import Advisories, Indexes, Policy, parse_locations
from pip_guard.policy.suggestions import approve
from pip_guard.rules.known_malicious import RULE
from tests.unit.factories import ARGUMENT, REQUIREMENTS

HASH = "sha256:" + "a" * 64
INSTALLED = Origin(kind=OriginKind.PLACE, text="/lib")
MALWARE = Advisory(id="MAL-2026-1", malicious=True)
DESCRIBED = Advisory(id="MAL-2026-2", malicious=True, summary="Steals credentials")
VULNERABILITY = Advisory(id="GHSA-1", malicious=False)
STRICT = Policy(advisories=Advisories(unavailable=Severity.ERROR))
UNLINKED = "Do not install it, and find out where it was installed before."


def report(identifier: str) -> Remedy:
    return (
        UNLINKED,
        f"What it does: https://osv.dev/vulnerability/{identifier}",
        'If PyPI still offers it, choose "Report project as malware" on https://pypi.org/project/demo/',
    )


LATER = "Try again later, or name a mirror or a local export in the policy: [advisories] source."


def advisory_facts(*advisories: Advisory) -> AdvisoryFacts:
    return AdvisoryFacts(
        project="demo", version="1.0", origin=REQUIREMENTS, advisories=advisories, hashes=frozenset({HASH})
    )


def status_facts(status: ProjectStatus, **fields: Any) -> StatusFacts:
    return StatusFacts(project="demo", origin=ARGUMENT, status=status, **fields)


def unanswered_facts(releases: tuple[str, ...] = ("demo 1.0",), kept: timedelta | None = None) -> SourceFailedFacts:
    return SourceFailedFacts(source="https://api.osv.dev", reason="it answered 500", releases=releases, kept=kept)


def malware(message: str, remedy: Remedy) -> Violation:
    return Violation(
        message=message,
        origin=REQUIREMENTS,
        project="demo",
        version="1.0",
        hashes=frozenset({HASH}),
        remedy=remedy,
    )


def silence(message: str, severity: Severity = Severity.WARNING) -> Violation:
    return Violation(message=message, severity=severity, remedy=LATER)


@pytest.mark.parametrize(
    ("facts", "policy", "violations"),
    [
        pytest.param(advisory_facts(), Policy(), [], id="nothing-known"),
        pytest.param(advisory_facts(VULNERABILITY), Policy(), [], id="vulnerability"),
        pytest.param(
            advisory_facts(MALWARE),
            Policy(),
            [malware("pip would take demo 1.0, which is known to be malware: MAL-2026-1.", report("MAL-2026-1"))],
            id="malware",
        ),
        pytest.param(
            advisory_facts(DESCRIBED, VULNERABILITY, MALWARE),
            Policy(),
            [
                malware(
                    "pip would take demo 1.0, which is known to be malware: MAL-2026-2 (Steals credentials), MAL-2026-1.",
                    report("MAL-2026-2"),
                )
            ],
            id="reported-twice",
        ),
        pytest.param(status_facts(ProjectStatus.ACTIVE), Policy(), [], id="active"),
        pytest.param(status_facts(ProjectStatus.ARCHIVED, reason="done"), Policy(), [], id="archived"),
        pytest.param(status_facts(ProjectStatus.DEPRECATED), Policy(), [], id="deprecated"),
        pytest.param(
            status_facts(ProjectStatus.QUARANTINED, version="1.0", reason="malware."),
            Policy(),
            [
                Violation(
                    message="pip would take demo 1.0, which its index has quarantined as unsafe: malware.",
                    origin=ARGUMENT,
                    project="demo",
                    version="1.0",
                    remedy="Do without it, and find out where it was installed before.",
                )
            ],
            id="quarantined",
        ),
        pytest.param(
            status_facts(ProjectStatus.QUARANTINED, reason=""),
            Policy(),
            [
                Violation(
                    message="pip would look for demo, which its index has quarantined as unsafe.",
                    origin=ARGUMENT,
                    project="demo",
                    remedy="Do without it, and find out where it was installed before.",
                )
            ],
            id="quarantined-and-empty",
        ),
        pytest.param(
            unanswered_facts(),
            Policy(),
            [silence("https://api.osv.dev could not be asked about malware in demo 1.0: it answered 500.")],
            id="no-answer",
        ),
        pytest.param(
            unanswered_facts(("a 1", "b 2", "c 3", "d 4", "e 5"), kept=timedelta(hours=5)),
            STRICT,
            [
                silence(
                    "https://api.osv.dev could not be asked about malware in a 1, b 2, c 3, and 2 more:"
                    " it answered 500. Cached answers, up to 5 hours old, still apply.",
                    Severity.ERROR,
                )
            ],
            id="no-answer-where-one-is-needed",
        ),
        pytest.param(
            unanswered_facts(kept=timedelta(days=12, hours=3)),
            Policy(),
            [
                silence(
                    "https://api.osv.dev could not be asked about malware in demo 1.0: it answered 500."
                    " Cached answers, up to 12 days old, still apply."
                )
            ],
            id="old-answers",
        ),
        pytest.param(ExportFacts(source="/srv/all.zip", age=timedelta(days=7)), STRICT, [], id="export-of-this-week"),
        pytest.param(
            ExportFacts(source="/srv/all.zip", age=timedelta(days=8, hours=5)),
            STRICT,
            [
                Violation(
                    message="/srv/all.zip has no advisory from the last 8 days.",
                    severity=Severity.WARNING,
                    remedy="Download it again. OSV publishes it every day.",
                )
            ],
            id="old-export",
        ),
    ],
)
def test_refuses_malware(facts: AdvisoryFacts, policy: Policy, violations: list[Violation]) -> None:
    assert list(RULE.check(facts, policy)) == violations


def allow(**fields: Any) -> PolicyException:
    return PolicyException(**{"rule": RULE.id, "project": None, "reason": "tested", **fields})


@pytest.mark.parametrize(
    ("exception", "refused"),
    [
        pytest.param(allow(project="demo", version="==1.0", hash=HASH), False, id="one-file"),
        pytest.param(allow(project="demo", version="===1.0", hash=HASH), False, id="one-file-by-arbitrary-equality"),
        pytest.param(allow(project="demo", version="==1.0", hash=HASH.replace("a", "b")), True, id="another-file"),
        pytest.param(allow(), True, id="rule"),
        pytest.param(allow(project="demo"), True, id="name"),
        pytest.param(allow(project="demo", version="==1.0"), True, id="version"),
        pytest.param(allow(project="demo", hash=HASH), True, id="hash-without-version"),
        pytest.param(allow(version="==1.0", hash=HASH), True, id="hash-without-name"),
        pytest.param(allow(project="d*", version="==1.0", hash=HASH), True, id="pattern"),
        pytest.param(allow(project="dem[o]", version="==1.0", hash=HASH), True, id="set-of-letters"),
        pytest.param(allow(project="demo", version="==1.*", hash=HASH), True, id="range-that-looks-exact"),
        pytest.param(allow(project="demo", version=">=1.0", hash=HASH), True, id="range"),
        pytest.param(allow(project="demo", version="==1.0,>0", hash=HASH), True, id="two-specifiers"),
    ],
)
@pytest.mark.parametrize(
    "facts",
    [
        pytest.param(advisory_facts(MALWARE), id="malware"),
        pytest.param(
            StatusFacts(
                project="demo",
                origin=ARGUMENT,
                status=ProjectStatus.QUARANTINED,
                version="1.0",
                hashes=frozenset({HASH}),
            ),
            id="quarantined",
        ),
    ],
)
def test_only_one_file_is_excused(facts: Facts, exception: PolicyException, refused: bool) -> None:
    verdict = evaluate([facts], Policy(exceptions=(exception,)), [RULE], date(2026, 1, 1))
    assert verdict.refused is refused


@pytest.mark.parametrize(
    ("policy", "refused"), [pytest.param(Policy(), False, id="warning"), pytest.param(STRICT, True, id="error")]
)
def test_policy_says_what_silence_means(policy: Policy, refused: bool) -> None:
    verdict = evaluate([unanswered_facts()], policy, [RULE], date(2026, 1, 1))
    assert verdict.refused is refused
    assert len(verdict.findings) == 1


@pytest.mark.parametrize(
    ("policy", "severity"),
    [pytest.param(Policy(), Severity.WARNING, id="default"), pytest.param(STRICT, Severity.ERROR, id="strict")],
)
def test_says_that_nobody_is_asked_about_names_that_may_be_private(policy: Policy, severity: Severity) -> None:
    place = "https://pypi.acme.example/simple/"
    assert list(RULE.check(NotQueriedFacts(place=place), policy)) == [
        Violation(
            message=f"Projects on {place} were not checked for malware, because their names may be private.",
            severity=severity,
            remedy=(
                "If it is a mirror of a public index:",
                approve("public-indexes", place, "advisories"),
                "If its names are private:",
                approve("exempt-indexes", place, "advisories"),
            ),
        )
    ]


OWN = parse_locations(["https://own.example/simple/"])


@pytest.mark.parametrize(
    ("indexes", "linked"),
    [
        pytest.param(Indexes(), True, id="pypi"),
        pytest.param(Indexes(projects={"demo": Indexes().approved[0]}), True, id="pinned-to-pypi"),
        pytest.param(Indexes(projects={"demo": OWN[0]}), False, id="pinned-to-another"),
        pytest.param(Indexes(approved=OWN), False, id="pypi-not-approved"),
    ],
)
@pytest.mark.parametrize("origin", [REQUIREMENTS, INSTALLED], ids=["asked-for", "installed"])
def test_links_to_no_public_page_of_a_private_project(indexes: Indexes, linked: bool, origin: Origin) -> None:
    facts = replace(advisory_facts(MALWARE), origin=origin)
    (violation,) = RULE.check(facts, Policy(indexes=indexes))
    assert violation.remedy is not None
    assert ("https://" in "".join(map(str, violation.remedy))) is linked
