"""Refuse a release that is known to be malware.

Malware is usually reported to a public database within hours, and the index quarantines its project; caches, mirrors and lock
files keep it much longer. Only an exception for that exact file excuses it: a review of one file says nothing about the next.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from pip_guard.engine.messages import name_some
from pip_guard.engine.rule import Rule
from pip_guard.facts.origin import OriginKind
from pip_guard.facts.resolution import (
    AdvisoryFacts,
    ExportFacts,
    NotQueriedFacts,
    ProjectStatus,
    SourceFailedFacts,
    StatusFacts,
)
from pip_guard.facts.violation import Remedy, Severity, Violation
from pip_guard.policy.model import DEFAULT_INDEXES, Policy
from pip_guard.policy.suggestions import approve
from pip_guard.urls.compare import index_is_approved

# Most malware is reported within days, so an older export misses what matters most.
OLDEST_EXPORT = timedelta(days=7)
NAMED_RELEASES = 3
_STOLEN = (
    "Take this environment off the network, and start no Python in it. Treat every password and token it could read as stolen,"
    " and rotate them."
)


def check(
    facts: AdvisoryFacts | StatusFacts | SourceFailedFacts | NotQueriedFacts | ExportFacts, policy: Policy
) -> Iterator[Violation]:
    """Find malware, and say where no advisory source could be asked."""
    match facts:
        case AdvisoryFacts():
            yield from _check_release(facts, policy)
        case StatusFacts(status=ProjectStatus.QUARANTINED):
            yield _quarantined(facts)
        case SourceFailedFacts():
            yield Violation(
                message=f"{facts.source} could not be asked about malware in {name_some(facts.releases, NAMED_RELEASES)}:"
                f" {facts.reason}.{_kept(facts.kept)}",
                severity=policy.advisories.unavailable,
                remedy="Try again later, or name a mirror or a local export in the policy: [advisories] source.",
            )
        case NotQueriedFacts():
            yield Violation(
                message=f"Projects on {facts.place} were not checked for malware, because their names may be private.",
                severity=policy.advisories.unavailable,
                remedy=(
                    "If it is a mirror of a public index:",
                    approve("public-indexes", facts.place, "advisories"),
                    "If its names are private:",
                    approve("exempt-indexes", facts.place, "advisories"),
                ),
            )
        case ExportFacts() if facts.age > OLDEST_EXPORT:
            yield Violation(
                message=f"{facts.source} has no advisory from the last {facts.age.days} days.",
                severity=Severity.WARNING,
                remedy="Download it again. OSV publishes it every day.",
            )


def _quarantined(facts: StatusFacts) -> Violation:
    what = f"take {facts.project} {facts.version}" if facts.version else f"look for {facts.project}"
    return Violation(
        message=f"pip would {what}, which its index has quarantined as unsafe{_because(facts.reason)}.",
        origin=facts.origin,
        project=facts.project,
        version=facts.version,
        hashes=facts.hashes,
        remedy="Do without it, and find out where it was installed before.",
    )


def _check_release(facts: AdvisoryFacts, policy: Policy) -> Iterator[Violation]:
    reports = [advisory for advisory in facts.advisories if advisory.malicious]
    if not reports:
        return
    named = ", ".join(f"{report.id} ({report.summary})" if report.summary else report.id for report in reports)
    installed = facts.origin.kind is OriginKind.PLACE
    release = f"{facts.project} {facts.version}"
    yield Violation(
        message=f"{f'{release} is installed and' if installed else f'pip would take {release}, which'} is known to be malware: {named}.",
        origin=facts.origin,
        project=facts.project,
        version=facts.version,
        hashes=facts.hashes,
        remedy=_remedy(facts.project, reports[0].id, policy, installed=installed),
    )


def _remedy(project: str, identifier: str, policy: Policy, *, installed: bool) -> Remedy:
    # NOTE: following a link tells its host the name, and the name of a project on a private index is private.
    public = _is_public(project, policy)
    report = f"https://osv.dev/vulnerability/{identifier}"
    if installed:
        return (_STOLEN, f"What {project} does: {report}") if public else (_STOLEN,)
    avoid = "Do not install it, and find out where it was installed before."
    offered = f'If PyPI still offers it, choose "Report project as malware" on https://pypi.org/project/{project}/'
    return (avoid, f"What it does: {report}", offered) if public else (avoid,)


def _is_public(project: str, policy: Policy) -> bool:
    """Tell whether a project can only be one of PyPI: the policy approves PyPI, and pins the project to no other index."""
    owner = policy.indexes.owner(project)
    return index_is_approved(DEFAULT_INDEXES[0], policy.indexes.approved if owner is None else [owner])


def _because(reason: str | None) -> str:
    return f": {reason.rstrip('.')}" if reason else ""


def _kept(age: timedelta | None) -> str:
    return "" if age is None else f" Cached answers, up to {_span(age)} old, still apply."


def _span(age: timedelta) -> str:
    hours = round(age.total_seconds() / 3600)
    return f"{hours} hours" if hours < 48 else f"{age.days} days"


RULE = Rule(
    id="known-malicious",
    summary="a release that is known to be malware, or whose project its index has quarantined",
    severity=Severity.ERROR,
    remediation="Do not install it.",
    since="0.1.0",
    facts=(AdvisoryFacts, StatusFacts, SourceFailedFacts, NotQueriedFacts, ExportFacts),
    check=check,
)
