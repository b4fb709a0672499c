"""Make source trees, sdists and Git repositories whose build leaves a mark.

Each build appends to its sentinel file, an absolute path, as soon as any of its code runs.
A tree of style "setup.py" needs `make_setuptools_stub()` on the index (pip fetches setuptools to build it).
"""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import os
import subprocess
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tests.kit import wheels

Style = Literal["pep517", "setup.py"]
ArchiveFormat = Literal["tar.gz", "tar.bz2", "tar.xz", "tar", "tgz", "zip"]

HERE = Path(__file__).parent


@dataclass(frozen=True, kw_only=True, slots=True)
class Sdist:
    """A source distribution that exists in memory only."""

    name: str
    version: str
    filename: str
    content: bytes
    metadata: bytes

    def write(self, folder: Path) -> Path:
        """Write the sdist into a folder and return where."""
        path = folder / self.filename
        path.write_bytes(self.content)
        return path


def make_source_tree(
    path: Path | None,
    name: str,
    version: str = "1.0",
    *,
    sentinel: Path,
    style: Style = "pep517",
    requires: Sequence[str] = (),
    build_requires: Sequence[str] = (),
) -> dict[str, str]:
    """Return the files of a project that has to be built, after writing them below `path` where it is given."""
    files = {f"src/{wheels.escape(name)}.py": f'VERSION = "{version}"\n'}
    match style:
        case "pep517":
            settings = {"name": name, "version": version, "requires": [*requires], "sentinel": str(sentinel)}
            files |= {
                "pyproject.toml": render_pyproject(name, version, requires=requires, build_requires=build_requires),
                "sentinel_backend/__init__.py": carried("sentinel_backend.py"),
                "sentinel_backend/wheels.py": carried("wheels.py"),
                "sentinel_backend/settings.json": json.dumps(settings),
            }
        case "setup.py":
            files["setup.py"] = render_setup(name, version, sentinel=sentinel, requires=requires)
            if build_requires:
                files["pyproject.toml"] = f"[build-system]\nrequires = {json.dumps(['setuptools', *build_requires])}\n"
    if path is not None:
        write_files(path, files)
    return files


def make_sdist(
    name: str,
    version: str = "1.0",
    *,
    sentinel: Path,
    fmt: ArchiveFormat = "tar.gz",
    style: Style = "pep517",
    requires: Sequence[str] = (),
    build_requires: Sequence[str] = (),
    requires_python: str | None = None,
    filename: str | None = None,
) -> Sdist:
    """Make an sdist of a project that has to be built."""
    stem = f"{wheels.escape(name)}-{version}"
    tree = make_source_tree(
        None, name, version, sentinel=sentinel, style=style, requires=requires, build_requires=build_requires
    )
    metadata = wheels.render_metadata(name, version, requires=requires, requires_python=requires_python).encode()
    members = {f"{stem}/{path}": text.encode() for path, text in tree.items()} | {f"{stem}/PKG-INFO": metadata}
    content = wheels.zip_archive([*members.items()]) if fmt == "zip" else tar_archive(members, fmt)
    return Sdist(name=name, version=version, filename=filename or f"{stem}.{fmt}", content=content, metadata=metadata)


def make_setuptools_stub(version: str = "80.0") -> wheels.Wheel:
    """Make a wheel of a setuptools that does no more than pip needs to build a project with a setup.py."""
    return wheels.make_wheel(
        "setuptools",
        version,
        files={
            "setuptools/__init__.py": "from .build_meta import setup as setup\n",
            "setuptools/build_meta.py": carried("setuptools_stub.py"),
            "setuptools/wheels.py": carried("wheels.py"),
        },
    )


def make_git_repository(path: Path, files: Mapping[str, str], *, tag: str | None = None) -> str:
    """Make a Git repository with one commit, of a hash that depends on the files alone, and return that hash."""
    write_files(path, files)
    environ = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        **{f"GIT_{role}_NAME": "Tester" for role in ("AUTHOR", "COMMITTER")},
        **{f"GIT_{role}_EMAIL": "tester@example.invalid" for role in ("AUTHOR", "COMMITTER")},
        **{f"GIT_{role}_DATE": "2020-01-01T00:00:00Z" for role in ("AUTHOR", "COMMITTER")},
    }
    commands = [
        ["init", "--quiet", "--initial-branch=main"],
        ["add", "--all"],
        ["commit", "--quiet", "--message=Start"],
    ]
    if tag is not None:
        commands.append(["tag", tag])
    for arguments in commands:
        subprocess.run(["git", *arguments], cwd=path, env=environ, check=True)
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=path, env=environ, check=True, capture_output=True)
    return head.stdout.decode().strip()


def render_pyproject(name: str, version: str, *, requires: Sequence[str], build_requires: Sequence[str]) -> str:
    """Render a pyproject.toml that names the backend within the tree."""
    return (
        "[build-system]\n"
        f"requires = {json.dumps([*build_requires])}\n"
        'build-backend = "sentinel_backend"\n'
        'backend-path = ["."]\n'
        "\n"
        "[project]\n"
        f'name = "{name}"\n'
        f'version = "{version}"\n'
        f"dependencies = {json.dumps([*requires])}\n"
    )


def render_setup(name: str, version: str, *, sentinel: Path, requires: Sequence[str]) -> str:
    """Render a setup.py that marks the sentinel before it does anything else."""
    return (
        f'with open({str(sentinel)!r}, "a") as sentinel:\n'
        f'    sentinel.write("{name}: setup.py\\n")\n'
        "\n"
        "from setuptools import setup\n"
        "\n"
        f'setup(name="{name}", version="{version}", install_requires={[*requires]!r})\n'
    )


def tar_archive(members: Mapping[str, bytes], fmt: str) -> bytes:
    """Make a tar archive with fixed times and owners."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for path, content in members.items():
            member = tarfile.TarInfo(path)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return compressed(buffer.getvalue(), fmt)


def compressed(content: bytes, fmt: str) -> bytes:
    """Compress content as the end of an archive's name says."""
    match fmt:
        case "tar.gz" | "tgz":
            return gzip.compress(content, mtime=0)
        case "tar.bz2":
            return bz2.compress(content)
        case "tar.xz":
            return lzma.compress(content)
        case _:
            return content


def carried(filename: str) -> str:
    """Read a module of this package that source trees carry."""
    return (HERE / filename).read_text(encoding="utf-8")


def write_files(folder: Path, files: Mapping[str, str]) -> None:
    """Write files below a folder."""
    for relative, text in files.items():
        path = folder / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
