"""Judge what pip is about to resolve, fetch, build and install: one wrapper for each method of pip.

The wrappers take the state of the command and pip's method, then the parameters of that method under pip's own names.
"""

from __future__ import annotations

import errno
import functools
import os
from collections.abc import Callable, Container, Iterable, Iterator
from typing import TYPE_CHECKING, cast

from pip._internal.index.package_finder import LinkEvaluator, LinkType
from pip._internal.models.format_control import FormatControl
from pip._internal.models.link import Link
from pip._internal.models.wheel import Wheel
from pip._internal.req.req_install import InstallRequirement

from pip_guard.facts.candidate import CandidateFacts, CandidateKind, ReleaseFacts
from pip_guard.facts.requirements import RequirementFacts
from pip_guard.facts.resolution import NoUploadTimeFacts, ProjectHistoryFacts, ProvenanceFacts
from pip_guard.names.normalize import normalize_name
from pip_guard.names.popular import forget_popular_names
from pip_guard.pip_adapter.index.listings import DIRECT, find_listing
from pip_guard.pip_adapter.index.project_history import LOST_PROVENANCE, NEW_PROJECT
from pip_guard.pip_adapter.index.upload_times import RECENT_RELEASE
from pip_guard.pip_adapter.resolution.candidates import SOURCE_DISTRIBUTION, candidate_facts
from pip_guard.pip_adapter.resolution.chosen_files import chosen_file
from pip_guard.pip_adapter.resolution.held_back import held_back_releases
from pip_guard.pip_adapter.resolution.reputation import (
    PUBLISHED,
    STATUS_RULES,
    ChosenRelease,
    chosen_releases,
    source_link,
)
from pip_guard.pip_adapter.resolution.unsatisfied import explaining
from pip_guard.pip_adapter.resolution.wheels import is_dry_run, is_fetched_wheel, judge_separately, judge_together
from pip_guard.policy.approval import is_exempt_from_age

# The rules that need to know when a file, or its project, was uploaded, and with what provenance.
PAGE_RULES = (RECENT_RELEASE, NEW_PROJECT, LOST_PROVENANCE)

if TYPE_CHECKING:
    from pip._internal.cache import CacheEntry, WheelCache
    from pip._internal.index.collector import IndexContent
    from pip._internal.index.package_finder import PackageFinder
    from pip._internal.metadata import BaseDistribution
    from pip._internal.operations.prepare import RequirementPreparer
    from pip._internal.req.req_set import RequirementSet
    from pip._internal.resolution.base import BaseResolver
    from pip._vendor.packaging.tags import Tag

    from pip_guard.pip_adapter.resolution.state import ResolutionState


def allow_formats(
    state: ResolutionState,
    method: Callable[[FormatControl, str], frozenset[str]],
    self: FormatControl,
    canonical_name: str,
) -> frozenset[str]:
    """Offer no source distributions of a project that may not be built, whatever the options say."""
    formats = method(self, canonical_name)
    if state.session.may_pass(SOURCE_DISTRIBUTION, canonical_name):
        return formats
    state.users_formats[canonical_name] = formats
    return frozenset({"binary"})


def look_into_wheel_cache(
    state: ResolutionState,
    method: Callable[..., CacheEntry | None],
    self: WheelCache,
    link: Link,
    package_name: str | None,
    supported_tags: list[Tag],
) -> CacheEntry | None:
    """Ignore a wheel that was built earlier, perhaps unguarded, unless its project may be built now."""
    if package_name is None or not state.session.may_pass(SOURCE_DISTRIBUTION, normalize_name(package_name)):
        return None
    return method(self, link, package_name, supported_tags)


def evaluate_link(
    state: ResolutionState,
    method: Callable[[LinkEvaluator, Link], tuple[LinkType, str]],
    self: LinkEvaluator,
    link: Link,
) -> tuple[LinkType, str]:
    """Hide from pip what it may not install, and remember it in case nothing else is found."""
    if state.pins.are_set:
        project = normalize_name(self.project_name)
        other_index = state.pins.other_index(project, link.comes_from)
        if other_index is not None:
            return _leave_aside(state, method, self, link, project, other_index)
    result = state.upload_times.evaluate(method, self, link)
    state.offers.note(self, link, result[0])
    if result[0] is not LinkType.format_unsupported or link.is_wheel or self._canonical_name not in state.users_formats:
        return result
    with_users_formats = functools.partial(_with_users_formats, state, method)
    own_result = state.upload_times.evaluate_for_user(with_users_formats, self, link)
    if own_result[0] is not LinkType.candidate:
        return own_result  # pip alone would not build it either, and says why
    if link.upload_time is not None:
        # it may be too new as well
        state.upload_times.evaluate(with_users_formats, self, link)
    state.hidden_sources.setdefault(normalize_name(self.project_name), {})[link.filename] = own_result[1]
    return result


