"""Nothing but regular files is read, and no more of them than is wanted."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from pip_guard.environment.files import UnreadableFileError, hash_file, read_file
from tests.kit.wheels import record_hash


def test_reads_a_file_up_to_the_limit(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"12345")
    assert read_file(str(tmp_path / "file"), 5) == b"12345"


def test_reads_none_beyond_the_limit(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"12345")
    with pytest.raises(UnreadableFileError, match="is too large"):
        read_file(str(tmp_path / "file"), 4)


def test_hashes_a_file_in_pieces(tmp_path: Path) -> None:
    content = b"x" * (3 << 20)
    (tmp_path / "file").write_bytes(content)
    assert hash_file(str(tmp_path / "file"), "sha256") == record_hash(content)


def make_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as opened:
        opened.bind(str(path))


@pytest.mark.parametrize(
    ("make", "reason", "gone"),
    [
        pytest.param(lambda path: None, "is gone", True, id="nothing"),
        pytest.param(lambda path: path.symlink_to(path.parent / "absent"), "is gone", True, id="link-to-nothing"),
        pytest.param(lambda path: path.mkdir(), "is no regular file", False, id="folder"),
        pytest.param(os.mkfifo, "is no regular file", False, id="fifo"),
        pytest.param(lambda path: path.symlink_to("/dev/zero"), "is no regular file", False, id="device"),
        pytest.param(lambda path: path.symlink_to(path), r"cannot be read \(.+\)", False, id="loop"),
        pytest.param(make_socket, r"cannot be read \(.+\)", False, id="socket"),
    ],
)
def test_reads_nothing_else(make: object, reason: str, gone: bool, tmp_path: Path) -> None:
    assert callable(make)
    make(tmp_path / "file")
    with pytest.raises(UnreadableFileError, match=f"^{reason}$") as caught:
        hash_file(str(tmp_path / "file"), "sha256")
    assert caught.value.gone is gone


def test_reads_no_file_with_an_impossible_name() -> None:
    with pytest.raises(UnreadableFileError, match=r"^cannot be read \(embedded null byte\)$"):
        read_file("a\0b", 1)


def test_a_file_below_a_file_is_gone(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UnreadableFileError, match="is gone"):
        read_file(str(tmp_path / "file" / "below"), 1)
