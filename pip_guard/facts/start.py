"""Define what is known before pip is imported further than its version."""

from __future__ import annotations

from pip_guard.facts.origin import Facts, Setting
from pip_guard.frozen import frozen


@frozen
class ModuleOrigin:
    """The file from which a module would be imported, and what makes it foreign, if anything does.

    `ran` if Python has imported it before pip-guard.
    """

    name: str
    path: str
    foreign: str | None
    ran: bool = False


@frozen
class StartFacts(Facts):
    """What is known before pip is imported further than its version."""

    modules: tuple[ModuleOrigin, ...] = ()
    interpreter_setting: Setting | None = None
    pip_version: str = ""
    oldest_pip: str = ""
    missing_hooks: tuple[str, ...] = ()
    unknown_command: str | None = None
