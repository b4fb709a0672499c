"""Turn pip's requirements into facts about the files, directories and repositories behind them."""

from __future__ import annotations

import logging
import os
import re
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from pip._internal.exceptions import PipError
from pip._internal.metadata import BaseDistribution
from pip._internal.models.link import Link
from pip._internal.req.constructors import install_req_from_editable, install_req_from_line
from pip._internal.req.req_install import InstallRequirement

from pip_guard.facts.candidate import CandidateFacts, CandidateKind
from pip_guard.facts.origin import Origin, OriginKind
from pip_guard.names.normalize import normalize_name
from pip_guard.pip_adapter.index.listings import Listing, link_hashes

_FROM_FILE = re.compile(r"-(?P<flag>[rc]) (?P<path>.+) \(line (?P<line>\d+)\)", re.DOTALL)
_SOURCE_NAME = re.compile(r"(?P<name>.+?)-(?P<version>\d[^-]*)(\.tar\.\w+|\.zip|\.tgz|\.tar)$", re.IGNORECASE)
# The rule that decides whether pip is offered source distributions.
SOURCE_DISTRIBUTION = "source-distribution"
COMMAND_LINE = Origin(kind=OriginKind.ARGUMENT, text="the command line")


class Provenance:
    """Where the requirements of one command come from, and the directories that its command line names."""

    def __init__(self) -> None:
        self._origins: dict[str, Origin] = {}
        self._dependents: dict[InstallRequirement, Origin] = {}
        self._default = COMMAND_LINE
        self.named_directories: frozenset[str] = frozenset()

    def name_directories(self, arguments: Iterable[str], editables: Iterable[str]) -> None:
        """Remember the directories that arguments and ``-e`` options of the command line name."""
        with _quiet():
            requirements = [_parse(install_req_from_line, argument) for argument in arguments]
            requirements += [_parse(install_req_from_editable, editable) for editable in editables]
        links = [requirement.link for requirement in requirements if requirement is not None]
        self.named_directories = frozenset(
            _project_folder(link) for link in links if link is not None and link.is_existing_dir()
        )

    @contextmanager
    def building(self, what: str | None) -> Iterator[None]:
        """Attribute requirements of unknown origin, in this context, to the build of something."""
        before = self._default
        if what is not None:
            self._default = Origin(kind=OriginKind.DEPENDENCY, text=f"the build of {what}")
        try:
            yield
        finally:
            self._default = before

    def note(self, requirement: InstallRequirement, origin: Origin) -> None:
        """Remember the origin of a requirement for which pip keeps none."""
        self._origins[_identify(requirement)] = origin

    def origin(self, requirement: InstallRequirement) -> Origin:
        """Return where a requirement comes from, for "required by ..."."""
        comes_from = requirement.comes_from
        if isinstance(comes_from, InstallRequirement):
            if (
                comes_from.name
                and requirement.name
                and normalize_name(comes_from.name) == normalize_name(requirement.name)
            ):
                return self.origin(comes_from)  # with an extra, pip makes a project a requirement of itself
            return self._dependency_of(comes_from)
        if comes_from is None:
            return self._origins.get(_identify(requirement), self._default)
        match = _FROM_FILE.fullmatch(comes_from)
        if match is None:
            return Origin(kind=OriginKind.LOCK, text=comes_from)
        return Origin(kind=OriginKind.REQUIREMENTS, text=f"line {match['line']} of {match['path']}")

    def _dependency_of(self, requirement: InstallRequirement) -> Origin:
        """Return the origin of what a requirement needs; pip reads the metadata anew for every name and version."""
        origin = self._dependents.get(requirement)
        if origin is None:
            origin = Origin(kind=OriginKind.DEPENDENCY, text=_display(requirement))
            if _distribution(requirement) is not None:
                self._dependents[requirement] = origin
        return origin


def candidate_facts(
    requirement: InstallRequirement, link: Link, provenance: Provenance, listing: Listing
) -> CandidateFacts:
    """Describe what pip is about to fetch, unpack or build for a requirement."""
    kind = _kind(link)
    project = normalize_name(requirement.name) if requirement.name else None
    version = None
    filename = os.path.basename(link.path.rstrip("/"))
    if kind is CandidateKind.DIRECTORY:
        filename = link.file_path
    elif kind is CandidateKind.SOURCE_ARCHIVE and (match := _SOURCE_NAME.fullmatch(filename)):
        named = normalize_name(match["name"])
        # NOTE: a requirement can give a file any name; if the file is named otherwise, its project is unknown.
        project, version = (named, match["version"]) if project in (None, named) else (None, None)
    return CandidateFacts(
        kind=kind,
        url=link.redacted_url,
        filename=filename,
        origin=provenance.origin(requirement),
        project=project,
        version=version,
        hashes=_hashes(requirement, link),
        editable=requirement.editable,
        named_on_command_line=kind is CandidateKind.DIRECTORY and _project_folder(link) in provenance.named_directories,
        pinned=requirement.has_hash_options,
        direct=listing.direct,
        index=listing.index,
        offering_indexes=listing.offering,
        silent_indexes=listing.silent,
    )


def _project_folder(link: Link) -> str:
    """Return the folder that would be built: that of a link, or a subdirectory."""
    return os.path.realpath(os.path.join(link.file_path, link.subdirectory_fragment or ""))


def _kind(link: Link) -> CandidateKind:
    # NOTE: the most dangerous kind comes first: a directory may be called x.whl, and a repository's URL may end in it.
    if link.is_vcs:
        return CandidateKind.VCS
    if link.is_existing_dir():
        return CandidateKind.DIRECTORY
    return CandidateKind.WHEEL if link.is_wheel else CandidateKind.SOURCE_ARCHIVE


def _hashes(requirement: InstallRequirement, link: Link) -> frozenset[str]:
    """Return the hash that pip will verify, which is what an exception can name.

    pip accepts a file that has any one of several hashes, so that none of them says which file it is.
    """
    digests = {f"{name}:{digest}" for name, values in requirement.hash_options.items() for digest in values}
    if not digests or requirement.is_direct:
        digests |= link_hashes(link)
    return frozenset(digests) if len(digests) == 1 else frozenset()


def _identify(requirement: InstallRequirement) -> str:
    # NOTE: once pip has chosen a file, every requirement has a link; only the original one tells requirements apart.
    link = requirement.original_link
    return link.url if link is not None else normalize_name(str(requirement.name))


def _display(requirement: InstallRequirement) -> str:
    dist = _distribution(requirement)
    if dist is not None:
        return f"{dist.raw_name} {dist.version}"
    return str(requirement.name or requirement.link)


def _distribution(requirement: InstallRequirement) -> BaseDistribution | None:
    return requirement.satisfied_by or requirement._distribution


@contextmanager
def _quiet() -> Iterator[None]:
    """Suppress pip's warnings: it repeats them when it parses for itself, a moment later."""
    before = logging.root.manager.disable
    logging.disable()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


def _parse(parse: Callable[[str], InstallRequirement], text: str) -> InstallRequirement | None:
    try:
        return parse(text)
    except PipError:  # pip says what is wrong with it, a moment later
        return None
