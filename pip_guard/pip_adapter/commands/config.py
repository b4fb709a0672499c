"""Guard ``pip config``, as far as it writes."""

from __future__ import annotations

from optparse import Values

from pip._internal.commands import configuration, create_command

from pip_guard.facts import ConfigurationChangeFacts, Origin, OriginKind, Setting, SourceFacts
from pip_guard.pip_adapter.current import get_gate
from pip_guard.pip_adapter.guarded import leave_if_refused
from pip_guard.pip_adapter.options import REQUIREMENT_FILES
from pip_guard.pip_adapter.origins import OptionOrigins

# The parser that knows every option which a configuration file can set, by all its names.
ANY_COMMAND = "install"
WRITING = frozenset({"set", "unset", "edit"})


class ConfigurationCommand(configuration.ConfigurationCommand):
    # pip shows a command class's docstring as its help
    __doc__ = configuration.ConfigurationCommand.__doc__

    def parse_args(self, args: list[str]) -> tuple[Values, list[str]]:
        """Parse as pip does, and judge what would be written, or run as an editor."""
        origins = OptionOrigins(self.parser)
        options, rest = super().parse_args(args)
        if WRITING.isdisjoint(rest[:1]):
            return options, rest
        get_gate().announce(self.name)
        match rest:
            case ["set", name, value]:
                get_gate().judge(_change(name, value))
            case ["edit"] if options.editor is not None:
                editor = Setting(value=options.editor, origin=origins.origin("editor"))
                get_gate().judge(ConfigurationChangeFacts(key="", value="", sources=SourceFacts(), editor=editor))
        leave_if_refused()
        get_gate().begin()
        leave_if_refused()
        return options, rest


def _change(name: str, value: str) -> ConfigurationChangeFacts:
    """Describe a change of a configuration file as what the option in it would set."""
    if len(name.splitlines()) > 1:
        return ConfigurationChangeFacts(key=name, value=value, sources=SourceFacts())
    key = name.partition(".")[2].lower().replace("_", "-").removeprefix("--")
    option = create_command(ANY_COMMAND).parser.get_option(f"--{key}")
    dest = None if option is None else option.dest
    origin = Origin(kind=OriginKind.CONFIGURATION, text=f"pip config set {name}")
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
