"""Find out where the value of an option was set.

pip merges configuration files, the environment and the command line, in this order, without keeping track. What the command
line sets is recorded while pip parses it; the rest is looked up when a message needs it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from configparser import DEFAULTSECT
from functools import partial
from optparse import Option, OptionParser, Values
from typing import TYPE_CHECKING

from pip._internal.cli.parser import ConfigOptionParser

from pip_guard.frozen import frozen

# NOTE: the types of facts are loaded when they are needed: every command loads this module, even one that only reads.
if TYPE_CHECKING:
    from pip_guard.facts.origin import Origin, Setting

ENVIRONMENT_PREFIX = "PIP_"
# The name of pip's own section for the environment; a file that uses it has the same effect.
ENVIRONMENT_SECTION = ":env:"
_HEADER = re.compile(r"\[(?P<name>.+)\]")
_DELIMITER = re.compile("[=:]")


@frozen
class OptionValue:
    """One value that is set for an option, and where; `file` is a configuration file."""

    option: Option
    setting: Setting
    file: str | None = None
    section: str = ""
    key: str = ""

    @property
    def name(self) -> str:
        """The long name of the option."""
        return self.option._long_opts[0].removeprefix("--")

    @property
    def collects(self) -> bool:
        """Tell whether values accumulate: each word is one, and the command line adds to those set elsewhere."""
        return self.option.action == "append"

    def settings(self) -> list[Setting]:
        """Return the values one by one, each with the line that it stands on."""
        from pip_guard.facts.origin import Setting

        if not self.collects or not self.key:
            return [self.setting]
        return [Setting(value=word, origin=self.origin_of(word)) for word in self.setting.value.split()]

    def origin_of(self, word: str) -> Origin:
        """Return where one of the values stands."""
        if self.file is None or word == self.setting.value:
            return self.setting.origin
        return _origin(self.file, self.section, self.key, word)


class OptionOrigins:
    """The origins of one parser's options, by the name (`dest`) that pip stores the value under."""

    def __init__(self, parser: ConfigOptionParser) -> None:
        self._parser = parser
        self._arguments: dict[str, list[tuple[Option, str, str]]] = {}
        for option in _all_options(parser):
            # NOTE: optparse calls this once for each option that it meets on the command line, abbreviated or not.
            option.process = partial(self._process, option, option.process)  # type: ignore[method-assign]

    def on_command_line(self, dest: str) -> list[Setting]:
        """Return what the command line sets, in order."""
        return [given.setting for given in self.typed(dest)]

    def typed(self, dest: str) -> list[OptionValue]:
        """Return the values of an option on the command line, in order."""
        from pip_guard.facts.origin import Origin, OriginKind, Setting

        return [
            OptionValue(
                option=option,
                setting=Setting(
                    value=value, origin=Origin(kind=OriginKind.COMMAND_LINE, text=f"{argument} on the command line")
                ),
            )
            for option, argument, value in self._arguments.get(dest, [])
        ]

    def settings(self, dest: str) -> list[Setting]:
        """Return every value that is set for an option; pip uses the last."""
        return [*(given.setting for given in self.configured(dest)), *self.on_command_line(dest)]

    def origin(self, dest: str) -> Origin:
        """Return where the value that pip uses comes from."""
        settings = self.settings(dest)
        return settings[-1].origin if settings else self.default

    def is_foreign(self, dest: str) -> bool:
        """Tell whether a variable sets the value that pip uses, or a file that is neither the user's nor the machine's own."""
        if self.on_command_line(dest):
            return False
        values = list(self.configured(dest))
        parsers = self._parser.config._parsers
        own = {path for kind in ("user", "global") for path, _ in parsers[kind]}  # type: ignore[index]  # kinds of pip's
        return bool(values) and values[-1].file not in own

    def locate(self, dest: str, value: str) -> Origin:
        """Return where one of the collected values of an option comes from."""
        for setting in reversed(self.on_command_line(dest)):
            if value == setting.value:
                return setting.origin
        for given in reversed(list(self.configured(dest))):
            # NOTE: pip splits at blanks what is not given on the command line
            if value == given.setting.value or value in given.setting.value.split():
                return given.origin_of(value)
        return self.default

    @property
    def default(self) -> Origin:
        """The origin of a value that nobody has set."""
        from pip_guard.facts.origin import Origin, OriginKind

        return Origin(kind=OriginKind.DEFAULT, text="pip's default")

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
        self._arguments.setdefault(str(option.dest), []).append((option, text, str(value or "")))
        return process(opt_str, value, values, parser)

    def configured(self, dest: str) -> Iterator[OptionValue]:
        """Return what files and variables set, in the order in which pip's parser applies it.

        In one section of all files, the last value of a key counts, in the position of the first; an empty one removes
        the key.
        """
        from pip_guard.facts.origin import Setting

        for section in ("global", self._parser.name, ENVIRONMENT_SECTION):
            for key, values in self._section(section).items():
                option = self._parser.get_option(f"--{key}") if values[-1][1] else None
                if option is None or option.dest != dest:
                    continue
                for place, value in values:
                    if value:
                        file = None if place == ENVIRONMENT_SECTION else place
                        setting = Setting(value=value, origin=_origin(place, section, key))
                        yield OptionValue(option=option, setting=setting, file=file, section=section, key=key)

    def _section(self, section: str) -> dict[str, list[tuple[str, str]]]:
        """Return the values of each key of a section, each with its place."""
        values: dict[str, list[tuple[str, str]]] = {}
        for place, content in self._parser.config.items():
            for name, value in content.items():
                owner, key = name.split(".", 1)
                if owner == section:
                    values.setdefault(key, []).append((place, value))
        return values


