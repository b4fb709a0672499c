"""Run a command, see what it takes, and sum up what many runs took."""

from __future__ import annotations

import os
import random
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.kit.index import LocalIndex

RESAMPLES = 2000


@dataclass(frozen=True, kw_only=True, slots=True)
class Sample:
    """What one run took: seconds of wall time, seconds of CPU time, bytes of memory at the peak, requests."""

    wall: float
    cpu: float
    memory: int
    requests: int


Quantity = Callable[[Sample], float]


def wall(sample: Sample) -> float:
    """Return the seconds that a run took."""
    return sample.wall


def cpu(sample: Sample) -> float:
    """Return the seconds that a run computed."""
    return sample.cpu


def memory(sample: Sample) -> float:
    """Return the bytes that a run used at the peak."""
    return float(sample.memory)


class CommandFailedError(Exception):
    """Says that a command to measure did not succeed."""


def measure(
    command: Sequence[str], *, environ: Mapping[str, str], cwd: Path, user: int | None, index: LocalIndex
) -> Sample:
    """Run a command to its end. Raises `CommandFailedError`."""
    index.requests.clear()
    started = time.perf_counter()
    seconds, peak = spawn(command, environ=environ, cwd=cwd, user=user)
    return Sample(wall=time.perf_counter() - started, cpu=seconds, memory=peak, requests=len(index.requests))


def spawn(command: Sequence[str], *, environ: Mapping[str, str], cwd: Path, user: int | None) -> tuple[float, int]:
    """Run a command to its end; return seconds of CPU time, its children's included, and bytes of memory at the peak."""
    process = os.fork()
    if not process:
        try:
            os.chdir(cwd)
            if user is not None:
                os.setgroups([])
                os.setgid(user)
                os.setuid(user)
            quiet = os.open(os.devnull, os.O_RDWR)
            for stream in range(3):
                os.dup2(quiet, stream)
            os.execve(command[0], list(command), dict(environ))
        finally:
            os._exit(127)
    _, status, usage = os.wait4(process, 0)
    if status:
        raise CommandFailedError(f"{Path(command[0]).name} ended with {os.waitstatus_to_exitcode(status)}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024


def milliseconds(samples: Sequence[Sample], value: Quantity) -> str:
    """Render the median of some times."""
    return f"{1000 * statistics.median(map(value, samples)):.0f} ms"


def paired(bare: Sequence[Sample], other: Sequence[Sample], value: Quantity) -> tuple[float, float, float]:
    """Return the median of the paired ratios, and its 95 % interval."""
    ratios = [value(after) / value(before) for before, after in zip(bare, other, strict=True)]
    low, high = interval(ratios)
    return round(statistics.median(ratios), 4), round(low, 4), round(high, 4)


def difference(bare: Sequence[Sample], guarded: Sequence[Sample], value: Quantity) -> str:
    """Render the median of the paired differences of some times, with its 95 % interval."""
    differences = [1000 * (value(after) - value(before)) for before, after in zip(bare, guarded, strict=True)]
    low, high = interval(differences)
    return f"{statistics.median(differences):+.0f} ms [{low:+.0f}, {high:+.0f}]"


def interval(values: Sequence[float]) -> tuple[float, float]:
    """Return the 95 % interval of a median, by bootstrap."""
    medians = sorted(statistics.median(random.choices(values, k=len(values))) for _ in range(RESAMPLES))
    return medians[int(0.025 * RESAMPLES)], medians[int(0.975 * RESAMPLES)]
