"""Build images with buildah, from bases that are made here: no registry is asked for anything."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.reach.machine import skip_without, system_archive
from tests.kit.users import copy_installation

DEBIAN = "localhost/debian"
# As the official images of Python: the interpreter is below /usr/local, with a standard library of its own.
PYTHON = "localhost/python"
PACKAGES = ("ca-certificates", "python3", "python3-pip", "python3-venv")
# What such an interpreter is linked with.
LIBRARIES = (
    "libbz2-1.0",
    "libexpat1",
    "libffi8",
    "liblzma5",
    "libncursesw6",
    "libsqlite3-0",
    "libssl3",
    "libuuid1",
    "zlib1g",
)
SECONDS = 600.0


@dataclass(frozen=True, kw_only=True, slots=True)
class BuildResult:
    """How a build ended, and what it wrote."""

    returncode: int
    output: str

    def check(self) -> BuildResult:
        """Fail unless it succeeded."""
        assert self.returncode == 0, self.output
        return self


class Builder:
    """Images of their own, which are gone with it."""

    def __init__(self) -> None:
        """Make an empty store; skip where no image can be built."""
        skip_without("buildah", "mmdebstrap")
        # NOTE: not in memory, where the other folders of tests are: layers of systems are large.
        self.folder = Path(tempfile.mkdtemp(prefix="pip-guard-images-", dir="/var/tmp"))

    @property
    def context(self) -> Path:
        """The folder that a build copies from."""
        path = self.folder / "context"
        path.mkdir(exist_ok=True)
        return path

    def close(self) -> None:
        """Remove the store."""
        self._run("rmi", "--all", "--force")
        shutil.rmtree(self.folder, ignore_errors=True)

    def make_bases(self) -> None:
        """Make the images that others are made from."""
        archive = system_archive(*PACKAGES, *LIBRARIES)
        context = self.folder / "bases"
        context.mkdir()
        shutil.copy(archive, context / "debian.tar")
        self.build(DEBIAN, "FROM scratch\nADD debian.tar /\n", context=context).check()
        local = copy_installation(Path(sys.base_prefix), Path(sys.executable).resolve()).parents[1]
        shutil.copytree(local, context / "local", symlinks=True)
        self.build(
            PYTHON,
            f"FROM {DEBIAN}\n"
            "RUN rm -rf /usr/bin/python3* /usr/bin/pip* /usr/lib/python3*\n"
            "COPY local /usr/local\n"
            "RUN ln -s python3 /usr/local/bin/python && python3 -m ensurepip && ln -s pip3 /usr/local/bin/pip\n",
            context=context,
        ).check()

    def build(
        self,
        name: str,
        containerfile: str | Path,
        *,
        context: Path,
        arguments: Mapping[str, str] | None = None,
        mounts: Mapping[Path, str] | None = None,
    ) -> BuildResult:
        """Build an image; `mounts` are files and folders of this machine, and where they are seen."""
        if isinstance(containerfile, str):
            (self.folder / "Containerfile").write_text(containerfile, encoding="utf-8")
            containerfile = self.folder / "Containerfile"
        return self._run(
            "build",
            "--isolation=chroot",
            "--format=docker",
            "--network=host",
            "--no-cache",
            f"--file={containerfile}",
            f"--tag={name}",
            *(f"--build-arg={key}={value}" for key, value in (arguments or {}).items()),
            *(f"--volume={source}:{target}" for source, target in (mounts or {}).items()),
            str(context),
        )

    def size(self, name: str) -> int:
        """Return the bytes that the files of an image take."""
        container = self._run("from", name).check().output.split()[-1]
        folder = self._run("mount", container).check().output.strip()
        counted = subprocess.run(["du", "-sx", "--block-size=1", folder], capture_output=True, text=True, check=True)
        self._run("rm", container).check()
        return int(counted.stdout.split()[0])

    def _run(self, *arguments: str) -> BuildResult:
        places = (f"--root={self.folder}/store", f"--runroot={self.folder}/run", "--storage-driver=overlay")
        ended = subprocess.run(
            ["buildah", *places, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=SECONDS,
            check=False,
        )
        return BuildResult(returncode=ended.returncode, output=ended.stdout)
