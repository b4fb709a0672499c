"""Make virtual environments fast: one template a session, then copies of it."""

from __future__ import annotations

import csv
import functools
import io
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.kit import measuring, wheelhouse
from tests.kit.folders import new_folder
from tests.kit.run import clean_environ, run
from tests.kit.users import give, interpreter_for
from tests.kit.wheels import record_hash


@dataclass(frozen=True, kw_only=True, slots=True)
class VirtualEnvironment:
    """A virtual environment on POSIX."""

    path: Path

    @property
    def scripts(self) -> Path:
        """The folder of its console scripts."""
        return self.path / "bin"

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.scripts / "python"

    @property
    def site_packages(self) -> Path:
        """Where wheels are unpacked."""
        (folder,) = (self.path / "lib").glob("python*/site-packages")
        return folder


def make_virtual_environment(
    path: Path,
    *,
    python: str | Path = sys.executable,
    pip: str | None = None,
    with_guard: bool = True,
    user: int | None = None,
) -> VirtualEnvironment:
    """Make a virtual environment that has pip, and pip-guard from its built wheel, and that belongs to `user`.

    `pip` is a version; without one PIP_GUARD_TEST_PIP decides, or it is the newest.
    An interpreter that `user` cannot run is replaced by one of the same version.
    """
    template = make_template(interpreter_for(user, Path(python)), pip=pip, with_guard=with_guard, user=user)
    return clone(template, path, user=user)


@functools.cache
def make_template(python: Path, *, pip: str | None, with_guard: bool, user: int | None) -> VirtualEnvironment:
    """Make the virtual environment that others are copies of."""
    pip_wheel = wheelhouse.pip_wheel(pip)
    wheels = [pip_wheel, *([*wheelhouse.dependency_wheels(), wheelhouse.built_wheel()] if with_guard else [])]
    folder = new_folder("template-")
    (folder / "tmp").mkdir()
    template = VirtualEnvironment(path=folder / "venv")
    environ = clean_environ(folder)
    run([python, "-I", "-m", "venv", "--without-pip", template.path], env=environ, cwd=folder).check()
    options = ["--quiet", "--no-index", "--no-deps", "--no-cache-dir", "--root-user-action=ignore"]
    # A wheel of pip can be run: ensurepip does the same.
    run([template.python, pip_wheel / "pip", "install", *options, *wheels], env=environ, cwd=folder).check()
    measuring.prepare(template.site_packages)
    give(template.path, user)
    return template


def clone(template: VirtualEnvironment, path: Path, *, user: int | None) -> VirtualEnvironment:
    """Copy a virtual environment and let everything in it that names the old place name the new one."""
    shutil.copytree(template.path, path, symlinks=True)
    copy = VirtualEnvironment(path=path)
    for file in [path / "pyvenv.cfg", *copy.scripts.iterdir()]:
        if not file.is_symlink():
            file.write_bytes(file.read_bytes().replace(bytes(template.path), bytes(path)))
    for record in copy.site_packages.glob("*.dist-info/RECORD"):
        rehash_scripts(record)
    give(path, user)
    return copy


def rehash_scripts(record: Path) -> None:
    """Correct the rows of RECORD for scripts, which have been changed."""
    with record.open(newline="", encoding="utf-8") as stream:
        rows = list(csv.reader(stream))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for name, digest, size in rows:
        if digest and name.startswith("../"):
            content = (record.parents[1] / name).read_bytes()
            writer.writerow((name, record_hash(content), len(content)))
        else:
            writer.writerow((name, digest, size))
    record.write_text(text.getvalue(), encoding="utf-8")
