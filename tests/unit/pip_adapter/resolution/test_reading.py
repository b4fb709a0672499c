"""Test what is read in a thread, when that counts, and what a terminal shows of it."""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest
from pip._internal.models.link import Link

from pip_guard.distributions.wheel import reader
from pip_guard.distributions.wheel.contents import WheelContents
from pip_guard.facts.wheel import WheelFacts
from pip_guard.pip_adapter.resolution import reading
from pip_guard.pip_adapter.resolution.reading import WheelReader
from pip_guard.pip_adapter.resolution.state import ResolutionState
from pip_guard.policy.model import Policy
from tests.kit.index import LocalIndex
from tests.kit.wheels import make_wheel
from tests.unit.engine.factories import make_session
from tests.unit.pip_adapter.guarded_pip import QUIET, GuardedPip

if TYPE_CHECKING:
    from pip._internal.operations.prepare import RequirementPreparer

    from pip_guard.pip_adapter.network.ahead import Ahead

WHEEL = make_wheel("demo", files={"demo.py": "one"})
OTHER = make_wheel("demo", files={"demo.py": "two"})
LINK = Link(f"https://index.example/{WHEEL.filename}")
THREAD, MAIN = "in a thread", "in the main thread"


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Collect in which thread wheels are read."""
    kept: list[str] = []
    read_wheel = reader.read_wheel

    def read(path: str, filename: str) -> WheelContents:
        kept.append(MAIN if threading.current_thread() is threading.main_thread() else THREAD)
        return read_wheel(path, filename)

    monkeypatch.setattr(reader, "read_wheel", read)
    return kept


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "as-the-server-calls-it.whl"
    path.write_bytes(WHEEL.content)
    return path


def arrive(wheels: WheelReader, path: Path, link: Link = LINK) -> None:
    """Have pip download a file."""

    def download(links: Iterable[Link], location: str) -> Iterator[tuple[Link, tuple[str, str]]]:
        yield from ((link, (str(Path(location) / path.name), "type")) for link in links)

    assert [*wheels.follow(download, [link], str(path.parent))] == [(link, (str(path), "type"))]


def test_wheel_that_arrives_is_read_once_and_in_a_thread(path: Path, reads: list[str]) -> None:
    wheels = WheelReader()
    arrive(wheels, path)
    contents = wheels.read(str(path), WHEEL.filename)
    assert reads == [THREAD]
    assert contents == reader.read_wheel(str(path), WHEEL.filename)
    assert contents.defects == ()


@pytest.mark.parametrize(
    "replaces", [pytest.param(False, id="written-to"), pytest.param(True, id="replaced-by-another-file")]
)
def test_file_that_has_changed_since_is_read_again(path: Path, reads: list[str], replaces: bool) -> None:
    wheels = WheelReader()
    arrive(wheels, path)
    (begun,) = wheels._readings.values()
    begun.ended.wait()
    status = path.stat()
    changed = path.with_name("other") if replaces else path
    changed.write_bytes(OTHER.content)
    os.utime(changed, ns=(status.st_atime_ns, status.st_mtime_ns))
    changed.rename(path)
    assert wheels.read(str(path), WHEEL.filename) == reader.read_wheel(str(path), WHEEL.filename)
    assert reads[:2] == [THREAD, MAIN]


def test_file_that_changes_while_it_is_read_is_read_again(
    path: Path, reads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    read_wheel = reader.read_wheel

    def change(path: str, filename: str) -> WheelContents:
        contents = read_wheel(path, filename)
        if reads[-1] is THREAD:
            Path(path).write_bytes(OTHER.content)
        return contents

    monkeypatch.setattr(reader, "read_wheel", change)
    wheels = WheelReader()
    arrive(wheels, path)
    assert wheels.read(str(path), WHEEL.filename) == read_wheel(str(path), WHEEL.filename)
    assert reads[:2] == [THREAD, MAIN]


def test_failure_in_the_thread_is_met_where_the_wheel_is_needed(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(path: str, filename: str) -> WheelContents:
        raise RuntimeError(filename)

    monkeypatch.setattr(reader, "read_wheel", fail)
    wheels = WheelReader()
    arrive(wheels, path)
    arrive(wheels, path, Link("https://index.example/other-1.0-py3-none-any.whl"))
    with pytest.raises(RuntimeError, match="demo"):
        wheels.read(str(path), WHEEL.filename)
    with pytest.raises(RuntimeError, match="other"):
        wheels.read(str(path), "other-1.0-py3-none-any.whl")


@pytest.mark.parametrize(
    ("largest", "link", "filename"),
    [
        pytest.param(len(WHEEL.content) - 1, LINK, WHEEL.filename, id="large-wheel"),
        pytest.param(reading.LARGEST, Link("https://index.example/demo-1.0.zip"), "demo-1.0.zip", id="sdist"),
        pytest.param(reading.LARGEST, LINK, "demo-2.0-py3-none-any.whl", id="other-name"),
    ],
)
def test_other_files_are_read_where_they_are_needed(
    path: Path, reads: list[str], monkeypatch: pytest.MonkeyPatch, largest: int, link: Link, filename: str
) -> None:
    monkeypatch.setattr(reading, "LARGEST", largest)
    wheels = WheelReader()
    arrive(wheels, path, link)
    wheels.read(str(path), filename)
    # the thread may be reading the file that has arrived at the same time
    assert MAIN in reads


@pytest.mark.parametrize(
    ("size", "patience", "terminal", "told"),
    [
        pytest.param(1, 0.0, True, True, id="takes-long"),
        pytest.param(1, 60.0, True, False, id="takes-no-time"),
        pytest.param(reading.LARGEST, 0.0, True, False, id="is-small"),
        pytest.param(1, 0.0, False, False, id="no-terminal"),
        pytest.param(1, 0.0, None, False, id="no-output"),
    ],
)
def test_terminal_shows_what_takes_long(
    path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    size: int,
    patience: float,
    terminal: bool | None,
    told: bool,
) -> None:
    read_wheel = reader.read_wheel

    def read(path: str, filename: str) -> WheelContents:
        deadline = time.monotonic() + (10 if told else 0.1)
        while not caplog.messages and time.monotonic() < deadline:
            time.sleep(0.005)
        return read_wheel(path, filename)

    monkeypatch.setattr(reader, "read_wheel", read)
    monkeypatch.setattr(reading, "LARGEST", size)
    monkeypatch.setattr(reading, "PATIENCE", patience)
    if terminal is None:
        monkeypatch.setattr(sys, "stdout", None)
    else:
        monkeypatch.setattr(sys.stdout, "isatty", lambda: terminal)
    with caplog.at_level(logging.INFO):
        contents = WheelReader().read(str(path), WHEEL.filename)
    line = f"Checking the contents of {WHEEL.filename} ({len(WHEEL.content)} bytes)"
    assert caplog.messages == ([line] if told else [])
    assert contents.defects == ()


def test_what_pip_downloads_is_read_meanwhile(pip: GuardedPip, local_index: LocalIndex, reads: list[str]) -> None:
    pip.policy = Policy(severities=QUIET)
    local_index.publish(WHEEL, metadata=True)
    assert pip.run("download", "--no-cache-dir", "--dest=kept", "--index-url", local_index.url, "demo") == 0
    assert reads == [THREAD]
    assert len(pip.facts(WheelFacts)) == 1


def test_nothing_is_read_meanwhile_where_nothing_is_fetched_ahead(
    pip: GuardedPip, local_index: LocalIndex, reads: list[str]
) -> None:
    local_index.publish(WHEEL, metadata=True)
    assert pip.run("download", "--no-cache-dir", "--dest=kept", "--index-url", local_index.url, "demo") == 0
    assert reads == [MAIN]


def test_pip_without_that_method_is_left_as_it_is() -> None:
    state = ResolutionState(make_session())
    state.ahead = cast("Ahead", object())
    preparer = cast("RequirementPreparer", SimpleNamespace(_download=SimpleNamespace()))
    state.fetch_files(preparer, [])
    assert vars(preparer) == {"_download": SimpleNamespace()}
