"""Compare pip-guard with bare pip, and with other tools of its kind where they run.

Run it as ``python -m tests.benchmark``; ``--write`` puts the result into docs/performance.md, and draws its chart.
"""

from __future__ import annotations

import argparse
import random
import shutil
import statistics
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from tests.benchmark import real
from tests.benchmark.chart import CHART, draw
from tests.benchmark.others import Caller, make_others
from tests.benchmark.result import GUARD, PAGE, PIP, STORED, Result, render, sum_up
from tests.benchmark.samples import (
    CommandFailedError,
    Sample,
    cpu,
    difference,
    interval,
    measure,
    memory,
    milliseconds,
    paired,
    wall,
)
from tests.benchmark.tables import COMPARED, COSTS, GROWN, TAKEN, heading, rendered, table
from tests.benchmark.works import GROWTH, METERED, PARTS, WORKS, Part, Work, publish
from tests.kit.environments import VirtualEnvironment, make_virtual_environment
from tests.kit.folders import new_folder
from tests.kit.index import LocalIndex
from tests.kit.osv import FakeOsv
from tests.kit.users import ordinary_user
from tests.kit.workspace import Workspace

METER = Path(__file__).parent / "meter.py"
# What is between these is written by this program.
REAL = ("<!-- result with real wheels -->\n", "<!-- end of result with real wheels -->\n")
SYNTHETIC = ("<!-- result -->\n", "<!-- end of result -->\n")
FEWEST_ROUNDS = 3
NamedT = TypeVar("NamedT", Work, Part)


@dataclass(frozen=True, kw_only=True, slots=True)
class Servers:
    """What commands talk to: an index, and a service of advisories."""

    index: LocalIndex
    service: FakeOsv


