"""Test that byte code made in another process is what pip would have written."""

from __future__ import annotations

import compileall
import importlib.util
import io
import marshal
import os
import runpy
import signal
import subprocess
import sys
import threading
import time
import warnings
import zipfile
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pip._internal.commands import install
from pip._internal.models.scheme import Scheme as Folders

from pip_guard.distributions.wheel.reader import read_wheel
from pip_guard.pip_adapter.hooks import COMPILE_HOOKS, missing_hooks
from pip_guard.pip_adapter.resolution import compile_worker, compiling
from pip_guard.pip_adapter.resolution.compiling import COMMAND, Compilation
from tests.kit.index import LocalIndex
from tests.kit.simple_api import sha256
from tests.kit.wheels import Wheel, make_wheel
from tests.unit.pip_adapter.guarded_pip import GuardedPip

FILES = {
    "demo/__init__.py": "VALUE = 1\n\n\ndef function():\n    return VALUE\n",
    "demo/broken.py": "this is no Python\n",
    "demo/other.py": "class Other:\n    pass\n",
    "demo/data.txt": "x",
}


@pytest.fixture(autouse=True)
def _two_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiling, "WORTH_IT", 0)
    monkeypatch.setattr(compiling, "_cores", lambda: 2)
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)


@pytest.fixture
def installs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let pip install without keeping all later tests of this process from importing anything."""
    monkeypatch.setattr(install, "_prevent_further_imports", lambda **_: nullcontext())


@pytest.fixture
def compilation() -> Iterator[Compilation]:
    compilation = Compilation()
    yield compilation
    compilation.end()


def unpack(wheel: Wheel, folder: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(wheel.content)) as archive:
        archive.extractall(folder)


def folders(folder: Path) -> Folders:
    text = str(folder)
    return Folders(platlib=text, purelib=text, headers=text, scripts=text, data=text)


def pips_own(path: str) -> bool:
    return bool(compileall.compile_file(path, force=True, quiet=2))


def put_a_link_there(path: Path) -> None:
    target = Path(importlib.util.cache_from_source(path))
    target.parent.mkdir()
    target.symlink_to("elsewhere")


def begin(compilation: Compilation, wheel: Wheel, tmp_path: Path, *, sha256: str | None = None) -> Path:
    """Have a wheel compiled, and unpack it."""
    archive = wheel.write(tmp_path)
    contents = read_wheel(str(archive), wheel.filename)
    if sha256 is not None:
        contents = SimpleNamespace(sha256=sha256, files=contents.files)  # type: ignore[assignment]
    library = tmp_path / "library"
    compilation.add(str(archive), contents)
    compilation.begin(folders(library))
    unpack(wheel, library)
    return library


def refuse(path: str) -> bool:
    raise AssertionError(f"pip was to compile {path}")


def test_writes_what_pip_would_write(tmp_path: Path) -> None:
    compilation = Compilation()
    library = begin(compilation, make_wheel("demo", files=FILES), tmp_path)
    path = str(library / "demo" / "other.py")
    time.sleep(2)
    assert compilation.compile(pips_own, path)
    written = Path(importlib.util.cache_from_source(path))
    ours, mode = written.read_bytes(), written.stat().st_mode
    assert pips_own(path)
    theirs = written.read_bytes()
    assert (ours[:16], mode) == (theirs[:16], written.stat().st_mode)
    assert marshal.loads(ours[16:]) == marshal.loads(theirs[16:])
    assert marshal.loads(ours[16:]).co_filename == path
    # it was pip-guard that wrote: what pip is asked for is what the other process could not compile
    asked: list[str] = []
    for name in ("__init__.py", "broken.py"):
        compilation.compile(lambda path: not asked.append(path), str(library / "demo" / name))  # type: ignore[func-returns-value]
    assert asked == [str(library / "demo" / "broken.py")]
    compilation.end()


@pytest.mark.parametrize(
    ("cores", "worth", "environ"),
    [
        pytest.param(1, 0, {}, id="one-core"),
        pytest.param(2, 10_000, {}, id="little"),
        pytest.param(2, 0, {"SOURCE_DATE_EPOCH": "1"}, id="by-hash"),
    ],
)
def test_leaves_it_to_pip(
    compilation: Compilation,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    cores: int,
    worth: int,
    environ: dict[str, str],
) -> None:
    monkeypatch.setattr(compiling, "_cores", lambda: cores)
    monkeypatch.setattr(compiling, "WORTH_IT", worth)
    monkeypatch.setattr(compiling, "_start", lambda: pytest.fail("it started a process"))
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    library = begin(compilation, make_wheel("demo", files=FILES), tmp_path)
    assert compilation.compile(pips_own, str(library / "demo" / "other.py"))


def test_nothing_is_compiled_but_what_was_checked(tmp_path: Path, compilation: Compilation) -> None:
    library = begin(compilation, make_wheel("demo", files=FILES), tmp_path, sha256="0" * 64)
    time.sleep(1)
    asked: list[str] = []
    compilation.compile(lambda path: not asked.append(path), str(library / "demo" / "other.py"))  # type: ignore[func-returns-value]
    assert asked


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda path: path.write_text("x = 1\n"), id="another-size"),
        pytest.param(put_a_link_there, id="something-is-there"),
    ],
)
def test_what_is_odd_is_left_to_pip(tmp_path: Path, compilation: Compilation, change: Callable[[Path], object]) -> None:
    wheel = make_wheel("demo", files=FILES)
    unpack(wheel, tmp_path)
    path = tmp_path / "demo" / "other.py"
    compilation._compiled = {str(path): (path.stat().st_size, b"")}
    change(path)
    asked: list[str] = []
    compilation.compile(lambda path: not asked.append(path), str(path))  # type: ignore[func-returns-value]
    assert asked == [str(path)]


def test_pip_goes_on_where_a_process_dies(tmp_path: Path, compilation: Compilation) -> None:
    library = begin(compilation, make_wheel("demo", files=FILES), tmp_path)
    compilation._workers[0].kill()
    compilation._workers[0].wait()
    assert compilation.compile(pips_own, str(library / "demo" / "other.py"))
    assert compilation._workers == []


def test_pip_goes_on_where_no_process_starts(
    tmp_path: Path, compilation: Compilation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise OSError

    monkeypatch.setattr(compiling, "_start", fail)
    library = begin(compilation, make_wheel("demo", files=FILES), tmp_path)
    assert compilation.compile(pips_own, str(library / "demo" / "other.py"))


def test_knows_how_many_cores_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    assert compiling._cores() >= 1
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    assert compiling._cores() == os.cpu_count()


# The worker


class Conversation:
    """A worker in this process."""

    def __init__(self) -> None:
        commands, self._write = os.pipe()
        self._read, answers = os.pipe()
        self.to = os.fdopen(self._write, "wb")
        self.back = os.fdopen(self._read, "rb")
        self.commands, self.answers = os.fdopen(commands, "rb"), os.fdopen(answers, "wb")
        self.compiler = compile_worker.Compiler()
        self.listener = threading.Thread(target=self.compiler.listen, args=(self.commands, self.answers), daemon=True)
        self.listener.start()

    def tell(self, *command: Any) -> None:
        marshal.dump(command, self.to)
        self.to.flush()

    def ask(self, number: int) -> Any:
        self.tell(number)
        return marshal.load(self.back)

    def close(self) -> None:
        self.to.close()
        self.listener.join()
        for stream in (self.back, self.commands, self.answers):
            stream.close()


@pytest.fixture
def worker() -> Iterator[Conversation]:
    conversation = Conversation()
    yield conversation
    conversation.close()


def task(wheel: Wheel, folder: Path, *names: str) -> tuple[str, str, list[tuple[str, str]]]:
    return str(wheel.write(folder)), sha256(wheel.content), [(name, f"/{name}") for name in names]


def test_worker_answers_with_what_it_has(worker: Conversation, tmp_path: Path) -> None:
    wheel = make_wheel("demo", files=FILES)
    worker.tell(0, *task(wheel, tmp_path, "demo/__init__.py", "demo/broken.py", "demo/other.py"))
    while not worker.compiler._tasks:
        time.sleep(0.01)
    worker.compiler.compile_next()
    compiled = worker.ask(0)
    assert {path: size for path, (size, _) in compiled.items()} == {
        "/demo/__init__.py": len(FILES["demo/__init__.py"]),
        "/demo/other.py": len(FILES["demo/other.py"]),
    }
    assert worker.ask(0) == {}


def test_worker_compiles_one_wheel_after_the_other(worker: Conversation, tmp_path: Path) -> None:
    thread = threading.Thread(target=worker.compiler.compile_all)
    thread.start()
    for number, name in enumerate(("one", "two")):
        worker.tell(number, *task(make_wheel(name), tmp_path, f"{name}.py"))
    while sum(map(len, worker.compiler._compiled.values())) < 2:
        time.sleep(0.01)
    assert [[*worker.ask(number)] for number in (0, 1)] == [["/one.py"], ["/two.py"]]
    worker.to.close()
    thread.join()


def test_worker_stops_when_it_has_been_asked(worker: Conversation, tmp_path: Path) -> None:
    worker.tell(0, *task(make_wheel("demo", files=FILES), tmp_path, "demo/__init__.py", "demo/other.py"))
    assert worker.ask(0) == {}
    worker.compiler.compile_next()
    assert worker.compiler._compiled == {}


def test_worker_compiles_nothing_that_was_not_checked(worker: Conversation, tmp_path: Path) -> None:
    archive, _, members = task(make_wheel("demo", files=FILES), tmp_path, "demo/other.py")
    worker.tell(0, archive, "0" * 64, members)
    while not worker.compiler._tasks:
        time.sleep(0.01)
    worker.compiler.compile_next()
    assert worker.ask(0) == {}


def test_worker_talks_until_nobody_is_there(tmp_path: Path) -> None:
    handler = signal.getsignal(signal.SIGINT)
    wheel = make_wheel("demo", files=FILES)
    commands = b"".join(map(marshal.dumps, [(0, *task(wheel, tmp_path, "demo/other.py")), (0,), (1,)]))
    answers = io.BytesIO()
    try:
        with warnings.catch_warnings():
            compile_worker.main(io.BytesIO(commands), answers)
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, handler)
    answers.seek(0)
    assert set(marshal.load(answers)) <= {"/demo/other.py"}
    assert marshal.load(answers) == {}


def test_worker_is_a_script(monkeypatch: pytest.MonkeyPatch) -> None:
    handler = signal.getsignal(signal.SIGINT)
    answers = io.BytesIO()
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(marshal.dumps((0,)))))
    monkeypatch.setattr(sys, "stdout", SimpleNamespace(buffer=answers))
    try:
        with warnings.catch_warnings():
            runpy.run_path(str(compile_worker.__file__), run_name="__main__")
    finally:
        signal.signal(signal.SIGINT, handler)
    assert answers.getvalue() == marshal.dumps({})


def test_worker_ends_with_the_one_that_started_it() -> None:
    ended = subprocess.run(COMMAND, input=b"", capture_output=True, check=False, timeout=30)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, b"", b"")


@pytest.mark.skipif(bool(missing_hooks(COMPILE_HOOKS)), reason="this pip compiles in another way")
@pytest.mark.usefixtures("installs")
def test_pip_installs_what_was_compiled(
    pip: GuardedPip, local_index: LocalIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for wheel in (make_wheel("demo", files=FILES, requires=["dep"]), make_wheel("dep")):
        local_index.publish(wheel)
    started: list[object] = []
    start = compiling._start

    def noted() -> object:
        started.append(start())
        return started[-1]

    monkeypatch.setattr(compiling, "_start", noted)
    target = tmp_path / "target"
    arguments = ("install", "--no-cache-dir", "--index-url", local_index.url, "--target", str(target))
    assert pip.run(*arguments, "demo") == 0
    assert len(started) == 1
    assert {path.name.partition(".")[0] for path in target.rglob("*.pyc")} == {"__init__", "other", "dep"}
    assert pip.state.builds.permits(COMMAND, None)
    assert not pip.state.builds.permits((*COMMAND, "more"), None)


@pytest.mark.usefixtures("installs")
def test_pip_compiles_nothing_that_it_was_told_not_to(
    pip: GuardedPip, local_index: LocalIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compiling, "_start", lambda: pytest.fail("it started a process"))
    local_index.publish(make_wheel("demo", files=FILES))
    target = tmp_path / "target"
    arguments = ("install", "--no-compile", "--no-cache-dir", "--index-url", local_index.url, "--target", str(target))
    assert pip.run(*arguments, "demo") == 0
    assert not [*target.rglob("*.pyc")]


def test_worker_is_a_process_that_may_be_started() -> None:
    assert COMMAND[:3] == (sys.executable, "-I", "-S")
    assert Path(COMMAND[3]).samefile(str(compile_worker.__file__))