def _origin(place: str, section: str, key: str, word: str = "") -> Origin:
    from pip_guard.facts.origin import Origin, OriginKind

    if place == ENVIRONMENT_SECTION:
        return Origin(kind=OriginKind.ENVIRONMENT, text=f"{_find_variable(key)} in the environment")
    line = find_line(place, section, key, word)
    where = f"line {line} of {place}" if line else place
    return Origin(kind=OriginKind.CONFIGURATION, text=f"[{section}] {key}, {where}")


def _find_variable(key: str) -> str:
    """Return the variable that pip takes a key from, the last one if there are several spellings."""
    names = [name for name in os.environ if name.startswith(ENVIRONMENT_PREFIX)]
    return next((name for name in reversed(names) if _key(name.removeprefix(ENVIRONMENT_PREFIX)) == key), key)


def find_line(path: str, section: str, key: str, word: str = "") -> int | None:
    """Return the number of the line on which a configuration file sets a (normalised) key, or where a word of its value is.

    As in `configparser`, a line that is indented deeper than the option before it continues its value, and the section DEFAULT
    applies to every other section.
    """
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            lines = list(file)
    except OSError:
        return None
    current = option = in_defaults = None
    level = 0
    for number, line in enumerate(lines, start=1):
        text = line.strip()
        indentation = len(line) - len(line.lstrip())
        if not text or text.startswith(("#", ";")) or (option is not None and indentation > level):
            continue
        level = indentation
        header = _HEADER.match(text)
        option = None if header else _key(_DELIMITER.split(text, maxsplit=1)[0].strip())
        current = header["name"] if header else current
        if option == key and current == section:
            return _find_word(lines, number, level, word)
        if option == key and current == DEFAULTSECT:
            in_defaults = _find_word(lines, number, level, word)
    return in_defaults


def _find_word(lines: list[str], start: int, level: int, word: str) -> int:
    """Return the number of the line on which a word of a value is, which may go on below the line where it starts."""
    if not word or word in _DELIMITER.split(lines[start - 1], maxsplit=1)[-1].split():
        return start
    for number, line in enumerate(lines[start:], start=start + 1):
        if not line.strip() or line.strip().startswith(("#", ";")):
            continue
        if len(line) - len(line.lstrip()) <= level:
            break
        if word in line.split():
            return number
    return start


def _all_options(parser: ConfigOptionParser) -> list[Option]:
    return parser.option_list_all


def _key(name: str) -> str:
    """Return pip's own spelling of a key."""
    return name.lower().replace("_", "-").removeprefix("--")
