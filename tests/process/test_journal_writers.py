"""Many processes write to one file, and some of them are killed."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

WRITERS = 6
LINES = 150
# Writes lines of different lengths, with a new file every few lines, and never loses the oldest.
WRITER = """
import sys
from pip_guard.journal import files
files.KEPT = 10_000
path, name, count, size = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
for number in range(count):
    files.append(path, f"{name}:{number}:{'x' * (number * 37 % 500)};\\n".encode(), max_size=size)
"""


def start(path: Path, name: str, count: int, size: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", WRITER, str(path), name, str(count), str(size)])


def read(path: Path) -> list[str]:
    files = [file for file in path.parent.iterdir() if file.suffix != ".lock"]
    return [line for file in files for line in file.read_text(encoding="ascii").splitlines()]


def test_no_line_is_lost_or_torn_while_files_are_changed(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    writers = [start(path, str(number), LINES, 20_000) for number in range(WRITERS)]
    assert [writer.wait() for writer in writers] == [0] * WRITERS
    lines = [line.split(":") for line in read(path)]
    assert sorted((name, int(number)) for name, number, _ in lines) == [
        (str(name), number) for name in range(WRITERS) for number in range(LINES)
    ]
    assert all(text == "x" * (int(number) * 37 % 500) + ";" for _, number, text in lines)
    assert len(list(path.parent.iterdir())) > WRITERS


def test_writer_that_is_killed_keeps_nobody_from_writing(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    for number in range(5):
        existing = start(path, "killed", 1_000_000, 1_000_000)
        until = time.monotonic() + 20
        while not (path.exists() and path.stat().st_size > 0) and time.monotonic() < until:
            time.sleep(0.01)
        time.sleep(0.01 * number)
        existing.send_signal(signal.SIGKILL)
        existing.wait()
        assert start(path, f"heir-{number}", 1, 1_000_000).wait() == 0
    lines = read(path)
    assert [line for line in lines if line.startswith("heir")] == [f"heir-{number}:0:;" for number in range(5)]
    assert sum(not line.endswith(";") for line in lines) <= 5
