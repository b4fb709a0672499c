"""Define what is known once all requirements files have been read."""

from __future__ import annotations

from pip_guard.facts.origin import Facts, Origin, Setting
from pip_guard.frozen import frozen


@frozen
class SourceFacts(Facts):
    """The places that pip would look at, first as options say, then as all files have left them.

    `private_authority` tells whether other certificate authorities count than those that come with pip and the system.
    """

    indexes: tuple[Setting, ...] = ()
    find_links: tuple[Setting, ...] = ()
    trusted_hosts: tuple[Setting, ...] = ()
    requirement_files: tuple[Setting, ...] = ()
    proxies: tuple[Setting, ...] = ()
    private_authority: bool = False


@frozen
class RequirementFacts(Facts):
    """One direct requirement, before it is looked for."""

    requirement: str
    origin: Origin
    project: str | None = None
    has_hash: bool = False


@frozen
class HashCheckingFacts(Facts):
    """Hash checking was switched off."""

    origin: Origin
