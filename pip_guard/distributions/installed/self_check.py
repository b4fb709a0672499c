"""Check that the files of pip-guard itself are those that were installed."""

from __future__ import annotations

import os
from enum import Enum

import pip_guard
from pip_guard.distributions.installed.libraries import LibraryFolder, library_folder, running_library_folders
from pip_guard.distributions.installed.metadata import Distribution, read_distributions
from pip_guard.distributions.installed.verify import verify
from pip_guard.frozen import frozen

OWN_DISTRIBUTION = "pip-guard-shim"


class Condition(Enum):
    """The state of the files of a distribution."""

    INTACT = "intact"
    CHANGED = "changed"
    INCOMPLETE = "incomplete"
    EDITABLE = "editable"
    UNVERIFIABLE = "unverifiable"
    NOT_INSTALLED = "not installed"


@frozen
class Integrity:
    """The result of a comparison: `problems` are the files that changed or are gone, `files` how many were compared."""

    condition: Condition
    files: int = 0
    problems: tuple[str, ...] = ()


def verify_own_files() -> Integrity:
    """Compare the running copy of pip-guard, wherever it was imported from, with the RECORD beside it."""
    running = os.path.dirname(os.path.dirname(os.path.realpath(pip_guard.__file__)))
    found = verify_distribution(OWN_DISTRIBUTION, library_folder(running))
    if found.condition is Condition.NOT_INSTALLED:
        # NOTE: any other copy says nothing about the running one, so this is never intact.
        others = (verify_distribution(OWN_DISTRIBUTION, place) for place in running_library_folders())
        return next((other for other in others if other.condition is Condition.EDITABLE), found)
    return found


def verify_distribution(project: str, place: LibraryFolder) -> Integrity:
    """Compare the distribution of a (normalized) project in a library folder with its RECORD."""
    for distribution in read_distributions(place.library):
        if distribution.project == project:
            return _verify(distribution, place)
    return Integrity(condition=Condition.NOT_INSTALLED)


def _verify(distribution: Distribution, place: LibraryFolder) -> Integrity:
    found = verify(distribution, place)
    problems = (*distribution.problems, *found.defects, *found.differences)
    if distribution.problems or found.defects:
        condition = Condition.CHANGED
    elif distribution.is_live:
        condition = Condition.EDITABLE
    elif not distribution.is_verifiable:
        condition = Condition.UNVERIFIABLE
    else:
        condition = Condition.INCOMPLETE if found.differences else Condition.INTACT
    return Integrity(condition=condition, files=found.compared, problems=problems)
