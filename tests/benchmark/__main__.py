"""Compare pip-guard with bare pip, and with other tools of its kind where they run.

Run it as ``python -m tests.benchmark``; ``--write`` puts the result into docs/performance.md.
"""

from __future__ import annotations

import argparse
import random
import shutil
import statistics
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from tests.benchmark.samples import (
    CommandFailedError,
    Sample,
    cpu,
    difference,
    interval,
    measure,
    memory,
    milliseconds,
    ratio,
    wall,
)
from tests.benchmark.tables import COMPARED, COSTS, GROWN, TAKEN, heading, named, table
from tests.benchmark.works import GROWTH, METERED, PARTS, WORKS, Part, Work, publish
from tests.kit.environments import VirtualEnvironment, make_virtual_environment
from tests.kit.folders import new_folder
from tests.kit.index import LocalIndex
from tests.kit.osv import FakeOsv
from tests.kit.run import run
from tests.kit.users import ordinary_user
from tests.kit.wheelhouse import AMBIENT
from tests.kit.workspace import Workspace

PAGE = Path(__file__).parents[2] / "docs" / "performance.md"
METER = Path(__file__).parent / "meter.py"
BEGIN, END = "<!-- result -->\n", "<!-- end of result -->\n"
PIP, GUARD = "pip", "pip-guard"
FEWEST_ROUNDS = 3
OTHER_ROUNDS = 3
# How a tool that stands before pip is called; each is installed into an environment of its own.
Caller = Callable[[VirtualEnvironment, Sequence[str]], list[str]]
OTHERS: Mapping[str, Callable[[Path, VirtualEnvironment, Sequence[str]], list[str]]] = {
    "scfw": lambda scripts, environment, arguments: [
        *(str(scripts / "scfw"), "run", "--allow-on-warning", "--executable", str(environment.scripts / PIP)),
        *(PIP, *arguments),
    ],
    "spip": lambda scripts, environment, arguments: [str(scripts / "spip"), *arguments],
}
OTHER_WORKS = tuple(work for work in WORKS if "wheel" in work.name or "12 distributions" in work.name)


@dataclass(frozen=True, kw_only=True, slots=True)
class Servers:
    """What commands talk to: an index, and a service of advisories."""

    index: LocalIndex
    service: FakeOsv


def main(argv: Sequence[str] | None = None) -> int:
    """Run the comparisons and print them as tables."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmark", description=__doc__)
    parser.add_argument("--rounds", type=int, default=15, help="runs of each command with each program (default: 15)")
    parser.add_argument("--only", default="", metavar="TEXT", help="compare only commands whose name has this in it")
    parser.add_argument("--against", action="append", default=[], choices=OTHERS, help="compare with another tool, too")
    parser.add_argument("--write", action="store_true", help=f"put the result into {PAGE.name}")
    options = parser.parse_args(argv)
    with LocalIndex(cacheable=True) as index, FakeOsv() as service:
        publish(index)
        service.requests = index.requests  # all that a command sends
        servers = Servers(index=index, service=service)
        tables = [heading(options.rounds)]
        tables.append(table(COMPARED, [compare(work, servers, options.rounds) for work in chosen(WORKS, options.only)]))
        tables.append(table(GROWN, [grow(work, servers, options.rounds) for work in chosen(GROWTH, options.only)]))
        tables.append(table(COSTS, [cost(part, servers, options.rounds) for part in chosen(PARTS, options.only)]))
        tables.append(table(TAKEN, [meter(work, servers, options.rounds) for work in chosen(METERED, options.only)]))
        for tool in options.against:
            tables.append(table(named(tool), against(tool, servers, chosen(OTHER_WORKS, options.only))))
    text = "\n".join(tables)
    print(text)  # noqa: T201 -- the result
    if options.write:
        before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
        after = rest.partition(END)[2]
        PAGE.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", encoding="utf-8")
    return 0


NamedT = TypeVar("NamedT", Work, Part)


def chosen(works: Sequence[NamedT], text: str) -> list[NamedT]:
    """Return those whose names have a text in them."""
    return [work for work in works if text in work.name]


def compare(work: Work, servers: Servers, rounds: int) -> list[str]:
    """Run a command with both programs in turns, and return a row of the table."""
    bare, guarded = samples_of(servers, rounds, {PIP: (work, own(PIP)), GUARD: (work, own(GUARD))})
    return [work.name, *compared(bare, guarded)]


def compared(bare: Sequence[Sample], other: Sequence[Sample]) -> list[str]:
    """Return the cells of a comparison."""
    return [
        milliseconds(bare, wall),
        milliseconds(other, wall),
        ratio(bare, other, wall),
        ratio(bare, other, cpu),
        ratio(bare, other, memory),
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
                lambda environment, arguments: [*map(str, (environment.python, script, result)), *arguments],
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
    return lambda environment, arguments: [program, *(["--python", str(environment.path)] if named else []), *arguments]


def against(tool: str, servers: Servers, works: Sequence[Work]) -> list[list[str]]:
    """Run commands with pip and another tool in turns; a row says so where the tool cannot be had, or fails."""
    folder = new_folder(f"{tool}-")
    environment = make_virtual_environment(folder / "venv", with_guard=False, user=ordinary_user())
    command = [str(environment.scripts / PIP), "install", "--quiet", "--only-binary=:all:", tool]
    if run(command, env=AMBIENT, cwd=folder, timeout=300).returncode:
        return [[f"{tool} cannot be installed here", *[""] * (len(COMPARED) - 1)]]
    scripts = environment.scripts
    call = OTHERS[tool]
    callers = {PIP: own(PIP), tool: lambda environment, arguments: call(scripts, environment, arguments)}
    rows = []
    for work in works:
        try:
            bare, other = samples_of(servers, OTHER_ROUNDS, {name: (work, caller) for name, caller in callers.items()})
        except CommandFailedError as error:
            rows.append([work.name, *[""] * (len(COMPARED) - 2), str(error)])
        else:
            rows.append([work.name, *compared(bare, other)])
    return rows


def own(program: str) -> Caller:
    """Return what makes the command of a program that is installed in the environment itself."""
    return lambda environment, arguments: [str(environment.scripts / program), *arguments]


def samples_of(servers: Servers, rounds: int, contenders: Mapping[str, tuple[Work, Caller]]) -> list[list[Sample]]:
    """Run commands in turns, in an order that chance decides, and return what each run took."""
    places = {name: make_library_folder(work, servers) for name, (work, _) in contenders.items()}
    samples: dict[str, list[Sample]] = {name: [] for name in contenders}
    share = min(work.share for work, _ in contenders.values())
    try:
        for turn in range(max(FEWEST_ROUNDS, round(rounds * share)) + 1):
            for name in random.sample(sorted(places), len(places)):
                work, caller = contenders[name]
                sample = sample_of(work, places[name], caller)
                if turn:  # the first one compiles modules and fills caches
                    samples[name].append(sample)
    finally:
        for place in places.values():
            shutil.rmtree(place.folder)
    return [samples[name] for name in contenders]


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
    command = caller(environment, work.arguments)
    sample = measure(command, environ=environ, cwd=place.cwd, user=place.user, index=place.index)
    if work.fresh:
        shutil.rmtree(environment.path)
    return sample


if __name__ == "__main__":
    sys.exit(main())
