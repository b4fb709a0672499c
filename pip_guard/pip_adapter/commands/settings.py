"""Collect every setting that pip would use for a command, with its source."""

from __future__ import annotations

import copy
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from enum import Enum
from optparse import Values
from typing import TYPE_CHECKING, NamedTuple, cast

from pip._internal.commands import commands_dict, create_command
from pip._internal.exceptions import PipError
from pip._internal.req.constructors import install_req_from_editable

from pip_guard.errors import UsageError
from pip_guard.facts.command import CommandOptions
from pip_guard.facts.origin import Facts, Origin, OriginKind, Setting
from pip_guard.facts.requirements import HashCheckingFacts, SourceFacts
from pip_guard.frozen import replace
from pip_guard.pip_adapter.index.listings import DIRECT
from pip_guard.pip_adapter.index.sources import hide_password, sources_of_options
from pip_guard.pip_adapter.options.origins import OptionOrigins, OptionValue
from pip_guard.pip_adapter.options.requirements_file import LineOption, read_options
from pip_guard.pip_adapter.options.values import BUNDLES, OPENSSL, REQUIREMENT_FILES, command_options
from pip_guard.pip_adapter.resolution.candidates import Provenance, candidate_facts

if TYPE_CHECKING:
    from pip._internal.models.link import Link

# The options that accumulate all their values; for the others, a later value replaces an earlier one.
ACCUMULATING = frozenset({"format_control", "release_control"})
# The options that pip-guard sets itself, by the names that pip stores the values under.
OVERRIDDEN = frozenset({"format_control", "keyring_provider"})
INDEXES = frozenset({"index_url", "extra_index_urls"})
# With one of these in a file of requirements, pip forgets the indexes that it knew before.
RESETTING = frozenset({"index_url", "no_index"})
NEGATIONS = frozenset({"0", "no", "off", "false", "n", "f"})
# The command whose options are shown where none is named: it knows nearly all of them.
COMMAND = "install"


class Effect(Enum):
    """The effect of a value, apart from the rules."""

    USED = "used"
    REPLACED = "replaced"
    OVERRIDDEN = "overridden by pip-guard"


class SetOption(NamedTuple):
    """One value of one option: where it is set, what becomes of it, and the facts about it that rules judge."""

    name: str
    setting: Setting
    effect: Effect
    file: str | None = None
    facts: tuple[Facts, ...] = ()


class Configuration(NamedTuple):
    """What is set for a command, and the facts about it that rules judge."""

    options: tuple[SetOption, ...]
    command: CommandOptions


def read_configuration(arguments: Sequence[str] = ()) -> Configuration:
    """Read configuration files, the environment and the arguments of a command as pip does, and the files that they name.

    Raises `UsageError` if pip could not read that.
    """
    name, *rest = arguments or (COMMAND,)
    if name not in commands_dict:
        raise UsageError(f"pip has no command {name}.", hint="Example: pip-guard guard config -- install -r FILE")
    parser = create_command(name, isolated="--isolated" in [*sys.argv, *rest]).parser
    # NOTE: options that collect values add them to a default that all parsers share.
    parser.defaults = copy.deepcopy(parser.defaults)
    origins = OptionOrigins(parser)
    try:
        options, _ = parser.parse_args(list(rest))
    except SystemExit as end:
        hint = "Correct the arguments, or the setting that this is about."
        raise UsageError(f"pip {name} could not go on, and has said why.", hint=hint) from end
    return Configuration(
        options=tuple(_Reader(options, origins).read()),
        command=command_options(name, options, origins, reads_only=False),
    )


