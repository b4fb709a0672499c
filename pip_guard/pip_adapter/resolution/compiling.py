"""Compile the modules of wheels on other cores while pip unpacks, and hand pip the byte code when it would compile.

pip compiles one file after the other, which takes as long as unpacking them. What other processes have compiled by then is written
as `py_compile` would write it, and pip compiles the rest, so that neither waits for the other.
"""

from __future__ import annotations

import importlib.util
import marshal
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import _bootstrap_external as external  # type: ignore[attr-defined, unused-ignore]
from typing import IO, TYPE_CHECKING, Any, cast

from pip_guard.distributions.wheel.contents import Scheme

if TYPE_CHECKING:
    from pip._internal.models.scheme import Scheme as Folders

    from pip_guard.distributions.wheel.contents import PlacedFile, WheelContents

# The audit hook lets a process start that has exactly these arguments.
COMMAND = (sys.executable, "-I", "-S", os.path.join(os.path.dirname(os.path.abspath(__file__)), "compile_worker.py"))
# More processes would wait for the disk, not for a core.
_MOST_WORKERS = 4
# Bytes of source for which it is worth starting a process, which takes 10 ms.
WORTH_IT = 256 * 1024


class Compilation:
    """The wheels of one installation, and the processes that compile them."""

    def __init__(self) -> None:
        self._wheels: list[tuple[str, str, list[PlacedFile]]] = []
        self._workers: list[subprocess.Popen[bytes]] = []
        self._number_of: dict[str, int] = {}
        self._compiled: dict[str, tuple[int, bytes]] = {}

    def add(self, path: str, contents: WheelContents) -> None:
        """Take note of a wheel that was checked, and that pip is about to unpack."""
        self._wheels.append((path, contents.sha256, [file for file in contents.files if _is_module(file)]))

    def begin(self, folders: Folders) -> None:
        """Have all wheels compiled as they will lie in these folders, where that is worth it; once."""
        wheels, self._wheels = self._wheels, []
        size = sum(file.member.size for _, _, modules in wheels for file in modules if file.member is not None)
        workers = min(_cores() - 1, _MOST_WORKERS, len(wheels))
        # NOTE: pip would optimize in the one case, and write hashes instead of times in the other.
        if workers < 1 or size < WORTH_IT or sys.flags.optimize or "SOURCE_DATE_EPOCH" in os.environ:
            return
        library = {Scheme.PURELIB: folders.purelib, Scheme.PLATLIB: folders.platlib}
        with self._unless_it_fails():
            self._workers = [_start() for _ in range(workers)]
            for number, (archive, sha256, modules) in enumerate(wheels):
                # In the order in which pip asks for them.
                paths = sorted((os.path.join(library[each.scheme], each.path), each.path) for each in modules)
                self._tell(number, (number, archive, sha256, [(name, path) for path, name in paths]))
                self._number_of.update((path, number) for path, _ in paths)

    def compile(self, method: Callable[[str], bool], path: str) -> bool:
        """Write the byte code of a module that pip has unpacked, or let pip compile it."""
        number = self._number_of.get(path)
        if number is not None:
            self._receive(number)
        compiled = self._compiled.pop(path, None)
        return (compiled is not None and _write(path, *compiled)) or method(path)

    def end(self) -> None:
        """Let the processes end."""
        for worker in self._workers:
            worker.kill()
            worker.communicate()
        self._workers = []
        self._number_of = {}
        self._compiled = {}

    @contextmanager
    def _unless_it_fails(self) -> Iterator[None]:
        """Leave everything to pip from now on if a process cannot be started, or is no more."""
        try:
            yield
        except (OSError, EOFError, ValueError, TypeError):
            self.end()

    def _receive(self, number: int) -> None:
        """Take what has been compiled of a wheel by now; the rest is left to pip."""
        self._number_of = {path: each for path, each in self._number_of.items() if each != number}
        with self._unless_it_fails():
            self._tell(number, (number,))
            answers = cast("IO[bytes]", self._worker(number).stdout)
            self._compiled = marshal.load(answers)  # noqa: S302 -- from a process that was started here

    def _tell(self, number: int, command: tuple[Any, ...]) -> None:
        commands = cast("IO[bytes]", self._worker(number).stdin)
        marshal.dump(command, commands)
        commands.flush()

    def _worker(self, number: int) -> subprocess.Popen[bytes]:
        return self._workers[number % len(self._workers)]


def _start() -> subprocess.Popen[bytes]:
    return subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)


def _cores() -> int:
    """Return the number of cores that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # macOS and Windows
        return os.cpu_count() or 1


def _is_module(file: PlacedFile) -> bool:
    """Tell whether pip copies and compiles a file; it may change what comes from ``.data``."""
    return (
        file.member is not None
        and file.scheme in (Scheme.PURELIB, Scheme.PLATLIB)
        and file.path == file.member.name
        and file.path.endswith(".py")
    )


def _write(path: str, size: int, code: bytes) -> bool:
    """Write a file of byte code as `py_compile` does; returns False where pip has to see to it."""
    target = importlib.util.cache_from_source(path)
    status = os.stat(path)
    if status.st_size != size or os.path.lexists(target):
        return False
    header = (0, int(status.st_mtime) & 0xFFFFFFFF, size)
    content = b"".join((importlib.util.MAGIC_NUMBER, *(number.to_bytes(4, "little") for number in header), code))
    os.makedirs(os.path.dirname(target), exist_ok=True)
    # NOTE: `py_compile` calls these, too; they are the import system's own, and have no public names.
    external._write_atomic(target, content, external._calc_mode(path))  # type: ignore[attr-defined]
    return True
