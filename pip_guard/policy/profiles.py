"""Define the profiles: named sets of values for a kind of machine, which rank below the values of the file that names one."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from pip_guard.facts.violation import Severity
from pip_guard.frozen import frozen
from pip_guard.policy.model import LocalProjects


class Profile(Enum):
    """The kinds of machines."""

    DEVELOPER = "developer"
    CONTAINER = "container"
    CI = "ci"


@frozen
class ProfileValues:
    """What a profile sets: `values` by the name of the key.

    All of them set the same keys, so that a file that names one keeps no value of another file's profile.
    """

    about: str
    severities: Mapping[str, Severity]
    values: Mapping[str, Enum]


def _severities(*, root: Severity, outside: Severity, no_hash: Severity, new: Severity) -> Mapping[str, Severity]:
    return {
        "running-as-root": root,
        "outside-virtual-environment": outside,
        "missing-hash": no_hash,
        "new-project": new,
    }


PROFILES = {
    Profile.DEVELOPER: ProfileValues(
        about="a person at a terminal; these are the defaults",
        severities=_severities(root=Severity.ERROR, outside=Severity.ERROR, no_hash=Severity.OFF, new=Severity.WARNING),
        values={"sources.local-projects": LocalProjects.COMMAND_LINE},
    ),
    # NOTE: break-system-packages is left alone: the interpreter of an image's operating system is marked as externally managed,
    # and one that was installed for pip is not.
    Profile.CONTAINER: ProfileValues(
        about="an image: one user, root, and one interpreter that is nobody else's; nothing is built by accident",
        severities=_severities(root=Severity.OFF, outside=Severity.OFF, no_hash=Severity.OFF, new=Severity.WARNING),
        values={"sources.local-projects": LocalProjects.NEVER},
    ),
    Profile.CI: ProfileValues(
        about="continuous integration: what is installed is pinned by its hash, and nobody is there to consent",
        severities=_severities(root=Severity.ERROR, outside=Severity.ERROR, no_hash=Severity.ERROR, new=Severity.ERROR),
        values={"sources.local-projects": LocalProjects.NEVER},
    ),
}