class _Reader:
    """Describes what is set, in the order of the options; pip takes up files of requirements last."""

    def __init__(self, options: Values, origins: OptionOrigins) -> None:
        self._options = options
        self._origins = origins
        self._sources = sources_of_options(options, origins)
        self._lines = [line for dest in REQUIREMENT_FILES[:3] for line in self._read_files(dest)]

    def read(self) -> list[SetOption]:
        """Describe every value."""
        found = [row for dest in self._origins.names() for row in self._said(dest)]
        found += [*self._proxies(), *self._authorities(), *map(self._in_line, range(len(self._lines)))]
        return sorted(found, key=lambda row: row.name)  # those of one option stay in their order

    def _read_files(self, dest: str) -> Iterable[LineOption]:
        try:
            for path in getattr(self._options, dest, None) or ():
                yield from read_options(path, constraint=dest != "requirements")
        except (PipError, UnicodeError) as error:
            raise UsageError(str(error), hint="pip would read this file, too, and end there.") from error

    def _said(self, dest: str) -> Iterator[SetOption]:
        configured, typed = list(self._origins.configured(dest)), self._origins.typed(dest)
        for position, given in enumerate(configured):
            counts = position == len(configured) - 1 and (given.collects or not typed)
            yield from self._values(dest, given, counts=counts)
        for position, given in enumerate(typed):
            yield from self._values(dest, given, counts=given.collects or position == len(typed) - 1)

    def _values(self, dest: str, given: OptionValue, *, counts: bool) -> Iterator[SetOption]:
        counts = counts or dest in ACCUMULATING
        effect = self._effect(dest, given) if counts else Effect.REPLACED
        for setting in given.settings():
            # the rules look at what counts before they look at files, which may replace it
            facts = tuple(self._facts(dest, setting)) if counts else ()
            yield SetOption(given.name, setting, effect, given.file, facts)

    def _effect(self, dest: str, given: OptionValue) -> Effect:
        if dest in OVERRIDDEN:
            return Effect.OVERRIDDEN
        if self._is_forgotten(dest, self._lines):
            return Effect.REPLACED
        if dest == "cert" and self._bundle() is not None:
            return Effect.REPLACED
        if dest == "cache_dir" and self._options.cache_dir and given.setting.origin.kind is not OriginKind.COMMAND_LINE:
            return Effect.OVERRIDDEN
        return Effect.USED

    def _is_forgotten(self, dest: str, later: Iterable[LineOption]) -> bool:
        """Tell whether pip forgets an index, because of an option or of a line that it reads later."""
        return dest in INDEXES and (self._has_no_index() or any(line.dest in RESETTING for line in later))

    def _has_no_index(self) -> bool:
        return bool(getattr(self._options, "no_index", False))

    def _facts(self, dest: str, setting: Setting) -> Iterator[Facts]:
        """Describe one value as what it makes pip do."""
        private = self._sources.private_authority
        if dest in INDEXES and not self._has_no_index():
            yield SourceFacts(indexes=(setting,))
        elif dest == "find_links":
            yield SourceFacts(find_links=(setting,))
        elif dest == "trusted_hosts":
            host = replace(setting, value=setting.value.rpartition("@")[2])
            yield SourceFacts(trusted_hosts=(host,))
        elif dest in REQUIREMENT_FILES:
            yield SourceFacts(requirement_files=(setting,))
        elif dest == "proxy":
            proxy = replace(setting, value=hide_password(setting.value))
            yield SourceFacts(proxies=(proxy,), private_authority=private)
        elif dest == "no_require_hashes" and setting.value.lower() not in NEGATIONS:
            yield HashCheckingFacts(origin=setting.origin)
        elif dest == "editables":
            yield from _candidate(setting)

    def _proxies(self) -> Iterator[SetOption]:
        for proxy in self._sources.proxies:
            if proxy.origin.kind is OriginKind.ENVIRONMENT and self._options.proxy is None:
                yield SetOption("proxy", proxy, Effect.USED, None, tuple(self._facts("proxy", proxy)))

    def _authorities(self) -> Iterator[SetOption]:
        counting = self._bundle()
        for variable in (*BUNDLES, *OPENSSL):
            value = os.environ.get(variable)
            if value:
                counts = variable == counting if variable in BUNDLES or counting else not self._options.cert
                origin = Origin(kind=OriginKind.ENVIRONMENT, text=f"{variable} in the environment")
                yield SetOption("cert", Setting(value=value, origin=origin), Effect.USED if counts else Effect.REPLACED)

    def _bundle(self) -> str | None:
        """Return the variable whose certificate authorities count, whatever `--cert` says."""
        if getattr(self._options, "no_proxy_env", False):
            return None
        return next((variable for variable in BUNDLES if os.environ.get(variable)), None)

    def _in_line(self, position: int) -> SetOption:
        line = self._lines[position]
        effect = Effect.USED
        if line.dest in OVERRIDDEN:
            effect = Effect.OVERRIDDEN
        elif self._is_forgotten(line.dest, self._lines[position + 1 :]):
            effect = Effect.REPLACED
        return SetOption(line.name, line.setting, effect, line.file, tuple(self._facts(line.dest, line.setting)))


def _candidate(setting: Setting) -> Iterator[Facts]:
    """Describe what pip would build or clone because of an ``-e``; what it cannot read, it says itself."""
    try:
        requirement = install_req_from_editable(setting.value)
    except PipError:
        return
    provenance = Provenance()
    provenance.note(requirement, setting.origin)
    # what is editable has a link
    yield candidate_facts(requirement, cast("Link", requirement.link), provenance, DIRECT)
