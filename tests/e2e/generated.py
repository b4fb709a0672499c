"""Make up command lines, settings, files and policies that try to have something built, or taken from the wrong index."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from hypothesis import strategies as st

# The policy leaves these as they are in every example: with them, nothing is built and nothing comes from elsewhere.
KEPT_RULES = frozenset(
    {
        "direct-url",
        "find-links",
        "foreign-module",
        "insecure-transport",
        "local-project",
        "source-distribution",
        "trusted-host",
        "unapproved-host",
        "unapproved-index",
        "vcs-requirement",
    }
)
NEVER = '[sources]\nlocal-projects = "never"\n'
CONFIGURATION_SECTIONS = ("global", "install", "download", "wheel", "lock", ":env:")


class Carrier(Enum):
    """Where an option, or a requirement, is written."""

    COMMAND_LINE = "the command line"
    ENVIRONMENT = "a variable"
    CONFIGURATION = "the configuration file"
    REQUIREMENTS = "a requirements file"
    CONSTRAINTS = "a constraints file"


@dataclass(frozen=True, kw_only=True, slots=True)
class Option:
    """An option of pip's, with its value or none, and what carries it."""

    name: str
    value: str | None
    carrier: Carrier
    section: str = "global"

    @property
    def text(self) -> str:
        """The option as on a command line, or in a requirements file."""
        return f"--{self.name}" if self.value is None else f"--{self.name}={self.value}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Requirement:
    """A requirement, editable or not, and what carries it; names in angle brackets are filled in."""

    text: str
    carrier: Carrier
    editable: bool = False

    @property
    def is_consent(self) -> bool:
        """Tell whether this names a directory on the command line, which is then built."""
        return self.carrier is Carrier.COMMAND_LINE and self.text.startswith("<project>")


@dataclass(frozen=True, kw_only=True, slots=True)
class Command:
    """A command with what it is given."""

    verb: str
    requirements: tuple[Requirement, ...]
    options: tuple[Option, ...]

    @property
    def arguments(self) -> list[str]:
        """The words of the command line."""
        words = [self.verb, *(option.text for option in self._options(Carrier.COMMAND_LINE))]
        for requirement in self._requirements(Carrier.COMMAND_LINE):
            words += [*(["--editable"] if requirement.editable else []), requirement.text]
        if self.requirements_file:
            words += ["-r", "requirements.txt"]
        if self.constraints_file:
            words += ["-c", "constraints.txt"]
        return words

    @property
    def environ(self) -> dict[str, str | None]:
        """The variables; for some options a value is added to by the next."""
        found: dict[str, str | None] = {"PIP_CONFIG_FILE": None}
        for option in self._options(Carrier.ENVIRONMENT):
            found[f"PIP_{option.name.upper().replace('-', '_')}"] = option.value or "1"
        for requirement in self._requirements(Carrier.ENVIRONMENT):
            if requirement.editable:
                found["PIP_EDITABLE"] = requirement.text
        return found

    @property
    def configuration_file(self) -> str:
        """The user's configuration file."""
        options = self._options(Carrier.CONFIGURATION)
        sections: dict[str, dict[str, str]] = {}
        for option in options:
            sections.setdefault(option.section, {})[option.name] = option.value or "true"
        lines: list[str] = []
        for section, values in sections.items():
            lines += [f"[{section}]", *(f"{name} = {value}" for name, value in values.items())]
        return "\n".join([*lines, ""])

    @property
    def requirements_file(self) -> str:
        """The requirements file, empty if it is not needed."""
        return self._file(Carrier.REQUIREMENTS)

    @property
    def constraints_file(self) -> str:
        """The constraints file, empty if it is not needed."""
        return self._file(Carrier.CONSTRAINTS)

    def _file(self, carrier: Carrier) -> str:
        lines = [option.text for option in self._options(carrier)]
        lines += [f"{'-e ' * each.editable}{each.text}" for each in self._requirements(carrier)]
        return "".join(f"{line}\n" for line in lines)

    def _options(self, carrier: Carrier) -> list[Option]:
        return [option for option in self.options if option.carrier is carrier]

    def _requirements(self, carrier: Carrier) -> list[Requirement]:
        return [requirement for requirement in self.requirements if requirement.carrier is carrier]


