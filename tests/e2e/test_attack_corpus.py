"""Run the attack corpus against the built wheel: every attack is stopped, every legitimate use goes on."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kit.folders import new_folder
from tests.kit.wheelhouse import AMBIENT, REPOSITORY, built_wheel

CORPUS = Path(AMBIENT.get("PIP_GUARD_ATTACKS") or REPOSITORY.parent / "shared" / "attacks")
FAMILIES = ("source", "index", "env", "wheel", "name", "age")
PROGRAMS = ("git", "ip", "unshare")
LIMIT = 1200.0


def obstacles() -> Iterator[str]:
    """Name what keeps the corpus from running here."""
    if not (CORPUS / "run").is_file():
        yield f"no attack corpus in {CORPUS} (PIP_GUARD_ATTACKS names another folder)"
    if sys.platform != "linux" or os.geteuid() != 0:
        yield "it needs root on Linux, to act as several users"
    if sys.version_info[:2] != (3, 11):
        yield "its environments are made by CPython 3.11"
    for program in PROGRAMS:
        if shutil.which(program) is None:
            yield f"it needs {program}"


OBSTACLES = "; ".join(obstacles())


@pytest.fixture(scope="module")
def work() -> Path:
    """Make the folder that the corpus prepares its environments in, once for all families."""
    return new_folder("attacks-")


@pytest.mark.slow
@pytest.mark.network
@pytest.mark.skipif(bool(OBSTACLES), reason=OBSTACLES)
@pytest.mark.parametrize("family", FAMILIES)
def test_stops_every_attack_of_a_family(family: str, work: Path) -> None:
    ended = subprocess.run(
        [CORPUS / "run", "--tool", "guard", "--guard-spec", built_wheel(), "--family", family, "--strict"],
        env={**AMBIENT, "ATTACKS_WORK": str(work), "CORPUS_PYTHON": sys.executable},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=LIMIT,
    )
    assert ended.returncode == 0, ended.stdout
