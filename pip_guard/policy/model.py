"""Define the policy: what a site has decided, typed and complete."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from enum import Enum
from functools import cached_property
from itertools import islice
from types import MappingProxyType

from pip_guard.facts.violation import Severity, Violation
from pip_guard.frozen import frozen, uncompared
from pip_guard.names.patterns import PatternIndex
from pip_guard.policy.exceptions import PolicyException
from pip_guard.urls.location import Location, parse_location

DEFAULT_INDEXES = ("https://pypi.org/simple/",)
DEFAULT_FILE_HOSTS = ("https://files.pythonhosted.org/",)
DEFAULT_ADVISORIES = "https://api.osv.dev"
PUBLIC_PLACES = (*DEFAULT_INDEXES, *DEFAULT_FILE_HOSTS)
# What must refuse even where pip-guard only observes: without it, nothing would be observed.
ALWAYS_ENFORCED = frozenset({"unsupported-pip", "foreign-module"})


class Mode(Enum):
    """Say whether errors refuse, or are only recorded."""

    OBSERVE = "observe"
    ENFORCE = "enforce"


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
class KnownRules:
    """What a policy must know about the rules: their ids, each with its own severity, and which are about no project."""

    severities: Mapping[str, Severity]
    project_independent: frozenset[str] = frozenset()

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids in the order of the registry."""
        return tuple(self.severities)


@frozen
class Indexes:
    """Say where distributions may come from, and which index serves which project.

    `restrictions` come from whom nothing may be loosened by: they say of a project which index it must come from, but not that
    it belongs there where several offer it.
    """

    approved: tuple[Location, ...] = parse_locations(DEFAULT_INDEXES)
    file_hosts: tuple[Location, ...] = parse_locations(DEFAULT_FILE_HOSTS)
    local_find_links: LocalFindLinks = LocalFindLinks.COMMAND_LINE
    projects: Mapping[str, Location] = MappingProxyType({})
    proxies: tuple[Location, ...] = ()
    restrictions: tuple[Mapping[str, Location], ...] = ()

    @cached_property
    def _ties(self) -> PatternIndex[Location]:
        mappings = (self.projects, *self.restrictions)
        ties = ((str(number), *tie) for number, mapping in enumerate(mappings) for tie in mapping.items())
        return PatternIndex(ties)

    def owner(self, project: str) -> Location | None:
        """Return the index that a (normalised) project is tied to; the first pattern that fits it decides."""
        return next(self._ties.fitting("0", project), None)

    def required(self, project: str) -> Iterator[Location]:
        """Return the indexes that a (normalised) project must come from besides; that does not tie it to any."""
        for number in range(1, len(self.restrictions) + 1):
            yield from islice(self._ties.fitting(str(number), project), 1)

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
    """Say who is asked what is publicly known about a release, about what nobody is asked, and what silence means.

    What lies below `public_indexes` has names that anybody may know; the public service is told no others.
    """

    source: Location = parse_location(DEFAULT_ADVISORIES)
    public_indexes: tuple[Location, ...] = parse_locations(PUBLIC_PLACES)
    exempt_indexes: tuple[Location, ...] = ()
    unavailable: Severity = Severity.WARNING


@frozen
class Journal:
    """Say where the record of every command goes, and whether anything may be changed without one.

    `path` is None for the folder that the system has for the logs of this user; `max_size` is in bytes.
    """

    enabled: bool = True
    path: str | None = None
    syslog: bool = False
    required: bool = False
    max_size: int = 10 * 1024 * 1024


@frozen
class Policy:
    """Everything that the rules may ask about what is allowed here.

    `powerless` are the exceptions that do not count because whoever wrote them may not loosen the rule; `path` is the file in
    which the user would write what else is approved.
    """

    severities: Mapping[str, Severity] = MappingProxyType({})
    indexes: Indexes = Indexes()
    local_projects: LocalProjects = LocalProjects.COMMAND_LINE
    releases: Releases = Releases()
    advisories: Advisories = Advisories()
    journal: Journal = Journal()
    exceptions: tuple[PolicyException, ...] = ()
    ineffective: tuple[PolicyException, ...] = ()
    mode: Mode = Mode.ENFORCE
    advisory_message: str | None = None
    path: str | None = uncompared(default=None)

    @cached_property
    def _allowances(self) -> PatternIndex[PolicyException]:
        return PatternIndex((entry.rule, entry.project, entry) for entry in self.exceptions)

    @property
    def observes(self) -> bool:
        """Tell whether errors are recorded, and refuse nothing."""
        return self.mode is Mode.OBSERVE

    def severity(self, rule: str, default: Severity) -> Severity:
        """Return the severity of a rule, which is the rule's own unless the policy sets it."""
        return self.severities.get(rule, default)

    def only_observes(self, rule: str) -> bool:
        """Tell whether an error of this rule is recorded, and refuses nothing."""
        return self.observes and rule not in ALWAYS_ENFORCED

    def exception_for(self, rule: str, violation: Violation, today: date) -> PolicyException | None:
        """Return the first entry that excuses a violation, if any does."""
        for exception in self._allowances.fitting(rule, violation.project):
            if exception.excuses(rule, violation, today):
                return exception
        return None

    def expired_for(self, rule: str, violation: Violation, today: date) -> PolicyException | None:
        """Return the entry that excused a violation until it expired, the latest if there are several."""
        expired = [
            (exception.expires, exception)
            for exception in self._allowances.fitting(rule, violation.project)
            if exception.expires is not None and today > exception.expires and exception.fits(rule, violation)
        ]
        return max(expired, key=lambda pair: pair[0])[1] if expired else None

    def powerless_for(self, rule: str, violation: Violation, today: date) -> PolicyException | None:
        """Return the first entry that would excuse a violation if it counted."""
        return next((exception for exception in self.ineffective if exception.excuses(rule, violation, today)), None)

    def lets_pass(self, rule: str, project: str, today: date) -> bool:
        """Tell whether a rule about builds refuses nothing here, or some version of a project is excused from it."""
        if self.severity(rule, Severity.ERROR) is not Severity.ERROR or self.only_observes(rule):
            return True
        return any(exception.has_not_expired(today) for exception in self._allowances.fitting(rule, project))
