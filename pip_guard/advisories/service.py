"""Ask a service, unless it was asked a short while ago."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from datetime import timedelta

from pip_guard.advisories.cache import AnswerCache
from pip_guard.advisories.interface import Answers, CachedAnswers, Release, Transport, UnansweredError

# Seconds for all of it together: which advisories there are, and what they say.
PATIENCE = 5.0


class Service:
    """A service at a URL, without a slash at the end, and what is kept of its answers."""

    age: timedelta | None = None

    def __init__(
        self,
        url: str,
        make_transport: Callable[[], Transport],
        kept: AnswerCache,
        *,
        respects_pauses: bool,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Make the transport only if something must be asked; who cannot do without an answer respects no pauses."""
        self.name = url
        self.timeout: float | None = PATIENCE
        self._make_transport = make_transport
        self._kept = kept
        self._respects_pauses = respects_pauses
        self._clock = clock

    def remember(self, releases: Collection[Release]) -> CachedAnswers:
        """Return what was kept of the answers about releases."""
        return self._kept.remember(releases)

    def ask(self, releases: Collection[Release], before: Answers, publish: Callable[[Answers], None]) -> None:
        """Ask which advisories there are, then for the details of what is new. Raises `UnansweredError`."""
        reason = self._kept.pausing() if self._respects_pauses else None
        if reason is not None:
            raise UnansweredError(f"{reason}, and wants to be left alone")
        until = self._clock() + PATIENCE
        # NOTE: loaded here, because most commands find their answers kept.
        from pip_guard.advisories.osv_api import OsvApi

        api = OsvApi(self.name, self._make_transport())
        try:
            answers = api.find(releases, before)
        except UnansweredError as error:
            if error.retry_after > 0:
                self._kept.pause(error)
            raise
        publish(answers)
        if not all(known.detailed for advisories in answers.values() for known in advisories):
            answers = api.add_details(answers, has_time=lambda: self._clock() < until)
            publish(answers)
        self._kept.keep(answers)
