"""Virtual environments are whole after they have been copied, and belong to the user that runs in them."""

from __future__ import annotations

import csv
import os
import sys
from pathlib import Path

import pytest

from tests.kit import wheelhouse
from tests.kit.environments import VirtualEnvironment
from tests.kit.folders import new_folder
from tests.kit.index import LocalIndex
from tests.kit.users import copy_installation, describe, ordinary_user
from tests.kit.wheels import record_hash
from tests.kit.workspace import Workspace


def broken_rows(environment: VirtualEnvironment) -> list[str]:
    found: list[str] = []
    for record in environment.site_packages.glob("*.dist-info/RECORD"):
        with record.open(newline="", encoding="utf-8") as stream:
            for name, digest, _ in csv.reader(stream):
                content = (environment.site_packages / name).read_bytes()
                if digest and record_hash(content) != digest:
                    found.append(name)
    return found


def test_copy_is_whole(workspace: Workspace) -> None:
    venv = workspace.venv
    shown = workspace.python("-c", "import sys; print(sys.prefix, sys.version_info[:2])").check().stdout
    assert shown == f"{venv.path} {sys.version_info[:2]}\n"
    assert workspace.pip("--version").check().stdout.startswith("pip ")
    assert str(venv.path) in workspace.pip("--version").stdout
    assert broken_rows(venv) == []
    others = [path for path in [venv.path / "pyvenv.cfg", *venv.scripts.iterdir()] if b"template-" in path.read_bytes()]
    assert others == []
    assert {path.lstat().st_uid for path in venv.path.rglob("*")} == {ordinary_user() or os.geteuid()}


def test_environment_without_guard_has_pip_alone(workspace: Workspace) -> None:
    assert {name.partition("==")[0] for name in workspace.installed()} == {"pip"}


def test_environment_with_guard_has_its_built_wheel(index: LocalIndex) -> None:
    workspace = Workspace(new_folder("workspace-"), index)
    names = {name.partition("==")[0] for name in workspace.installed()}
    assert names == {"pip", "packaging", "platformdirs", "pip-guard-shim"}
    assert broken_rows(workspace.venv) == []
    assert workspace.guard("--version").check().stdout == workspace.pip("--version").check().stdout
    assert workspace.guard_module("--version").check().stdout == workspace.pip("--version").stdout


def test_copies_are_independent(workspace: Workspace, tmp_path: Path) -> None:
    other = Workspace(workspace.folder / "other", workspace.index, with_guard=False)
    (workspace.venv.site_packages / "pip" / "__init__.py").write_text("broken")
    assert workspace.pip("--version").returncode != 0
    other.pip("--version").check()


def test_pip_version_can_be_chosen(workspace: Workspace) -> None:
    other = Workspace(workspace.folder / "other", workspace.index, pip="26.2", with_guard=False)
    assert other.pip("--version").check().stdout.startswith("pip 26.2 ")


def test_root_makes_interpreter_readable() -> None:
    user = ordinary_user()
    if user is None:
        pytest.skip("only root has to copy interpreters")
    prefix = Path(sys.base_prefix)
    copy = copy_installation(prefix, (prefix / "bin" / f"python3.{sys.version_info[1]}").resolve())
    described = describe(copy, user)
    assert described is not None
    assert described["version"] == [*sys.version_info[:2]]
    assert described["prefix"] == str(copy.parents[1])


def test_unavailable_wheel_skips_test(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(wheelhouse, "CACHE", tmp_path)
    monkeypatch.setitem(wheelhouse.AMBIENT, "PIP_INDEX_URL", "https://localhost:1/simple/")
    monkeypatch.setitem(wheelhouse.AMBIENT, "PIP_RETRIES", "0")
    with pytest.raises(pytest.skip.Exception, match=r"nothing-there is neither in .* nor can it be downloaded"):
        wheelhouse.downloaded("nothing-there")


def test_cached_wheel_outlives_network(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(wheelhouse, "CACHE", tmp_path)
    monkeypatch.setattr(wheelhouse, "download", lambda requirement, folder: "no network")
    for version in ("9.0", "10.0"):
        kept = tmp_path / "kept" / f"kept-{version}-py3-none-any.whl"
        kept.parent.mkdir(exist_ok=True)
        kept.touch()
    os.utime(tmp_path / "kept", (0, 0))
    assert wheelhouse.downloaded("kept").name == "kept-10.0-py3-none-any.whl"
