"""Foresee what the resolver will ask for: the pages of projects, the metadata of their best files, and what these require.

A guess decides nothing. pip reads every page and every file by itself, and chooses by its own rules; a wrong guess costs a request.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable
from email.parser import BytesHeaderParser
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pip._internal.models.link import Link
from pip._internal.models.wheel import Wheel
from pip._internal.network.utils import HEADERS
from pip._vendor.packaging.requirements import Requirement
from pip._vendor.packaging.specifiers import InvalidSpecifier, SpecifierSet
from pip._vendor.packaging.utils import (
    InvalidSdistFilename,
    NormalizedName,
    canonicalize_name,
    parse_sdist_filename,
)
from pip._vendor.packaging.version import InvalidVersion, Version

from pip_guard.facts.candidate import CandidateFacts, CandidateKind
from pip_guard.facts.origin import Origin, OriginKind
from pip_guard.names.normalize import normalize_name
from pip_guard.pip_adapter.index.listings import index_of
from pip_guard.urls.redaction import redact

if TYPE_CHECKING:
    from pip._internal.req.req_install import InstallRequirement
    from pip._internal.resolution.resolvelib.resolver import Resolver

    from pip_guard.facts.origin import Facts
    from pip_guard.pip_adapter.index.pins import IndexPins
    from pip_guard.pip_adapter.network.ahead import Ahead

# The headers with which pip requests a page of an index.
PAGE = {
    "Accept": "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html; q=0.1, text/html; q=0.01",
}
_FORESEEN = Origin(kind=OriginKind.DEFAULT, text="a guess of what pip will ask for")
_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")
# Versions to look at before the choice is left to pip.
_VERSIONS = 20


class _Project:
    """What is known of a project so far."""

    def __init__(self, specifier: SpecifierSet, hashes: frozenset[str]) -> None:
        self.specifier = specifier
        self.hashes = hashes
        self.extras = {""}
        self.pages: list[tuple[str, bytes]] = []
        self.missing_pages = 0
        self.requirements: list[Requirement] = []


class Foresight:
    """Follow the requirements of a command ahead of its resolver."""

    def __init__(self, ahead: Ahead, resolver: Resolver, would_pass: Callable[[Facts], bool], pins: IndexPins) -> None:
        self._ahead = ahead
        self._would_pass = would_pass
        self._pins = pins
        self._resolver = resolver
        self._finder = resolver.factory._finder
        self._requires_hashes = resolver.factory.preparer.require_hashes
        python = self._finder.target_python
        self._priorities = {tag: rank for rank, tag in enumerate(python.get_sorted_tags())}
        self._python = ".".join(map(str, python.py_version_info))
        self._constraints: dict[str, SpecifierSet] = {}
        self._projects: dict[str, _Project] = {}
        self._lock = threading.RLock()

    def begin(self, requirements: Iterable[InstallRequirement]) -> None:
        """Begin with what the user asks for, and with what a lock file names."""
        for link in self._finder._locked_links.values():
            self._plan_file(link)
        named = [each for each in requirements if each.name and each.link is None and each.match_markers()]
        for each in named:
            if each.constraint:
                name = canonicalize_name(str(each.name))
                self._constraints[name] = self._constraints.get(name, SpecifierSet()) & each.specifier
        for each in named:
            if not each.constraint:
                hashes = frozenset(digest for digests in each.hash_options.values() for digest in digests)
                self._want(str(each.name), each.specifier, each.extras, hashes=hashes, is_root=True)

    def _plan_file(self, link: Link) -> None:
        if not link.is_file:
            self._ahead.plan(link.url_without_fragment, HEADERS)

    def _want(
        self,
        name: str,
        specifier: SpecifierSet,
        extras: Iterable[str],
        *,
        hashes: frozenset[str] = frozenset(),
        is_root: bool = False,
    ) -> None:
        key = canonicalize_name(name)
        with self._lock:
            if key in self._finder._locked_links or self._stays(key, specifier, is_root=is_root):
                return
            project = self._projects.get(key)
            if project is not None:
                project.specifier &= specifier
                new = set(extras) - project.extras
                project.extras |= new
                self._follow(project.requirements, new)
                return
            project = self._projects[key] = _Project(specifier & self._constraints.get(key, SpecifierSet()), hashes)
            project.extras |= set(extras)
            urls = [url for url in self._finder.search_scope.get_index_urls_locations(key) if _is_fetched(url)]
            project.missing_pages = len(urls)
        for url in urls:
            self._ahead.plan(url, PAGE, partial(self._read_page, key, project, url))

    def _stays(self, name: NormalizedName, specifier: SpecifierSet, *, is_root: bool) -> bool:
        """Tell whether what is installed satisfies a requirement, so that pip may ask for nothing."""
        strategy = self._resolver.upgrade_strategy
        installed = self._resolver.factory._installed_dists.get(name)
        if installed is None or strategy == "eager" or (is_root and strategy != "to-satisfy-only"):
            return False
        return specifier.contains(str(installed.version), prereleases=True)

    def _read_page(self, name: str, project: _Project, url: str, body: bytes) -> None:
        with self._lock:
            project.pages.append((url, body))
            project.missing_pages -= 1
            formats = self._finder.format_control.get_allowed_formats(name)
            if project.missing_pages or "binary" not in formats:
                return
            link = self._choose(name, project, may_build="source" in formats)
            # NOTE: nothing is asked of a place that the rules would keep pip from, not even before they are asked.
            passes = link is not None and self._would_pass(self._describe(name, link, project))
            project.pages.clear()
        if link is None or not passes:
            return
        metadata = link.metadata_link()
        if metadata is None or self._requires_hashes:
            self._plan_file(link)
        else:
            url = metadata.url_without_fragment
            self._ahead.plan(url, HEADERS, partial(self._read_metadata, project))

    def _describe(self, name: str, link: Link, project: _Project) -> CandidateFacts:
        """Describe a file as far as the rules can tell where it is from."""
        indexes = self._finder.index_urls
        offering = (index_of(url, indexes) for url, body in project.pages if body)
        return CandidateFacts(
            kind=CandidateKind.WHEEL,
            url=link.redacted_url,
            filename=link.filename,
            origin=_FORESEEN,
            project=normalize_name(name),
            index=redact(index_of(str(link.comes_from), indexes) or ""),
            offering_indexes=frozenset(redact(index) for index in offering if index is not None),
        )

    def _read_metadata(self, project: _Project, body: bytes) -> None:
        if self._resolver.ignore_dependencies:
            return
        # NOTE: loading `packaging.metadata` would take 3 ms, also where nothing is fetched.
        lines = BytesHeaderParser().parsebytes(body).get_all("Requires-Dist", ())
        with self._lock:
            project.requirements = [Requirement(text) for text in lines]
            self._follow(project.requirements, project.extras)

    def _follow(self, requirements: Iterable[Requirement], extras: Iterable[str]) -> None:
        environments = [{"extra": extra} for extra in extras]
        for each in requirements:
            if each.url is None and (each.marker is None or any(map(each.marker.evaluate, environments))):
                self._want(each.name, each.specifier, each.extras)

    def _choose(self, name: str, project: _Project, *, may_build: bool) -> Link | None:
        """Return the wheel that pip would choose, as far as little work can tell."""
        versions: dict[Version, list[tuple[dict[str, Any], str]]] = {}
        for url, body in project.pages:
            is_read = body and self._pins.other_index(name, url) is None
            for file in json.loads(body)["files"] if is_read else ():
                is_wheel = file["filename"].endswith(".whl")
                if file.get("yanked") or not (is_wheel or may_build):
                    continue
                if project.hashes and project.hashes.isdisjoint(file["hashes"].values()):
                    continue
                try:
                    versions.setdefault(_version(file["filename"]), []).append((file, url))
                except (InvalidSdistFilename, InvalidVersion):
                    continue
        for version in sorted(project.specifier.filter(versions), reverse=True)[:_VERSIONS]:
            file, url = min(versions[version], key=lambda each: self._rank(each[0]))
            if self._rank(file) < len(self._priorities):
                return Link.from_json(file, url)
            if not all(file["filename"].endswith(".whl") for file, _ in versions[version]):
                return None  # pip builds it
        return None

    def _rank(self, file: dict[str, Any]) -> int:
        """Return how well a file fits, the lower the better; one that pip would not take ranks behind all tags."""
        nowhere = len(self._priorities)
        link = Link.from_json(file, "https://index.invalid/")
        if link is None or not self._takes_this_python(link.requires_python):
            return nowhere
        cutoff = self._finder.uploaded_prior_to
        if cutoff is not None and (link.upload_time is None or link.upload_time >= cutoff):
            return nowhere
        tags = Wheel(link.filename).file_tags if link.is_wheel else ()
        return min((self._priorities.get(tag, nowhere) for tag in tags), default=nowhere)

    def _takes_this_python(self, requires: str | None) -> bool:
        if not requires or self._finder._ignore_requires_python:
            return True
        try:
            return SpecifierSet(requires).contains(self._python, prereleases=True)
        except InvalidSpecifier:
            return True


def _version(filename: str) -> Version:
    """Return the version in the name of a wheel or sdist. Raises `InvalidSdistFilename` or `InvalidVersion`."""
    if filename.endswith(".whl"):
        return Version(filename.split("-")[1])
    return parse_sdist_filename(filename)[1]


def _is_fetched(url: str) -> bool:
    """Tell whether pip asks an index at all: it warns of those without TLS, and ignores them, but on this machine."""
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _THIS_MACHINE)
