"""Get the wheels that virtual environments are made of: pip-guard's, built here, and others', downloaded and kept."""

from __future__ import annotations

import functools
import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import platformdirs
import pytest
from packaging.utils import parse_wheel_filename

from tests.kit.folders import new_folder
from tests.kit.run import clean_environ

REPOSITORY = Path(__file__).parents[2]
AMBIENT = dict(os.environ)  # before a test changes it: downloads need the machine's own settings
CACHE = platformdirs.user_cache_path("pip-guard-tests") / "wheels" / f"{sys.version_info[0]}.{sys.version_info[1]}"
REFRESH_AFTER = 24 * 60 * 60.0  # seconds
NOT_BUILT_FROM = shutil.ignore_patterns(".*", "tests", "docs", "build", "dist", "*.egg-info", "__pycache__")


def pip_wheel(version: str | None = None) -> Path:
    """Get pip: the given version, or the one that PIP_GUARD_TEST_PIP names, or the newest."""
    wanted = version or AMBIENT.get("PIP_GUARD_TEST_PIP", "latest")
    return downloaded("pip" if wanted == "latest" else f"pip=={wanted}")


def dependency_wheels() -> list[Path]:
    """Get what pip-guard depends on besides pip, in the versions that the tests themselves run with."""
    return [downloaded(f"{name}=={importlib.metadata.version(name)}") for name in ("packaging", "platformdirs")]


@functools.cache
def built_wheel() -> Path:
    """Build pip-guard's own wheel from a copy of the repository, or take the one that PIP_GUARD_TEST_WHEEL names."""
    if "PIP_GUARD_TEST_WHEEL" in AMBIENT:
        return Path(AMBIENT["PIP_GUARD_TEST_WHEEL"]).resolve()
    folder = new_folder("build-")
    (folder / "tmp").mkdir()
    backend = downloaded("setuptools")
    shutil.copytree(REPOSITORY, folder / "source", ignore=NOT_BUILT_FROM)
    options = ["--no-deps", "--no-index", f"--find-links={backend.parent}", f"--wheel-dir={folder}", "--no-cache-dir"]
    build = pip("wheel", *options, str(folder / "source"), environ=clean_environ(folder))
    if build.returncode:
        raise AssertionError(f"pip-guard cannot be built:\n{build.stdout}\n{build.stderr}")
    (wheel,) = folder.glob("*.whl")
    return wheel


@functools.cache
def downloaded(requirement: str) -> Path:
    """Get the wheel of a requirement: pinned ones once, others once a day; from the cache where there is no network."""
    folder = CACHE / re.sub(r"[^A-Za-z0-9.]+", "-", requirement)
    kept = newest_wheel(folder)
    if kept is not None and ("==" in requirement or time.time() - folder.stat().st_mtime < REFRESH_AFTER):
        return kept
    reason = download(requirement, folder)
    found = newest_wheel(folder)
    if found is None:
        pytest.skip(f"{requirement} is neither in {CACHE} nor can it be downloaded: {reason}")
    return found


def download(requirement: str, folder: Path) -> str:
    """Download a wheel into a folder; return pip's last words where that fails."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as partial:
        options = ["--no-deps", "--only-binary=:all:", "--retries=1", "--timeout=20", f"--dest={partial}"]
        got = pip("download", *options, requirement, environ=AMBIENT)
        for wheel in Path(partial).glob("*.whl"):
            wheel.replace(folder / wheel.name)
            os.utime(folder)
    return got.stderr.strip()[-500:]


def newest_wheel(folder: Path) -> Path | None:
    """Find the newest wheel in a folder."""
    return max(folder.glob("*.whl"), key=lambda path: parse_wheel_filename(path.name)[1], default=None)


def pip(command: str, *arguments: str, environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run the pip that the tests themselves run with."""
    return subprocess.run(
        [sys.executable, "-m", "pip", command, "--quiet", "--disable-pip-version-check", *arguments],
        env=environ,
        cwd=new_folder("pip-"),
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
