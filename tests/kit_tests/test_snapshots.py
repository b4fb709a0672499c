"""Test that a folder is brought back to what it was."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.kit.snapshots import Snapshot


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "folder"
    (made / "sub" / "deep").mkdir(parents=True)
    (made / "sub" / "deep" / "file").write_text("content", encoding="utf-8")
    (made / "link").symlink_to("sub")
    (made / "__pycache__").mkdir()
    return made


def contents(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): path.read_text(encoding="utf-8")
        if path.is_file()
        else f"{path.stat().st_mode:o}"
        for path in sorted(folder.rglob("*"))
    }


def replace_folder(folder: Path) -> None:
    (folder / "sub" / "deep" / "file").unlink()
    (folder / "sub" / "deep").rmdir()
    (folder / "sub" / "deep").write_text("a file", encoding="utf-8")


CHANGES = [
    pytest.param(lambda folder: None, {}, id="nothing"),
    pytest.param(lambda folder: (folder / "__pycache__" / "x.pyc").touch(), {}, id="compiled"),
    pytest.param(lambda folder: (folder / "sub" / "__pycache__").mkdir(), {}, id="new-compiled"),
    pytest.param(lambda folder: (folder / "__pycache__").rmdir(), {}, id="compiled-gone"),
    pytest.param(lambda folder: (folder / "new").mkdir(), {"new": True}, id="new-folder"),
    pytest.param(lambda folder: (folder / "sub" / "new").touch(), {"sub/new": True}, id="new-file"),
    pytest.param(
        lambda folder: (folder / "sub" / "deep" / "file").write_text("other"), {"sub/deep/file": True}, id="changed"
    ),
    pytest.param(lambda folder: (folder / "sub" / "deep" / "file").unlink(), {"sub/deep/file": False}, id="gone"),
    pytest.param(lambda folder: (folder / "link").unlink(), {"link": False}, id="link-gone"),
    pytest.param(lambda folder: (folder / "sub").chmod(0o500), {"sub": True}, id="closed-folder"),
    pytest.param(replace_folder, {"sub/deep": True, "sub/deep/file": False}, id="file-for-a-folder"),
]


@pytest.mark.parametrize(("change", "expected"), CHANGES)
def test_tells_changes_and_takes_them_back(
    change: Callable[[Path], object], expected: dict[str, bool], folder: Path, tmp_path: Path
) -> None:
    snapshot = Snapshot(folder, tmp_path / "copy", user=None)
    before = contents(folder)
    change(folder)
    assert {path: found is not None for path, found in snapshot.changes().items()} == expected
    snapshot.restore()
    assert snapshot.changes() == {}
    assert {path: text for path, text in contents(folder).items() if not path.endswith(".pyc")} == before


@pytest.mark.parametrize(("change", "expected"), CHANGES)
def test_renewed_snapshot_brings_back_what_was_there_then(
    folder: Path, tmp_path: Path, change: Callable[[Path], object], expected: dict[str, bool]
) -> None:
    snapshot = Snapshot(folder, tmp_path / "copy", user=None)
    change(folder)
    then = contents(folder)
    snapshot.renew()
    assert snapshot.changes() == {}
    (folder / "later").mkdir()
    if (folder / "link").is_symlink():
        (folder / "link").unlink()
    snapshot.restore()
    assert contents(folder) == then
