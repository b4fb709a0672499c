"""What wheels may bring: looked at as they lie on disk, before anything of them is unpacked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.e2e.outcome import DOCS, leftovers, refusals, told
from tests.kit.simple_api import sha256
from tests.kit.sources import make_source_tree
from tests.kit.wheels import Wheel, make_wheel
from tests.kit.workspace import Workspace

STARTUP = ("startup-code",)
RECORD = ("record-mismatch",)
OVERWRITTEN = ("overwritten-files",)
PLANTED = ("planted-file",)
EDITABLE = '{"url": "file:///tmp", "dir_info": {"editable": true}}'
PKG_INFO = "Metadata-Version: 2.1\nName: other\nVersion: 9\n"
PTH = "import sys; open({path!r}, 'w').close()\n"


def hostile(workspace: Workspace, name: str = "hostile", version: str = "1.0") -> Wheel:
    """Make a wheel that leaves its mark whenever Python starts."""
    pth = PTH.format(path=str(workspace.sentinel()))
    return make_wheel(name, version, files={f"{name}.py": "", f"{name}.pth": pth})


REFUSED = [
    pytest.param(make_wheel("bad", files={"bad.pth": "import os\n"}), STARTUP, id="pth"),
    pytest.param(make_wheel("bad", data={"purelib/bad.pth": "import os\n"}), STARTUP, id="pth-by-way-of-data"),
    pytest.param(make_wheel("bad", files={"bad.start": "bad:main\n"}), STARTUP, id="start"),
    pytest.param(make_wheel("bad", files={"sitecustomize.py": ""}), STARTUP, id="sitecustomize"),
    pytest.param(make_wheel("bad", misrecorded=["bad.py"]), RECORD, id="misrecorded"),
    pytest.param(make_wheel("bad", unrecorded=["bad.py"]), RECORD, id="unrecorded"),
    pytest.param(make_wheel("bad", omit=["bad.py"]), RECORD, id="omitted"),
    pytest.param(make_wheel("bad", files={"platformdirs/api.py": "x"}), (*OVERWRITTEN, *PLANTED), id="guards-own"),
    pytest.param(make_wheel("bad", data={"data/pip.conf": "[global]\n"}), PLANTED, id="pip-conf"),
    pytest.param(make_wheel("bad", entry_points={"console_scripts": {"uname": "bad:main"}}), PLANTED, id="command"),
    pytest.param(make_wheel("bad", data={"scripts/packaging.py": ""}), PLANTED, id="script-that-hides-a-module"),
    pytest.param(make_wheel("bad", files={"keyring.py": ""}), PLANTED, id="module"),
    pytest.param(
        make_wheel("bad", files={"bad-1.0.dist-info/direct_url.json": EDITABLE}), PLANTED, id="editable-elsewhere"
    ),
    pytest.param(make_wheel("bad", files={"bad.egg-link": "/tmp\n"}), PLANTED, id="egg-link"),
    pytest.param(make_wheel("bad", files={"other-9.egg-info/PKG-INFO": PKG_INFO}), PLANTED, id="egg-of-another"),
    pytest.param(make_wheel("bad", files={"other-9.DIST-INFO/METADATA": PKG_INFO}), PLANTED, id="second-distribution"),
    pytest.param(make_wheel("bad", files={"bad.pth": "sub\n", "sub/keyring.py": ""}), PLANTED, id="module-by-path"),
    pytest.param(
        make_wheel("bad", files={"bad.pth": "sub\n", "sub/sitecustomize.py": ""}), STARTUP, id="startup-by-path"
    ),
    pytest.param(make_wheel("bad", files={"bad.pth": "sub.zip\n", "sub.zip": ""}), STARTUP, id="path-to-archive"),
    pytest.param(make_wheel("bad", files={"bad.pth": "later\n", "bad.py": ""}), STARTUP, id="path-to-what-may-come"),
]


@pytest.mark.parametrize(("wheel", "rules"), REFUSED)
def test_plain_pip_installs(wheel: Wheel, rules: tuple[str, ...], workspace: Workspace) -> None:
    workspace.index.publish(wheel)
    workspace.pip("install", "bad").check()


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(("install",), id="install"),
        pytest.param(("install", "--use-deprecated=legacy-resolver"), id="legacy-resolver"),
    ],
)
@pytest.mark.parametrize(("wheel", "rules"), REFUSED)
def test_refuses_before_anything_is_unpacked(
    command: tuple[str, ...], wheel: Wheel, rules: tuple[str, ...], shared_workspace: Workspace
) -> None:
    shared_workspace.index.publish(wheel)
    shared_workspace.index.publish(make_wheel("harmless"))
    assert refusals(shared_workspace.guard(*command, "harmless", "bad")) == rules
    assert leftovers(shared_workspace) == []


@pytest.mark.parametrize(
    ("metadata", "rules"),
    [
        pytest.param(False, (*STARTUP,), id="fetched"),
        pytest.param(True, (), id="never-fetched"),
    ],
)
def test_dry_run_judges_what_it_has_to_fetch(
    metadata: bool, rules: tuple[str, ...], shared_workspace: Workspace
) -> None:
    shared_workspace.index.publish(hostile(shared_workspace), metadata=metadata)
    ended = shared_workspace.guard("install", "--dry-run", "hostile")
    assert (refusals(ended) if rules else tuple(ended.check().stderr.splitlines())) == rules


@pytest.mark.parametrize("command", [pytest.param("download", id="download"), pytest.param("wheel", id="wheel")])
def test_refuses_to_keep(command: str, shared_workspace: Workspace) -> None:
    shared_workspace.index.publish(hostile(shared_workspace))
    assert refusals(shared_workspace.guard(command, "hostile")) == STARTUP
    assert list(shared_workspace.cwd.glob("*.whl")) == []


def test_keeps_wheels_that_could_not_be_installed_together(shared_workspace: Workspace) -> None:
    for name in ("one", "two"):
        shared_workspace.index.publish(make_wheel(name, files={"shared.py": name}))
    shared_workspace.guard("download", "one", "two").check()
    assert refusals(shared_workspace.guard("install", "one", "two")) == OVERWRITTEN


def test_startup_file_never_runs(workspace: Workspace) -> None:
    workspace.index.publish(hostile(workspace))
    workspace.index.publish(make_wheel("parent", requires=["hostile"]))
    refusals(workspace.guard("install", "parent"))
    workspace.python("-c", "pass").check()
    assert not workspace.sentinel().exists()
    workspace.pip("install", "parent").check()
    workspace.python("-c", "pass").check()
    assert workspace.sentinel().exists()


def test_message_says_what_would_happen_and_who_asks(shared_workspace: Workspace) -> None:
    files = {"hostile.py": "", "hostile.pth": "import os; os.getcwd()\n"}
    shared_workspace.index.publish(make_wheel("hostile", "1.82.8", files=files))
    shared_workspace.index.publish(make_wheel("parent", "3.1", requires=["hostile"]))
    ended = shared_workspace.guard("install", "parent")
    assert told(shared_workspace, ended).endswith(f"""error: startup-code

