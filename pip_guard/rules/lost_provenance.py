"""Refuse a file without provenance of a project whose releases all had it.

Whoever has stolen a token can upload a file, and cannot publish from the project's repository: what they upload has no provenance
(PEP 740), and that is how most releases of projects that were taken over would have looked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

from pip_guard.engine.rule import Rule
from pip_guard.facts.resolution import ListedFile, ProvenanceFacts
from pip_guard.facts.violation import Allow, Severity, Violation
from pip_guard.policy.model import Policy

_PERIOD = timedelta(days=365)
# The first releases with provenance may be a trial.
_FEWEST_ATTESTED = 3


def check(facts: ProvenanceFacts, policy: Policy) -> Iterator[Violation]:
    """Find files that lack what every release of the year before them had."""
    file = facts.file
    if file.attested:
        return
    settled = facts.now - policy.releases.minimum_age
    # A file without provenance that is too new to have been noticed does not excuse the next one.
    earlier = [
        other
        for other in facts.files
        if other.uploaded < file.uploaded and not other.yanked and (other.attested or other.uploaded < settled)
    ]
    if len({other.version for other in earlier if other.attested}) < _FEWEST_ATTESTED:
        return
    peers = [other for other in _peers(file, earlier) if other.uploaded >= file.uploaded - _PERIOD]
    if not peers or not all(other.attested for other in peers):
        return
    last = max(peers, key=lambda other: (other.uploaded < settled, other.uploaded)).version
    yield Violation(
        message=f"pip would take {file.filename}, which has no provenance (PEP 740), although every release of"
        f" {facts.project} in the year before it had: it may not come from the project's repository.",
        origin=facts.origin,
        project=facts.project,
        version=file.version,
        hashes=facts.hashes,
        remedy=(
            f"Ask for {facts.project}=={last}, which has provenance, or find out why this one has none, and allow it:",
            Allow(facts.project, file.version),
        ),
    )


def _peers(file: ListedFile, files: list[ListedFile]) -> list[ListedFile]:
    """Return the files of a file's own kind.

    A kind of which there was nothing before, such as a new major version or a wheel for another platform, is not told apart:
    otherwise whoever uploads could choose one to be judged by no other file.
    """
    kinds: tuple[Callable[[ListedFile], object], ...] = (
        lambda other: other.is_prerelease,
        lambda other: other.line,
        lambda other: other.platform,
    )
    for kind in kinds:
        files = [other for other in files if kind(other) == kind(file)] or files
    return files


RULE = Rule(
    id="lost-provenance",
    summary="a file without provenance of a project whose releases of the past year all had it",
    severity=Severity.ERROR,
    remediation="Ask for a release that has provenance.",
    since="0.2.0",
    facts=(ProvenanceFacts,),
    check=check,
)
