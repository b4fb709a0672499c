"""Define what is known once pip has merged its options."""

from __future__ import annotations

from enum import Enum

from pip_guard.facts.origin import Facts, Origin, Setting
from pip_guard.facts.requirements import SourceFacts
from pip_guard.frozen import frozen


class DestinationKind(Enum):
    """What a destination is part of."""

    THIS_ENVIRONMENT = "this virtual environment"
    OTHER_ENVIRONMENT = "another virtual environment"
    INTERPRETER = "an interpreter that is not in a virtual environment"
    USER_SITE = "the user's own site-packages"
    FOLDER = "a plain folder"


@frozen
class Destination:
    """A folder that the command would write distributions into, or remove them from."""

    path: str
    place: DestinationKind
    origin: Origin


@frozen
class Authority:
    """A certificate authority that was withdrawn: since which day (ISO 8601), and who says so."""

    name: str
    withdrawn: str
    source: str


@frozen
class Bundle:
    """A file of certificate authorities, and which of them were withdrawn."""

    path: str
    distrusted: tuple[Authority, ...] = ()


@frozen
class CommandOptions:
    """The options of a command that decide where it writes and what it overrides, as pip merged them.

    `writes` is False for a command that only fetches or resolves, `reads_only` True for one that asks an index and keeps
    nothing. `files` are what pip obeys, each with its role; `bundles` the files of the certificate authorities that it trusts;
    `outputs` are files that it writes because a
    variable, or a configuration file that is neither the user's nor the machine's, says so.
    """

    command: str
    reads_only: bool = False
    files: tuple[tuple[str, str], ...] = ()
    bundles: tuple[str, ...] = ()
    outputs: tuple[Setting, ...] = ()
    writes: bool = False
    target: Setting | None = None
    prefix: Setting | None = None
    root: Setting | None = None
    user: Origin | None = None
    break_system_packages: Origin | None = None


@frozen
class CommandFacts(Facts):
    """What is known once pip has merged its options."""

    command: str
    runs_as_root: bool = False
    in_virtual_environment: bool = True
    externally_managed: bool = False
    destination: Destination | None = None
    outputs: tuple[Setting, ...] = ()
    break_system_packages: Origin | None = None


@frozen
class TrustedFile:
    """A file or folder that pip or pip-guard obeys, and who else can change it, if anybody can.

    One that is `ignored` would be obeyed if it were not for the danger.
    """

    path: str
    role: str
    danger: str | None
    ignored: bool = False


@frozen
class FileFacts(Facts):
    """The files and folders that decide what the command does."""

    files: tuple[TrustedFile, ...] = ()


@frozen
class BundleFacts(Facts):
    """The bundles that pip will use, if they hold certificate authorities that were withdrawn."""

    bundles: tuple[Bundle, ...] = ()


@frozen
class ConfigurationChangeFacts(Facts):
    """A value that ``pip config`` is about to write, and the sources that it would add."""

    key: str
    value: str
    sources: SourceFacts
    editor: Setting | None = None


@frozen
class JournalFacts(Facts):
    """A journal that cannot be written, and why; `before_change` if the command is about to change something."""

    path: str
    problem: str
    before_change: bool
