"""Ask an index who published a file (PEP 740), for the projects whose publisher the policy names."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from pip._internal.models.link import Link

from pip_guard.facts.candidate import CandidateFacts
from pip_guard.facts.resolution import PublisherFacts
from pip_guard.facts.violation import Severity
from pip_guard.frozen import replace

if TYPE_CHECKING:
    from pip_guard.engine.session import GuardSession
    from pip_guard.pip_adapter.index.project_history import ProjectPages

UNEXPECTED_PUBLISHER = "unexpected-publisher"
# Starts to fetch a document, and returns a function that waits for its content; that is None if it did not come.
Fetch = Callable[[str], Callable[[], bytes | None]]
SILENT = "the index did not answer"
UNREADABLE = "what the index answered is no provenance"
ELSEWHERE = "the index names another host for it"


def answer_nothing(url: str) -> Callable[[], bytes | None]:
    """Do without an index."""
    return lambda: None


class _Query(NamedTuple):
    """A file whose publisher was asked for."""

    facts: PublisherFacts
    answer: Callable[[], bytes | None] | None


class PublisherQueries:
    """The questions of one command about publishers, of which each is asked once."""

    def __init__(self, session: GuardSession, pages: ProjectPages) -> None:
        self._session = session
        self._pages = pages
        self._queries: list[_Query] = []
        self._asked: set[str] = set()

    def counts_for(self, project: str | None) -> bool:
        """Tell whether the policy names the publisher of a (normalised) project, and the rule is not off."""
        policy = self._session.policy
        return (
            project is not None
            and bool(policy.publishers.pins(project))
            and policy.severity(UNEXPECTED_PUBLISHER, Severity.ERROR) is not Severity.OFF
        )

    def ask(self, facts: CandidateFacts, link: Link, version: str | None, fetch: Fetch) -> None:
        """Start to ask who published a file; a file on this machine is not asked about."""
        if not self.counts_for(facts.project) or link.is_file or link.url_without_fragment in self._asked:
            return
        self._asked.add(link.url_without_fragment)
        project = str(facts.project)
        about = PublisherFacts(
            project=project, version=version, filename=link.filename, origin=facts.origin, hashes=facts.hashes
        )
        page, url = self._pages.provenance_of(project, link)
        if url is None:
            self._queries.append(_Query(about, None))
        elif urlsplit(page)[:2] != urlsplit(url)[:2]:
            self._queries.append(_Query(replace(about, problem=ELSEWHERE), None))
        else:
            self._queries.append(_Query(about, fetch(url)))

    @property
    def is_waiting(self) -> bool:
        """Tell whether a question is unanswered."""
        return bool(self._queries)

    def answers(self) -> Iterator[PublisherFacts]:
        """Yield each answer once; waits for those that are still missing."""
        while self._queries:
            facts, answer = self._queries.pop(0)
            yield facts if answer is None else _answered(facts, answer())


def _answered(facts: PublisherFacts, content: bytes | None) -> PublisherFacts:
    if content is None:
        return replace(facts, problem=SILENT)
    try:
        found = {_name(bundle["publisher"]) for bundle in json.loads(content)["attestation_bundles"]}
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return replace(facts, problem=UNREADABLE)
    return replace(facts, publishers=tuple(sorted(found)))


def _name(publisher: Mapping[str, Any]) -> str:
    """Return a publisher in the notation of the policy (https://docs.pypi.org/api/integrity/)."""
    who = publisher["email" if publisher["kind"] == "Google" else "repository"]
    return f"{publisher['kind']}:{who}".lower()
