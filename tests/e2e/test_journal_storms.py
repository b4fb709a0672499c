"""The journal under many commands at once, and under commands that are killed at any moment."""

from __future__ import annotations

import json
import random
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.kit.journal import journal_path, records
from tests.kit.wheels import make_wheel
from tests.kit.workspace import Workspace

pytestmark = pytest.mark.slow

INSTALLATIONS = 200
AT_ONCE = 32
KILLS = 100
PATIENCE = 60.0
MODULES = 800


def test_many_installations_at_once_lose_no_record(place: Workspace) -> None:
    def install(number: int) -> int:
        ended = place.guard("install", "--target", f"target-{number}", "harmless", timeout=900)
        return ended.returncode

    _ = place.venv
    with ThreadPoolExecutor(AT_ONCE) as threads:
        assert set(threads.map(install, range(INSTALLATIONS))) == {0}
    written = records(place)
    assert len(written) == 2 * INSTALLATIONS
    for event in ("begin", "end"):
        targets = [record["argv"][2] for record in written if record["event"] == event]
        assert sorted(targets) == sorted(f"target-{number}" for number in range(INSTALLATIONS))
    assert len({record["id"] for record in written}) == INSTALLATIONS
    assert place.guard("guard", "log").check().stderr == ""


def files_in(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc"}


def test_no_change_is_without_a_record_wherever_a_command_is_killed(place: Workspace) -> None:
    modules = {f"large/m{number}.py": f"x = {number}\n" for number in range(MODULES)}
    place.index.publish(make_wheel("large", files=modules))
    options = ("--no-compile", "large")
    # as bare pip leaves it, and how long the whole takes
    place.pip("install", "--prefix", "bare", *options).check()
    complete = files_in(place.cwd / "bare")
    began = time.monotonic()
    place.guard("install", "--prefix", "guarded", *options).check()
    duration = time.monotonic() - began
    assert files_in(place.cwd / "guarded") == complete
    dice = random.Random(7)
    killed, partial = 0, 0
    for number in range(KILLS):
        process = place.start(place.venv.scripts / "pip-guard", "install", "--prefix", f"prefix-{number}", *options)
        prefix = place.cwd / f"prefix-{number}"
        if number % 2:
            time.sleep(duration * dice.uniform(0.3, 1.1))
        else:
            # while it unpacks, or just after
            until = time.monotonic() + PATIENCE
            while not prefix.exists() and process.poll() is None and time.monotonic() < until:
                time.sleep(0.002)
            time.sleep(dice.uniform(0, 0.2))
        process.send_signal(signal.SIGKILL)
        killed += process.wait() == -signal.SIGKILL
        found = files_in(prefix)
        # pip writes some files under another name first
        assert {name for name in found if not name.endswith(".tmp")} <= complete
        partial += bool(found) and found != complete
        if found:
            lines = journal_path(place).read_bytes().split(b"\n")
            assert any(f'"prefix-{number}"'.encode() in line and b'"begin"' in line for line in lines), number
    assert killed > KILLS // 4
    assert partial > KILLS // 20
    # the next one goes on, on a line of its own
    place.guard("install", "--prefix", "after", *options).check()
    lines = journal_path(place).read_bytes().splitlines()
    whole = [json.loads(line) for line in lines if line.endswith(b"}")]
    assert len(lines) - len(whole) <= killed
    assert [record["verdict"] for record in whole[-2:]] == ["begun", "allowed"]
    shown = place.guard("guard", "log").check()
    assert shown.stdout.count("  unended ") == len({r["id"] for r in whole}) - sum(r["event"] == "end" for r in whole)
    print(f"{killed} killed, {partial} with a part of the files, {len(lines) - len(whole)} half lines")  # noqa: T201
