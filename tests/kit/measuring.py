"""Measure the coverage of guarded commands too, when the tests themselves are measured."""

from __future__ import annotations

import functools
import shutil
from pathlib import Path

import coverage

from tests.kit.folders import new_folder

START_UP_FILE = "zz_measuring.pth"


def is_measured() -> bool:
    """Tell whether this test process is being measured."""
    return coverage.Coverage.current() is not None


def environ() -> dict[str, str]:
    """Return the variables that make a command measure itself, none if nothing is measured."""
    if not is_measured():
        return {}
    return {
        "COVERAGE_PROCESS_START": str(folder() / "coveragerc"),
        "COVERAGE_FILE": str(folder() / "data" / ".coverage"),
    }


def prepare(site_packages: Path) -> None:
    """Let the interpreter of an environment start measuring if it is told to."""
    if is_measured():
        line = f"import sys; sys.path.append({str(folder() / 'lib')!r}); import coverage; coverage.process_startup()\n"
        (site_packages / START_UP_FILE).write_text(line, encoding="utf-8")


def collect() -> None:
    """Bring what the commands measured to where the results of this process are."""
    current = coverage.Coverage.current()
    if current is None:
        return
    own = Path(current.get_data().data_filename())
    for file in (folder() / "data").glob(".coverage.*"):
        shutil.move(file, own.with_name(f"{own.name.split('.pid')[0]}.{file.name.removeprefix('.coverage.')}"))


@functools.cache
def folder() -> Path:
    """Make the folder of what every user needs for measuring: the library, its settings, and a place for data."""
    made = new_folder("coverage-")
    shutil.copytree(Path(coverage.__file__).parent, made / "lib" / "coverage")
    (made / "data").mkdir()
    (made / "data").chmod(0o1777)
    (made / "coveragerc").write_text(
        "[run]\nbranch = True\nparallel = True\npatch = execv\nsource_pkgs = pip_guard\n", encoding="utf-8"
    )
    return made
