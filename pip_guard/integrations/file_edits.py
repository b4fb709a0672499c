"""Plan and apply edits of files that belong to the user or the system, without losing a byte."""

from __future__ import annotations

import difflib
import errno
import io
import os
import re
import stat
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import TypeAlias

from pip_guard.environment.files import UnreadableFileError, read_file, replace_file
from pip_guard.frozen import frozen, replace

BEGIN = "# >>> pip-guard >>>"
END = "# <<< pip-guard <<<"
# Text after BEGIN says what else to remove with the block: the newline that was added before it, or the whole file.
JOINED = " (the line above had no end)"
MADE = " (this file was made for it)"
# Bytes; no file that people edit is larger.
_LARGEST = 1 << 28
_MARK = rf"(?m)^(?:({re.escape(BEGIN)})|{re.escape(END)})".encode()
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@frozen
class Edit:
    """A change of one file, whose content is `before` and becomes `after`; None where there is no file.

    `mode` is the permission bits of a new file.
    """

    path: Path
    before: bytes | None
    after: bytes | None
    mode: int = 0o644

    @property
    def changes(self) -> bool:
        """Tell whether there is anything to do."""
        return self.before != self.after

    @property
    def reversed(self) -> Edit:
        """The edit that undoes this one."""
        return replace(self, before=self.after, after=self.before)


@frozen
class Rename:
    """A file, or the link itself, that gets another name in its folder; that name must be free."""

    path: Path
    target: Path

    @property
    def changes(self) -> bool:
        """Tell whether there is anything to do; there always is."""
        return True

    @property
    def reversed(self) -> Rename:
        """The renaming that undoes this one."""
        return Rename(path=self.target, target=self.path)


Change: TypeAlias = Edit | Rename


def read(path: Path) -> bytes | None:
    """Return the content of a regular file, or None if there is no file. Raises `OSError`, also for anything else."""
    try:
        # NOTE: looked at first, because opening a device may already do something.
        if not stat.S_ISREG(os.stat(path).st_mode):
            raise OSError(errno.EINVAL, "it is not a regular file", str(path))
        return read_file(str(path), _LARGEST)
    except FileNotFoundError:
        return None
    except UnreadableFileError as error:
        raise OSError(errno.EIO, f"it {error}", str(path)) from None


def with_block(content: bytes | None, body: str, *, first: bool = False) -> bytes:
    """Return the content with the lines of `body` in one marked block at the end or the beginning, in place of earlier blocks.

    The content of a missing file is None.
    """
    content = without_block(content)
    return with_block_at(content, _beginning(content) if first else None, body)


def with_two_blocks(content: bytes | None, body: str) -> bytes:
    """Return the content with a marked block at both ends, for files that may return early."""
    content = without_block(content)
    return with_block_at(with_block_at(content, _beginning(content), body) if content else content, None, body)


def with_block_at(content: bytes | None, position: int | None, body: str) -> bytes:
    """Return the content with a marked block at a position where a line begins, or at the end."""
    if content is None:
        return _block(BEGIN + MADE, body, b"\n")
    position = len(content) if position is None else position
    newline = b"\r\n" if content.count(b"\r\n") * 2 > content.count(b"\n") else b"\n"
    joined = position == len(content) > 0 and not content.endswith(b"\n")
    block = (newline if joined else b"") + _block(BEGIN + (JOINED if joined else ""), body, newline)
    return content[:position] + block + content[position:]


def without_block(content: bytes | None) -> bytes | None:
    """Return the content without marked blocks: byte for byte what it was before, with what was added since."""
    while content is not None and (found := _find_block(content)) is not None:
        start, end = found
        first_line = content[start : _after_line(content, start)]
        newline = b"\r\n" if first_line.endswith(b"\r\n") else b"\n"
        first_line = first_line.removesuffix(newline)
        before, rest = content[:start], content[end:]
        if first_line.endswith(JOINED.encode()) and not rest:
            before = before.removesuffix(newline)
        made = first_line.endswith(MADE.encode()) and not before + rest
        content = None if made else before + rest
    return content


def block_body(content: bytes | None) -> str | None:
    """Return the lines of the marked block, or None if there is none."""
    found = None if content is None else _find_block(content)
    if content is None or found is None:
        return None
    lines = content[found[0] : found[1]].decode("utf-8", "replace").splitlines()
    return "\n".join(lines[1:-1])


