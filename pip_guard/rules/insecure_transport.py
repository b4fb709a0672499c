"""Refuse to fetch over connections that anybody on the network path can read and change.

Plain http and ftp authenticate nothing. Only loopback is exempt.
"""

from __future__ import annotations

from collections.abc import Iterator

from pip_guard.engine.rule import Rule
from pip_guard.facts.candidate import CandidateFacts, CandidateKind
from pip_guard.facts.origin import Origin
from pip_guard.facts.requirements import SourceFacts
from pip_guard.facts.violation import Severity, Violation
from pip_guard.policy.approval import is_insecure, is_local
from pip_guard.policy.model import Policy


def check(facts: SourceFacts | CandidateFacts, policy: Policy) -> Iterator[Violation]:
    """Find URLs that would be fetched without TLS."""
    match facts:
        case SourceFacts():
            for setting in (*facts.indexes, *facts.find_links, *facts.requirement_files):
                if not is_local(setting.value):
                    yield from _judge(setting.value, setting.origin, None)
        case CandidateFacts(direct=True) if facts.kind is not CandidateKind.DIRECTORY:
            yield from _judge(facts.url, facts.origin, facts.project)
        case _:
            return


def _judge(url: str, origin: Origin, project: str | None) -> Iterator[Violation]:
    if is_insecure(url):
        yield Violation(
            message=f"pip would ask {url} without TLS: anyone on the network path could change the response.",
            origin=origin,
            project=project,
        )


RULE = Rule(
    id="insecure-transport",
    summary="http, ftp or another transport without TLS to anything but this machine",
    severity=Severity.ERROR,
    remediation="Use the https address of the same place.",
    since="0.1.0",
    facts=(SourceFacts, CandidateFacts),
    check=check,
    conditions=("project",),
)
