"""Refuse a file that was uploaded only a short while ago.

Most malware on an index is found within days, by people whose job it is to look. Waiting a few days costs only the newest
version, and keeps out what a stolen account uploads in its first hours.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

from pip_guard.engine.rule import Rule
from pip_guard.environment.clock import in_local_time
from pip_guard.facts.candidate import ReleaseFacts, TooNewFacts
from pip_guard.facts.resolution import NoUploadTimeFacts
from pip_guard.facts.violation import Allow, Remedy, Severity, Violation
from pip_guard.policy.model import Policy
from pip_guard.policy.suggestions import approve
from pip_guard.urls.compare import folder_of, index_of_page

# The newest files are the ones the user asked for.
NAMED_FILES = 3
_LOCK_FILE = r"(?:^|[/\\\\])pylock(?:\.[^./\\\\]+)?\.toml$"
# The suffixes by which pip recognises a distribution file in a URL.
_FILES = (".whl", ".zip", ".tar", ".tgz", ".tbz", ".txz", ".gz", ".bz2", ".xz", ".lzma")


def check(facts: ReleaseFacts | TooNewFacts | NoUploadTimeFacts, policy: Policy) -> Iterator[Violation]:
    """Find files that are too new, requirements that only such files satisfy, and indexes without upload times."""
    match facts:
        case ReleaseFacts():
            if facts.now - facts.uploaded < policy.releases.minimum_age:
                yield Violation(
                    message=f"pip would take {facts.filename}, which {_uploaded(facts.uploaded, facts.now, policy)}",
                    origin=facts.origin,
                    project=facts.project,
                    version=facts.version,
                    remedy=_remedy(facts.project, facts.version),
                )
        case TooNewFacts():
            files = sorted(facts.files, key=lambda file: file.uploaded)[-NAMED_FILES:]
            listed = "\n".join(
                f"{file.filename} {_uploaded(file.uploaded, facts.now, policy)}" for file in reversed(files)
            )
            yield Violation(
                message=f"Every file matching {facts.requirement} is too new:\n{listed}",
                origin=facts.origin,
                project=facts.project,
                version=files[-1].version,
                remedy=_remedy(facts.project, files[-1].version),
            )
        case NoUploadTimeFacts() if policy.releases.unknown_age is not Severity.OFF:
            yield Violation(
                message=f"pip cannot tell how old {_untimed(facts.index)}.",
                severity=policy.releases.unknown_age,
                remedy=_remedy_without_time(facts.index),
            )
        case _:
            return


def _uploaded(uploaded: datetime, now: datetime, policy: Policy) -> str:
    ready = in_local_time(uploaded + policy.releases.minimum_age)
    when = f"was uploaded {_span(now - uploaded)} ago"
    if uploaded > now:
        when = f"is dated in the future, {in_local_time(uploaded):%Y-%m-%d %H:%M %Z}"
    return f"{when}; it can be installed from {ready:%Y-%m-%d %H:%M %Z} on."


def _span(age: timedelta) -> str:
    minutes = int(age.total_seconds() // 60)
    if minutes < 2 * 60:
        return f"{minutes} minutes"
    if minutes < 2 * 24 * 60:
        return f"{minutes // 60} hours"
    return f"{minutes // 60 // 24} days"


def _untimed(place: str) -> str:
    """Say what has no age, after "how old": the files of an index or of a lock file, or one that is asked for by its address."""
    if _is_lock(place):
        return f"the files in {place} are: no index gives their upload times"
    if _is_file(place):
        return f"{place} is: no index gives its upload time"
    return f"the files on {place} are: it gives no upload times"


def _remedy_without_time(place: str) -> Remedy:
    """Suggest to exempt an index, or where a file lies that no index lists; the places of the files of a lock are not known here."""
    if _is_lock(place):
        return ("Exempt the places of the files in the policy, with [releases] exempt-indexes.",)
    return (
        "If you trust the place, exempt it from the minimum age.",
        approve("exempt-indexes", folder_of(place) if _is_file(place) else index_of_page(place), "releases"),
    )


def _is_lock(place: str) -> bool:
    """Tell whether a place is a lock file, by its name, as pip does."""
    return re.search(_LOCK_FILE, place) is not None


def _is_file(place: str) -> bool:
    return place.partition("#")[0].partition("?")[0].endswith(_FILES)


def _remedy(project: str, version: str | None) -> Remedy:
    return "Ask for an older version, or wait, or allow this one:", Allow(project, version)


RULE = Rule(
    id="recent-release",
    summary="a file that was uploaded less than the policy's minimum age ago",
    severity=Severity.ERROR,
    remediation="Ask for an older version, or wait.",
    since="0.1.0",
    facts=(ReleaseFacts, TooNewFacts, NoUploadTimeFacts),
    check=check,
    conditions=("project", "version"),
)
