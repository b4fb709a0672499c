"""Collect every setting that pip would use, with the place that each comes from."""

from __future__ import annotations

from typing import NamedTuple

from pip._internal.commands import create_command

from pip_guard.facts import CommandOptions, Setting, SourceFacts
from pip_guard.pip_adapter.options import command_options
from pip_guard.pip_adapter.origins import OptionOrigins
from pip_guard.pip_adapter.sources import sources_of_options

# The options whose values add up, where those of others replace what is said elsewhere before.
ACCUMULATING = frozenset({"format_control"})
# What pip-guard decides itself, by the names that pip stores the values under.
OVERRIDDEN = frozenset({"format_control", "keyring_provider"})
# The command whose options are shown: it knows nearly all of them.
COMMAND = "install"


class OptionSettings(NamedTuple):
    """One option: all that is said about it, the value that pip prefers last, and whether pip-guard overrides it."""

    name: str
    settings: tuple[Setting, ...]
    accumulates: bool
    overridden: bool


class Configuration(NamedTuple):
    """What is set outside the command line, and the facts about it that rules judge."""

    options: tuple[OptionSettings, ...]
    command: CommandOptions
    sources: SourceFacts


def read_configuration() -> Configuration:
    """Read configuration files and the environment as pip does; exits as pip does if they cannot be read."""
    parser = create_command(COMMAND).parser
    origins = OptionOrigins(parser)
    options, _ = parser.parse_args([])
    return Configuration(
        options=tuple(_set_options(origins)),
        command=command_options(COMMAND, options, origins, reads_only=False),
        sources=sources_of_options(options, origins),
    )


def _set_options(origins: OptionOrigins) -> list[OptionSettings]:
    found = []
    for dest, names in origins.names().items():
        settings = tuple(origins.settings(dest))
        if settings:
            found.append(
                OptionSettings(
                    name=names[0].removeprefix("--"),
                    settings=settings,
                    accumulates=dest in ACCUMULATING,
                    overridden=dest in OVERRIDDEN,
                )
            )
    return sorted(found)
