"""List the keys of a policy: what each means, its default, and what a layer that may only tighten can do with it.

The reader, the merging, the schema, the documentation and ``pip guard policy`` all go by this table, which is as long as there
are keys.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Any, Generic, TypeVar

from pip_guard.facts.violation import Severity
from pip_guard.frozen import frozen
from pip_guard.policy.model import Advisories, Indexes, Journal, LocalFindLinks, LocalProjects, Mode, Releases
from pip_guard.policy.value_types import (
    ADVISORY_SOURCE,
    DURATIONS,
    FILES,
    INDEXES,
    PLACES,
    SIZES,
    SWITCHES,
    TEXT,
    ValueType,
    choice,
)
from pip_guard.urls.compare import contains
from pip_guard.urls.location import Location

ValueT = TypeVar("ValueT")


@frozen
class Key(Generic[ValueT]):
    """One key of a policy.

    `tighten` returns, of the value in force and one that may not loosen it, what is then in force. `rules` are those that go
    by the value.
    """

    path: tuple[str, ...]
    kind: ValueType[ValueT]
    default: ValueT
    tighten: Callable[[ValueT, ValueT], ValueT]
    about: str
    rules: tuple[str, ...] = ()

    # Each is another one, whatever it says.
    __eq__ = object.__eq__
    __hash__ = object.__hash__

    @property
    def name(self) -> str:
        """The key with its table, as it is shown."""
        return ".".join(self.path)


# NOTE: `Any`, because a table of keys holds keys of every kind; a value is only ever read by the key that it was set by.
AnyKey = Key[Any]


def keep(value: ValueT, other: ValueT) -> ValueT:
    """Let nothing change: neither value is stricter."""
    return value


def stricter(*members: Enum) -> Callable[[Any, Any], Any]:
    """Let the member count that stands later."""
    return lambda one, other: max(one, other, key=members.index)


def intersection(one: tuple[Location, ...], other: tuple[Location, ...]) -> tuple[Location, ...]:
    """Let only the places count that both name."""
    return tuple(place for place in one if place in other)


def narrower(one: tuple[Location, ...], other: tuple[Location, ...]) -> tuple[Location, ...]:
    """Let only what lies below places of both count."""
    below = [place for place in one if any(contains(prefix, place) for prefix in other)]
    return tuple(
        below + [place for place in other if place not in below and any(contains(prefix, place) for prefix in one)]
    )


SEVERITY = choice(Severity.ERROR, Severity.WARNING, Severity.OFF)
STRICTER_SEVERITY = stricter(Severity.OFF, Severity.WARNING, Severity.ERROR)
_DOUBT = choice(Severity.ERROR, Severity.WARNING)
_SOURCES = (
    "unapproved-index",
    "unapproved-host",
    "direct-url",
    "find-links",
    "remote-requirements-file",
    "configuration-change",
)
_AGE = ("recent-release",)
_JOURNAL = ("unwritten-journal",)
_REPUTATION = ("known-malicious", "known-vulnerability")

MODE = Key(
    path=("mode",),
    kind=choice(*Mode),
    default=Mode.ENFORCE,
    tighten=stricter(*Mode),
    about="`enforce`: an error refuses the command; `observe`: it is only recorded, and shown as a warning",
)
ADVISORY_MESSAGE: Key[str | None] = Key(
    path=("advisory-message",),
    kind=TEXT,
    default=None,
    tighten=keep,
    about="what to say under every refusal, such as whom to ask",
)
APPROVED = Key(
    path=("indexes", "approved"),
    kind=INDEXES,
    default=Indexes().approved,
    tighten=intersection,
    about="URLs of the indexes, and of find-links pages, from which distributions may come;"
    " a local folder as a `file://` URL",
    rules=_SOURCES,
)
FILE_HOSTS = Key(
    path=("indexes", "file-hosts"),
    kind=PLACES,
    default=Indexes().file_hosts,
    tighten=narrower,
    about="URLs below which the files of these indexes, and other files that may be fetched, lie",
    rules=_SOURCES,
)
LOCAL_FIND_LINKS = Key(
    path=("indexes", "local-find-links"),
    kind=choice(*LocalFindLinks),
    default=LocalFindLinks.COMMAND_LINE,
    tighten=stricter(*LocalFindLinks),
    about="`command-line`: naming a local folder there with `--find-links` is consent;"
    " `approved`: only folders in `approved`",
    rules=("find-links",),
)
PROXIES: Key[tuple[Location, ...]] = Key(
    path=("indexes", "proxies"),
    kind=PLACES,
    default=(),
    tighten=intersection,
    about="URLs of proxies that may be used together with a certificate authority of your own",
    rules=("unapproved-host", "configuration-change"),
)
LOCAL_PROJECTS = Key(
    path=("sources", "local-projects"),
    kind=choice(*LocalProjects),
    default=LocalProjects.COMMAND_LINE,
    tighten=stricter(*LocalProjects),
    about="`command-line`: naming a directory there is consent to build that directory; `never`: it is not",
    rules=("local-project",),
)
MINIMUM_AGE = Key(
    path=("releases", "minimum-age"),
    kind=DURATIONS,
    default=Releases().minimum_age,
    tighten=max,
    about="how old a file must be, as a duration: `P3D` is three days, `PT12H` twelve hours",
    rules=_AGE,
)
EXEMPT_FROM_AGE: Key[tuple[Location, ...]] = Key(
    path=("releases", "exempt-indexes"),
    kind=INDEXES,
    default=(),
    tighten=narrower,
    about="URLs of indexes whose files may be of any age",
    rules=_AGE,
)
UNKNOWN_AGE = Key(
    path=("releases", "unknown-age"),
    kind=SEVERITY,
    default=Severity.WARNING,
    tighten=STRICTER_SEVERITY,
    about="what it means that an index gives no upload times: `error`, `warning` or `off`",
    rules=_AGE,
)
ADVISORIES = Key(
    path=("advisories", "source"),
    kind=ADVISORY_SOURCE,
    default=Advisories().source,
    tighten=keep,
    about="an https URL: OSV, or a mirror with the same API, which on this machine may have an http URL; or a local export,"
    " as a path or a `file://` URL",
    rules=_REPUTATION,
)
PUBLIC_INDEXES = Key(
    path=("advisories", "public-indexes"),
    kind=INDEXES,
    default=Advisories().public_indexes,
    tighten=narrower,
    about="URLs of indexes, and of places with files, whose projects have names that anybody may know, such as a mirror of PyPI;"
    " the public service `https://api.osv.dev` is asked about no others",
    rules=_REPUTATION,
)
# NOTE: to name fewer would tell the names of private projects to somebody, so that a project's file cannot do it either.
EXEMPT_FROM_ADVISORIES: Key[tuple[Location, ...]] = Key(
    path=("advisories", "exempt-indexes"),
    kind=INDEXES,
    default=(),
    tighten=keep,
    about="URLs of indexes, your own for instance, whose projects nobody is asked about",
    rules=_REPUTATION,
)
UNAVAILABLE = Key(
    path=("advisories", "unavailable"),
    kind=_DOUBT,
    default=Severity.WARNING,
    tighten=STRICTER_SEVERITY,
    about="what it means that nobody can be asked: `error` or `warning`",
    rules=_REPUTATION,
)
JOURNAL_ENABLED = Key(
    path=("journal", "enabled"),
    kind=SWITCHES,
    default=Journal().enabled,
    tighten=max,
    about="whether commands are recorded; those that must be are, whatever stands here",
    rules=_JOURNAL,
)
# NOTE: a project's file must not say into which file anything is written.
JOURNAL_PATH: Key[str | None] = Key(
    path=("journal", "path"),
    kind=FILES,
    default=None,
    tighten=keep,
    about="the file, as an absolute path or one that begins with `~/`;"
    " without it, `journal.jsonl` in the folder that the system has for your logs",
    rules=_JOURNAL,
)
SYSLOG = Key(
    path=("journal", "syslog"),
    kind=SWITCHES,
    default=Journal().syslog,
    tighten=max,
    about="whether one line about each command also goes to the system's log",
    rules=_JOURNAL,
)
JOURNAL_REQUIRED = Key(
    path=("journal", "required"),
    kind=SWITCHES,
    default=Journal().required,
    tighten=max,
    about="whether nothing may be changed without a record; see [](../rules/unwritten-journal.md)",
    rules=_JOURNAL,
)
JOURNAL_SIZE = Key(
    path=("journal", "max-size"),
    kind=SIZES,
    default=Journal().max_size,
    tighten=keep,
    about="the size at which a new file is begun, such as `512 KiB`; five older ones are kept",
    rules=_JOURNAL,
)

KEYS: tuple[AnyKey, ...] = (
    MODE,
    ADVISORY_MESSAGE,
    APPROVED,
    FILE_HOSTS,
    LOCAL_FIND_LINKS,
    PROXIES,
    LOCAL_PROJECTS,
    MINIMUM_AGE,
    EXEMPT_FROM_AGE,
    UNKNOWN_AGE,
    ADVISORIES,
    PUBLIC_INDEXES,
    EXEMPT_FROM_ADVISORIES,
    UNAVAILABLE,
    JOURNAL_ENABLED,
    JOURNAL_PATH,
    SYSLOG,
    JOURNAL_REQUIRED,
    JOURNAL_SIZE,
)
# The rule that goes by [indexes.projects], whose keys are anybody's.
TIES_RULE = "wrong-index"
