"""Define the result of a scan of installed distributions."""

from __future__ import annotations

from pip_guard.distributions.installed.inspect import Installed
from pip_guard.distributions.installed.libraries import LibraryFolder
from pip_guard.engine.rule import Verdict
from pip_guard.facts.resolution import AdvisoryFacts
from pip_guard.frozen import frozen


@frozen
class Scan:
    """The result of a scan; `notes` say what was not judged, and why."""

    places: tuple[LibraryFolder, ...]
    installed: tuple[Installed, ...]
    advisories: tuple[AdvisoryFacts, ...]
    verdict: Verdict
    notes: tuple[str, ...]

    @property
    def files(self) -> int:
        """How many files were compared."""
        return sum(installed.files for installed in self.installed)
