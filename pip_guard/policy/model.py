"""Define the policy in force: typed and complete."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from enum import Enum
from functools import cached_property
from itertools import islice
from types import MappingProxyType
from typing import Generic, TypeVar

from pip_guard.facts.violation import Severity, Violation
from pip_guard.frozen import frozen, uncompared
from pip_guard.names.patterns import PatternIndex
from pip_guard.policy.exceptions import PolicyException
from pip_guard.urls.location import Location, parse_location

ValueT = TypeVar("ValueT")
DEFAULT_INDEXES = ("https://pypi.org/simple/",)
DEFAULT_FILE_HOSTS = ("https://files.pythonhosted.org/",)
DEFAULT_ADVISORIES = "https://api.osv.dev"
# The rules for which advisories are queried: about malware, and about vulnerabilities.
ADVISORY_RULES = ("known-malicious", "known-vulnerability")
PUBLIC_PLACES = (*DEFAULT_INDEXES, *DEFAULT_FILE_HOSTS)
# The rules that refuse even where pip-guard only observes: otherwise nothing would be observed.
ALWAYS_ENFORCED = frozenset({"unsupported-pip", "foreign-module"})


class Mode(Enum):
    """Whether errors refuse the command, or are only recorded."""

    OBSERVE = "observe"
    ENFORCE = "enforce"


class LocalFindLinks(Enum):
    """Which local find-links folders are approved: also those named on the command line, or only those of the policy."""

    COMMAND_LINE = "command-line"
    APPROVED = "approved"


class LocalProjects(Enum):
    """Whether naming a directory on the command line is consent to build it."""

    COMMAND_LINE = "command-line"
    NEVER = "never"


def parse_locations(urls: Iterable[str]) -> tuple[Location, ...]:
    """Parse approved URLs, which must be valid."""
    return tuple(parse_location(url) for url in urls)


class Pins(Generic[ValueT]):
    """What projects are pinned to, by their names or by patterns; of a file's pins, the first that matches decides.

    `restrictions` are the pins of files that may only tighten: they count as well.
    """

    projects: Mapping[str, ValueT]
    restrictions: tuple[Mapping[str, ValueT], ...]

    @cached_property
    def _pins(self) -> PatternIndex[ValueT]:
        mappings = (self.projects, *self.restrictions)
        return PatternIndex((str(number), *pin) for number, mapping in enumerate(mappings) for pin in mapping.items())

    def owner(self, project: str) -> ValueT | None:
        """Return what a (normalised) project is pinned to, apart from restrictions."""
        return next(self._pins.fitting("0", project), None)

    def pins(self, project: str) -> tuple[ValueT, ...]:
        """Return everything that a (normalised) project is pinned to, that of `owner` last."""
        groups = (*map(str, range(1, len(self.restrictions) + 1)), "0")
        return tuple(pin for group in groups for pin in islice(self._pins.fitting(group, project), 1))


@frozen
class Indexes(Pins[Location]):
    """Where distributions may come from, and which index a project is pinned to.

    Where several indexes offer a project, `restrictions` do not decide which one it belongs to.
    """

    approved: tuple[Location, ...] = parse_locations(DEFAULT_INDEXES)
    file_hosts: tuple[Location, ...] = parse_locations(DEFAULT_FILE_HOSTS)
    local_find_links: LocalFindLinks = LocalFindLinks.COMMAND_LINE
    proxies: tuple[Location, ...] = ()
    projects: Mapping[str, Location] = MappingProxyType({})
    restrictions: tuple[Mapping[str, Location], ...] = ()

    def knows_host(self, host: str, port: int | None) -> bool:
        """Tell whether anything approved, a proxy included, is on a host and port."""
        places = (*self.approved, *self.file_hosts, *self.proxies)
        return any(place.host == host.lower().rstrip(".") and place.port == port for place in places)


@frozen
class Publishers(Pins[str]):
    """Who must have published the files of a project, such as ``github:owner/repository``; `unavailable` where no index can say."""

    unavailable: Severity = Severity.ERROR
    projects: Mapping[str, str] = MappingProxyType({})
    restrictions: tuple[Mapping[str, str], ...] = ()


@frozen
class Releases:
    """How old a file and a project must be, which indexes are exempt, and what an unknown age means."""

    minimum_age: timedelta = timedelta(days=3)
    exempt_indexes: tuple[Location, ...] = ()
    unknown_age: Severity = Severity.WARNING
    minimum_project_age: timedelta = timedelta(days=30)

    def project_age(self, releases: int) -> timedelta:
        """Return how old a project with this many releases must be: twelve times as old if it has only one."""
        return self.minimum_project_age * (12 if releases == 1 else 1)


@frozen
class Advisories:
    """Which source is asked about advisories, about which indexes it is never asked, and what to do if it does not answer.

    Projects below `public_indexes` have names that anybody may know; the public service is asked about no others.
    """

    source: Location = parse_location(DEFAULT_ADVISORIES)
    public_indexes: tuple[Location, ...] = parse_locations(PUBLIC_PLACES)
    exempt_indexes: tuple[Location, ...] = ()
    unavailable: Severity = Severity.WARNING


@frozen
class Journal:
    """Where every command is recorded, and whether anything may be changed without a record.

    `path` is None for the system's folder for logs of this user; `max_size` is in bytes.
    """

    enabled: bool = True
    path: str | None = None
    syslog: bool = False
    required: bool = False
    max_size: int = 10 * 1024 * 1024


@frozen
class Network:
    """How pip-guard uses the network; `ahead` says whether it fetches what pip is about to ask for."""

    ahead: bool = True


@frozen
class Policy:
    """What is allowed here, as the rules need to know it.

    If `places_locked`, only the administrator approves places. `ineffective` are the exceptions in files that may not loosen the rule;
    `path` is the user's policy file, for the remedies, and `passed_over` are the project's files that are not read, each with the reason.
    """

    severities: Mapping[str, Severity] = MappingProxyType({})
    indexes: Indexes = Indexes()
    places_locked: bool = False
    local_projects: LocalProjects = LocalProjects.COMMAND_LINE
    releases: Releases = Releases()
    publishers: Publishers = Publishers()
    advisories: Advisories = Advisories()
    journal: Journal = Journal()
    network: Network = Network()
    exceptions: tuple[PolicyException, ...] = ()
    ineffective: tuple[PolicyException, ...] = ()
    mode: Mode = Mode.ENFORCE
    advisory_message: str | None = None
    path: str | None = uncompared(default=None)
    passed_over: tuple[tuple[str, str], ...] = uncompared(default=())

    @cached_property
    def _exception_index(self) -> PatternIndex[PolicyException]:
        return PatternIndex((entry.rule, entry.project, entry) for entry in self.exceptions)

    @property
    def observes(self) -> bool:
        """Tell whether errors are only recorded."""
        return self.mode is Mode.OBSERVE

    def severity(self, rule: str, default: Severity) -> Severity:
        """Return the severity of a rule: the one that the policy sets, or the rule's own."""
        return self.severities.get(rule, default)

    def only_observes(self, rule: str) -> bool:
        """Tell whether an error of this rule is only recorded."""
        return self.observes and rule not in ALWAYS_ENFORCED

    def exception_for(self, rule: str, violation: Violation, today: date) -> PolicyException | None:
        """Return the first exception that excuses a violation, if any does."""
        for exception in self._exception_index.fitting(rule, violation.project):
            if exception.excuses(rule, violation, today):
                return exception
        return None

    def expired_for(self, rule: str, violation: Violation, today: date) -> PolicyException | None:
        """Return the exception that excused a violation until it expired; of several, the one that expired last."""
        expired = [
            (exception.expires, exception)
            for exception in self._exception_index.fitting(rule, violation.project)
            if exception.expires is not None and today > exception.expires and exception.fits(rule, violation)
        ]
        return max(expired, key=lambda pair: pair[0])[1] if expired else None

    def ineffective_for(self, rule: str, violation: Violation, today: date) -> PolicyException | None:
        """Return the first ineffective exception that would otherwise excuse a violation."""
        return next((exception for exception in self.ineffective if exception.excuses(rule, violation, today)), None)

    def lets_pass(self, rule: str, project: str, today: date) -> bool:
        """Tell whether a rule refuses nothing here, or the policy excuses something of a project from it."""
        if self.severity(rule, Severity.ERROR) is not Severity.ERROR or self.only_observes(rule):
            return True
        # NOTE: an exception for a place alone names no project, and must not offer source distributions of all of them.
        return any(
            exception.has_not_expired(today) and (exception.project is not None or exception.url is None)
            for exception in self._exception_index.fitting(rule, project)
        )
