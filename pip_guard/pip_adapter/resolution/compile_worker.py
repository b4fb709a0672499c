"""Compile the modules of wheels in a process of its own, as a script; it runs none of them, and imports nothing of pip-guard.

It is started as ``PYTHON -I -S compile_worker.py`` and speaks `marshal` with whoever started it. To each ``(number, archive, sha256,
members)``, where `members` are names in the archive, each with the path that tracebacks are to show, belongs one ``(number,)``, to which
it answers with what it has by then: a dictionary of these paths, each with the size of its source and its byte code.
"""

from __future__ import annotations

import hashlib
import io
import marshal
import signal
import sys
import threading
import warnings
import zipfile
from collections import deque
from typing import IO

# Bytes of byte code that wait to be asked for; beyond that, nothing is compiled ahead.
MOST_WAITING = 48 * 1024 * 1024


class Compiler:
    """The wheels to compile, and what has been compiled of them."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._tasks: deque[tuple[int, str, str, list[tuple[str, str]]]] = deque()
        self._compiled: dict[int, dict[str, tuple[int, bytes]]] = {}
        self._waiting = 0
        self._ended = False

    def listen(self, commands: IO[bytes], answers: IO[bytes]) -> None:
        """Take tasks, and answer what is asked, until nobody is there any more."""
        while True:
            try:
                command = marshal.load(commands)  # noqa: S302 -- from the process that started this one
            except (EOFError, ValueError, TypeError):
                break
            with self._changed:
                if len(command) > 1:
                    self._compiled[command[0]] = {}
                    self._tasks.append(command)
                    self._changed.notify_all()
                    continue
                compiled = self._compiled.pop(command[0], {})
                self._waiting -= sum(len(code) for _, code in compiled.values())
                self._changed.notify_all()
            marshal.dump(compiled, answers)
            answers.flush()
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def compile_all(self) -> None:
        """Compile one wheel after the other, until nobody is there any more."""
        while self.compile_next():
            pass

    def compile_next(self) -> bool:
        """Wait for a wheel, and compile it; returns False where nobody is there any more."""
        with self._changed:
            self._changed.wait_for(lambda: self._ended or (self._tasks and self._waiting < MOST_WAITING))
            if self._ended:
                return False
            number, archive, sha256, members = self._tasks.popleft()
        with open(archive, "rb") as stream:
            content = stream.read()
        # NOTE: the file may have been replaced since it was checked.
        if hashlib.sha256(content).hexdigest() != sha256:
            return True
        with zipfile.ZipFile(io.BytesIO(content)) as opened:
            for name, path in members:
                if not self._compile_one(number, opened, name, path):
                    break
        return True

    def _compile_one(self, number: int, opened: zipfile.ZipFile, name: str, path: str) -> bool:
        """Compile one module; returns whether somebody will still ask for it."""
        try:
            source = opened.read(name)
            code = marshal.dumps(compile(source, path, "exec", dont_inherit=True))
        except Exception:  # noqa: BLE001 -- pip compiles it again, and says what is wrong
            return True
        with self._changed:
            compiled = self._compiled.get(number)
            if compiled is None:
                return False
            compiled[path] = (len(source), code)
            self._waiting += len(code)
        return True


def main(commands: IO[bytes], answers: IO[bytes]) -> None:
    """Compile until nobody is there to tell."""
    # NOTE: Ctrl-C reaches every process of a terminal; this one ends with the one that started it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    warnings.simplefilter("ignore")
    compiler = Compiler()
    threading.Thread(target=compiler.compile_all, daemon=True).start()
    compiler.listen(commands, answers)


if __name__ == "__main__":
    main(sys.stdin.buffer, sys.stdout.buffer)
