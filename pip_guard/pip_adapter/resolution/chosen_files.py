"""Describe the files that pip has chosen, for the journal."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from pip_guard.facts.resolution import ChosenFile
from pip_guard.names.normalize import normalize_name
from pip_guard.pip_adapter.index.listings import link_hashes
from pip_guard.pip_adapter.resolution.reputation import chosen_version, source_link

if TYPE_CHECKING:
    from pip._internal.req.req_install import InstallRequirement

    from pip_guard.distributions.wheel.contents import WheelContents


def chosen_file(requirement: InstallRequirement, *, for_build: bool) -> ChosenFile:
    """Describe what was chosen for a requirement, fetched or not."""
    link = source_link(requirement)
    return ChosenFile(
        project=normalize_name(str(requirement.name)),
        version=chosen_version(requirement),
        filename="" if link is None else link.filename,
        url=_url(requirement),
        hashes=frozenset() if link is None else link_hashes(link),
        for_build=for_build,
    )


def chosen_wheel(requirement: InstallRequirement, contents: WheelContents, *, for_build: bool) -> ChosenFile:
    """Describe a wheel on disk."""
    return ChosenFile(
        project=normalize_name(contents.name),
        version=contents.version or None,
        filename=contents.filename,
        url=_url(requirement),
        hashes=frozenset({f"sha256:{contents.sha256}"} if contents.sha256 else ()),
        size=_size(requirement.local_file_path),
        for_build=for_build,
    )


def _url(requirement: InstallRequirement) -> str:
    """Return where a file comes from; for a wheel that was built here, what it was built from."""
    if requirement.download_info is not None:
        return requirement.download_info.url
    link = source_link(requirement)
    return "" if link is None else link.url_without_fragment


def _size(path: str | None) -> int | None:
    try:
        return None if path is None else os.path.getsize(path)
    except OSError:  # it is gone; the rules know
        return None
