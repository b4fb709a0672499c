"""Have real wheels at hand: those of a popular project, fetched once, and served by an index that is as slow as one far away."""

from __future__ import annotations

import os
import platform
import shutil
import sys
import tempfile
import zipfile
from dataclasses import replace
from email import message_from_bytes
from pathlib import Path

import platformdirs
from packaging.requirements import Requirement
from packaging.utils import NormalizedName, canonicalize_name, parse_wheel_filename
from packaging.version import Version

from tests.benchmark.works import Work
from tests.kit.index import LocalIndex
from tests.kit.wheelhouse import AMBIENT, pip
from tests.kit.wheels import Wheel

PROJECT = "jupyterlab"
PINS = Path(__file__).with_name(f"{PROJECT}.txt")
# The only ones that the pins are for.
PYTHON, MACHINE = (3, 11), ("Linux", "x86_64")
# Names a folder in which the wheels are, or in which they will be kept.
VARIABLE = "PIP_GUARD_BENCHMARK_WHEELS"
MILLISECONDS = (0, 25, 50)


class NoWheelsError(Exception):
    """Says why there are no real wheels to measure with."""


def works() -> list[Work]:
    """Return the commands to compare, with each latency."""
    resolve = Work(
        name="`install --dry-run`",
        arguments=("install", "--dry-run", "--no-cache-dir", PROJECT),
        uv=("install", "--dry-run", "--no-cache", PROJECT),
    )
    download = Work(name="`download`", arguments=("download", "--no-cache-dir", "--dest", "files", PROJECT), share=0.5)
    install = Work(
        name="`install`, cold cache",
        arguments=("install", PROJECT),
        uv=("install", "--compile-bytecode", PROJECT),
        fresh=True,
        cold=True,
        share=0.5,
    )
    return [
        replace(work, name=f"{work.name}, {latency_of(each)}", latency=each / 1000, warms_up=False, kind="real")
        for work in (resolve, download, install)
        for each in MILLISECONDS
    ]


def latency_of(milliseconds: int) -> str:
    """Say how late answers come."""
    return f"{milliseconds} ms a request" if milliseconds else "no latency"


def publish(index: LocalIndex) -> None:
    """Publish the wheels. Raises `NoWheelsError`."""
    for path in fetched():
        index.publish(read(path))


def fetched() -> list[Path]:
    """Return the wheels, after fetching them unless they are here. Raises `NoWheelsError`."""
    if sys.version_info[:2] != PYTHON or (platform.system(), platform.machine()) != MACHINE:
        raise NoWheelsError(f"the wheels are for CPython {'.'.join(map(str, PYTHON))} on {' '.join(MACHINE)}")
    folder = Path(os.environ.get(VARIABLE) or platformdirs.user_cache_path("pip-guard-tests") / PROJECT)
    found = kept(folder)
    if found is None:
        reason = fetch(folder)
        found = kept(folder)
        if found is None:
            raise NoWheelsError(f"{PROJECT}'s wheels are neither in {folder} nor can they be downloaded: {reason}")
    return found


def kept(folder: Path) -> list[Path] | None:
    """Return the wheels that the pins name, or None unless all of them are in a folder."""
    wheels = {}
    for path in folder.glob("*.whl"):
        name, version, *_ = parse_wheel_filename(path.name)
        wheels[name, version] = path
    found = [wheels.get(pin) for pin in pins()]
    present = [path for path in found if path is not None]
    return present if len(present) == len(found) else None


def pins() -> list[tuple[NormalizedName, Version]]:
    """Return the names and versions of the wheels."""
    lines = PINS.read_text(encoding="utf-8").splitlines()
    requirements = [Requirement(line) for line in lines if not line.startswith("#")]
    return [(canonicalize_name(each.name), Version(str(each.specifier)[2:])) for each in requirements]


def fetch(folder: Path) -> str:
    """Download the wheels into a folder, from the index that pip's own configuration names; return pip's last words."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as partial:
        options = ["--no-deps", "--only-binary=:all:", "--retries=1", "--timeout=20", f"--dest={partial}"]
        ended = pip("download", *options, "--requirement", str(PINS), environ=AMBIENT)
        for wheel in Path(partial).glob("*.whl"):
            shutil.move(wheel, folder / wheel.name)
    return ended.stderr.strip()[-500:]


def read(path: Path) -> Wheel:
    """Read a wheel as the index publishes it."""
    with zipfile.ZipFile(path) as archive:
        (member,) = (
            name for name in archive.namelist() if name.endswith(".dist-info/METADATA") and name.count("/") == 1
        )
        metadata = archive.read(member)
    headers = message_from_bytes(metadata)
    return Wheel(
        name=str(headers["Name"]),
        version=str(headers["Version"]),
        filename=path.name,
        content=path.read_bytes(),
        metadata=metadata,
    )
