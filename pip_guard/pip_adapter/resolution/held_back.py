"""Find the releases that pip would have chosen if it were not for the minimum age."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from pip._vendor.packaging.utils import canonicalize_name
from pip._vendor.packaging.version import Version

from pip_guard.engine.summary import HeldBackRelease
from pip_guard.names.normalize import normalize_name
from pip_guard.pip_adapter.index.upload_times import UploadTimes, in_utc
from pip_guard.pip_adapter.resolution.reputation import chosen_version

if TYPE_CHECKING:
    from pip._internal.commands.list import _DistWithLatestInfo
    from pip._internal.index.package_finder import PackageFinder
    from pip._internal.req.req_install import InstallRequirement
    from pip._internal.req.req_set import RequirementSet
    from pip._internal.resolution.base import BaseResolver
    from pip._internal.resolution.resolvelib.base import Candidate
    from pip._vendor.packaging.specifiers import SpecifierSet

    from pip_guard.engine.session import GuardSession
    from pip_guard.pip_adapter.resolution.state import ResolutionState


class _Chosen(NamedTuple):
    """The version chosen for a (canonical) project, and the specifiers for it; None stands for one particular file."""

    project: str
    version: str
    specifiers: tuple[SpecifierSet | None, ...]


def held_back_releases(
    resolver: BaseResolver, resolved: RequirementSet, root_reqs: Iterable[InstallRequirement], state: ResolutionState
) -> Iterator[HeldBackRelease]:
    """Describe, for each project that was resolved, the newest release that only the minimum age excludes."""
    if not state.upload_times.too_new:
        return
    constraints = [req for req in root_reqs if req.constraint]
    for chosen in _chosen(resolver, resolved):
        project = normalize_name(chosen.project)
        specifiers = [*chosen.specifiers, *_constraints(chosen.project, constraints)]
        files = [
            file
            for file in state.upload_times.too_new.get(project, [])
            if file.filename not in state.hidden_sources.get(project, {})
            and Version(file.version) > Version(chosen.version)
            and all(specifier is not None and specifier.contains(file.version) for specifier in specifiers)
        ]
        if files:
            newest = max(files, key=lambda file: Version(file.version))
            minimum = state.session.policy.releases.minimum_age
            first = min(file.uploaded for file in files if file.version == newest.version)
            yield HeldBackRelease(
                project=project,
                version=newest.version,
                until=first + minimum,
                minimum_age=minimum,
                chosen=chosen.version,
            )


def held_back_updates(
    outdated: Iterable[_DistWithLatestInfo], finder: PackageFinder, session: GuardSession
) -> Iterator[HeldBackRelease]:
    """Describe the latest releases of installed projects, as ``pip list`` names them, that are too new to be installed."""
    times = UploadTimes(session)
    minimum = session.policy.releases.minimum_age
    for dist in outdated if times.holds_back else ():
        project, latest = normalize_name(dist.canonical_name), dist.latest_version
        ready: list[datetime] = []
        others = [dist.version]
        for version, link in ((each.version, each.link) for each in finder.find_all_candidates(dist.canonical_name)):
            if not link.is_wheel:
                continue
            uploaded = None if link.upload_time is None else in_utc(link.upload_time)
            if uploaded is None or not times.is_too_new(uploaded) or times.is_excused(project, str(version), link):
                others.append(version)
            elif version == latest:
                ready.append(uploaded + minimum)
        if ready and latest not in others:
            yield HeldBackRelease(
                project=project,
                version=str(latest),
                until=min(ready),
                minimum_age=minimum,
                chosen=str(max(version for version in others if version < latest)),
            )


def _chosen(resolver: BaseResolver, resolved: RequirementSet) -> Iterator[_Chosen]:
    result = getattr(resolver, "_result", None)
    if result is not None:
        for candidate in {found.project_name: found for found in result.mapping.values()}.values():
            specifiers = tuple(_specifiers(candidate, result.criteria))
            yield _Chosen(candidate.project_name, str(candidate.version), specifiers)
        return
    # the legacy resolver keeps one requirement of each project, besides the constraints that nothing asked for
    for req in (each for each in resolved.all_requirements if not each.constraint):
        dist = req.satisfied_by
        version = chosen_version(req) if dist is None else str(dist.version)
        specifier = None if req.is_direct or req.req is None else req.req.specifier
        yield _Chosen(canonicalize_name(str(req.name)), version, (specifier,))


def _specifiers(candidate: Candidate, criteria: Mapping[str, Any]) -> Iterator[SpecifierSet | None]:
    for name, criterion in criteria.items():
        if canonicalize_name(name.partition("[")[0]) == candidate.project_name:
            for requirement, parent in criterion.information:
                if parent is not None and parent.project_name == candidate.project_name:
                    continue  # with an extra, a project requires itself
                _, wanted = requirement.get_candidate_lookup()
                yield None if wanted is None or wanted.req is None else wanted.req.specifier


def _constraints(project: str, constraints: Iterable[InstallRequirement]) -> Iterator[SpecifierSet | None]:
    for constraint in constraints:
        if constraint.name is not None and canonicalize_name(constraint.name) == project:
            yield None if constraint.link is not None or constraint.req is None else constraint.req.specifier
