"""List the keys of a policy: the type and meaning of each, and how a layer that may only tighten can change it.

The parser, the merging, the schema, the documentation and ``pip guard policy`` all use this table. A key has the name and the
default of a field of the model.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Any, Generic, TypeVar

from pip_guard.facts.violation import Severity
from pip_guard.frozen import frozen
from pip_guard.policy.model import (
    ADVISORY_RULES,
    Advisories,
    Indexes,
    Journal,
    LocalFindLinks,
    LocalProjects,
    Mode,
    Network,
    Policy,
    Publishers,
    Releases,
)
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
# The tables whose keys are fields of a class of their own; other keys are fields of `Policy`.
MODELS = {
    "indexes": Indexes,
    "releases": Releases,
    "publishers": Publishers,
    "advisories": Advisories,
    "journal": Journal,
    "network": Network,
}


@frozen
class Key(Generic[ValueT]):
    """One key of a policy, by its name with its table.

    `tighten` returns what is in force, given the value so far and one that may not loosen it. `rules` are those that depend on
    the value.
    """

    name: str
    kind: ValueType[ValueT]
    tighten: Callable[[ValueT, ValueT], ValueT]
    about: str
    rules: tuple[str, ...] = ()

    @property
    def path(self) -> tuple[str, ...]:
        """The names of the table and of the key in it."""
        return tuple(self.name.split("."))

    @property
    def field(self) -> str:
        """The name of the field of the model that holds the value."""
        return self.path[-1].replace("-", "_")

    @property
    def default(self) -> Any:
        """The value where no file sets one."""
        # NOTE: `Any`, because no type says that the field of that name has the type of the key.
        return getattr(MODELS.get(self.path[0], Policy), self.field)


# NOTE: `Any`, because a table of keys holds keys of every type; a value is only ever read by the key that it was set by.
AnyKey = Key[Any]


def keep(value: ValueT, other: ValueT) -> ValueT:
    """Return the value so far: no other value is stricter."""
    return value


def stricter(*members: Enum) -> Callable[[Any, Any], Any]:
    """Return a function that returns the later of two members."""
    return lambda one, other: max(one, other, key=members.index)


def intersection(one: tuple[Location, ...], other: tuple[Location, ...]) -> tuple[Location, ...]:
    """Return the places that are in both."""
    return tuple(place for place in one if place in other)


def narrower(one: tuple[Location, ...], other: tuple[Location, ...]) -> tuple[Location, ...]:
    """Return the places that are below a place of each."""
    below = [place for place in one if any(contains(prefix, place) for prefix in other)]
    return tuple(
        below + [place for place in other if place not in below and any(contains(prefix, place) for prefix in one)]
    )


SEVERITY = choice(Severity.ERROR, Severity.WARNING, Severity.OFF)
STRICTER_SEVERITY = stricter(Severity.OFF, Severity.WARNING, Severity.ERROR)
# The rules about the sources of distributions, and those that, if loosened, would let pip or a build use other sources.
_SOURCES = (
    "unapproved-index",
    "unapproved-host",
    "direct-url",
    "find-links",
    "remote-requirements-file",
    "configuration-change",
    "wrong-index",
    "trusted-host",
    "insecure-transport",
    "vcs-requirement",
    "source-distribution",
    "local-project",
)
_AGE = ("recent-release",)
_PROJECT_AGE = ("new-project",)
_JOURNAL = ("unwritten-journal",)

# The rules that depend on the pins of [indexes.projects], and on those of [publishers].
INDEX_PINS_RULE = "wrong-index"
PUBLISHERS_RULE = "unexpected-publisher"
# The key of [publishers] that names no project.
UNAVAILABLE = "unavailable"

_KEYS: tuple[AnyKey, ...] = (
    Key(
        name="mode",
        kind=choice(*Mode),
        tighten=stricter(*Mode),
        about="`enforce`: an error refuses the command; `observe`: an error is recorded and shown as a warning",
    ),
    Key(name="advisory-message", kind=TEXT, tighten=keep, about="a message below every refusal, such as whom to ask"),
    Key(
        name="indexes.approved",
        kind=INDEXES,
        tighten=intersection,
        about="URLs of the indexes, and of find-links pages, from which distributions may come;"
        " a local folder as a `file://` URL",
        rules=_SOURCES,
    ),
    Key(
        name="indexes.file-hosts",
        kind=PLACES,
        tighten=narrower,
        about="URLs below which the files of these indexes, and other files that may be fetched, lie",
        rules=_SOURCES,
    ),
    Key(
        name="indexes.local-find-links",
        kind=choice(*LocalFindLinks),
        tighten=stricter(*LocalFindLinks),
        about="`command-line`: naming a local folder there with `--find-links` is consent;"
        " `approved`: only folders in `approved`",
        rules=("find-links",),
    ),
    Key(
        name="indexes.proxies",
        kind=PLACES,
        tighten=intersection,
        about="URLs of proxies that may be used together with a certificate authority of your own",
        rules=("unapproved-host", "configuration-change"),
    ),
    Key(
        name="sources.local-projects",
        kind=choice(*LocalProjects),
        tighten=stricter(*LocalProjects),
        about="`command-line`: naming a directory there is consent to build that directory; `never`: it is not",
        rules=("local-project",),
    ),
    Key(
        name="releases.minimum-age",
        kind=DURATIONS,
        tighten=max,
        about="how old a file must be, as a duration: `P3D` is three days, `PT12H` twelve hours",
        rules=_AGE,
    ),
    Key(
        name="releases.minimum-project-age",
        kind=DURATIONS,
        tighten=max,
        about="how long an index must have had a project; twelve times as long, if that has a single release",
        rules=_PROJECT_AGE,
    ),
    Key(
        name="releases.exempt-indexes",
        kind=INDEXES,
        tighten=narrower,
        about="URLs of indexes whose files and projects may be of any age",
        rules=(*_AGE, *_PROJECT_AGE),
    ),
    Key(
        name="releases.unknown-age",
        kind=SEVERITY,
        tighten=STRICTER_SEVERITY,
        about="the severity of an index without upload times: `error`, `warning` or `off`",
        rules=_AGE,
    ),
    Key(
        name=f"publishers.{UNAVAILABLE}",
        kind=choice(Severity.ERROR, Severity.WARNING),
        tighten=STRICTER_SEVERITY,
        about="the severity where the index does not say who published a file: `error` or `warning`",
        rules=(PUBLISHERS_RULE,),
    ),
    Key(
        name="advisories.source",
        kind=ADVISORY_SOURCE,
        tighten=keep,
        about="an https URL: OSV, or a mirror with the same API, which on this machine may have an http URL; or a local export,"
        " as a path or a `file://` URL",
        rules=ADVISORY_RULES,
    ),
    # NOTE: fewer public or more exempt indexes would keep a project's file from being known as malware; fewer exempt ones
    # would tell somebody the names of private projects.
    Key(
        name="advisories.public-indexes",
        kind=INDEXES,
        tighten=keep,
        about="URLs of indexes, and of places with files, whose projects have names that anybody may know, such as a mirror of PyPI;"
        " the public service `https://api.osv.dev` is asked about no others",
        rules=ADVISORY_RULES,
    ),
    Key(
        name="advisories.exempt-indexes",
        kind=INDEXES,
        tighten=keep,
        about="URLs of indexes, such as your own, whose projects are not looked up anywhere",
        rules=ADVISORY_RULES,
    ),
    Key(
        name="advisories.unavailable",
        kind=choice(Severity.ERROR, Severity.WARNING),
        tighten=STRICTER_SEVERITY,
        about="the severity of a source that cannot be reached: `error` or `warning`",
        rules=ADVISORY_RULES,
    ),
    Key(
        name="journal.enabled",
        kind=SWITCHES,
        tighten=max,
        about="whether commands are recorded; those that must be are recorded anyway",
        rules=_JOURNAL,
    ),
    # NOTE: a project's file must not choose the file that is written.
    Key(
        name="journal.path",
        kind=FILES,
        tighten=keep,
        about="the file, as an absolute path or one that begins with `~/`;"
        " without it, `journal.jsonl` in the folder that the system has for your logs",
        rules=_JOURNAL,
    ),
    Key(
        name="journal.syslog",
        kind=SWITCHES,
        tighten=max,
        about="whether one line about each command also goes to the system's log",
        rules=_JOURNAL,
    ),
    Key(
        name="journal.required",
        kind=SWITCHES,
        tighten=max,
        about="whether a change needs a record; see [](../rules/unwritten-journal.md)",
        rules=_JOURNAL,
    ),
    Key(
        name="journal.max-size",
        kind=SIZES,
        tighten=keep,
        about="the size at which a new file is started, such as `512 KiB`; five older ones are kept",
        rules=_JOURNAL,
    ),
    Key(
        name="network.ahead",
        kind=SWITCHES,
        tighten=keep,
        about="whether to fetch, in parallel, what pip is about to ask for",
    ),
)
# The keys by name, in the order of the reference.
KEYS = {key.name: key for key in _KEYS}
# The rule about the place of what is not taken from an index, repositories included where a lock covers the places.
PLACES_RULE = "direct-url"
