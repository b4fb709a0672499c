"""Name sets of values that suit a kind of machine; a file that names one has these values below its own."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from pip_guard.facts.violation import Severity
from pip_guard.frozen import frozen
from pip_guard.policy.model import LocalProjects


class Profile(Enum):
    """Name the kinds of machines."""

    DEVELOPER = "developer"
    CONTAINER = "container"
    CI = "ci"


@frozen
class ProfileValues:
    """What a profile sets.

    All of them set the same, so that who names one has no value left that another file's profile set.
    """

    about: str
    severities: Mapping[str, Severity]
    local_projects: LocalProjects


def _severities(*, root: Severity, outside: Severity, no_hash: Severity) -> Mapping[str, Severity]:
    return {"running-as-root": root, "outside-virtual-environment": outside, "missing-hash": no_hash}


PROFILES = {
    Profile.DEVELOPER: ProfileValues(
        about="a person at a terminal; these are the defaults",
        severities=_severities(root=Severity.ERROR, outside=Severity.ERROR, no_hash=Severity.OFF),
        local_projects=LocalProjects.COMMAND_LINE,
    ),
    # NOTE: break-system-packages stays what it is: the interpreter of an image's operating system bears the mark that it is
    # about, and one that was put there for pip does not.
    Profile.CONTAINER: ProfileValues(
        about="an image: one user, root, and one interpreter that is nobody else's; nothing is built by accident",
        severities=_severities(root=Severity.OFF, outside=Severity.OFF, no_hash=Severity.OFF),
        local_projects=LocalProjects.NEVER,
    ),
    Profile.CI: ProfileValues(
        about="continuous integration: what is installed is pinned by its hash, and nobody is there to consent",
        severities=_severities(root=Severity.ERROR, outside=Severity.ERROR, no_hash=Severity.ERROR),
        local_projects=LocalProjects.NEVER,
    ),
}
