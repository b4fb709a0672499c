"""Define what is known about an installed distribution, and about files that belong to none."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pip_guard.facts.candidate import CandidateKind
from pip_guard.facts.origin import Facts, Origin
from pip_guard.facts.wheel import FileConflict, Script, StartupFile
from pip_guard.frozen import frozen


@frozen
class InstalledFacts(Facts):
    """An installed distribution, as it is on disk; fields that `WheelFacts` has, too, mean the same.

    `defects` say how its files contradict its RECORD; `differences` which files were removed or added since, which is harmless by itself.
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
    """The files in a library folder, and the commands beside it, that belong to no distribution.

    `names` are the files and folders at its top from which something can be imported.
    """

    origin: Origin
    names: tuple[str, ...] = ()
    startup_files: tuple[StartupFile, ...] = ()
    modules: frozenset[str] = frozenset()
    packages: frozenset[str] = frozenset()
    scripts: tuple[Script, ...] = ()