# What is harmless, what is on the rogue index alone or in a higher version, and every way to something that is built.
REQUIREMENTS = (
    "harmless",
    "harmless>=2",
    "demo[extra]",
    "sourceonly",
    "sourceonly==1.0",
    "needs-source",
    "needs-url",
    "needs-repository",
    "rogue",
    "<sdist-url>",
    "sourceonly @ <sdist-url>",
    "<rogue-wheel-url>",
    "harmless @ <rogue-wheel-url>",
    "<sdist-path>",
    "<project>",
    "<project>[extra]",
    "<repository>",
    "project @ <repository>",
)
OPTIONS = (
    ("no-binary", ":all:"),
    ("no-binary", "sourceonly"),
    ("no-bin", ":all:"),
    ("only-binary", ":none:"),
    ("index-url", "<rogue>"),
    ("pypi-url", "<rogue>"),
    ("extra-index-url", "<rogue>"),
    ("find-links", "<rogue>harmless/"),
    ("find-links", "<sdists>"),
    ("trusted-host", "<host>"),
    ("proxy", "<rogue-origin>"),
    ("use-feature", "inprocess-build-deps"),
    ("use-feature", "fast-deps"),
    ("use-deprecated", "legacy-resolver"),
    ("uploaded-prior-to", "2030-01-01"),
    ("config-settings", "key=value"),
    ("prefer-binary", None),
    ("pre", None),
    ("no-deps", None),
    ("no-build-isolation", None),
    ("check-build-dependencies", None),
    ("no-clean", None),
    ("no-index", None),
    ("isolated", None),
    ("require-hashes", None),
    ("no-require-hashes", None),
    ("ignore-requires-python", None),
    ("no-cache-dir", None),
    ("keyring-provider", "import"),
)
# What requirements and constraints files may set.
IN_FILES = frozenset(
    {
        "extra-index-url",
        "find-links",
        "index-url",
        "no-bin",
        "no-binary",
        "no-index",
        "no-require-hashes",
        "only-binary",
        "pre",
        "prefer-binary",
        "pypi-url",
        "require-hashes",
        "trusted-host",
        "use-feature",
    }
)


def carriers(name: str) -> list[Carrier]:
    """Return what can carry an option: files of requirements take a few only."""
    everywhere = [Carrier.COMMAND_LINE, Carrier.ENVIRONMENT, Carrier.CONFIGURATION]
    return list(Carrier) if name in IN_FILES else everywhere


def requirement_carriers(text: str) -> list[Carrier]:
    """Return what can carry a requirement: constraints have a name, and no extras."""
    constrains = "[" not in text and (" @ " in text or not text.startswith("<"))
    return [Carrier.COMMAND_LINE, Carrier.REQUIREMENTS, *([Carrier.CONSTRAINTS] if constrains else [])]


@st.composite
def requirements(draw: st.DrawFn) -> Requirement:
    """Make up a requirement; what can be editable sometimes is."""
    text = draw(st.sampled_from(REQUIREMENTS))
    if text.startswith(("<project>", "<repository>")) and draw(st.booleans()):
        carrier = draw(st.sampled_from([Carrier.COMMAND_LINE, Carrier.ENVIRONMENT, Carrier.REQUIREMENTS]))
        suffix = "#egg=project" if text == "<repository>" else ""
        return Requirement(text=f"{text}{suffix}", carrier=carrier, editable=True)
    return Requirement(text=text, carrier=draw(st.sampled_from(requirement_carriers(text))))


@st.composite
def options(draw: st.DrawFn) -> Option:
    """Make up an option."""
    name, value = draw(st.sampled_from(OPTIONS))
    carrier = draw(st.sampled_from(carriers(name)))
    section = draw(st.sampled_from(CONFIGURATION_SECTIONS))
    return Option(name=name, value=value, carrier=carrier, section=section)


@st.composite
def commands(draw: st.DrawFn) -> Command:
    """Make up a command; something is asked for outside of constraints."""
    wanted = draw(st.lists(requirements(), min_size=1, max_size=2))
    if all(each.carrier is Carrier.CONSTRAINTS for each in wanted):
        wanted.append(Requirement(text="demo[extra]", carrier=Carrier.COMMAND_LINE))
    given = draw(st.lists(options(), max_size=2, unique_by=lambda option: (option.name, option.carrier)))
    verb = draw(st.sampled_from(["install", "install", "install", "download", "wheel", "lock"]))
    return Command(verb=verb, requirements=tuple(wanted), options=tuple(given))


def policies(rules: Iterable[str]) -> st.SearchStrategy[str]:
    """Make up a policy that leaves what matters here as it is, and is about another project where it allows anything."""
    others = sorted(set(rules) - KEPT_RULES)
    severities = st.dictionaries(st.sampled_from(others), st.sampled_from(["error", "warning", "off"]), max_size=6)
    excused = st.sets(st.sampled_from(sorted(KEPT_RULES)), max_size=3)
    return st.builds(render_policy, severities, excused, st.booleans())


def render_policy(severities: dict[str, str], excused: set[str], never: bool) -> str:
    """Render a policy."""
    lines = ["[rules]", *(f'{rule} = "{severity}"' for rule, severity in severities.items()), NEVER if never else ""]
    for rule in sorted(excused):
        lines += ["[[exceptions]]", f'rule = "{rule}"', 'project = "another"', 'reason = "read it"']
    return "\n".join([*lines, ""])
