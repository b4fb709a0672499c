"""Explain why nothing satisfies a requirement: which files were hidden from pip that would."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import reduce
from operator import and_
from typing import TYPE_CHECKING, NamedTuple

from pip._internal.exceptions import DistributionNotFound, InstallationError
from pip._internal.utils._log import VERBOSE
from pip._vendor.packaging.requirements import Requirement
from pip._vendor.packaging.specifiers import SpecifierSet
from pip._vendor.packaging.utils import NormalizedName, canonicalize_name
from pip._vendor.packaging.version import InvalidVersion, Version
from pip._vendor.resolvelib import ResolutionImpossible

from pip_guard.facts.candidate import HiddenSdistFacts, OtherIndexFacts, TooNewFacts
from pip_guard.facts.origin import Origin, OriginKind
from pip_guard.names.normalize import normalize_name
from pip_guard.pip_adapter.index.listings import silent_indexes
from pip_guard.pip_adapter.session import Refusal
from pip_guard.urls.redaction import redact

if TYPE_CHECKING:
    from pip._internal.req.req_install import InstallRequirement
    from pip._internal.resolution.base import BaseResolver
    from pip._internal.resolution.resolvelib.factory import Factory

    from pip_guard.facts.origin import Facts
    from pip_guard.pip_adapter.resolution.state import ResolutionState

# The loggers through which pip says that nothing satisfies a requirement, the second for the legacy resolver, and how the message begins.
_LOGGERS = ("pip._internal.resolution.resolvelib.factory", "pip._internal.index.package_finder")
_NOTHING_FOUND = "Could not find a "
# How the error of the legacy resolver begins.
_NOT_FOUND = "No matching distribution found for "
_UNNAMED = Origin(kind=OriginKind.DEFAULT, text="the requirements")


@contextmanager
def explaining(
    state: ResolutionState, resolver: BaseResolver, root_reqs: Sequence[InstallRequirement]
) -> Iterator[None]:
    """Judge why nothing satisfies a requirement. Raises `Refusal`, and then pip's own message is shown to ``--verbose`` alone."""
    held: list[logging.LogRecord] = []

    def let_pass(record: logging.LogRecord) -> bool:
        is_held = str(record.msg).startswith(_NOTHING_FOUND)
        if is_held:
            held.append(record)
        return not is_held

    loggers = [logging.getLogger(name) for name in _LOGGERS]
    for logger in loggers:
        logger.addFilter(let_pass)
    try:
        yield
    except InstallationError as error:
        try:
            state.judge(*explain(error, state, resolver, root_reqs))
        except Refusal:
            for record in held:
                record.levelno, record.levelname = VERBOSE, logging.getLevelName(VERBOSE)
            raise
        raise
    finally:
        for logger in loggers:
            logger.removeFilter(let_pass)
        for record in held:
            if logging.getLogger(record.name).isEnabledFor(record.levelno):
                logging.getLogger(record.name).handle(record)


def explain(
    error: InstallationError, state: ResolutionState, resolver: BaseResolver, root_reqs: Sequence[InstallRequirement]
) -> Iterable[Facts]:
    """Describe the requirements that only hidden files satisfy, and those files.

    pip stops at the first such requirement. The user's other requirements are looked up, too, so that all can be dealt with at once.
    """
    found = [facts for wanted in _unsatisfied(error, state) for facts in _reasons(wanted, state)]
    if found:
        found += [
            facts for wanted in _also_unsatisfied(state, resolver, root_reqs) for facts in _reasons(wanted, state)
        ]
    return dict.fromkeys(found)


def _reasons(wanted: _Wanted, state: ResolutionState) -> Iterator[Facts]:
    """Describe the files that satisfy a requirement, and were hidden from pip."""
    yield from state.reputation.unavailable(wanted.project, wanted.origin)
    too_new = tuple(file for file in state.upload_times.too_new.get(wanted.project, []) if wanted.fits(file.version))
    if too_new:
        yield TooNewFacts(
            requirement=wanted.requirement,
            project=wanted.project,
            files=too_new,
            now=state.upload_times.now,
            origin=wanted.origin,
        )
    # pip would not build a version that has a wheel.
    wheels = {Version(file.version) for file in too_new if file.filename.endswith(".whl")}
    hidden = state.hidden_sources.get(wanted.project, {})
    sources = {file: Version(text) for file, text in hidden.items() if wanted.fits(text)}
    files = sorted((file for file, version in sources.items() if version not in wheels), key=sources.__getitem__)
    if files:
        yield HiddenSdistFacts(
            requirement=wanted.requirement,
            project=wanted.project,
            files=tuple(files),
            origin=wanted.origin,
            version=hidden[files[-1]],
        )
    if not (too_new or files):
        yield from _on_other_indexes(wanted, state)


