"""Test which files are read as an export of advisories."""

from __future__ import annotations

import json
import os
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from pip_guard.advisories.export import LARGEST_RECORD, fingerprint, read_export
from pip_guard.advisories.interface import UnansweredError
from tests.kit.osv import make_malware, make_record, write_export

RECORDS = (make_malware("MAL-1", "bad"), make_record("GHSA-1", "demo"))


def write_broken_zip(path: Path) -> Path:
    """Write a zip in which the data of a member is damaged."""
    write_export(path, *RECORDS)
    content = bytearray(path.read_bytes())
    content[60:80] = bytes(20)
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("name", ["all.zip", "records"])
def test_reads_all_records(tmp_path: Path, name: str) -> None:
    path = write_export(tmp_path / name, *RECORDS)
    assert sorted(record.id for record in read_export(str(path), [])) == ["GHSA-1", "MAL-1"]


def test_reads_folders_below_folders_and_nothing_but_records(tmp_path: Path) -> None:
    for folder in ("osv", "osv/pypi", "osv/pypi/bad"):
        (tmp_path / folder).mkdir()
    write_export(tmp_path / "osv" / "pypi" / "bad", RECORDS[0])
    write_export(tmp_path / "osv", RECORDS[1])
    (tmp_path / "osv" / "README.md").write_text("no record")
    assert [record.id for record in read_export(str(tmp_path / "osv"), [])] == ["GHSA-1", "MAL-1"]


def test_reads_nothing_but_records_of_a_zip(tmp_path: Path) -> None:
    path = write_export(tmp_path / "all.zip", *RECORDS)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("README.md", "no record")
    assert len(list(read_export(str(path), []))) == 2


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        pytest.param("all.zip", b"", "it is not a readable zip: ", id="empty"),
        pytest.param("all.zip", b"PK\x03\x04" + bytes(100), "it is not a readable zip: ", id="no-zip"),
        pytest.param("MAL-1.json", b"{}", "it is not a readable zip: ", id="record-as-export"),
    ],
)
def test_file_that_is_no_zip_is_no_export(tmp_path: Path, name: str, content: bytes, reason: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UnansweredError, match=reason):
        list(read_export(str(tmp_path / name), []))


def test_damaged_zip_is_no_export(tmp_path: Path) -> None:
    with pytest.raises(UnansweredError, match="it is not a readable zip: "):
        list(read_export(str(write_broken_zip(tmp_path / "all.zip")), []))


@pytest.mark.parametrize("name", ["all.zip", "records"])
def test_record_that_cannot_be_read_is_named_and_the_others_are_read(tmp_path: Path, name: str) -> None:
    path = write_export(tmp_path / name, {**RECORDS[1], "modified": None}, RECORDS[0])
    damage: list[str] = []
    assert [record.id for record in read_export(str(path), damage)] == ["MAL-1"]
    assert damage == ["GHSA-1.json in it does not say when it was modified"]


def test_small_record_takes_little_memory(tmp_path: Path) -> None:
    path = write_export(tmp_path / "records", *RECORDS)
    tracemalloc.start()
    try:
        assert len(list(read_export(str(path), []))) == len(RECORDS)
        assert tracemalloc.get_traced_memory()[1] < LARGEST_RECORD / 8
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("name", ["all.zip", "records"])
def test_record_of_any_size_is_not_read(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pip_guard.advisories.export.LARGEST_RECORD", 1000)
    path = write_export(tmp_path / name, {**RECORDS[0], "details": "x" * 1000}, RECORDS[1])
    damage: list[str] = []
    assert [record.id for record in read_export(str(path), damage)] == ["GHSA-1"]
    assert damage == ["MAL-1.json in it is too large for a record"]
    assert LARGEST_RECORD == 16 * 1024 * 1024


@pytest.mark.parametrize("name", ["all.zip", "records"])
def test_export_that_is_not_there_cannot_be_asked(tmp_path: Path, name: str) -> None:
    for ask in (fingerprint, lambda path: list(read_export(path, []))):
        with pytest.raises(UnansweredError, match=r"^it cannot be read: No such file or directory$"):
            ask(str(tmp_path / name))


@pytest.mark.parametrize("name", ["all.zip", "records"])
def test_fingerprint_changes_with_the_export(tmp_path: Path, name: str) -> None:
    path = write_export(tmp_path / name, *RECORDS)
    before = fingerprint(str(path))
    assert fingerprint(str(path)) == before
    changed = path / "MAL-1.json" if path.is_dir() else path
    status = changed.stat()
    os.utime(changed, ns=(status.st_atime_ns, status.st_mtime_ns + 1))
    touched = fingerprint(str(path))
    changed.write_bytes(changed.read_bytes() + b" ")
    os.utime(changed, ns=(status.st_atime_ns, status.st_mtime_ns + 1))
    grown = fingerprint(str(path))
    assert len({before, touched, grown}) == 3


def test_fingerprint_of_a_folder_changes_with_the_files_in_it(tmp_path: Path) -> None:
    path = write_export(tmp_path / "records", *RECORDS)
    before = fingerprint(str(path))
    (path / "MAL-1.json").rename(path / "MAL-2.json")
    renamed = fingerprint(str(path))
    (path / "MAL-2.json").unlink()
    assert len({before, renamed, fingerprint(str(path))}) == 3


def test_folder_may_have_a_file_of_any_name(tmp_path: Path) -> None:
    path = write_export(tmp_path / "records", *RECORDS)
    (path / os.fsdecode(b"\xff.json")).write_text(json.dumps(make_record("GHSA-2")), encoding="utf-8")
    assert fingerprint(str(path))
    assert len(list(read_export(str(path), []))) == 3
