"""Collect what is publicly known about the releases that pip has chosen: from their index, and from the advisories."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from pip._internal.models.link import Link
from pip._internal.models.wheel import Wheel
from pip._internal.req.req_install import InstallRequirement

from pip_guard.facts.candidate import CandidateFacts, CandidateKind
from pip_guard.facts.origin import Facts, Origin
from pip_guard.facts.resolution import AdvisoryFacts, NotQueriedFacts, ProjectStatus, StatusFacts
from pip_guard.facts.violation import Severity
from pip_guard.pip_adapter.current import get_session
from pip_guard.pip_adapter.index.project_status import ProjectStates
from pip_guard.pip_adapter.resolution.candidates import DIRECT, Provenance, candidate_facts
from pip_guard.policy.approval import is_exempt_from_advisories, is_kept_from_advisories, is_local
from pip_guard.urls.compare import is_below

if TYPE_CHECKING:
    from pip_guard.advisories.interface import AdvisorySource, Transport
    from pip_guard.advisories.query import AdvisoryQuery, QueriedRelease
    from pip_guard.policy.model import Policy

MALWARE = "known-malicious"
ADVISORY_RULES = (MALWARE, "known-vulnerability")
STATUS_RULES = (MALWARE, "yanked-release")
# What an index publishes; a directory or a repository is nobody's release.
PUBLISHED = (CandidateKind.WHEEL, CandidateKind.SOURCE_ARCHIVE)


class Reputation:
    """What one command has learned of its releases, and what it still waits for."""

    def __init__(self) -> None:
        self.states = ProjectStates()
        self._make_transport: Callable[[], Transport] | None = None
        self._waits = False
        self._source: AdvisorySource | None = None
        self._inquiries: list[AdvisoryQuery] = []
        self._told: set[object] = set()

    def prepare(self, make_transport: Callable[[], Transport], *, waits: bool) -> None:
        """Say how a service is asked, and whether the command ends with the resolution and has to wait there."""
        self._make_transport = make_transport
        self._waits = waits

    def resolved(self, requirements: Iterable[InstallRequirement], provenance: Provenance) -> Iterator[Facts]:
        """Describe what indexes say of the releases that were chosen, and begin to ask about them."""
        chosen = list(requirements)
        if _any_counts(STATUS_RULES):
            for requirement in chosen:
                yield from self._status(requirement, provenance)
        if _any_counts(ADVISORY_RULES):
            published = list(_published(chosen, provenance))
            self._ask(_subjects(published))
            yield from _unasked(link for link, _, _ in published)
        if self._waits:
            yield from self.answers()

    def about_build(self, facts: CandidateFacts, link: Link) -> Iterator[Facts]:
        """Ask about a source distribution that may be built, and wait: to build it is to run it."""
        if facts.kind is CandidateKind.SOURCE_ARCHIVE and facts.version is not None and _any_counts(ADVISORY_RULES):
            self._ask(_subjects([(link, facts, facts.version)]))
            yield from self.answers()

    def answers(self) -> Iterator[Facts]:
        """Return what the advisories say, each thing once; the command waits here if they have not answered yet."""
        while self._inquiries:
            for facts in self._inquiries.pop(0).collect():
                # of a source that does not answer, one complaint is enough
                key: object = facts if isinstance(facts, AdvisoryFacts) else type(facts)
                if key not in self._told:
                    self._told.add(key)
                    yield facts

    def unavailable(self, project: str, origin: Origin) -> Iterator[StatusFacts]:
        """Describe a project of which nothing was found because its index has quarantined it."""
        for state in self.states.of_project(project):
            if state.status is ProjectStatus.QUARANTINED:
                yield StatusFacts(project=project, origin=origin, status=state.status, reason=state.reason)

    def _status(self, requirement: InstallRequirement, provenance: Provenance) -> Iterator[StatusFacts]:
        link = requirement.cached_wheel_source_link or requirement.link
        state = None if link is None else self.states.of_link(link)
        if link is not None and (link.is_yanked or state is not None):
            facts = candidate_facts(requirement, link, provenance, DIRECT)
            yield StatusFacts(
                project=str(facts.project),
                origin=facts.origin,
                status=ProjectStatus.ACTIVE if state is None else state.status,
                reason=None if state is None else state.reason,
                version=chosen_version(requirement),
                yanked=link.yanked_reason,
                hashes=facts.hashes,
            )

    def _ask(self, subjects: Iterable[QueriedRelease]) -> None:
        subjects = list(subjects)
        if not subjects or self._make_transport is None:
            return
        from pip_guard.advisories.query import AdvisoryQuery
        from pip_guard.advisories.source import make_source

        self._source = self._source or make_source(get_session().policy.advisories, self._make_transport)
        query = AdvisoryQuery(subjects, self._source)
        query.start()
        self._inquiries.append(query)


def _any_counts(rules: Iterable[str]) -> bool:
    policy = get_session().policy
    return any(policy.severity(rule, Severity.ERROR) is not Severity.OFF for rule in rules)


def _published(
    requirements: Iterable[InstallRequirement], provenance: Provenance
) -> Iterator[tuple[Link, CandidateFacts, str]]:
    for requirement in requirements:
        link = requirement.cached_wheel_source_link or requirement.link
        if link is not None:
            facts = candidate_facts(requirement, link, provenance, DIRECT)
            if facts.kind in PUBLISHED:
                yield link, facts, chosen_version(requirement)


def _subjects(published: Iterable[tuple[Link, CandidateFacts, str]]) -> Iterator[QueriedRelease]:
    from pip_guard.advisories.query import QueriedRelease

    policy = get_session().policy
    for link, facts, version in published:
        place = _place(link)
        if (
            facts.project is not None
            and not is_exempt_from_advisories(place, policy)
            and not is_kept_from_advisories(place, policy)
        ):
            yield QueriedRelease(project=facts.project, version=version, origin=facts.origin, hashes=facts.hashes)


def _unasked(links: Iterable[Link]) -> Iterator[NotQueriedFacts]:
    """Describe the places that should be said to be public, or not; a file of this machine is nobody's concern."""
    policy = get_session().policy
    places = {
        _approved_place(place, policy)
        for place in map(_place, links)
        if not is_local(place)
        and not is_exempt_from_advisories(place, policy)
        and is_kept_from_advisories(place, policy)
    }
    for place in sorted(places):
        yield NotQueriedFacts(place=place)


def _approved_place(url: str, policy: Policy) -> str:
    """Return the place in the policy that approves a URL, or the URL."""
    places = (*policy.indexes.approved, *policy.indexes.file_hosts)
    return next((str(place) for place in places if is_below(url, [place])), url)


def _place(link: Link) -> str:
    """Return the page on which a link stands, or the link itself if it stands on none."""
    return link.comes_from if isinstance(link.comes_from, str) and "://" in link.comes_from else link.url


def chosen_version(requirement: InstallRequirement) -> str:
    """Return the version that pip has chosen for a requirement."""
    link = requirement.link
    return Wheel(link.filename).version if link is not None and link.is_wheel else str(requirement.metadata["version"])
