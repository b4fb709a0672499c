"""Test that the stand-in for OSV does what is documented of OSV."""

from __future__ import annotations

import json
import ssl
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.kit.authority import certificate_authority_file
from tests.kit.http_server import FaultKind
from tests.kit.osv import FakeOsv, Json, make_malware, make_record, write_export


@pytest.fixture
def osv() -> Iterator[FakeOsv]:
    with FakeOsv() as started:
        yield started


def send(osv: FakeOsv, path: str, body: object = None) -> Any:
    context = ssl.create_default_context(cafile=str(certificate_authority_file()))
    data = None if body is None else json.dumps(body).encode()
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context))
    try:
        with opener.open(osv.url + path, data) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        error.close()
        raise


def query(project: str, version: str, **more: str) -> Json:
    return {"package": {"name": project, "ecosystem": "PyPI"}, "version": version, **more}


def test_batch_is_answered_in_its_order_with_ids_alone(osv: FakeOsv) -> None:
    record = make_record("GHSA-1", "My.Demo")
    osv.add(record, "1.0")
    answer = send(osv, "/v1/querybatch", {"queries": [query("other", "1.0"), query("my-demo", "1.0")]})
    assert answer == {"results": [{}, {"vulns": [{"id": "GHSA-1", "modified": record["modified"]}]}]}


def test_many_records_come_in_pages(osv: FakeOsv) -> None:
    osv.page_size = 2
    for number in range(3):
        osv.add(make_record(f"GHSA-{number}"), "1.0")
    (first,) = send(osv, "/v1/querybatch", {"queries": [query("demo", "1.0")]})["results"]
    token = first["next_page_token"]
    (second,) = send(osv, "/v1/querybatch", {"queries": [query("demo", "1.0", page_token=token)]})["results"]
    assert [one["id"] for one in first["vulns"] + second["vulns"]] == ["GHSA-0", "GHSA-1", "GHSA-2"]
    assert "next_page_token" not in second


def test_record_is_given_as_it_is(osv: FakeOsv) -> None:
    record = make_malware()
    osv.add(record)
    assert send(osv, "/v1/vulns/MAL-2026-1") == record


@pytest.mark.parametrize("path", ["/v1/vulns/MAL-2026-2", "/v1/query", "/"])
def test_anything_else_is_not_there(osv: FakeOsv, path: str) -> None:
    with pytest.raises(urllib.error.HTTPError, match="404"):
        send(osv, path)


def test_goes_wrong_on_demand(osv: FakeOsv) -> None:
    osv.always(429, Retry_After="7")
    with pytest.raises(urllib.error.HTTPError) as raised:
        send(osv, "/v1/vulns/MAL-2026-1")
    assert (raised.value.code, raised.value.headers["Retry-After"]) == (429, "7")
    osv.fail(FaultKind.SERVER_ERROR)
    with pytest.raises(urllib.error.HTTPError, match="500"):
        send(osv, "/v1/vulns/MAL-2026-1")
    assert osv.paths == ["/v1/vulns/MAL-2026-1"] * 2


def test_export_is_a_zip_or_a_folder_of_the_same_files(tmp_path: Path) -> None:
    records = [make_malware(), make_record("GHSA-1")]
    folder = write_export(tmp_path / "records", *records)
    archive = write_export(tmp_path / "all.zip", *records)
    assert sorted(path.name for path in folder.iterdir()) == ["GHSA-1.json", "MAL-2026-1.json"]
    with zipfile.ZipFile(archive) as opened:
        for path in folder.iterdir():
            assert opened.read(path.name) == path.read_bytes()
