"""The sdist and the wheel hold exactly what they should."""

from __future__ import annotations

import configparser
import shutil
import subprocess
import sys
import tarfile
import zipfile
from dataclasses import dataclass
from email.message import Message
from email.parser import Parser
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import pip_guard

CHECKOUT = Path(__file__).parents[2]
# What a checkout may hold beside the project itself: dotfiles, and what earlier builds left.
LEFTOVERS = shutil.ignore_patterns(".*", "__pycache__", "_build", "build", "dist", "*.egg-info")
NAME = "pip_guard_shim"
DIST_INFO = f"{NAME}-{pip_guard.__version__}.dist-info"
EGG_INFO = f"{NAME}.egg-info"
PACKAGE = frozenset(
    path.relative_to(CHECKOUT).as_posix()
    for path in (CHECKOUT / "pip_guard").rglob("*")
    if path.is_file() and "__pycache__" not in path.parts
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Distributions:
    """The two files of one release."""

    sdist: Path
    wheel: Path


@pytest.fixture(scope="module")
def distributions(tmp_path_factory: pytest.TempPathFactory) -> Distributions:
    """Build the sdist, and from it the wheel, offline, from a copy of the checkout without what earlier builds left."""
    folder = tmp_path_factory.mktemp("distributions")
    source = folder / "source"
    shutil.copytree(CHECKOUT, source, ignore=LEFTOVERS)
    build = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder / "dist"), str(source)]
    subprocess.run(build, check=True, stdout=subprocess.DEVNULL)
    (sdist,) = folder.glob("dist/*.tar.gz")
    (wheel,) = folder.glob("dist/*.whl")
    return Distributions(sdist=sdist, wheel=wheel)


@pytest.fixture(scope="module")
def wheel(distributions: Distributions) -> dict[str, str]:
    """Return the texts of the wheel's own folder, and the names of all its files."""
    with zipfile.ZipFile(distributions.wheel) as archive:
        return {name: archive.read(name).decode() if name.startswith(DIST_INFO) else "" for name in archive.namelist()}


@pytest.fixture(scope="module")
def metadata(wheel: dict[str, str]) -> Message:
    return Parser().parsestr(wheel[f"{DIST_INFO}/METADATA"])


@pytest.fixture(scope="module")
def requirements(metadata: Message) -> dict[str, str]:
    parsed = [Requirement(line) for line in metadata.get_all("Requires-Dist", [])]
    return {requirement.name: str(requirement.specifier) for requirement in parsed}


def test_wheel_holds_the_package_and_its_metadata(wheel: dict[str, str]) -> None:
    own = ("METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE", "top_level.txt")
    assert sorted(wheel) == sorted(PACKAGE | {f"{DIST_INFO}/{name}" for name in own})


def test_sdist_holds_what_builds_the_wheel(distributions: Distributions) -> None:
    project = ("LICENSE", "PKG-INFO", "README.md", "pyproject.toml", "setup.cfg")
    generated = (
        "PKG-INFO",
        "SOURCES.txt",
        "dependency_links.txt",
        "entry_points.txt",
        "requires.txt",
        "top_level.txt",
    )
    with tarfile.open(distributions.sdist) as archive:
        names = [member.name.partition("/")[2] for member in archive if member.isfile()]
    assert sorted(names) == sorted(PACKAGE | set(project) | {f"{EGG_INFO}/{name}" for name in generated})


def test_file_names_carry_the_version_of_the_package(distributions: Distributions) -> None:
    version = pip_guard.__version__
    assert distributions.sdist.name == f"{NAME}-{version}.tar.gz"
    assert distributions.wheel.name == f"{NAME}-{version}-py3-none-any.whl"


@pytest.mark.parametrize(
    ("field", "values"),
    [
        pytest.param("Name", ["pip-guard-shim"], id="name"),
        pytest.param("Version", [pip_guard.__version__], id="version"),
        pytest.param("License-Expression", ["MIT"], id="license"),
        pytest.param("License-File", ["LICENSE"], id="license-file"),
        pytest.param("Requires-Python", [">=3.10"], id="requires-python"),
        pytest.param("Description-Content-Type", ["text/markdown"], id="readme"),
        pytest.param("Provides-Extra", None, id="no-extras"),
    ],
)
def test_metadata_states(metadata: Message, field: str, values: list[str] | None) -> None:
    assert metadata.get_all(field) == values


def test_requires_three_distributions_and_no_others(requirements: dict[str, str]) -> None:
    assert sorted(requirements) == ["packaging", "pip", "platformdirs"]
    assert requirements["pip"] == ">=26.2"


def test_installs_one_script_and_none_called_pip(wheel: dict[str, str]) -> None:
    entry_points = configparser.ConfigParser(delimiters=("=",))
    entry_points.read_string(wheel[f"{DIST_INFO}/entry_points.txt"])
    groups = {name: dict(entry_points[name]) for name in entry_points.sections()}
    assert groups == {"console_scripts": {"pip-guard": "pip_guard.cli:main"}}


def test_matrix_tests_the_lower_bounds(requirements: dict[str, str]) -> None:
    tox = configparser.ConfigParser(interpolation=None)
    tox.read(CHECKOUT / "setup.cfg", encoding="utf-8")
    (matrix,) = (name for name in tox.sections() if name.startswith("testenv:py3"))
    deps = tox[matrix]["deps"].split("\n")
    pinned = [Requirement(line.removeprefix("pip26.2: ")) for line in deps if line.startswith("pip26.2: ")]
    bounds = {name: specifier.replace(">=", "==") for name, specifier in requirements.items()}
    assert {requirement.name: str(requirement.specifier) for requirement in pinned} == bounds
