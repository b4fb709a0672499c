"""Measure what it costs to look into wheels, compared with what pip needs to unpack them.

Run it as ``python -m tests.benchmark.inside``, on a machine that has nothing else to do.
"""

from __future__ import annotations

import random
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from pip._internal.models.scheme import Scheme
from pip._internal.operations.install.wheel import install_wheel

from pip_guard.distributions.wheel.reader import read_wheel
from tests.benchmark.works import CHAIN, MODULES
from tests.kit.folders import new_folder
from tests.kit.wheels import make_wheel

ROUNDS = 3
# In a new interpreter, because what is loaded for the first wheel is part of the price, but not what pip has loaded before.
DOZEN = """\
import gc, pathlib, sys, time
import pip._internal.commands.install, pip_guard.cli, pip_guard.pip_adapter.resolution.wheels
from pip_guard.facts.origin import Origin, OriginKind
from pip_guard.policy.model import Policy
from pip_guard.rules import overwritten_files, planted_file, record_mismatch, startup_code
paths = sorted(pathlib.Path(sys.argv[1]).glob("chain*.whl"))
gc.set_threshold(pip_guard.cli.GC_THRESHOLD)
start = time.perf_counter()
from pip_guard.names.lookalike import judge
from pip_guard.distributions.wheel.reader import read_wheel
from pip_guard.distributions.describe import Wheel, describe_wheels
origin = Origin(kind=OriginKind.COMMAND_LINE, text="the command line")
wheels = [Wheel(contents=read_wheel(str(path), path.name), origin=origin) for path in paths]
for facts in describe_wheels(wheels, None):
    judge(facts.project)
    for rule in (startup_code, record_mismatch, overwritten_files, planted_file):
        assert not list(rule.check(facts, Policy()))
print(time.perf_counter() - start)
"""


def main() -> None:
    """Print the time for each kind of wheel."""
    folder = new_folder("inside-")
    try:
        print(f"{CHAIN} wheels of {MODULES + 1} modules each, and their names: {dozen(folder):.0f} ms")  # noqa: T201 -- the result
        for title, files in LARGE.items():
            checked, unpacked, compiled = large(folder, files())
            print(  # noqa: T201
                f"{title}: {checked:.0f} ms; pip unpacks it in {unpacked:.0f} ms, and, with what it compiles, in {compiled:.0f} ms"
            )
    finally:
        shutil.rmtree(folder)


def dozen(folder: Path) -> float:
    """Return how long all that is done with the wheels of the chain takes."""
    body = "".join(f"def f{line}(x):\n    return x + {line}\n" for line in range(200))
    for number in range(CHAIN):
        name = f"chain_{number:02}"
        make_wheel(name, files={f"{name}/m{module}.py": body for module in range(MODULES + 1)}).write(folder)
    command = [sys.executable, "-c", DOZEN, str(folder)]
    times = [float(subprocess.run(command, check=True, capture_output=True).stdout) for _ in range(ROUNDS + 1)]
    return 1000 * statistics.median(times[1:])


def large(folder: Path, files: Mapping[str, bytes]) -> tuple[float, float, float]:
    """Return how long it takes to check a wheel, to unpack it, and to unpack and compile it."""
    wheel = make_wheel("large", files=files).write(folder)
    target = folder / "target"
    scheme = Scheme(**dict.fromkeys(("platlib", "purelib", "headers", "scripts", "data"), str(target)))

    def unpack(*, compiles: bool) -> None:
        install_wheel("large", str(wheel), scheme, "large", pycompile=compiles)
        shutil.rmtree(target)

    def check() -> None:
        assert not read_wheel(str(wheel), wheel.name).defects

    return measured(check), measured(lambda: unpack(compiles=False)), measured(lambda: unpack(compiles=True))


def measured(work: Callable[[], None]) -> float:
    """Return how many milliseconds a piece of work takes."""
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return 1000 * statistics.median(times)


def many_files() -> dict[str, bytes]:
    """Make 10,000 modules."""
    chance = random.Random(1)
    body = "\n".join(f"x{line} = {chance.random()}" for line in range(40))
    return {f"large/p{number // 100}/m{number}.py": f"# {number}\n{body}\n".encode() for number in range(10_000)}


def large_files() -> dict[str, bytes]:
    """Make a wheel of 200 MB, of which half could be compressed away, as of native code."""
    chance = random.Random(1)
    blocks = [chance.randbytes(64) + bytes(64) for _ in range(1 << 16)]
    return {f"large/lib{number}.so": b"".join(chance.choices(blocks, k=5 << 14)) for number in range(40)}


LARGE: Mapping[str, Callable[[], dict[str, bytes]]] = {
    "a wheel of 10,000 modules": many_files,
    "a wheel of 200 MB": large_files,
}

if __name__ == "__main__":
    main()
