"""Hide files that are too new from pip, with pip's own option, and remember them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta, timezone
from optparse import Values
from typing import TYPE_CHECKING

from pip._internal.index.package_finder import LinkEvaluator, LinkType
from pip._internal.models.link import Link

from pip_guard.facts.candidate import TooNewFile
from pip_guard.facts.resolution import NoUploadTimeFacts
from pip_guard.facts.violation import Severity, Violation
from pip_guard.names.normalize import normalize_name
from pip_guard.pip_adapter.index.listings import link_hashes
from pip_guard.policy.approval import is_exempt_from_age

if TYPE_CHECKING:
    from pip_guard.engine.session import GuardSession

RECENT_RELEASE = "recent-release"
Evaluation = tuple[LinkType, str]


def utc_now() -> datetime:
    """Return the current time."""
    return datetime.now(timezone.utc)


class UploadTimes:
    """The minimum age of files in this command, and the files that were hidden from pip because they are newer."""

    def __init__(self, session: GuardSession) -> None:
        self._session = session
        self.now = utc_now()
        self.too_new: dict[str, list[TooNewFile]] = {}
        self._cutoff: datetime | None = None
        self._users_cutoff: datetime | None = None
        self._untimed: set[str] = set()
        self._judged_untimed: set[str] = set()
        self._locked: set[tuple[str, str]] = set()

    @property
    def holds_back(self) -> bool:
        """Tell whether the policy keeps files from pip that are too new."""
        policy = self._session.policy
        is_error = policy.severity(RECENT_RELEASE, Severity.ERROR) is Severity.ERROR
        return is_error and not policy.observes and policy.releases.minimum_age > timedelta()

    def enforce(self, options: Values) -> bool:
        """Set pip's option if the policy is stricter than the user's; return whether it is."""
        self._users_cutoff = options.uploaded_prior_to
        if not self.holds_back:
            return False
        self._cutoff = self.now - self._session.policy.releases.minimum_age
        if self._users_cutoff is not None and self._users_cutoff <= self._cutoff:
            return False
        options.uploaded_prior_to = self._cutoff
        return True

    def lock(self, links: Iterable[Link]) -> None:
        """Remember the links that lock files name; the upload times that lock files give are not trusted."""
        self._locked.update((link.url, str(link.comes_from)) for link in links)

    def evaluate(self, method: Callable[..., Evaluation], evaluator: LinkEvaluator, link: Link) -> Evaluation:
        """Evaluate a link as pip does, with the policy's minimum age."""
        _name_zone(link)
        if self._cutoff is not None and (link.url, str(link.comes_from)) in self._locked:
            return self.evaluate_for_user(method, evaluator, link)
        result = method(evaluator, link)
        if self._cutoff is not None and link.is_file and link.comes_from and result[0] is LinkType.candidate:
            # NOTE: pip requires no upload time on a page that is a local file, which may be a mirror of any index.
            self._note_untimed(link)
        if self._cutoff is None or result[0] not in (LinkType.upload_time_missing, LinkType.upload_too_late):
            return result
        otherwise = self.evaluate_for_user(method, evaluator, link)
        if otherwise[0] is not LinkType.candidate:
            return otherwise
        if link.upload_time is None:
            self._note_untimed(link)
            return otherwise
        project = normalize_name(evaluator.project_name)
        if self.is_excused(project, otherwise[1], link):
            return otherwise
        file = TooNewFile(filename=link.filename, version=otherwise[1], uploaded=link.upload_time)
        self.too_new.setdefault(project, []).append(file)
        return result

    def evaluate_for_user(self, method: Callable[..., Evaluation], evaluator: LinkEvaluator, link: Link) -> Evaluation:
        """Evaluate a link as pip does with the user's own options, without the minimum age."""
        _name_zone(link)
        before = evaluator._uploaded_prior_to
        evaluator._uploaded_prior_to = self._users_cutoff
        try:
            return method(evaluator, link)
        finally:
            evaluator._uploaded_prior_to = before

    def untimed(self) -> Iterator[NoUploadTimeFacts]:
        """Yield each page without upload times, once."""
        for page in sorted(self._untimed - self._judged_untimed):
            self._judged_untimed.add(page)
            yield NoUploadTimeFacts(index=page)

    def uploaded(self, link: Link, listed: Link | None) -> datetime | None:
        """Return the upload time of a file that a URL or a lock file names; `listed` is the same file on the page of an index.

        The time that a lock file gives counts only if it makes the file too new.
        """
        for each in filter(None, (link, listed)):
            _name_zone(each)
        if listed is not None:
            # a lock file, or a URL, does not say whether the file is yanked
            link.yanked_reason = listed.yanked_reason
            if listed.upload_time is not None:
                return listed.upload_time
        claimed = link.upload_time
        return claimed if claimed is not None and self.is_too_new(claimed) else None

    def _note_untimed(self, link: Link) -> None:
        if not is_exempt_from_age(_page(link), self._session.policy):
            self._untimed.add(_page(link))

    def is_too_new(self, uploaded: datetime) -> bool:
        """Tell whether a file with this upload time is too new."""
        return self.now - uploaded < self._session.policy.releases.minimum_age

    def is_excused(self, project: str, version: str, link: Link) -> bool:
        """Tell whether the policy lets a file pass although it is too new."""
        policy = self._session.policy
        violation = Violation(message="", project=project, version=version, hashes=link_hashes(link))
        return is_exempt_from_age(_page(link), policy) or self._session.is_excused(RECENT_RELEASE, violation)


def in_utc(moment: datetime) -> datetime:
    """Return an upload time with a zone; an index has to mean UTC where it names none (PEP 700)."""
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=timezone.utc)


def _name_zone(link: Link) -> None:
    """Give an upload time a zone: without one, it cannot be compared with pip's own option."""
    if link.upload_time is not None:
        link.upload_time = in_utc(link.upload_time)


def _page(link: Link) -> str:
    return str(link.comes_from or link.url)
