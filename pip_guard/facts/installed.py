"""Define what is known of a distribution that is installed, and of files that belong to none."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pip_guard.facts.candidate import CandidateKind
from pip_guard.facts.origin import Facts, Origin
from pip_guard.facts.wheel import FileConflict, Script, StartupFile
from pip_guard.frozen import frozen


@frozen
class InstalledFacts(Facts):
    """A distribution that is installed, as it lies on disk; what is called as in `WheelFacts` means the same.

    `defects` say how its files contradict its RECORD, `differences` what has gone or has come since, which harms nobody by itself.
    `kind` and `url` are what its direct_url.json says that it was made of. It was `requested` if a user asked for it by its
    name; what the system's package manager brought is `managed`.
    """

    project: str
    version: str
    origin: Origin
    requested: bool = False
    managed: bool = False
    kind: CandidateKind | None = None
    url: str = ""
    built_from_directory: bool = False
    defects: tuple[str, ...] = ()
    differences: tuple[str, ...] = ()
    startup_files: tuple[StartupFile, ...] = ()
    modules: frozenset[str] = frozenset()
    packages: frozenset[str] = frozenset()
    scripts: tuple[Script, ...] = ()
    data_files: tuple[str, ...] = ()
    settings: Mapping[str, bytes] = MappingProxyType({})
    conflicts: tuple[FileConflict, ...] = ()


@frozen
class UnownedFacts(Facts):
    """What lies in a library folder, or among the commands beside it, and belongs to no distribution.

    `names` are the files and folders at its top from which something can be imported.
    """

    origin: Origin
    names: tuple[str, ...] = ()
    startup_files: tuple[StartupFile, ...] = ()
    modules: frozenset[str] = frozenset()
    packages: frozenset[str] = frozenset()
    scripts: tuple[Script, ...] = ()
