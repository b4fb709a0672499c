"""Tell whether the files of one installed distribution, such as pip-guard itself, are those that were installed."""

from __future__ import annotations

import os
from enum import Enum

import pip_guard
from pip_guard.distributions.installed.libraries import LibraryFolder, running_library_folders
from pip_guard.distributions.installed.metadata import Distribution, read_distributions
from pip_guard.distributions.installed.verify import verify
from pip_guard.frozen import frozen
from pip_guard.names.normalize import normalize_name

OWN_DISTRIBUTION = "pip-guard-shim"


class Condition(Enum):
    """Name what the files of a distribution can be like."""

    INTACT = "intact"
    CHANGED = "changed"
    INCOMPLETE = "incomplete"
    EDITABLE = "editable"
    UNVERIFIABLE = "unverifiable"
    NOT_INSTALLED = "not installed"


@frozen
class Integrity:
    """What was found out; `problems` say what has changed or is gone, `files` how many were compared."""

    condition: Condition
    files: int = 0
    problems: tuple[str, ...] = ()


def verify_distribution(name: str = OWN_DISTRIBUTION) -> Integrity:
    """Compare a distribution of the running interpreter with its RECORD; pip-guard itself is the one that is running."""
    project = normalize_name(name)
    places = running_library_folders()
    if project == OWN_DISTRIBUTION:
        running = os.path.dirname(os.path.dirname(os.path.realpath(pip_guard.__file__)))
        places = tuple(place for place in places if place.library == running) or places
    for place in places:
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