def _on_other_indexes(wanted: _Wanted, state: ResolutionState) -> Iterable[OtherIndexFacts]:
    """Describe what other indexes have for a requirement, unless its own index has a file for it, too."""
    pins = state.pins
    versions = pins.left_aside.get(wanted.project, {})
    indexes = {index for version, indexes in versions.items() if wanted.fits(version) for index in indexes}
    if indexes and not any(wanted.fits(version) for version in pins.available(wanted.project)):
        yield OtherIndexFacts(
            requirement=wanted.requirement,
            project=wanted.project,
            origin=wanted.origin,
            indexes=frozenset(indexes),
            asked=frozenset(map(redact, pins.indexes)),
            silent_indexes=silent_indexes(state.failed_requests, wanted.project, pins.indexes),
        )


class _Wanted(NamedTuple):
    """A requirement that could not be satisfied; without a specifier any version would do."""

    requirement: str
    project: str
    origin: Origin
    specifier: SpecifierSet | None = None

    def fits(self, version: str) -> bool:
        """Tell whether a version would satisfy the requirement."""
        try:
            parsed = Version(version)
        except InvalidVersion:
            return False
        return self.specifier is None or self.specifier.contains(parsed, prereleases=True)


def _also_unsatisfied(
    state: ResolutionState, resolver: BaseResolver, root_reqs: Sequence[InstallRequirement]
) -> Iterator[_Wanted]:
    """Return the user's requirements that no file on the indexes satisfies, as far as that can be looked up."""
    factory = getattr(resolver, "factory", None)
    if factory is None:  # the legacy resolver does not know what is installed
        return
    constraints: dict[str, SpecifierSet] = {}
    for req in (each for each in root_reqs if each.constraint and each.name):
        name = canonicalize_name(str(req.name))
        constraints[name] = constraints.get(name, SpecifierSet()) & req.specifier
    for req in root_reqs:
        if not req.constraint and req.link is None and req.req is not None and req.match_markers():
            name = canonicalize_name(req.req.name)
            specifier = req.specifier & constraints.get(name, SpecifierSet())
            if not _is_found(name, specifier, req, state, factory):
                yield _Wanted(str(req.req), normalize_name(name), state.provenance.origin(req), specifier)


def _is_found(
    name: NormalizedName, specifier: SpecifierSet, req: InstallRequirement, state: ResolutionState, factory: Factory
) -> bool:
    """Tell whether something satisfies a requirement; True if that cannot be looked up."""
    dist = None if factory._force_reinstall else factory._installed_dists.get(name)
    if dist is not None and specifier.contains(str(dist.version), prereleases=True):
        return True
    # The command is refused anyway, so problems with pages that pip has not reached do not matter.
    with suppress(Exception), state.session.tentatively():
        found = factory._finder.find_best_candidate(name, specifier, req.hashes(trust_internet=False))
        return found.best_candidate is not None
    return True


def _unsatisfied(error: InstallationError, state: ResolutionState) -> Iterable[_Wanted]:
    """Return the requirements that pip could not satisfy."""
    cause = error.__cause__
    if isinstance(cause, ResolutionImpossible):
        asked = [information.requirement.get_candidate_lookup()[1] for information in cause.causes]
        yield from _conflicting([req for req in asked if req is not None and req.req is not None], state)
    elif isinstance(error, DistributionNotFound) and str(error).startswith(_NOT_FOUND):
        # the legacy resolver names the requirement at which it stops in its message alone
        requirement = Requirement(str(error).removeprefix(_NOT_FOUND).partition(" (from ")[0])
        project = normalize_name(requirement.name)
        yield _Wanted(str(requirement), project, _UNNAMED, requirement.specifier)


def _conflicting(reqs: Sequence[InstallRequirement], state: ResolutionState) -> Iterator[_Wanted]:
    """Return all that is wanted of each project at once: a file that satisfies one side of a conflict does not end it."""
    projects: dict[str, list[InstallRequirement]] = {}
    for req in reqs:
        projects.setdefault(normalize_name(str(req.name)), []).append(req)
    for project, wanted in projects.items():
        specifiers = [req.specifier for req in wanted]
        specifier = reduce(and_, specifiers)
        text = str(wanted[0].req) if len(set(specifiers)) == 1 else f"{project}{specifier}"
        yield _Wanted(text, project, state.provenance.origin(wanted[0]), specifier)
