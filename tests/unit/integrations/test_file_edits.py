"""Test that edits of other people's files lose nothing."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pip_guard.integrations import file_edits
from pip_guard.integrations.file_edits import (
    Change,
    Edit,
    Rename,
    apply,
    block_body,
    has_block,
    read,
    render,
    with_block,
    with_two_blocks,
    without_block,
)
from tests.kit.file_owners import pretend_owner

BLOCK = b"# >>> pip-guard >>>\nhello\n# <<< pip-guard <<<\n"
TEXT = st.lists(st.sampled_from([b"a", b"\n", b"\r\n", b"#", b"\xff", b"# >>> conda >>>\n"])).map(b"".join)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(b"", BLOCK, id="empty"),
        pytest.param(b"x=1\n", b"x=1\n" + BLOCK, id="final-newline"),
        pytest.param(
            b"x=1",
            b"x=1\n# >>> pip-guard >>> (the line above had no end)\nhello\n# <<< pip-guard <<<\n",
            id="no-final-newline",
        ),
        pytest.param(b"x=1\r\n", b"x=1\r\n" + BLOCK.replace(b"\n", b"\r\n"), id="crlf"),
        pytest.param(b"x\n" + BLOCK.replace(b"hello", b"old"), b"x\n" + BLOCK, id="replaces-an-older-block"),
        pytest.param(BLOCK + b"y\n", b"y\n" + BLOCK, id="moves-to-the-end"),
    ],
)
def test_adds_one_block(content: bytes, expected: bytes) -> None:
    assert with_block(content, "hello") == expected
    assert with_block(expected, "hello") == expected


@given(content=TEXT)
@example(content=b"a\r\nb")
def test_removing_the_block_gives_back_every_byte(content: bytes) -> None:
    edited = with_block(content, "one\ntwo")
    assert has_block(edited)
    assert without_block(edited) == content
    assert not has_block(content)


def test_keeps_what_was_added_behind_the_block() -> None:
    assert without_block(with_block(b"x", "hello") + b"y\n") == b"x\ny\n"


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"# >>> pip-guard >>>\nno end\n", id="no-end"),
        pytest.param(b"# <<< pip-guard <<<\n", id="no-beginning"),
        pytest.param(b"echo '# >>> pip-guard >>>'\n# <<< pip-guard <<<\n", id="inside-a-line"),
    ],
)
def test_leaves_what_is_no_block(content: bytes) -> None:
    assert without_block(content) == content


def test_marks_without_counterpart_take_nothing_with_them() -> None:
    content = b"# >>> pip-guard >>>\nmine\n"
    edited = with_block(content, "hello")
    assert edited == content + BLOCK
    assert without_block(edited) == content


def test_finds_no_block_that_ends_with_its_beginning() -> None:
    assert without_block(b"# >>> pip-guard >>>") == b"# >>> pip-guard >>>"


@given(content=TEXT)
@example(content=b"\xef\xbb\xbfx")
@example(content=b"x\r")
def test_two_blocks_go_as_they_came(content: bytes) -> None:
    edited = with_two_blocks(content, "one\ntwo")
    assert edited.count(b"# >>> pip-guard >>>") == (2 if content else 1)
    assert with_two_blocks(edited, "one\ntwo") == edited
    assert without_block(edited) == content


def test_first_block_goes_behind_the_byte_order_mark() -> None:
    edited = with_block(b"\xef\xbb\xbfx", "hello", first=True)
    assert edited == b"\xef\xbb\xbf" + BLOCK + b"x"
    assert without_block(edited) == b"\xef\xbb\xbfx"


def test_remembers_that_there_was_no_file() -> None:
    edited = with_block(None, "hello")
    assert edited == BLOCK.replace(b">>>\nh", b">>> (this file was made for it)\nh")
    assert without_block(edited) is None
    assert without_block(edited + b"mine\n") == b"mine\n"
    assert without_block(None) is None


@pytest.mark.parametrize(
    ("content", "body"),
    [
        pytest.param(BLOCK, "hello", id="block"),
        pytest.param(b"x\r\n" + BLOCK.replace(b"\n", b"\r\n"), "hello", id="crlf"),
        pytest.param(b"x", None, id="none"),
        pytest.param(None, None, id="no-file"),
    ],
)
def test_reads_the_block(content: bytes | None, body: str | None) -> None:
    assert block_body(content) == body


def test_renames_and_takes_it_back(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("nowhere")
    apply([Rename(path=tmp_path / "link", target=tmp_path / "kept")])
    assert names(tmp_path) == ["kept"]
    (tmp_path / "other").touch()
    with pytest.raises(FileExistsError):
        apply(
            [
                Rename(path=tmp_path / "kept", target=tmp_path / "link"),
                Rename(path=tmp_path / "other", target=tmp_path / "link"),
            ]
        )
    assert names(tmp_path) == ["kept", "other"]
    assert (tmp_path / "kept").is_symlink()


def test_removes_what_a_link_leads_to(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("made")
    apply([Edit(path=tmp_path / "link", before=None, after=b"x")])
    assert names(tmp_path) == ["link", "made"]
    apply([Edit(path=tmp_path / "link", before=b"x", after=None)])
    assert names(tmp_path) == ["link"]


def test_ends_at_the_end_of_the_file() -> None:
    assert without_block(BLOCK.rstrip(b"\n")) == b""


def test_writes_a_file_and_removes_it_again(tmp_path: Path) -> None:
    path = tmp_path / "new" / "file"
    apply([Edit(path=path, before=None, after=b"x", mode=0o755)])
    assert (read(path), stat.S_IMODE(path.stat().st_mode)) == (b"x", 0o755)
    apply([Edit(path=path, before=b"x", after=None)])
    assert read(path) is None


def test_keeps_links_and_permissions(tmp_path: Path) -> None:
    real = tmp_path / "dotfiles"
    real.write_bytes(b"x\n")
    real.chmod(0o640)
    link = tmp_path / ".bashrc"
    link.symlink_to("dotfiles")
    apply([Edit(path=link, before=b"x\n", after=b"y\n")])
    assert link.is_symlink()
    assert real.read_bytes() == b"y\n"
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert names(tmp_path) == [".bashrc", "dotfiles"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give a file away")
def test_keeps_the_owner(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x")
    os.chown(path, 12345, 12346)
    apply([Edit(path=path, before=b"x", after=b"y")])
    assert (path.stat().st_uid, path.stat().st_gid) == (12345, 12346)


def test_gives_the_new_file_to_the_owner_of_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x")
    pretend_owner(monkeypatch, path, 12345)
    owners: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "chown", lambda path, user, group: owners.append((user, group)))
    apply([Edit(path=path, before=b"x", after=b"y")])
    assert (path.read_bytes(), owners) == (b"y", [(12345, tmp_path.stat().st_gid)])


def test_does_nothing_where_nothing_changes(tmp_path: Path) -> None:
    apply([Edit(path=tmp_path / "file", before=None, after=None)])
    assert names(tmp_path) == []


def test_undoes_what_was_done_when_an_edit_fails(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x")
    with pytest.raises(OSError, match="File exists"):
        apply(
            [
                Edit(path=path, before=b"x", after=b"y"),
                Edit(path=tmp_path / "new", before=None, after=b"y"),
                Edit(path=path / "below", before=None, after=b"y"),
            ]
        )
    assert path.read_bytes() == b"x"
    assert names(tmp_path) == ["file"]


def test_leaves_no_half_written_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x")

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        apply([Edit(path=path, before=b"x", after=b"y")])
    assert (path.read_bytes(), names(tmp_path)) == (b"x", ["file"])


def test_restores_a_hard_linked_file_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x")
    (tmp_path / "twin").hardlink_to(path)

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        apply([Edit(path=path, before=b"x", after=b"longer")])
    assert (path.read_bytes(), names(tmp_path)) == (b"x", ["file", "twin"])


def test_reads_no_more_than_fits_into_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_edits, "_LARGEST", 3)
    (tmp_path / "file").write_bytes(b"1234")
    with pytest.raises(OSError, match="it is too large"):
        read(tmp_path / "file")


def test_shows_edits(tmp_path: Path) -> None:
    path = tmp_path / "file"
    edits: list[Change] = [
        Edit(path=path, before=b"x\n", after=b"x\ny\n"),
        Edit(path=path, before=b"x\n", after=b"x\n"),
        Edit(path=path, before=None, after=b"new"),
        Edit(path=path, before=b"old", after=None),
        Rename(path=path, target=tmp_path / "kept"),
    ]
    assert render(edits) == (
        f"--- {path}\n+++ {path}\n@@ -1 +1,2 @@\n x\n+y\n"
        f"--- /dev/null\n+++ {path}\n@@ -0,0 +1 @@\n+new\n"
        f"--- {path}\n+++ /dev/null\n@@ -1 +0,0 @@\n-old\n"
        f"rename from {path}\nrename to {tmp_path / 'kept'}\n"
    )
