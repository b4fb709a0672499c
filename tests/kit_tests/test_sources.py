"""Plain pip builds what the kit makes, which leaves a mark, and installs it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.kit.index import LocalIndex
from tests.kit.sources import (
    ArchiveFormat,
    Style,
    make_git_repository,
    make_sdist,
    make_setuptools_stub,
    make_source_tree,
)
from tests.kit.wheels import make_wheel
from tests.kit.workspace import Workspace

BUILT_ONCE = """\
demo: import
demo: get_requires_for_build_wheel
demo: import
demo: prepare_metadata_for_build_wheel
demo: import
demo: build_wheel
"""


def test_pip_builds_sdist_from_index(workspace: Workspace, index: LocalIndex) -> None:
    index.publish(make_sdist("demo", "1.5", sentinel=workspace.sentinel(), requires=["dep"]))
    index.publish(make_wheel("dep"))
    workspace.pip("install", "demo").check()
    assert workspace.sentinel().read_text() == BUILT_ONCE
    assert workspace.added() == {"demo==1.5", "dep==1.0"}
    assert workspace.python("-c", "import demo; print(demo.VERSION)").stdout == "1.5\n"


@pytest.mark.parametrize("fmt", ["tar.gz", "tar.bz2", "tar.xz", "tar", "tgz", "zip"])
def test_pip_builds_local_archive(workspace: Workspace, fmt: ArchiveFormat) -> None:
    sdist = make_sdist("demo", sentinel=workspace.sentinel(), fmt=fmt)
    path = workspace.write(sdist.filename, sdist.content)
    workspace.pip("install", "--dry-run", path).check()
    assert workspace.sentinel().exists()
    assert workspace.added() == set()


@pytest.mark.parametrize("style", ["pep517", "setup.py"])
@pytest.mark.parametrize(
    ("options", "hook"),
    [pytest.param([], "build_wheel", id="directory"), pytest.param(["-e"], "build_editable", id="editable")],
)
def test_pip_builds_directory(
    workspace: Workspace, index: LocalIndex, style: Style, options: list[str], hook: str
) -> None:
    index.publish(make_setuptools_stub())
    tree = workspace.write_tree("demo", make_source_tree(None, "demo", sentinel=workspace.sentinel(), style=style))
    workspace.pip("install", *options, tree).check()
    last = workspace.sentinel().read_text().splitlines()[-1]
    assert last == f"demo: {hook if style == 'pep517' else 'setup.py'}"
    assert workspace.added() == {"demo==1.0"}
    imported = workspace.python("-c", "import demo; print(demo.__file__)").stdout
    assert imported.startswith(str(tree if options else workspace.venv.site_packages))


@pytest.mark.parametrize("options", [pytest.param([], id="plain"), pytest.param(["-e"], id="editable")])
def test_pip_builds_git_repository(workspace: Workspace, options: list[str]) -> None:
    tree = make_source_tree(None, "demo", sentinel=workspace.sentinel())
    url = workspace.write_git_repository("demo", tree, tag="v1")
    workspace.pip("install", *options, f"{url}@v1#egg=demo").check()
    assert workspace.sentinel().exists()
    assert workspace.added() == {"demo==1.0"}


def test_pip_builds_direct_url(workspace: Workspace, index: LocalIndex) -> None:
    url = index.publish(make_sdist("demo", sentinel=workspace.sentinel()))
    workspace.pip("install", f"demo @ {url}").check()
    assert workspace.sentinel().read_text() == BUILT_ONCE


@pytest.mark.parametrize("style", ["pep517", "setup.py"])
def test_pip_fetches_build_requirements(workspace: Workspace, index: LocalIndex, style: Style) -> None:
    index.publish(make_setuptools_stub())
    index.publish(make_sdist("demo", sentinel=workspace.sentinel(), style=style, build_requires=["helper"]))
    index.publish(make_sdist("helper", sentinel=workspace.sentinel("helper")))
    workspace.pip("install", "demo").check()
    assert "/simple/helper/" in index.paths
    assert workspace.sentinel("helper").exists()
    assert workspace.added() == {"demo==1.0"}


def test_sdist_and_tree_depend_on_arguments_alone(tmp_path: Path) -> None:
    sentinel = tmp_path / "sentinel"
    assert make_sdist("demo", sentinel=sentinel) == make_sdist("demo", sentinel=sentinel)
    written = make_source_tree(tmp_path / "tree", "demo", sentinel=sentinel)
    found = [path for path in (tmp_path / "tree").rglob("*") if path.is_file()]
    assert {path.relative_to(tmp_path / "tree").as_posix(): path.read_text() for path in found} == written


def test_commit_depends_on_files_alone(tmp_path: Path) -> None:
    first = make_git_repository(tmp_path / "first", {"a.txt": "a"})
    assert make_git_repository(tmp_path / "second", {"a.txt": "a"}, tag="v1") == first
