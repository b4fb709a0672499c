"""Plan edits of files that are not ours, and carry them out without losing a byte."""

from __future__ import annotations

import difflib
import os
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from pip_guard.frozen import frozen

BEGIN = "# >>> pip-guard >>>"
END = "# <<< pip-guard <<<"
# Stands behind BEGIN where the line before had no end of its own, so that removing the block takes back the one we gave it.
JOINED = " (the line above had no end)"


@frozen
class Edit:
    """A change of one file, whose content is `before` and becomes `after`; None where there is no file.

    `mode` is the permission bits of a file that is made.
    """

    path: Path
    before: bytes | None
    after: bytes | None
    mode: int = 0o644

    @property
    def changes(self) -> bool:
        """Tell whether there is anything to do."""
        return self.before != self.after


def read(path: Path) -> bytes | None:
    """Return the content of a file, or None if there is none. Raises `OSError`."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def with_block(content: bytes, body: str) -> bytes:
    """Return a content that ends with one marked block, where `body` is its lines, and that has no other of ours."""
    content = without_block(content)
    newline = b"\r\n" if content.count(b"\r\n") * 2 > content.count(b"\n") else b"\n"
    joined = bool(content) and not content.endswith(b"\n")
    lines = [BEGIN + (JOINED if joined else ""), *body.splitlines(), END]
    block = b"".join(line.encode() + newline for line in lines)
    return content + (newline if joined else b"") + block


def without_block(content: bytes) -> bytes:
    """Return a content without the marked block: byte for byte what it was before, and what was added since."""
    start = _line_start(content, BEGIN)
    end = _line_start(content, END, start)
    if start < 0 or end < 0:
        return content
    first_line_end = content.index(b"\n", start)
    rest = content[_after_line(content, end) :]
    before = content[:start]
    if content[start:first_line_end].rstrip(b"\r").endswith(JOINED.encode()) and not rest:
        before = before.removesuffix(b"\n").removesuffix(b"\r")
    return before + rest


def has_block(content: bytes) -> bool:
    """Tell whether a content holds a marked block."""
    return without_block(content) != content


def apply(edits: Iterable[Edit]) -> None:
    """Carry edits out, each at once, keeping permissions, owners and links. Raises `OSError`; then the last ones are undone."""
    done: list[Edit] = []
    try:
        for edit in edits:
            if edit.changes:
                done.append(edit)
                _write(edit.path, edit.after, edit.mode)
    except BaseException:
        for edit in reversed(done):
            with suppress(OSError):
                _write(edit.path, edit.before, edit.mode)
        raise


def render(edits: Iterable[Edit]) -> str:
    """Return what edits would do, as unified diffs."""
    return "".join(_diff(edit) for edit in edits if edit.changes)


def _diff(edit: Edit) -> str:
    old, new = ((side or b"").decode("utf-8", "backslashreplace").splitlines() for side in (edit.before, edit.after))
    old_name, new_name = (os.devnull if side is None else str(edit.path) for side in (edit.before, edit.after))
    return "".join(f"{line}\n" for line in difflib.unified_diff(old, new, old_name, new_name, lineterm=""))


def _write(path: Path, content: bytes | None, mode: int) -> None:
    if content is None:
        path.unlink(missing_ok=True)
        return
    # NOTE: a link stays one: what it leads to is replaced.
    target = Path(os.path.realpath(path))
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        _keep_attributes(target, temporary, mode)
        os.replace(temporary, target)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise


def _keep_attributes(target: Path, temporary: str, mode: int) -> None:
    try:
        status = target.stat()
    except FileNotFoundError:
        os.chmod(temporary, mode)
        return
    if hasattr(os, "chown") and (status.st_uid, status.st_gid) != (os.geteuid(), os.getegid()):
        os.chown(temporary, status.st_uid, status.st_gid)
    os.chmod(temporary, status.st_mode & 0o7777)


def _line_start(content: bytes, marker: str, start: int = 0) -> int:
    """Return where the line begins that a marker begins, or -1."""
    position = content.find(marker.encode(), max(start, 0))
    while position > 0 and content[position - 1 : position] != b"\n":
        position = content.find(marker.encode(), position + 1)
    return position


def _after_line(content: bytes, position: int) -> int:
    end = content.find(b"\n", position)
    return len(content) if end < 0 else end + 1