def _leave_aside(
    state: ResolutionState,
    method: Callable[[LinkEvaluator, Link], tuple[LinkType, str]],
    evaluator: LinkEvaluator,
    link: Link,
    project: str,
    index: str,
) -> tuple[LinkType, str]:
    """Hide a file on another index than its project's, and remember it if pip alone could have chosen it."""
    with_users_formats = functools.partial(_with_users_formats, state, method)
    own_result = state.upload_times.evaluate_for_user(with_users_formats, evaluator, link)
    state.offers.note(evaluator, link, own_result[0])
    if own_result[0] is LinkType.candidate:
        state.pins.leave_aside(project, own_result[1], index)
    return LinkType.different_project, f"the policy does not take {project} from {index}"


def _with_users_formats(
    state: ResolutionState,
    method: Callable[[LinkEvaluator, Link], tuple[LinkType, str]],
    evaluator: LinkEvaluator,
    link: Link,
) -> tuple[LinkType, str]:
    """Evaluate a link as pip does where only the user's own options say whether a project may be built."""
    allowed = evaluator._formats
    evaluator._formats = state.users_formats.get(evaluator._canonical_name, allowed)
    try:
        return method(evaluator, link)
    finally:
        evaluator._formats = allowed


def parse_links(
    state: ResolutionState, method: Callable[[IndexContent], Iterable[Link]], page: IndexContent
) -> Iterable[Link]:
    """Remember what a page says, and which files it lists."""
    links = list(method(page))
    state.note_page(page, links)
    return links


def prepare_linked_requirement(
    state: ResolutionState,
    method: Callable[..., BaseDistribution],
    self: RequirementPreparer,
    req: InstallRequirement,
    parallel_builds: bool = False,
) -> BaseDistribution:
    """Judge a file, directory or repository before it is fetched, unpacked or built."""
    _judge_candidate(state, req, self.finder)
    return method(self, req, parallel_builds)


def prepare_editable_requirement(
    state: ResolutionState,
    method: Callable[..., BaseDistribution],
    self: RequirementPreparer,
    req: InstallRequirement,
) -> BaseDistribution:
    """Judge an editable directory or repository before it is fetched or built."""
    _judge_candidate(state, req, self.finder)
    return method(self, req)


def resolve(
    state: ResolutionState,
    method: Callable[..., RequirementSet],
    self: BaseResolver,
    root_reqs: list[InstallRequirement],
    check_supported_wheels: bool,
) -> RequirementSet:
    """Judge the user's requirements together before anything is fetched, and what was chosen; explain what was not found.

    A dry run ends here, so the wheels that it had to fetch are judged now.
    """
    provenance = state.provenance
    links = [(req, req.link) for req in root_reqs if req.link is not None and not _is_missing(req.link)]
    direct = [candidate_facts(req, link, provenance, DIRECT) for req, link in links]
    state.judge(*_requirements(root_reqs, state), *direct)
    if state.is_main(self):
        state.look_ahead(self, root_reqs)
    with provenance.building(state.builds.latest), explaining(state, self, root_reqs):
        resolved = method(self, root_reqs, check_supported_wheels=check_supported_wheels)
    chosen, is_main = resolved.requirements_to_install, state.is_main(self)
    if is_main:
        state.held_back = [*held_back_releases(self, resolved, root_reqs, state)]
    state.session.take(chosen_file(req, for_build=not is_main) for req in chosen)
    releases = chosen_releases(chosen, provenance)
    try:
        state.judge(
            *state.upload_times.untimed(),
            *_histories(state, releases, self),
            *state.reputation.resolved(releases),
        )
    finally:
        if state.session.refused or not state.reputation.is_waiting:
            state.tell_held_back()
    forget_popular_names()  # no name comes after this, but in a build
    if is_main and is_dry_run(state):
        judge_together([req for req in chosen if is_fetched_wheel(req)], self, state)
    return resolved


def prepare_linked_requirements_more(
    state: ResolutionState,
    method: Callable[..., None],
    self: RequirementPreparer,
    reqs: Iterable[InstallRequirement],
    parallel_builds: bool = False,
) -> None:
    """Judge what the advisories say, just before anything is unpacked, and wheels that are saved to a folder."""
    reqs = list(reqs)
    state.fetch_files(self, reqs)
    try:
        method(self, reqs, parallel_builds)
        state.judge(*state.reputation.answers())
    finally:
        state.tell_held_back()
    if self.download_dir is not None:
        judge_separately([req for req in reqs if req.is_wheel], state)
        state.begin()