def main(argv: Sequence[str] | None = None) -> int:
    """Run the comparisons and print them as tables."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmark", description=__doc__)
    parser.add_argument("--rounds", type=int, default=7, help="runs of each command with each program (default: 7)")
    parser.add_argument(
        "--only",
        default="",
        metavar="TEXT",
        help="'real', 'synthetic', or a text that the names of commands have in them",
    )
    parser.add_argument("--write", action="store_true", help=f"put the result into {PAGE.name}; needs whole tables")
    options = parser.parse_args(argv)
    if options.write and options.only not in ("", "real", "synthetic"):
        parser.error("--write needs whole tables: give it without --only, or with '--only real' or '--only synthetic'")
    with FakeOsv() as service:
        result = measure_real(service, options.rounds, chosen(real.works(), options.only))
        tables = measure_synthetic(service, options.rounds, options.only)
    if result is not None:
        show(render(result), REAL, write=options.write)
    if tables:
        show(
            f"{heading(f'{options.rounds} runs of each command with each program (more of the shortest)')}\n{tables}",
            SYNTHETIC,
            write=options.write,
        )
    if result is not None and options.write:
        result.write(STORED)
        draw(result, CHART)
    return 0


def chosen(works: Sequence[NamedT], text: str) -> list[NamedT]:
    """Return those of a kind, or whose names have a text in them."""
    return [work for work in works if text in f"{work.kind} {work.name}"]


def show(text: str, marks: tuple[str, str], *, write: bool) -> None:
    """Print a part of the page, and write it into the page."""
    print(text)  # noqa: T201 -- the result
    if write:
        begin, end = marks
        before, _, rest = PAGE.read_text(encoding="utf-8").partition(begin)
        after = rest.partition(end)[2]
        PAGE.write_text(f"{before}{begin}\n{text}\n{end}{after}", encoding="utf-8")


def measure_real(service: FakeOsv, rounds: int, works: Sequence[Work]) -> Result | None:
    """Run commands on real wheels with every program that is here; returns None where there are no such wheels."""
    if not works:
        return None
    with LocalIndex(cacheable=True) as index:
        try:
            real.publish(index)
        except real.NoWheelsError as error:
            print(f"Nothing is measured with real wheels: {error}.", file=sys.stderr)  # noqa: T201 -- the result
            return None
        servers = Servers(index=index, service=service)
        runs = [rounds_of(work, rounds) for work in works]
        counted = " or ".join(map(str, sorted(set(runs))))
        result = Result(measured=heading(f"{counted} runs of each command with each program"))
        others = make_others(index, result.missing)
        for work in works:
            contenders = {PIP: (work, own(PIP)), GUARD: (work, own(GUARD))}
            contenders |= {name: (work, call) for name, (call, can_do) in others.items() if can_do(work)}
            samples = samples_of(servers, rounds, contenders, result.missing)
            measured = {
                name: each for name, each in zip(contenders, samples, strict=True) if name not in result.missing
            }
            result.rows.append(sum_up(work.name, measured))
            others = {name: other for name, other in others.items() if name not in result.missing}
        return result


def measure_synthetic(service: FakeOsv, rounds: int, only: str) -> str:
    """Run commands on wheels that are made up, and return the tables."""
    with LocalIndex(cacheable=True) as index:
        publish(index)
        service.requests = index.requests  # all that a command sends
        servers = Servers(index=index, service=service)
        tables = [
            table(COMPARED, [compare(work, servers, rounds) for work in chosen(WORKS, only)]),
            table(GROWN, [grow(work, servers, rounds) for work in chosen(GROWTH, only)]),
            table(COSTS, [cost(part, servers, rounds) for part in chosen(PARTS, only)]),
            table(TAKEN, [meter(work, servers, rounds) for work in chosen(METERED, only)]),
        ]
    return "\n".join(filter(None, tables))


def compare(work: Work, servers: Servers, rounds: int) -> list[str]:
    """Run a command with both programs in turns, and return a row of the table."""
    bare, guarded = samples_of(servers, rounds, {PIP: (work, own(PIP)), GUARD: (work, own(GUARD))})
    return [work.name, *compared(bare, guarded)]


def compared(bare: Sequence[Sample], other: Sequence[Sample]) -> list[str]:
    """Return the cells of a comparison."""
    return [
        milliseconds(bare, wall),
        milliseconds(other, wall),
        *(rendered(paired(bare, other, value)) for value in (wall, cpu, memory)),
        f"{max(sample.requests for sample in bare)} / {max(sample.requests for sample in other)}",
    ]


def grow(work: Work, servers: Servers, rounds: int) -> list[str]:
    """Run a command with both programs in turns, and return how much longer pip-guard took."""
    bare, guarded = samples_of(servers, rounds, {PIP: (work, own(PIP)), GUARD: (work, own(GUARD))})
    times = [milliseconds(bare, wall), milliseconds(guarded, wall)]
    return [work.name, *times, difference(bare, guarded, wall), difference(bare, guarded, cpu)]


def cost(part: Part, servers: Servers, rounds: int) -> list[str]:
    """Run a command without a part of pip-guard and with it, in turns, and return how much longer that took."""
    once = make_tool() if part.call.startswith("once") else None
    caller = own(GUARD) if once is None else called_once(once, named=part.call.endswith("--python"))
    contenders = {"before": (part.before, own(GUARD)), "after": (part.after, caller)}
    before, after = samples_of(servers, rounds, contenders)
    if once is not None:
        shutil.rmtree(once.path)
    times = [milliseconds(before, wall), milliseconds(after, wall)]
    return [part.name, *times, difference(before, after, wall), difference(before, after, cpu)]


def meter(work: Work, servers: Servers, rounds: int) -> list[str]:
    """Run a command with pip-guard, and return the CPU time that some of its rules took, from within."""
    place = make_library_folder(work, servers)
    script, result = place.write(place.home / METER.name, METER.read_bytes()), place.home / "took"
    taken = []
    try:
        for turn in range(max(FEWEST_ROUNDS, rounds) + 1):
            sample_of(
                work,
                place,
                lambda environment, work: [*map(str, (environment.python, script, result)), *work.arguments],
            )
            if turn:
                taken.append(int(result.read_text()) / 1_000_000)
    finally:
        shutil.rmtree(place.folder)
    low, high = interval(taken)
    return [work.name, f"{statistics.median(taken):.1f} ms [{low:.1f}, {high:.1f}]"]


def make_tool() -> VirtualEnvironment:
    """Make an environment that has pip-guard alone, as pipx does."""
    environment = make_virtual_environment(new_folder("once-") / "venv", user=ordinary_user())
    (environment.path / "pipx_metadata.json").touch()
    return environment


def called_once(tool: VirtualEnvironment, *, named: bool) -> Caller:
    """Return what makes the command of a pip-guard that is installed once, for the active or for a named environment."""
    program = str(tool.scripts / GUARD)
    return lambda environment, work: [
        program,
        *(["--python", str(environment.path)] if named else []),
        *work.arguments,
    ]


def own(program: str) -> Caller:
    """Return what makes the command of a program that is installed in the environment itself."""
    return lambda environment, work: [str(environment.scripts / program), *work.arguments]


def samples_of(
    servers: Servers, rounds: int, contenders: Mapping[str, tuple[Work, Caller]], missing: dict[str, str] | None = None
) -> list[list[Sample]]:
    """Run commands in turns, in an order that chance decides, and return what each run took.

    Another tool that fails is added to those that are `missing`, and not called again. Raises `CommandFailedError`.
    """
    places = {name: make_library_folder(work, servers) for name, (work, _) in contenders.items()}
    samples: dict[str, list[Sample]] = {name: [] for name in contenders}
    works = [work for work, _ in contenders.values()]
    turns = min(rounds_of(work, rounds) for work in works)
    first = -1 if any(work.warms_up for work in works) else 0
    running = sorted(places)
    try:
        for turn in range(first, turns):
            for name in random.sample(running, len(running)):
                work, caller = contenders[name]
                try:
                    sample = sample_of(work, places[name], caller)
                except CommandFailedError as error:
                    if missing is None or name in (PIP, GUARD):
                        raise
                    missing[name] = str(error)
                    running.remove(name)
                    continue
                if turn >= 0:  # the one before compiles modules and fills caches
                    samples[name].append(sample)
    finally:
        for place in places.values():
            shutil.rmtree(place.folder)
    return [samples[name] for name in contenders]


def rounds_of(work: Work, rounds: int) -> int:
    """Return how many times a command is run."""
    return max(FEWEST_ROUNDS, round(rounds * work.share))


def make_library_folder(work: Work, servers: Servers) -> Workspace:
    """Make a workspace with what the work needs."""
    place = Workspace(new_folder("benchmark-"), servers.index)
    if work.asks:
        place.policy(f'[advisories]\nsource = "{servers.service.url}"\n')
    work.prepare(place)
    return place


def sample_of(work: Work, place: Workspace, caller: Caller) -> Sample:
    """Run a command once."""
    environment = place.venv
    if work.fresh:
        environment = make_virtual_environment(place.folder / "fresh", user=place.user)
    for folder in (place.cwd / "files", *([place.home / ".cache"] if work.cold else [])):
        shutil.rmtree(folder, ignore_errors=True)
    environ = {**place.environ, "VIRTUAL_ENV": str(environment.path)}
    place.index.latency = work.latency
    command = caller(environment, work)
    sample = measure(command, environ=environ, cwd=place.cwd, user=place.user, index=place.index)
    if work.fresh:
        shutil.rmtree(environment.path)
    return sample


if __name__ == "__main__":
    sys.exit(main())
