"""Define the policy: what a site has decided, typed and complete."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from enum import Enum
from types import MappingProxyType

from pip_guard.frozen import frozen
from pip_guard.rule import Severity, Violation
from pip_guard.urls import Location, parse_location

DEFAULT_INDEXES = ("https://pypi.org/simple/",)
DEFAULT_FILE_HOSTS = ("https://files.pythonhosted.org/",)
DEFAULT_ADVISORIES = "https://api.osv.dev"
# The rules from which only one very file is excused: a name, a pattern or a range would excuse the next malware, too.
EXACT_RULES = frozenset({"known-malicious"})
_PATTERN = re.compile(r"[*?\[]")
_EXACT_VERSION = re.compile(r"\s*===?\s*[^\s,*]+\s*")


class LocalFindLinks(Enum):
    """Say which local find-links folders are approved: those named on the command line too, or approved ones only."""

    COMMAND_LINE = "command-line"
    APPROVED = "approved"


class LocalProjects(Enum):
    """Say whether naming a directory on the command line is consent to build it."""

    COMMAND_LINE = "command-line"
    NEVER = "never"


def parse_locations(urls: Iterable[str]) -> tuple[Location, ...]:
    """Parse approved URLs, which must be valid."""
    return tuple(parse_location(url) for url in urls)


@frozen
class Indexes:
    """Say where distributions may come from, and which index serves which project."""

    approved: tuple[Location, ...] = parse_locations(DEFAULT_INDEXES)
    file_hosts: tuple[Location, ...] = parse_locations(DEFAULT_FILE_HOSTS)
    local_find_links: LocalFindLinks = LocalFindLinks.COMMAND_LINE
    projects: Mapping[str, Location] = MappingProxyType({})
    proxies: tuple[Location, ...] = ()

    def owner(self, project: str) -> Location | None:
        """Return the index that a (normalised) project is tied to; the first pattern that fits it decides."""
        for pattern, index in self.projects.items():
            if fnmatch.fnmatchcase(project, pattern):
                return index
        return None

    def knows_host(self, host: str, port: int | None) -> bool:
        """Tell whether anything approved, a proxy included, is at a host and port."""
        places = (*self.approved, *self.file_hosts, *self.proxies)
        return any(place.host == host.lower().rstrip(".") and place.port == port for place in places)


@frozen
class Releases:
    """Say how old a file must be, where that is not asked, and what it means that nobody knows."""

    minimum_age: timedelta = timedelta(days=3)
    exempt_indexes: tuple[Location, ...] = ()
    unknown_age: Severity = Severity.WARNING


@frozen
class Advisories:
    """Say who is asked what is publicly known about a release, about what nobody is asked, and what silence means."""

    source: Location = parse_location(DEFAULT_ADVISORIES)
    exempt_indexes: tuple[Location, ...] = ()
    unavailable: Severity = Severity.WARNING


@frozen
class Allowance:
    """Excuse one rule for one project (a name or a pattern), for a reason; an entry of `[[exceptions]]`.

    `version` is a PEP 440 specifier, `hash` is ``algorithm:hexdigest`` and `expires` is the last day on which it counts.
    """

    rule: str
    project: str | None
    reason: str
    version: str | None = None
    hash: str | None = None
    expires: date | None = None

    def excuses(self, rule: str, violation: Violation, today: date) -> bool:
        """Tell whether this entry excuses a violation of `rule` today."""
        if rule != self.rule or (self.expires is not None and today > self.expires):
            return False
        if rule in EXACT_RULES and not self.is_exact:
            return False
        return self._names(violation.project) and self._covers(violation.version) and self._has(violation.hashes)

    @property
    def is_exact(self) -> bool:
        """Tell whether the entry is about one file: a project by its name, one version, and a hash."""
        return (
            self.project is not None
            and not _PATTERN.search(self.project)
            and self.version is not None
            and _EXACT_VERSION.fullmatch(self.version) is not None
            and self.hash is not None
        )

    def names(self, project: str) -> bool:
        """Tell whether the entry is about a (normalised) project."""
        return self._names(project)

    def _names(self, project: str | None) -> bool:
        if self.project is None:
            return True
        return project is not None and fnmatch.fnmatchcase(project, self.project)

    def _covers(self, version: str | None) -> bool:
        if self.version is None:
            return True
        if version is None:
            return False
        # NOTE: packaging is loaded only for an entry that needs it; it costs more than all other checks together.
        from packaging.specifiers import SpecifierSet
        from packaging.version import InvalidVersion, Version

        try:
            return SpecifierSet(self.version).contains(Version(version), prereleases=True)
        except InvalidVersion:
            return False

    def _has(self, hashes: frozenset[str]) -> bool:
        return self.hash is None or self.hash in hashes


@frozen
class Policy:
    """Everything that the rules may ask about what is allowed here."""

    severities: Mapping[str, Severity] = MappingProxyType({})
    indexes: Indexes = Indexes()
    local_projects: LocalProjects = LocalProjects.COMMAND_LINE
    releases: Releases = Releases()
    advisories: Advisories = Advisories()
    allowances: tuple[Allowance, ...] = ()

    def severity(self, rule: str, default: Severity) -> Severity:
        """Return the severity of a rule, which is the rule's own unless the policy sets it."""
        return self.severities.get(rule, default)

    def allowance_for(self, rule: str, violation: Violation, today: date) -> Allowance | None:
        """Return the first entry that excuses a violation, if any does."""
        for allowance in self.allowances:
            if allowance.excuses(rule, violation, today):
                return allowance
        return None

    def lets_pass(self, rule: str, project: str, today: date) -> bool:
        """Tell whether a rule about builds is not an error here, or some version of a project is excused from it."""
        if self.severity(rule, Severity.ERROR) is not Severity.ERROR:
            return True
        return any(
            allowance.rule == rule
            and allowance.names(project)
            and (allowance.expires is None or today <= allowance.expires)
            for allowance in self.allowances
        )