hostile 1.82.8 would run code whenever Python starts: hostile.pth has the line 'import os; os.getcwd()'.
  required by parent 3.1

hint: Do not install this release. If you have read the file and need it, allow it:
      pip-guard guard allow startup-code hostile==1.82.8 --reason "..."
docs: {DOCS}/startup-code.html

Nothing was installed.
"""), str(ended)


@pytest.mark.parametrize(
    ("limit", "allowed"),
    [
        pytest.param("", True, id="project"),
        pytest.param('version = "==1.0"', True, id="version"),
        pytest.param('hash = "sha256:{sha256}"', True, id="hash"),
        pytest.param('version = "==2.0"', False, id="other-version"),
        pytest.param(f'hash = "sha256:{"0" * 64}"', False, id="other-hash"),
    ],
)
def test_policy_can_allow_it(limit: str, allowed: bool, workspace: Workspace) -> None:
    wheel = hostile(workspace)
    workspace.index.publish(wheel)
    limit = limit.format(sha256=sha256(wheel.content))
    workspace.policy(f'[[exceptions]]\nrule = "startup-code"\nproject = "hostile"\nreason = "a test"\n{limit}\n')
    ended = workspace.guard("--guard-format=json", "install", "hostile")
    assert (ended.returncode == 0) is allowed, str(ended)
    assert json.loads(ended.stderr.splitlines()[-1])["verdict"] == ("allowed" if allowed else "refused")
    assert workspace.added() == ({"hostile==1.0"} if allowed else set())


def test_refuses_files_of_what_is_installed(workspace: Workspace) -> None:
    workspace.index.publish(make_wheel("present", files={"present/__init__.py": "good = 1\n"}))
    workspace.index.publish(make_wheel("thief", files={"present/__init__.py": "good = 0\n"}))
    workspace.index.publish(make_wheel("shadow", files={"present/__init__.abi3.so": ""}))
    workspace.guard("install", "present").check()
    assert refusals(workspace.guard("install", "thief")) == OVERWRITTEN
    assert refusals(workspace.guard("install", "shadow")) == OVERWRITTEN
    workspace.python("-c", "import present; assert present.good").check()


def test_lets_a_project_replace_its_own_files(workspace: Workspace) -> None:
    for version in ("1.0", "2.0"):
        files = {"own/__init__.py": version}
        scripts = {"console_scripts": {"own": "own:main"}}
        workspace.index.publish(make_wheel("own", version, files=files, entry_points=scripts))
        workspace.guard("install", "--upgrade", f"own=={version}").check()
    workspace.guard("install", "--force-reinstall", "own").check()
    assert workspace.added() == {"own==2.0"}


def test_lets_namespaces_be_shared(workspace: Workspace) -> None:
    extend = "__path__ = __import__('pkgutil').extend_path(__path__, __name__)\n"
    for name in ("one", "two"):
        files = {"space/__init__.py": extend, f"space/{name}.py": "", "LICENSE": name, "tests/__init__.py": name}
        workspace.index.publish(make_wheel(name, files=files))
    workspace.guard("install", "one").check()
    workspace.guard("install", "two").check()
    workspace.python("-c", "import space.one, space.two").check()


@pytest.mark.parametrize("option", [pytest.param("--target", id="target"), pytest.param("--prefix", id="prefix")])
def test_looks_where_the_options_say(option: str, shared_workspace: Workspace) -> None:
    folder = shared_workspace.home / "place"
    for name in ("one", "two"):
        shared_workspace.index.publish(make_wheel(name, files={"shared.py": name}))
    shared_workspace.guard("install", option, folder, "one").check()
    assert refusals(shared_workspace.guard("install", "--upgrade", option, folder, "two")) == OVERWRITTEN
    (installed,) = folder.rglob("shared.py")
    assert installed.read_text(encoding="utf-8") == "one"


def test_lets_a_target_keep_what_it_has(shared_workspace: Workspace) -> None:
    folder = shared_workspace.home / "place"
    for name in ("one", "two"):
        shared_workspace.index.publish(make_wheel(name, files={"shared.py": name}))
        shared_workspace.guard("install", "--target", folder, name).check()
    assert (folder / "shared.py").read_text(encoding="utf-8") == "one"


def write_project(workspace: Workspace, *, build_requires: tuple[str, ...] = ()) -> Path:
    files = make_source_tree(None, "app", sentinel=workspace.sentinel("app"), build_requires=build_requires)
    for path, text in files.items():
        workspace.write(f"app/{path}", text)
    return workspace.cwd / "app"


def test_looks_at_what_a_build_needs(shared_workspace: Workspace) -> None:
    write_project(shared_workspace, build_requires=("hostile",))
    shared_workspace.index.publish(hostile(shared_workspace))
    assert refusals(shared_workspace.guard("install", "./app")) == STARTUP
    assert not shared_workspace.sentinel().exists()
    assert not shared_workspace.sentinel("app").exists()


def test_what_a_build_needs_meets_nothing_of_the_environment(workspace: Workspace) -> None:
    write_project(workspace, build_requires=("builder",))
    workspace.index.publish(make_wheel("already-there", files={"shared.py": "1"}))
    workspace.index.publish(make_wheel("builder", files={"shared.py": "2"}))
    workspace.guard("install", "already-there").check()
    workspace.guard("install", "./app").check()
    assert workspace.added() == {"already-there==1.0", "app==1.0"}


def test_looks_at_a_file_on_disk(shared_workspace: Workspace) -> None:
    wheel = hostile(shared_workspace)
    path = shared_workspace.write(wheel.filename, wheel.content)
    assert refusals(shared_workspace.guard("install", path)) == STARTUP


def test_goes_by_the_name_in_the_link(workspace: Workspace) -> None:
    workspace.index.publish(make_wheel("demo"))
    workspace.guard("install", f"{workspace.index.files_url}demo-1.0-py3-none-any.whl").check()
    assert workspace.added() == {"demo==1.0"}
