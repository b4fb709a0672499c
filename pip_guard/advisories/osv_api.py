"""Speak the API of OSV: https://google.github.io/osv.dev/api/."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from pip_guard.advisories.interface import Answers, Known, Release, Transport, UnansweredError
from pip_guard.advisories.matching import describe
from pip_guard.advisories.records import (
    ECOSYSTEM,
    InvalidRecordError,
    Record,
    is_id,
    is_malicious,
    parse_json,
    parse_record,
)
from pip_guard.facts.resolution import Advisory

# The most queries that the API takes in one request.
LARGEST_BATCH = 1000
# A page holds up to a thousand records about one release; no release has ten thousand.
MOST_PAGES = 10

# The ids of the records about one release, each with the time of its last change.
Ids = dict[str, str]


class OsvApi:
    """A client of the service at a URL, which has no slash at the end."""

    def __init__(self, url: str, transport: Transport) -> None:
        self._url = url
        self._transport = transport

    def find(self, releases: Collection[Release], before: Answers) -> Answers:
        """Ask which records are about releases; the details of unchanged ones come from `before`."""
        found: dict[Release, Ids] = {release: {} for release in releases}
        left = iter(found)
        while batch := dict.fromkeys(islice(left, LARGEST_BATCH), ""):
            for _ in range(MOST_PAGES):
                batch = self._find_page(batch, found)
                if not batch:
                    break
            else:
                raise UnansweredError("its answer has no end")
        return {release: tuple(_recall(ids, before.get(release, ()))) for release, ids in found.items()}

    def add_details(self, answers: Answers, *, has_time: Callable[[], bool]) -> Answers:
        """Fetch the records of which only the id is known, while there is time."""
        records: dict[str, Record | None] = {}
        for known in (known for advisories in answers.values() for known in advisories if not known.detailed):
            if known.advisory.id not in records and has_time():
                records[known.advisory.id] = self._fetch(known.advisory.id)
        return {release: tuple(_detail(release, advisories, records)) for release, advisories in answers.items()}

    def _find_page(self, batch: Mapping[Release, str], found: Mapping[Release, Ids]) -> dict[Release, str]:
        """Fetch one page about each release, given its token, and return the tokens of the next pages."""
        queries = [_query(release, token) for release, token in batch.items()]
        answer = self._transport.post(f"{self._url}/v1/querybatch", json.dumps({"queries": queries}).encode())
        following = {}
        for release, result in zip(batch, _results(answer, len(batch)), strict=True):
            found[release].update(_ids(result))
            if token := result.get("next_page_token"):
                following[release] = str(token)
        return following

    def _fetch(self, identifier: str) -> Record | None:
        """Return a record, or None if it cannot be fetched: its existence is known anyway."""
        try:
            record = parse_record(self._transport.get(f"{self._url}/v1/vulns/{identifier}"))
        except (UnansweredError, InvalidRecordError):
            return None
        return record if record.id == identifier else None


def _query(release: Release, token: str) -> dict[str, object]:
    query: dict[str, object] = {
        "package": {"name": release.project, "ecosystem": ECOSYSTEM},
        "version": release.version,
    }
    return {**query, "page_token": token} if token else query


def _results(content: bytes, expected: int) -> list[dict[str, Any]]:  # Any: checked where it is used
    try:
        answer = parse_json(content)
    except InvalidRecordError as error:
        raise UnansweredError(f"its answer {error}") from None
    results = answer.get("results") if isinstance(answer, dict) else None
    if not isinstance(results, list) or len(results) != expected or not all(isinstance(one, dict) for one in results):
        raise UnansweredError("its answer is not that of an OSV service")
    return results


def _ids(result: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    records = result.get("vulns") or []
    if not isinstance(records, list):
        raise UnansweredError("its answer is not that of an OSV service")
    for record in records:
        if not isinstance(record, dict) or not is_id(record.get("id")):
            raise UnansweredError("its answer is not that of an OSV service")
        yield record["id"], str(record.get("modified") or "")


def _recall(ids: Ids, before: Iterable[Known]) -> Iterator[Known]:
    """Yield the details of unchanged records from `before`, and of the others what their ids tell."""
    unchanged = {(known.advisory.id, known.modified): known for known in before if known.detailed and known.modified}
    for identifier, modified in ids.items():
        # NOTE: malware is refused for its id alone, unless its record arrives in time and has been withdrawn.
        by_id = Known(Advisory(id=identifier, malicious=is_malicious(identifier)), modified, detailed=False)
        yield unchanged.get((identifier, modified), by_id)


def _detail(release: Release, advisories: Iterable[Known], records: Mapping[str, Record | None]) -> Iterator[Known]:
    for known in advisories:
        record = records.get(known.advisory.id)
        if record is None:
            yield known
        elif not record.withdrawn:
            yield Known(describe(record, release), known.modified, detailed=True)
