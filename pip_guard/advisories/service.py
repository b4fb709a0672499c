"""Ask a service, unless its cached answers are fresh."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from datetime import timedelta

from pip_guard.advisories.cache import AnswerCache
from pip_guard.advisories.interface import Answers, CachedAnswers, Release, Transport, UnansweredError

# In seconds, for all requests of a query together.
TIMEOUT = 5.0


class Service:
    """A service at a URL, which has no slash at the end, and the cache of its answers."""

    age: timedelta | None = None

    def __init__(
        self,
        url: str,
        make_transport: Callable[[], Transport],
        cache: AnswerCache,
        *,
        respects_pauses: bool,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Make the transport only if something must be asked; where an answer is required, pauses are not respected."""
        self.name = url
        self.timeout: float | None = TIMEOUT
        self._make_transport = make_transport
        self._cache = cache
        self._respects_pauses = respects_pauses
        self._clock = clock

    def remember(self, releases: Collection[Release]) -> CachedAnswers:
        """Return the cached answers about releases."""
        return self._cache.remember(releases)

    def ask(self, releases: Collection[Release], before: Answers, publish: Callable[[Answers], None]) -> None:
        """Ask which advisories there are, then for the details of new ones. Raises `UnansweredError`."""
        reason = self._cache.pausing() if self._respects_pauses else None
        if reason is not None:
            raise UnansweredError(f"{reason}, and asked for a pause")
        until = self._clock() + TIMEOUT
        # NOTE: imported here, since most commands find their answers in the cache.
        from pip_guard.advisories.osv_api import OsvApi

        api = OsvApi(self.name, self._make_transport())
        try:
            answers = api.find(releases, before)
        except UnansweredError as error:
            if error.retry_after > 0:
                self._cache.pause(error)
            raise
        publish(answers)
        if not all(known.detailed for advisories in answers.values() for known in advisories):
            answers = api.add_details(answers, has_time=lambda: self._clock() < until)
            publish(answers)
        self._cache.keep(answers)
