"""Refuse to build a source distribution.

Building runs whatever build backend the distribution chooses, with all rights of the user who runs pip, before anybody could
read a line of it. pip falls back to it silently when no wheel fits. A wheel is only unpacked.
"""

from __future__ import annotations

from collections.abc import Iterator

from pip_guard.engine.messages import name_some
from pip_guard.engine.rule import Rule
from pip_guard.facts.candidate import CandidateFacts, CandidateKind, HiddenSdistFacts, ProcessFacts
from pip_guard.facts.origin import OriginKind
from pip_guard.facts.violation import Allow, Severity, Violation
from pip_guard.policy.model import Policy

# Enough to see the releases, short enough to read.
NAMED_FILES = 5
_ADVICE = "Ask for a version that has a wheel, or allow this one:"


def check(facts: CandidateFacts | HiddenSdistFacts | ProcessFacts, policy: Policy) -> Iterator[Violation]:
    """Find an archive that would be built, a requirement that only such archives satisfy, and any other build."""
    match facts:
        case CandidateFacts(kind=CandidateKind.SOURCE_ARCHIVE):
            yield _archive(facts)
        case HiddenSdistFacts():
            yield _hidden(facts)
        case ProcessFacts():
            yield Violation(
                message=f"pip would start {facts.program}, although no build is allowed.",
                remedy="If this is not a build, please report it: pip needs no other program to install wheels.",
            )
        case _:
            return


def _archive(facts: CandidateFacts) -> Violation:
    what = " ".join(part for part in (facts.project, facts.version) if part) or "a distribution"
    # NOTE: a dependency on a URL can claim any name, so no exception applies to that name.
    project = None if facts.direct and facts.origin.kind is OriginKind.DEPENDENCY else facts.project
    return Violation(
        message=f"pip would build {what} from {facts.filename or facts.url}, which runs code from that file.",
        origin=facts.origin,
        project=project,
        version=facts.version,
        hashes=facts.hashes,
        place=facts.url,
        remedy=(_ADVICE, Allow(project, facts.version) if project else Allow(url=facts.url)),
    )


def _hidden(facts: HiddenSdistFacts) -> Violation:
    listed = name_some(reversed(facts.files), NAMED_FILES, rest="older")
    return Violation(
        message=f"{facts.requirement} has no wheel that fits, and pip would build it from source: {listed}.",
        origin=facts.origin,
        project=facts.project,
        version=facts.version,
        remedy=(_ADVICE, Allow(facts.project, facts.version)),
    )


RULE = Rule(
    id="source-distribution",
    summary="a source distribution, or another archive, that would be built",
    severity=Severity.ERROR,
    remediation="Ask for a version that has a wheel.",
    since="0.1.0",
    facts=(CandidateFacts, HiddenSdistFacts, ProcessFacts),
    check=check,
    conditions=("project", "version", "hash", "url"),
)
