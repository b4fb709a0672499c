"""Find the releases that pip would have chosen, but for the minimum age."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from pip._vendor.packaging.utils import canonicalize_name
from pip._vendor.packaging.version import Version

from pip_guard.engine.summary import HeldBackRelease
from pip_guard.names.normalize import normalize_name

if TYPE_CHECKING:
    from pip._internal.req.req_install import InstallRequirement
    from pip._internal.resolution.base import BaseResolver
    from pip._internal.resolution.resolvelib.base import Candidate
    from pip._vendor.packaging.specifiers import SpecifierSet

    from pip_guard.pip_adapter.resolution.state import ResolutionState


def held_back_releases(
    resolver: BaseResolver, root_reqs: Iterable[InstallRequirement], state: ResolutionState
) -> Iterator[HeldBackRelease]:
    """Describe, for each project that was resolved, the newest release that only the minimum age excludes.

    NOTE: the legacy resolver keeps no result, and is not looked at.
    """
    result = getattr(resolver, "_result", None)
    if result is None or not state.upload_times.too_new:
        return
    constraints = [req for req in root_reqs if req.constraint]
    for candidate in {found.project_name: found for found in result.mapping.values()}.values():
        project = normalize_name(candidate.project_name)
        specifiers = list(_specifiers(candidate, result.criteria, constraints))
        files = [
            file
            for file in state.upload_times.too_new.get(project, [])
            if file.filename not in state.hidden_sources.get(project, {})
            and Version(file.version) > Version(str(candidate.version))
            and all(specifier is not None and specifier.contains(file.version) for specifier in specifiers)
        ]
        if files:
            newest = max(files, key=lambda file: Version(file.version))
            minimum = state.session.policy.releases.minimum_age
            first = min(file.uploaded for file in files if file.version == newest.version)
            yield HeldBackRelease(project=project, version=newest.version, until=first + minimum, minimum_age=minimum)


def _specifiers(
    candidate: Candidate, criteria: Mapping[str, Any], constraints: Iterable[InstallRequirement]
) -> Iterator[SpecifierSet | None]:
    """Return what is required of a project; None stands for a requirement of one particular file."""
    for name, criterion in criteria.items():
        if canonicalize_name(name.partition("[")[0]) == candidate.project_name:
            for requirement, parent in criterion.information:
                if parent is not None and parent.project_name == candidate.project_name:
                    continue  # with an extra, a project requires itself
                _, wanted = requirement.get_candidate_lookup()
                yield None if wanted is None or wanted.req is None else wanted.req.specifier
    for constraint in constraints:
        if constraint.name is not None and canonicalize_name(constraint.name) == candidate.project_name:
            yield None if constraint.link is not None or constraint.req is None else constraint.req.specifier
