"""Hold what is learned while a command resolves requirements."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from optparse import Values
from typing import TYPE_CHECKING, cast

from pip._internal.models.link import Link
from pip._internal.network.utils import HEADERS
from pip._internal.req.req_install import InstallRequirement
from pip._internal.vcs.versioncontrol import vcs

from pip_guard.facts.candidate import CandidateFacts, CandidateKind
from pip_guard.frozen import frozen, replace
from pip_guard.pip_adapter.index.listings import Offers, project_of
from pip_guard.pip_adapter.index.pins import IndexPins
from pip_guard.pip_adapter.index.project_history import ProjectPages
from pip_guard.pip_adapter.index.upload_times import UploadTimes
from pip_guard.pip_adapter.network.ahead import Ahead
from pip_guard.pip_adapter.network.asked_pages import AskedPages
from pip_guard.pip_adapter.network.requests import CommandState
from pip_guard.pip_adapter.resolution.candidates import Provenance
from pip_guard.pip_adapter.resolution.compiling import COMMAND, Compilation
from pip_guard.pip_adapter.resolution.foresight import Foresight
from pip_guard.pip_adapter.resolution.reading import WheelReader
from pip_guard.pip_adapter.resolution.reputation import Reputation, fixed_by

if TYPE_CHECKING:
    from pip._internal.index.collector import IndexContent
    from pip._internal.index.package_finder import PackageFinder
    from pip._internal.operations.prepare import RequirementPreparer
    from pip._internal.resolution.base import BaseResolver
    from pip._internal.resolution.resolvelib.resolver import Resolver

    from pip_guard.engine.session import GuardSession
    from pip_guard.engine.summary import HeldBackRelease

# pip runs a build backend through this script of its own copy of pyproject-hooks.
_HOOK_SCRIPT = "_in_process.py"


class Builds:
    """The builds and clones that the rules have allowed; the audit hook recognises them by their arguments."""

    def __init__(self) -> None:
        self._requirements: list[InstallRequirement] = []
        self._clones = False

    def allow(self, requirement: InstallRequirement, kind: CandidateKind) -> None:
        """Let a requirement be built, and a repository be cloned."""
        self._requirements.append(requirement)
        self._clones = self._clones or kind is CandidateKind.VCS

    @property
    def latest(self) -> str | None:
        """The name of the requirement that is being built, or None if none is."""
        if not self._requirements:
            return None
        return str(self._requirements[-1].name or self._requirements[-1].link)

    def permits(self, arguments: Sequence[str], working_directory: str | None) -> bool:
        """Tell whether this is a build in the very directory of an allowed requirement, an allowed clone, or our own compiler."""
        if tuple(arguments) == COMMAND:
            return True
        if self._clones and arguments[0] in {backend.name for backend in vcs.backends}:
            return True
        if working_directory is None or not any(os.path.basename(word) == _HOOK_SCRIPT for word in arguments[1:2]):
            return False
        directory = os.path.realpath(working_directory)
        return any(directory == _source_directory(requirement) for requirement in self._requirements)


def _source_directory(requirement: InstallRequirement) -> str | None:
    return os.path.realpath(requirement.unpacked_source_directory) if requirement.source_dir else None


@frozen
class Installation:
    """The resolver whose distributions go where the options of the command say; each build has a resolver of its own."""

    resolver: BaseResolver
    options: Values


class ResolutionState(CommandState):
    """The state of a command that resolves: where its requirements come from, what was judged, withheld or allowed."""

    def __init__(self, session: GuardSession) -> None:
        super().__init__(session)
        self.provenance = Provenance()
        self.builds = Builds()
        self.judged: set[CandidateFacts] = set()
        # The formats that the user's own options allow, for the (canonical) names of projects that may not be built.
        self.users_formats: dict[str, frozenset[str]] = {}
        # The source distributions that pip would have built, by their (normalised) projects: the names of files, and their versions.
        self.hidden_sources: dict[str, dict[str, str]] = {}
        self.offers = Offers()
        self.pins = IndexPins(session)
        self.asked_pages = AskedPages()
        # The releases that have not been reported yet.
        self.held_back: list[HeldBackRelease] = []
        self.pages = ProjectPages(session)
        self.replaced: dict[str, str] = {}
        self.upload_times = UploadTimes(session)
        self.reputation = Reputation(session, self.pages)
        self.installation: Installation | None = None
        self.wheel_reader = WheelReader()
        self.compilation = Compilation()
        self.wrap_installation: Callable[[], None] = lambda: None

    def look_ahead(self, resolver: BaseResolver, requirements: list[InstallRequirement]) -> None:
        """Fetch ahead of pip's resolver, unless it is the legacy one, or every page is to be fetched again."""
        factory = getattr(resolver, "factory", None)
        if factory is None or not self.session.policy.network.ahead or factory._finder.refresh_package:
            return
        self.ahead = Ahead(factory.preparer._session)
        Foresight(self.ahead, cast("Resolver", resolver), self.session.would_pass, self.pins).begin(requirements)

    def is_optional(self) -> bool:
        """Tell whether this thread sends requests that pip itself did not make."""
        return self.asked_pages.runs_here() or super().is_optional()

    def listed_file(self, link: Link, project: str, finder: PackageFinder) -> Link | None:
        """Ask the indexes of a (normalised) project about a file that a URL or a lock file names."""
        session = finder._link_collector.session
        urls = [
            url
            for url in finder.search_scope.get_index_urls_locations(project)
            if self.pins.other_index(project, url) is None and session.is_secure_origin(Link(url))
        ]
        for page in self.asked_pages.ask(urls, session):
            self.note_page(page.content, page.links)
            for listed in page.links:
                if listed.filename == link.filename:
                    return listed
        return None

    def note_page(self, page: IndexContent, links: list[Link]) -> None:
        """Remember what a page of an index says about its project, and the files that it lists, unless they are hidden from pip."""
        if self.pins.other_index(project_of(page.url), page.url) is None:
            self.reputation.states.note(page)
            self.pages.note(page, links)

    def tell_held_back(self) -> None:
        """Say which releases are held back, and which vulnerabilities that leaves."""
        while self.held_back:
            release = self.held_back.pop(0)
            advisories = self.reputation.advisories.get((release.project, release.chosen), ())
            release = replace(release, fixes=fixed_by(release.version, advisories))
            self.session.hold_back(release, quiet=self.is_quiet)

    def fetch_files(self, preparer: RequirementPreparer, requirements: Iterable[InstallRequirement]) -> None:
        """Fetch the files of which pip has only read the metadata so far, all at once, and read each wheel that has arrived."""
        for requirement in requirements:
            link = requirement.link
            if self.ahead is not None and requirement.needs_more_preparation and link is not None and not link.is_file:
                self.ahead.plan(link.url_without_fragment, HEADERS)
        # NOTE: not a hook, since with a pip that has no such method, this is only slower.
        download = getattr(preparer, "_download", None)
        batch = getattr(type(download), "batch", None)
        if self.ahead is not None and batch is not None:
            vars(download)["batch"] = partial(self.wheel_reader.follow, partial(batch, download))

    def end_threads(self) -> None:
        """Fetch nothing more ahead of pip."""
        if self.ahead is not None:
            self.ahead.close()
            self.ahead = None

    @property
    def is_quiet(self) -> bool:
        """Tell whether the user asked for less output."""
        return self.installation is not None and self.installation.options.quiet > 0

    def is_main(self, resolver: BaseResolver) -> bool:
        """Tell whether a resolver is that of the command itself, and not of what a build needs."""
        return self.installation is not None and self.installation.resolver is resolver
