"""Guard the subcommands of ``pip config`` that write."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from configparser import Error, RawConfigParser
from functools import partial
from optparse import Values
from typing import TYPE_CHECKING

from pip._internal.commands import create_command

from pip_guard.environment.files import read_file_if_possible
from pip_guard.facts.command import ConfigurationChangeFacts
from pip_guard.facts.origin import Origin, OriginKind, Setting
from pip_guard.facts.requirements import SourceFacts
from pip_guard.pip_adapter.options.origins import OptionOrigins
from pip_guard.pip_adapter.options.values import REQUIREMENT_FILES
from pip_guard.pip_adapter.session import UsesSession, respect_colour

if TYPE_CHECKING:
    from pip._internal.commands.configuration import ConfigurationCommand as _Base
else:
    _Base = object

# The parser that knows every option which a configuration file can set, by all its names.
ANY_COMMAND = "install"
WRITING = frozenset({"set", "unset", "edit"})
# The suffix of the file that keeps refused changes made in an editor.
REFUSED_SUFFIX = ".refused"
# Bytes; no configuration file is larger.
LARGEST = 1 << 28

logger = logging.getLogger(__name__)


class GuardedConfigurationCommand(UsesSession, _Base):
    """A command that changes configuration files: what it would write is judged."""

    def parse_args(self, args: list[str]) -> tuple[Values, list[str]]:
        """Parse as pip does, and judge what would be written, or run as an editor."""
        origins = OptionOrigins(self.parser)
        options, rest = super().parse_args(args)
        if WRITING.isdisjoint(rest[:1]):
            return options, rest
        if self.session.all_rules_off:
            self.delegate_to_pip()
            return options, rest
        respect_colour(options)
        self.session.announce(self.name)
        match rest:
            case ["set", name, value]:
                self.session.judge(_change(name, value, f"pip config set {name}"))
            case ["edit"] if options.editor is not None:
                editor = Setting(value=options.editor, origin=origins.origin("editor"))
                self.session.judge(ConfigurationChangeFacts(key="", value="", sources=SourceFacts(), editor=editor))
        self.begin(options)
        return options, rest

    def handler_map(self) -> dict[str, Callable[[Values, list[str]], None]]:
        """Name the actions as pip does, and judge what an editor has written."""
        handlers = super().handler_map()
        handlers["edit"] = partial(self.edit_and_judge, handlers["edit"])
        return handlers

    def run(self, options: Values, args: list[str]) -> int:
        """Run as pip does; a refusal decides the exit code."""
        status = super().run(options, args)
        return status if WRITING.isdisjoint(args[:1]) else self.session.end(status) or status

    def edit_and_judge(self, edit: Callable[[Values, list[str]], None], options: Values, args: list[str]) -> None:
        """Edit as pip does, and judge what has been written; if it may not stay, put back what was there."""
        path = self.configuration.get_file_to_edit() or os.devnull
        before, settings = read_file_if_possible(path, LARGEST), _settings(path)
        edit(options, args)
        written = _settings(path).items() - settings.items()
        if self.session.judge(*(_change(name, value, f"{name} in {path}") for name, value in sorted(written))):
            return
        _put_back(path, before)
        logger.warning("What you have written is in %s, and the settings are as before.", path + REFUSED_SUFFIX)


def _put_back(path: str, before: bytes | None) -> None:
    kept = path + REFUSED_SUFFIX
    if before is None:
        os.replace(path, kept)
        return
    with open(os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(read_file_if_possible(path, LARGEST) or b"")
    with open(path, "wb") as file:
        file.write(before)


def _settings(path: str) -> dict[str, str]:
    """Return what a configuration file sets; pip itself says what is wrong with one that cannot be read."""
    parser = RawConfigParser()
    try:
        parser.read(path)
        return {
            f"{section}.{key}": " ".join(value.split())
            for section in parser.sections()
            for key, value in parser.items(section)
        }
    except (Error, OSError, UnicodeError):
        return {}


def _change(name: str, value: str, place: str) -> ConfigurationChangeFacts:
    """Describe a change of a configuration file by the option that it would set."""
    if len(name.splitlines()) > 1:
        return ConfigurationChangeFacts(key=name, value=value, sources=SourceFacts())
    key = name.partition(".")[2].lower().replace("_", "-").removeprefix("--")
    option = create_command(ANY_COMMAND).parser.get_option(f"--{key}")
    dest = None if option is None else option.dest
    origin = Origin(kind=OriginKind.CONFIGURATION, text=place)
    values = tuple(Setting(value=word, origin=origin) for word in value.split())
    return ConfigurationChangeFacts(
        key=key,
        value=value,
        sources=SourceFacts(
            indexes=values if dest in ("index_url", "extra_index_urls") else (),
            find_links=values if dest == "find_links" else (),
            trusted_hosts=values if dest == "trusted_hosts" else (),
            requirement_files=values if dest in REQUIREMENT_FILES else (),
            proxies=values if dest == "proxy" else (),
            private_authority=True,
        ),
    )