def has_block(content: bytes | None) -> bool:
    """Tell whether the content has a marked block."""
    return block_body(content) is not None


def removals(paths: Iterable[Path]) -> tuple[Edit, ...]:
    """Return the edits that remove marked blocks from files; none for a file without one. Raises `OSError`."""
    contents = [(path, read(path)) for path in paths]
    edits = (Edit(path=path, before=content, after=without_block(content)) for path, content in contents)
    return tuple(edit for edit in edits if edit.changes)


def apply(changes: Iterable[Change]) -> None:
    """Apply changes, keeping permissions, owners and links. Raises `OSError` after undoing the changes already made."""
    done: list[Change] = []
    try:
        for change in changes:
            if change.changes:
                _do(change)
                done.append(change)
    except BaseException:
        for change in reversed(done):
            with suppress(OSError):
                _do(change.reversed)
        raise


def render(changes: Iterable[Change]) -> str:
    """Return the changes as unified diffs."""
    return "".join(_diff(change) for change in changes if change.changes)


def _do(change: Change) -> None:
    if isinstance(change, Rename):
        _rename(change.path, change.target)
    else:
        _write(change.path, change.after, change.mode)


def _rename(path: Path, target: Path) -> None:
    if os.path.lexists(target):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target))
    path.rename(target)


def _diff(edit: Change) -> str:
    if isinstance(edit, Rename):
        return f"rename from {edit.path}\nrename to {edit.target}\n"
    old, new = ((side or b"").decode("utf-8", "backslashreplace").splitlines() for side in (edit.before, edit.after))
    old_name, new_name = (os.devnull if side is None else str(edit.path) for side in (edit.before, edit.after))
    return "".join(f"{line}\n" for line in difflib.unified_diff(old, new, old_name, new_name, lineterm=""))


def _write(path: Path, content: bytes | None, mode: int) -> None:
    # NOTE: a link stays; its target is replaced, or removed.
    target = Path(os.path.realpath(path))
    if content is None:
        target.unlink(missing_ok=True)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    before = read(target)
    if before is not None and target.stat().st_nlink > 1:
        _overwrite(target, before, content)
        return
    replace_file(str(target), content, prepare=lambda temporary: _keep_attributes(target, temporary, mode))


def _overwrite(target: Path, before: bytes, content: bytes) -> None:
    """Write a file in place, so that its other hard links keep its content, and restore it if that fails."""
    with open(target, "r+b", buffering=0) as file:
        try:
            _fill(file, content)
        except BaseException:
            with suppress(OSError):
                _fill(file, before)
            raise


def _fill(file: io.FileIO, content: bytes) -> None:
    file.seek(0)
    left = memoryview(content)
    while left:
        left = left[file.write(left) :]
    file.truncate()
    os.fsync(file.fileno())


def _keep_attributes(target: Path, temporary: str, mode: int) -> None:
    try:
        status = target.stat()
    except FileNotFoundError:
        os.chmod(temporary, mode)
        return
    if hasattr(os, "chown") and (status.st_uid, status.st_gid) != (os.geteuid(), os.getegid()):
        os.chown(temporary, status.st_uid, status.st_gid)
    os.chmod(temporary, status.st_mode & 0o7777)


def _beginning(content: bytes | None) -> int | None:
    if not content:
        return None
    return len(_BYTE_ORDER_MARK) if content.startswith(_BYTE_ORDER_MARK) else 0


def _block(begin: str, body: str, newline: bytes) -> bytes:
    return b"".join(os.fsencode(line) + newline for line in [begin, *body.splitlines(), END])


def _find_block(content: bytes) -> tuple[int, int] | None:
    """Return where the first marked block begins and ends; a mark without its counterpart does not count."""
    start = -1
    skipped = _beginning(content) or 0
    for match in re.finditer(_MARK, content[skipped:]):
        position = skipped + match.start()
        after = _after_line(content, position)
        if match[1] and after > position + len(BEGIN):
            start = position
        elif not match[1] and start >= 0:
            return start, after
    return None


def _after_line(content: bytes, position: int) -> int:
    end = content.find(b"\n", position)
    return len(content) if end < 0 else end + 1
