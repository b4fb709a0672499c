"""Collect what is publicly known about the releases that pip has chosen: from their index, and from the advisories."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from pip._internal.models.link import Link
from pip._internal.models.wheel import Wheel
from pip._internal.req.req_install import InstallRequirement
from pip._vendor.packaging.version import InvalidVersion, Version

from pip_guard.facts.candidate import CandidateFacts, CandidateKind
from pip_guard.facts.origin import Facts, Origin
from pip_guard.facts.resolution import Advisory, AdvisoryFacts, NotQueriedFacts, ProjectStatus, StatusFacts
from pip_guard.facts.violation import Severity
from pip_guard.pip_adapter.index.listings import DIRECT
from pip_guard.pip_adapter.index.project_status import ProjectStates
from pip_guard.pip_adapter.index.publishers import Fetch, PublisherQueries, answer_nothing
from pip_guard.pip_adapter.resolution.candidates import Provenance, candidate_facts
from pip_guard.policy.approval import is_exempt_from_advisories, is_kept_from_advisories, is_local
from pip_guard.policy.model import ADVISORY_RULES
from pip_guard.urls.compare import is_below

if TYPE_CHECKING:
    from pip_guard.advisories.interface import AdvisorySource, Transport
    from pip_guard.advisories.query import AdvisoryQuery
    from pip_guard.engine.session import GuardSession
    from pip_guard.pip_adapter.index.project_history import ProjectPages
    from pip_guard.policy.model import Policy

MALWARE = "known-malicious"
STATUS_RULES = (MALWARE, "yanked-release")
# The kinds that an index publishes; a directory or a repository is not a release.
PUBLISHED = (CandidateKind.WHEEL, CandidateKind.SOURCE_ARCHIVE)


class ChosenRelease(NamedTuple):
    """A published file that pip has chosen."""

    link: Link
    facts: CandidateFacts
    version: str


class Reputation:
    """What one command knows about its releases, and its unanswered queries."""

    def __init__(self, session: GuardSession, pages: ProjectPages) -> None:
        self.states = ProjectStates()
        self.publishers = PublisherQueries(session, pages)
        self._session = session
        self._make_transport: Callable[[], Transport] | None = None
        self._fetch: Fetch = answer_nothing
        self._waits = False
        self._source: AdvisorySource | None = None
        self._queries: list[AdvisoryQuery] = []
        self._told: set[object] = set()
        # by (normalised) project and version
        self.advisories: dict[tuple[str, str], tuple[Advisory, ...]] = {}

    def prepare(self, make_transport: Callable[[], Transport], *, waits: bool, fetch: Fetch = answer_nothing) -> None:
        """Set how to reach a service and an index, and whether the command ends after resolution, so that it waits for answers there."""
        self._make_transport = make_transport
        self._fetch = fetch
        self._waits = waits

    def resolved(self, chosen: Sequence[ChosenRelease]) -> Iterator[Facts]:
        """Describe the status of the chosen releases, and start to ask for their publishers and advisories."""
        for release in chosen:
            self.publishers.ask(release.facts, release.link, release.version, self._fetch)
        wants_status, wants_advisories = self.any_counts(STATUS_RULES), self.any_counts(ADVISORY_RULES)
        if wants_status or wants_advisories:
            if wants_status:
                yield from self._status(chosen)
            if wants_advisories:
                self._ask(chosen)
                yield from self._not_queried(chosen)
        if self._waits:
            yield from self.answers()

    def about_build(self, facts: CandidateFacts, link: Link) -> Iterator[Facts]:
        """Ask about a source distribution before it is built, and wait: building runs its code."""
        if facts.kind is CandidateKind.SOURCE_ARCHIVE:
            self.publishers.ask(facts, link, facts.version, self._fetch)
            if facts.version is not None and self.any_counts(ADVISORY_RULES):
                self._ask([ChosenRelease(link, facts, facts.version)])
            yield from self.answers()

    @property
    def is_waiting(self) -> bool:
        """Tell whether a query is still unanswered."""
        return bool(self._queries) or self.publishers.is_waiting

    def answers(self) -> Iterator[Facts]:
        """Return each answer of an index or of the advisories once; waits for those that are still missing."""
        yield from self.publishers.answers()
        while self._queries:
            for facts in self._queries.pop(0).collect():
                # of a source that does not answer, one complaint is enough
                key: object = type(facts)
                if isinstance(facts, AdvisoryFacts):
                    key = facts
                    self.advisories[facts.project, facts.version] = facts.advisories
                if key not in self._told:
                    self._told.add(key)
                    yield facts

    def unavailable(self, project: str, origin: Origin) -> Iterator[StatusFacts]:
        """Describe a project without files whose index has quarantined it."""
        for state in self.states.of_project(project):
            if state.status is ProjectStatus.QUARANTINED:
                yield StatusFacts(project=project, origin=origin, status=state.status, reason=state.reason)

    def any_counts(self, rules: Iterable[str]) -> bool:
        """Tell whether the policy switches any of these rules on."""
        policy = self._session.policy
        return any(policy.severity(rule, Severity.ERROR) is not Severity.OFF for rule in rules)

    def _status(self, chosen: Iterable[ChosenRelease]) -> Iterator[StatusFacts]:
        for link, facts, version in chosen:
            state = self.states.of_link(link, str(facts.project))
            if link.is_yanked or state is not None:
                yield StatusFacts(
                    project=str(facts.project),
                    origin=facts.origin,
                    status=ProjectStatus.ACTIVE if state is None else state.status,
                    reason=None if state is None else state.reason,
                    version=version,
                    yanked=link.yanked_reason,
                    hashes=facts.hashes,
                )

    def _ask(self, chosen: Iterable[ChosenRelease]) -> None:
        from pip_guard.advisories.query import AdvisoryQuery, QueriedRelease
        from pip_guard.advisories.source import make_source

        policy = self._session.policy
        releases = [
            QueriedRelease(project=facts.project, version=version, origin=facts.origin, hashes=facts.hashes)
            for link, facts, version in chosen
            if facts.project is not None
            and not is_exempt_from_advisories(_place(link), policy)
            and not is_kept_from_advisories(_place(link), policy)
        ]
        if releases and self._make_transport is not None:
            self._source = self._source or make_source(policy.advisories, self._make_transport)
            query = AdvisoryQuery(releases, self._source)
            query.start()
            self._queries.append(query)

    def _not_queried(self, chosen: Iterable[ChosenRelease]) -> Iterator[NotQueriedFacts]:
        """Describe the indexes that the policy declares neither public nor private."""
        policy = self._session.policy
        places = {
            _approved_place(place, policy)
            for place in (_place(release.link) for release in chosen)
            if not is_local(place)
            and not is_exempt_from_advisories(place, policy)
            and is_kept_from_advisories(place, policy)
        }
        for place in sorted(places):
            yield NotQueriedFacts(place=place)


def fixed_by(version: str, advisories: Iterable[Advisory]) -> tuple[str, ...]:
    """Return the vulnerabilities that a later version certainly does not have."""
    return tuple(advisory.id for advisory in advisories if not advisory.malicious and _is_fix(version, advisory.fixed))


def _is_fix(version: str, fixed: tuple[str, ...]) -> bool:
    # NOTE: between the fixes of two lines of development, a version may have the vulnerability.
    try:
        return bool(fixed) and (version in fixed or Version(version) >= Version(fixed[-1]))
    except InvalidVersion:
        return False


def chosen_releases(requirements: Iterable[InstallRequirement], provenance: Provenance) -> list[ChosenRelease]:
    """Return the published files among what pip has chosen."""
    chosen = []
    for requirement in requirements:
        link = source_link(requirement)
        if link is not None:
            facts = candidate_facts(requirement, link, provenance, DIRECT)
            if facts.kind in PUBLISHED:
                chosen.append(ChosenRelease(link, facts, chosen_version(requirement)))
    return chosen


def _approved_place(url: str, policy: Policy) -> str:
    """Return the place in the policy that approves a URL, or the URL."""
    places = (*policy.indexes.approved, *policy.indexes.file_hosts)
    return next((str(place) for place in places if is_below(url, [place])), url)


def _place(link: Link) -> str:
    """Return the page that lists a link, or the link itself if none does."""
    return link.comes_from if isinstance(link.comes_from, str) and "://" in link.comes_from else link.url


def source_link(requirement: InstallRequirement) -> Link | None:
    """Return what pip has chosen for a requirement: for a wheel of pip's cache, what that was built from."""
    return requirement.cached_wheel_source_link or requirement.link


def chosen_version(requirement: InstallRequirement) -> str:
    """Return the version that pip has chosen for a requirement."""
    link = requirement.link
    return Wheel(link.filename).version if link is not None and link.is_wheel else str(requirement.metadata["version"])
