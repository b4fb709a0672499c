"""Find out where pip has the value of an option from.

pip merges configuration files, the environment and the command line, in this order, without keeping track. What the command
line sets is recorded while pip parses it; the rest is looked up when a message needs it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from configparser import RawConfigParser
from functools import partial
from optparse import Option, OptionParser, Values

from pip._internal.cli.parser import ConfigOptionParser

from pip_guard.facts import Origin, OriginKind, Setting

ENVIRONMENT_PREFIX = "PIP_"
# The name that pip gives to its own section for the environment; a file that uses it is believed just the same.
ENVIRONMENT_SECTION = ":env:"


class OptionOrigins:
    """The origins of one parser's options, by the name (`dest`) that pip stores the value under."""

    default = Origin(kind=OriginKind.DEFAULT, text="pip's default")

    def __init__(self, parser: ConfigOptionParser) -> None:
        self._parser = parser
        self._arguments: dict[str, list[Setting]] = {}
        for option in _all_options(parser):
            # NOTE: optparse calls this once for each option that it meets on the command line, abbreviated or not.
            option.process = partial(self._process, option, option.process)  # type: ignore[method-assign]

    def on_command_line(self, dest: str) -> list[Setting]:
        """Return what the command line sets, in its order."""
        return self._arguments.get(dest, [])

    def settings(self, dest: str) -> list[Setting]:
        """Return every value that is set for an option, the one that pip prefers last."""
        return [*self._in_files(dest), *self._in_environment(dest), *self.on_command_line(dest)]

    def origin(self, dest: str) -> Origin:
        """Return where the value that pip uses comes from."""
        settings = self.settings(dest)
        return settings[-1].origin if settings else self.default

    def locate(self, dest: str, value: str) -> Origin:
        """Return where one of the values comes from that an option has collected."""
        for setting in reversed(self.settings(dest)):
            if value == setting.value or value in setting.value.split():
                return setting.origin
        return self.default

    def names(self) -> dict[str, list[str]]:
        """Return the long names of the options that settings can set, by the name that pip stores the value under."""
        names: dict[str, list[str]] = {}
        for option in _all_options(self._parser):
            if option.dest is not None and option._long_opts:
                names.setdefault(option.dest, []).extend(option._long_opts)
        return names

    def files(self) -> list[str]:
        """Return the configuration files that pip has read."""
        return [path for kind in self._parser.config._parsers.values() for path, _ in kind]

    def _process(
        self,
        option: Option,
        process: Callable[..., int],
        opt_str: str,
        value: object,
        values: Values,
        parser: OptionParser,
    ) -> int:
        text = opt_str if value is None else f"{opt_str} {value}"
        origin = Origin(kind=OriginKind.COMMAND_LINE, text=f"{text} on the command line")
        self._arguments.setdefault(str(option.dest), []).append(Setting(value=str(value or ""), origin=origin))
        return process(opt_str, value, values, parser)

    def _in_environment(self, dest: str) -> Iterator[Setting]:
        if self._parser.config.isolated:
            return
        for variable, value in os.environ.items():
            if not value or not variable.startswith(ENVIRONMENT_PREFIX):
                continue
            if self._sets(_key(variable[len(ENVIRONMENT_PREFIX) :]), dest):
                origin = Origin(kind=OriginKind.ENVIRONMENT, text=f"{variable} in the environment")
                yield Setting(value=value, origin=origin)

    def _in_files(self, dest: str) -> Iterator[Setting]:
        files = [file for kind in self._parser.config._parsers.values() for file in kind]
        for section in ("global", self._parser.name, ENVIRONMENT_SECTION):
            for path, content in files:
                yield from self._in_section(path, content, section, dest)

    def _in_section(self, path: str, content: RawConfigParser, section: str, dest: str) -> Iterator[Setting]:
        if not content.has_section(section):
            return
        for key, value in content.items(section):
            if value and self._sets(_key(key), dest):
                line = find_line(path, section, key)
                where = f"line {line} of {path}" if line else path
                origin = Origin(kind=OriginKind.CONFIGURATION, text=f"[{section}] {key}, {where}")
                yield Setting(value=value, origin=origin)

    def _sets(self, key: str, dest: str) -> bool:
        option = self._parser.get_option(f"--{key}")
        return option is not None and option.dest == dest


def find_line(path: str, section: str, key: str) -> int | None:
    """Return the number of the line on which a configuration file sets a key, the last one if there are several."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            lines = file.read().splitlines()
    except OSError:
        return None
    current = found = None
    for number, line in enumerate(lines, start=1):
        stripped = line.strip()
        if stripped.startswith("[") and "]" in stripped:
            current = stripped[1 : stripped.index("]")]
        elif current == section and not line[:1].isspace():
            name = stripped.replace(":", "=", 1).partition("=")[0].strip()
            if name.lower() == key.lower():
                found = number
    return found


def _all_options(parser: ConfigOptionParser) -> list[Option]:
    return parser.option_list_all


def _key(name: str) -> str:
    return name.lower().replace("_", "-")