def get_installation_order(
    state: ResolutionState,
    method: Callable[..., list[InstallRequirement]],
    self: BaseResolver,
    req_set: RequirementSet,
) -> list[InstallRequirement]:
    """Judge all wheels of an installation together: none is unpacked yet, and these are the files that will be."""
    order = method(self, req_set)
    if state.is_main(self):
        state.end_threads()
    wheels = judge_together(order, self, state)
    if order and state.is_main(self):
        state.begin()
        for req, wheel in zip(order, wheels, strict=True):
            state.compilation.add(str(req.local_file_path), wheel.contents)
        state.wrap_installation()
    return order


def _requirements(root_reqs: Iterable[InstallRequirement], state: ResolutionState) -> Iterable[RequirementFacts]:
    """Describe the direct requirements that are to be found on an index."""
    for req in root_reqs:
        if not req.constraint:
            yield RequirementFacts(
                requirement=str(req.req or req.link),
                origin=state.provenance.origin(req),
                project=None if req.name is None or req.link is not None else normalize_name(req.name),
                has_hash=req.has_hash_options or (req.link is not None and req.link.has_hash),
            )


def _histories(
    state: ResolutionState, releases: Iterable[ChosenRelease], resolver: BaseResolver
) -> Iterator[ProjectHistoryFacts | ProvenanceFacts]:
    """Describe the projects that may be new, and the files that lack provenance."""
    # NOTE: what is installed counts only where pip looks at it: `--target`, a download and a build begin with nothing.
    factory = getattr(resolver, "factory", None)
    installed: Container[str] = () if factory is None else factory._installed_dists
    for link, facts, version in releases:
        now = state.upload_times.now
        yield from state.pages.history(facts, link, version, installed=facts.project in installed, now=now)
        yield from state.pages.provenance(facts, link, now)


def _is_missing(link: Link) -> bool:
    """Tell whether a local archive or directory does not exist, such as conda's in the output of ``pip freeze``."""
    return bool(link.is_file) and not link.is_wheel and not os.path.lexists(link.file_path)


def _judge_candidate(state: ResolutionState, req: InstallRequirement, finder: PackageFinder) -> None:
    # NOTE: pip replaces the link by that of a cached wheel; what that wheel was built from is what is judged.
    # pip prepares nothing that has no link.
    link = cast("Link", source_link(req))
    if req.cached_wheel_source_link is None and _is_missing(link):
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), link.file_path)  # as pip does later
    listing = find_listing(req, link, finder, offers=state.offers, failed_requests=state.failed_requests)
    facts = candidate_facts(req, link, state.provenance, listing)
    if facts not in state.judged:
        state.judge(facts, *_release(state, facts, link, finder))
        if facts.kind is CandidateKind.SOURCE_ARCHIVE:
            # to build it is to run it
            state.judge(*state.pages.provenance(facts, link, state.upload_times.now))
        state.judge(*state.reputation.about_build(facts, link))
        state.judged.add(facts)
    if facts.kind is not CandidateKind.WHEEL:
        if state.builds.latest is None:
            state.begin()
        state.builds.allow(req, facts.kind)


def _release(
    state: ResolutionState, facts: CandidateFacts, link: Link, finder: PackageFinder
) -> Iterable[ReleaseFacts | NoUploadTimeFacts]:
    """Describe the age of a file from the network. About one that a URL or a lock file names, the index is asked if a rule needs it."""
    if facts.project is None or link.is_file or facts.kind not in PUBLISHED:
        return
    times, policy = state.upload_times, state.session.policy
    page = link.url if facts.direct else facts.index or link.url
    is_exempt, is_locked = is_exempt_from_age(page, policy), link in finder._locked_links.values()
    uploaded = link.upload_time
    if facts.direct:
        rules = () if is_exempt else PAGE_RULES
        # A lock file may have been written before its files were yanked, or their project quarantined.
        rules = (*rules, *STATUS_RULES) if is_locked else rules
        is_asked = state.reputation.any_counts(rules) or state.reputation.publishers.counts_for(facts.project)
        listed = state.listed_file(link, facts.project, finder) if is_asked else None
        uploaded = times.uploaded(link, listed)
    if is_exempt or not state.reputation.any_counts([RECENT_RELEASE]):
        return
    if uploaded is not None:
        version = facts.version or (Wheel(link.filename).version if link.is_wheel else None)
        yield ReleaseFacts(
            project=facts.project,
            version=version,
            filename=facts.filename,
            uploaded=uploaded,
            now=times.now,
            origin=facts.origin,
        )
    elif facts.direct or policy.observes:
        # If no files are hidden because of their age, nothing else has noticed that the page has no upload times.
        # All files that a lock file names are reported together, under the name of the lock file.
        yield NoUploadTimeFacts(index=str(link.comes_from) if is_locked else page)
