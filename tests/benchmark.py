"""Compare pip-guard with bare pip: the same commands, in turns, in twin environments.

Run it as ``python -m tests.benchmark``; ``--write`` puts the result into docs/performance.md.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import shutil
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from tests.kit.environments import make_virtual_environment
from tests.kit.folders import new_folder
from tests.kit.index import LocalIndex
from tests.kit.wheels import make_wheel
from tests.kit.workspace import Workspace

PAGE = Path(__file__).parents[1] / "docs" / "performance.md"
BEGIN, END = "<!-- result -->\n", "<!-- end of result -->\n"
WHEELS = 12
MODULES = 8
RESAMPLES = 2000


@dataclass(frozen=True, kw_only=True, slots=True)
class Work:
    """A command line to compare, and whether each run needs an environment of its own."""

    name: str
    arguments: tuple[str, ...]
    fresh: bool = False


WORKS = (
    Work(name="`--version`", arguments=("--version",)),
    Work(name="`list`", arguments=("list",)),
    Work(name="`install`, satisfied", arguments=("install", "setpkg-01")),
    Work(name="`install` of 1 wheel", arguments=("install", "--no-cache-dir", f"setpkg-{WHEELS:02}"), fresh=True),
    Work(name=f"`install` of {WHEELS} wheels", arguments=("install", "--no-cache-dir", "setpkg-01"), fresh=True),
    Work(
        name=f"`install --dry-run`, {WHEELS} distributions", arguments=("install", "--dry-run", "setpkg-01"), fresh=True
    ),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Sample:
    """What one run took: seconds of wall time, seconds of CPU time, bytes of memory at the peak, requests."""

    wall: float
    cpu: float
    memory: int
    requests: int


def main(argv: Sequence[str] | None = None) -> int:
    """Run the comparison and print it as a table."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmark", description=__doc__)
    parser.add_argument("--rounds", type=int, default=15, help="runs of each command with each program (default: 15)")
    parser.add_argument("--write", action="store_true", help=f"put the result into {PAGE.name}")
    options = parser.parse_args(argv)
    with LocalIndex() as index:
        publish(index)
        rows = [compare(work, index, options.rounds) for work in WORKS]
    table = "\n".join([*header(options.rounds), *rows]) + "\n"
    print(table)  # noqa: T201 -- the result
    if options.write:
        before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
        after = rest.partition(END)[2]
        PAGE.write_text(f"{before}{BEGIN}\n{table}\n{END}{after}", encoding="utf-8")
    return 0


def publish(index: LocalIndex) -> None:
    """Publish wheels that need each other in a row."""
    for number in range(1, WHEELS + 1):
        name = f"setpkg-{number:02}"
        body = "".join(f"def f{line}(x):\n    return x + {line}\n" for line in range(200))
        files = {f"setpkg_{number:02}/{module}.py": body for module in ("__init__", *(f"m{n}" for n in range(MODULES)))}
        requires = [f"setpkg-{number + 1:02}"] if number < WHEELS else []
        index.publish(make_wheel(name, files=files, requires=requires))


def compare(work: Work, index: LocalIndex, rounds: int) -> str:
    """Run a command with both programs in turns, and return a row of the table."""
    places = {program: make_place(index, satisfied=not work.fresh) for program in ("pip", "pip-guard")}
    samples: dict[str, list[Sample]] = {"pip": [], "pip-guard": []}
    for turn in range(rounds + 1):
        for program in random.sample(sorted(places), 2):
            sample = measure(places[program], program, work)
            if turn:  # the first one compiles modules and fills caches
                samples[program].append(sample)
    for place in places.values():
        shutil.rmtree(place.folder)
    bare, guarded = samples["pip"], samples["pip-guard"]
    cells = [
        work.name,
        milliseconds(bare, lambda sample: sample.wall),
        milliseconds(guarded, lambda sample: sample.wall),
        ratio(bare, guarded, lambda sample: sample.wall),
        ratio(bare, guarded, lambda sample: sample.cpu),
        ratio(bare, guarded, lambda sample: sample.memory),
        f"{max(sample.requests for sample in bare)} / {max(sample.requests for sample in guarded)}",
    ]
    return f"| {' | '.join(cells)} |"


def make_place(index: LocalIndex, *, satisfied: bool) -> Workspace:
    """Make an environment, with everything installed or nothing."""
    place = Workspace(new_folder("benchmark-"), index)
    if satisfied:
        place.pip("install", "setpkg-01").check()
    return place


def measure(place: Workspace, program: str, work: Work) -> Sample:
    """Run a command once."""
    environment = place.venv
    if work.fresh:
        environment = make_virtual_environment(place.folder / "fresh", user=place.user)
    place.index.requests.clear()
    child = [str(environment.scripts / program), *work.arguments]
    started = time.perf_counter()
    cpu, memory = spawn(child, place)
    wall = time.perf_counter() - started
    if work.fresh:
        shutil.rmtree(environment.path)
    return Sample(wall=wall, cpu=cpu, memory=memory, requests=len(place.index.requests))


def spawn(command: Sequence[str], place: Workspace) -> tuple[float, int]:
    """Run a command to its end; return seconds of CPU time and bytes of memory at the peak."""
    process = os.fork()
    if not process:
        try:
            os.chdir(place.cwd)
            if place.user is not None:
                os.setgroups([])
                os.setgid(place.user)
                os.setuid(place.user)
            quiet = os.open(os.devnull, os.O_RDWR)
            for stream in range(3):
                os.dup2(quiet, stream)
            os.execve(command[0], list(command), place.environ)
        finally:
            os._exit(127)
    _, status, usage = os.wait4(process, 0)
    if status:
        raise SystemExit(f"{' '.join(command)} ended with {os.waitstatus_to_exitcode(status)}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024


def milliseconds(samples: Sequence[Sample], value: Callable[[Sample], float]) -> str:
    """Render the median of some times."""
    return f"{1000 * statistics.median(map(value, samples)):.0f} ms"


def ratio(bare: Sequence[Sample], guarded: Sequence[Sample], value: Callable[[Sample], float]) -> str:
    """Render the median of the paired ratios, with its 95 % interval by bootstrap."""
    ratios = [value(after) / value(before) for before, after in zip(bare, guarded, strict=True)]
    medians = sorted(statistics.median(random.choices(ratios, k=len(ratios))) for _ in range(RESAMPLES))
    low, high = medians[int(0.025 * RESAMPLES)], medians[int(0.975 * RESAMPLES)]
    return f"{statistics.median(ratios):.2f} [{low:.2f}, {high:.2f}]"


def header(rounds: int) -> list[str]:
    """Return the lines above the table: when and where it was measured, and what the columns are."""
    today = datetime.now(timezone.utc).date()
    machine = f"{os.cpu_count()} processors, {platform.system()} {platform.machine()}"
    return [
        f"Measured on {today}, {machine}, Python {platform.python_version()}, {rounds} runs of each command with each program,",
        "in turns, over TLS on an index of this machine. Ratios are medians of pairs, with 95 % intervals.",
        "",
        "| command | pip | pip-guard | wall time | CPU time | memory | requests |",
        "|---|---|---|---|---|---|---|",
    ]


if __name__ == "__main__":
    sys.exit(main())
