"""Report to the gate what pip is about to do: one function around each wrapped method.

Every function takes the method of pip, then the parameters of that method under pip's own names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, cast

from pip._internal.exceptions import InstallationError
from pip._internal.index.package_finder import LinkEvaluator, LinkType
from pip._internal.models.format_control import FormatControl
from pip._internal.models.link import Link
from pip._internal.models.wheel import Wheel
from pip._internal.req.req_install import InstallRequirement

from pip_guard.facts.candidate import CandidateFacts, CandidateKind, ReleaseFacts
from pip_guard.facts.requirements import RequirementFacts
from pip_guard.facts.resolution import NoUploadTimeFacts
from pip_guard.names.normalize import normalize_name
from pip_guard.names.popular import forget_popular_names
from pip_guard.pip_adapter.current import get_session
from pip_guard.pip_adapter.index.listings import find_listing
from pip_guard.pip_adapter.network.requests import added_sources
from pip_guard.pip_adapter.progress import get_progress
from pip_guard.pip_adapter.refusal import begin, judge
from pip_guard.pip_adapter.resolution.candidates import DIRECT, SOURCE_DISTRIBUTION, candidate_facts
from pip_guard.pip_adapter.resolution.chosen_files import chosen_file, is_main
from pip_guard.pip_adapter.resolution.unsatisfied import explain
from pip_guard.policy.approval import is_exempt_from_age

if TYPE_CHECKING:
    from pip._internal.cache import CacheEntry, WheelCache
    from pip._internal.index.collector import IndexContent
    from pip._internal.index.package_finder import PackageFinder
    from pip._internal.metadata import BaseDistribution
    from pip._internal.operations.prepare import RequirementPreparer
    from pip._internal.req.req_set import RequirementSet
    from pip._internal.resolution.base import BaseResolver
    from pip._vendor.packaging.tags import Tag


def allow_formats(
    method: Callable[[FormatControl, str], frozenset[str]], self: FormatControl, canonical_name: str
) -> frozenset[str]:
    """Never offer source distributions of a project that may not be built, whatever the options say."""
    if get_session().may_build(SOURCE_DISTRIBUTION, canonical_name):
        return method(self, canonical_name)
    return frozenset({"binary"})


def look_into_wheel_cache(
    method: Callable[..., CacheEntry | None],
    self: WheelCache,
    link: Link,
    package_name: str | None,
    supported_tags: list[Tag],
) -> CacheEntry | None:
    """Leave a wheel that was built earlier, perhaps without guard, unless its project may be built now."""
    if package_name is None or not get_session().may_build(SOURCE_DISTRIBUTION, normalize_name(package_name)):
        return None
    return method(self, link, package_name, supported_tags)


def evaluate_link(
    method: Callable[[LinkEvaluator, Link], tuple[LinkType, str]], self: LinkEvaluator, link: Link
) -> tuple[LinkType, str]:
    """Remember the source distributions and the young files that are kept from pip, in case nothing else is found."""
    progress = get_progress()
    result = progress.ages.evaluate(method, self, link)
    progress.offers.note(self, link, result[0])
    if result[0] is LinkType.format_unsupported and not link.is_wheel:
        progress.hidden_sources.setdefault(normalize_name(self.project_name), []).append(link)
    return result


def prepare_linked_requirement(
    method: Callable[..., BaseDistribution],
    self: RequirementPreparer,
    req: InstallRequirement,
    parallel_builds: bool = False,
) -> BaseDistribution:
    """Judge a file, directory or repository before it is fetched, unpacked or built."""
    _judge_candidate(req, self.finder)
    return method(self, req, parallel_builds)


def prepare_editable_requirement(
    method: Callable[..., BaseDistribution], self: RequirementPreparer, req: InstallRequirement
) -> BaseDistribution:
    """Judge an editable directory or repository before it is fetched or built."""
    _judge_candidate(req, self.finder)
    return method(self, req)


def resolve(
    method: Callable[..., RequirementSet],
    self: BaseResolver,
    root_reqs: list[InstallRequirement],
    check_supported_wheels: bool,
) -> RequirementSet:
    """Judge all direct requirements together, before the first of them is fetched; explain what was not found."""
    progress = get_progress()
    provenance = progress.provenance
    direct = [candidate_facts(req, req.link, provenance, DIRECT) for req in root_reqs if req.link is not None]
    judge(*added_sources(), *_requirements(root_reqs), *direct)
    with provenance.building(progress.builds.latest):
        try:
            resolved = method(self, root_reqs, check_supported_wheels=check_supported_wheels)
        except InstallationError as error:
            judge(*explain(error))
            raise
    get_session().take(chosen_file(req, for_build=not is_main(self)) for req in resolved.requirements_to_install)
    judge(*progress.ages.untimed(), *progress.reputation.resolved(resolved.requirements_to_install, provenance))
    forget_popular_names()  # no name comes after this, but in a build
    return resolved


def prepare_linked_requirements_more(
    method: Callable[..., None],
    self: RequirementPreparer,
    reqs: Iterable[InstallRequirement],
    parallel_builds: bool = False,
) -> None:
    """Judge what the advisories say, as late as nothing has been unpacked yet."""
    method(self, reqs, parallel_builds)
    judge(*get_progress().reputation.answers())


def parse_links(method: Callable[[IndexContent], Iterable[Link]], page: IndexContent) -> Iterable[Link]:
    """Take note of what a page of an index says about its project."""
    get_progress().reputation.states.note(page)
    return method(page)


def _requirements(root_reqs: Iterable[InstallRequirement]) -> Iterable[RequirementFacts]:
    """Describe the direct requirements that are to be found on an index."""
    provenance = get_progress().provenance
    for req in root_reqs:
        if not req.constraint:
            yield RequirementFacts(
                requirement=str(req.req or req.link),
                origin=provenance.origin(req),
                project=None if req.name is None or req.link is not None else normalize_name(req.name),
                has_hash=req.has_hash_options or (req.link is not None and req.link.has_hash),
            )


def _judge_candidate(req: InstallRequirement, finder: PackageFinder) -> None:
    progress = get_progress()
    # NOTE: pip replaces the link by that of a cached wheel; what that wheel was built from is what is judged.
    # What has no link, pip itself prepares as little.
    link = cast("Link", req.cached_wheel_source_link or req.link)
    listing = find_listing(req, link, finder, offers=progress.offers, failed_requests=progress.failed_requests)
    facts = candidate_facts(req, link, progress.provenance, listing)
    if facts not in progress.judged:
        judge(facts, *_release(facts, link, finder))
        judge(*progress.reputation.about_build(facts, link))
        progress.judged.add(facts)
    if facts.kind is not CandidateKind.WHEEL:
        if progress.builds.latest is None:
            begin()
        progress.builds.allow(req, facts.kind)


def _release(facts: CandidateFacts, link: Link, finder: PackageFinder) -> Iterable[ReleaseFacts | NoUploadTimeFacts]:
    """Describe the age of a file from the network."""
    if facts.project is None or link.is_file or facts.kind not in (CandidateKind.WHEEL, CandidateKind.SOURCE_ARCHIVE):
        return
    ages = get_progress().ages
    page = link.url if facts.direct else facts.index or link.url
    if is_exempt_from_age(page, get_session().policy):
        return
    uploaded = ages.uploaded(link, facts.project, finder) if facts.direct else link.upload_time
    if uploaded is not None:
        version = facts.version or (Wheel(link.filename).version if link.is_wheel else None)
        yield ReleaseFacts(
            project=facts.project,
            version=version,
            filename=facts.filename,
            uploaded=uploaded,
            now=ages.now,
            origin=facts.origin,
        )
    elif facts.direct or get_session().policy.observes:
        # where nothing is kept from pip because of its age, nothing else has seen that the page tells none
        # what a lock file names is described by the file, and so together
        is_locked = link in finder._locked_links.values()
        yield NoUploadTimeFacts(index=str(link.comes_from) if is_locked else page)
