"""Create the source that the policy names."""

from __future__ import annotations

import os
from collections.abc import Callable

from pip_guard.advisories.interface import AdvisorySource, Transport
from pip_guard.environment.files import PrivateCache
from pip_guard.facts.violation import Severity
from pip_guard.policy.model import Advisories


def cache_folder() -> str:
    """Return the folder of cached answers and indexes."""
    from pip_guard.environment import folders

    return os.path.join(folders.cache_folder(), "advisories")


def make_source(advisories: Advisories, make_transport: Callable[[], Transport]) -> AdvisorySource:
    """Create a source; a transport is made only if a service must be asked."""
    files = PrivateCache(cache_folder())
    if advisories.source.is_local:
        from pip_guard.advisories.local_export import LocalExport

        return LocalExport(advisories.source.local_path, files)
    from pip_guard.advisories.cache import AnswerCache
    from pip_guard.advisories.service import Service

    url = str(advisories.source).rstrip("/")
    respects_pauses = advisories.unavailable is not Severity.ERROR
    return Service(url, make_transport, AnswerCache(files, url), respects_pauses=respects_pauses)
