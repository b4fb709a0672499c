"""What is installed already is judged by the same rules, and nothing of it runs."""

from __future__ import annotations

import json
import os
from collections.abc import Callable

import pytest

from tests.e2e.outcome import DOCS
from tests.kit.environments import make_virtual_environment
from tests.kit.osv import FakeOsv, make_malware, make_record, write_export
from tests.kit.run import Completed
from tests.kit.wheels import make_wheel
from tests.kit.workspace import Workspace

SCAN = ("guard", "scan")


@pytest.fixture
def environment(workspace: Workspace) -> Workspace:
    """Make an environment with two ordinary distributions."""
    workspace.index.publish(make_wheel("demo", files={"demo/__init__.py": "", "demo/client.py": "SECRET = 1\n"}))
    workspace.index.publish(make_wheel("tool", entry_points={"console_scripts": {"tool": "tool:main"}}))
    workspace.pip("install", "demo", "tool").check()
    return workspace


def findings(ended: Completed) -> list[tuple[str, str, str | None]]:
    """Return severity, rule and project of each finding."""
    assert ended.stderr == "", str(ended)
    document = json.loads(ended.stdout)
    refused = any(finding["severity"] == "error" for finding in document["findings"])
    assert ended.returncode == (40 if refused else 0), str(ended)
    assert document["verdict"] == ("refused" if refused else "allowed")
    return [(finding["severity"], finding["rule"], finding["project"]) for finding in document["findings"]]


def test_finds_nothing_in_a_clean_environment(environment: Workspace) -> None:
    ended = environment.guard(*SCAN)
    text = ended.check().stdout.replace(str(environment.venv.site_packages), "<library>")
    head, _, tail = text.partition(" distributions in:\n  <library>\n")
    assert head.startswith("Looked at ")
    assert tail.endswith(" files compared; nothing found.\n")
    assert ended.stderr == ""


def test_answers_the_same_each_time(environment: Workspace) -> None:
    first, second = (environment.guard(*SCAN, "--json").check() for _ in range(2))
    assert first.stdout == second.stdout
    states = {each["project"]: each["state"] for each in json.loads(first.stdout)["distributions"]}
    assert {"demo", "tool", "pip", "pip-guard-shim", "packaging", "platformdirs"} <= states.keys()
    assert set(states.values()) == {"verified"}


def tamper(workspace: Workspace) -> None:
    workspace.venv.site_packages.joinpath("demo/client.py").write_text("SECRET = 2\n", encoding="utf-8")


def lose(workspace: Workspace) -> None:
    workspace.venv.site_packages.joinpath("demo/client.py").unlink()


def add(workspace: Workspace) -> None:
    workspace.venv.site_packages.joinpath("demo/more.py").touch()


def plant(name: str, content: str = "") -> Callable[[Workspace], None]:
    def write(workspace: Workspace) -> None:
        workspace.venv.site_packages.joinpath(name).write_text(content, encoding="utf-8")

    return write


def plant_command(workspace: Workspace) -> None:
    workspace.venv.scripts.joinpath("uname").touch()


def install(*names: str, **wheel: object) -> Callable[[Workspace], None]:
    def run(workspace: Workspace) -> None:
        workspace.index.publish(make_wheel(names[0], **wheel))  # type: ignore[arg-type]
        workspace.pip("install", *names).check()

    return run


@pytest.mark.parametrize(
    ("harm", "found"),
    [
        pytest.param(tamper, [("error", "record-mismatch", "demo")], id="changed-file"),
        pytest.param(lose, [("warning", "record-mismatch", "demo")], id="missing-file"),
        pytest.param(add, [("warning", "record-mismatch", "demo")], id="added-file"),
        pytest.param(plant("evil.pth", "import os\n"), [("error", "startup-code", None)], id="planted-pth"),
        pytest.param(
            plant("sitecustomize.py"),
            [("error", "startup-code", None), ("warning", "record-mismatch", None)],
            id="planted-sitecustomize",
        ),
        pytest.param(
            plant("keyring.py"),
            [("warning", "record-mismatch", None), ("error", "planted-file", None)],
            id="planted-module",
        ),
        pytest.param(plant_command, [("error", "planted-file", None)], id="planted-command"),
        pytest.param(
            install("evil", files={"demo/client.py": "SECRET = 3\n"}),
            [("error", "record-mismatch", "demo"), ("error", "overwritten-files", "evil")],
            id="overwritten-file",
        ),
        pytest.param(
            install("evil", files={"evil.pth": "import sys\n"}), [("error", "startup-code", "evil")], id="startup-code"
        ),
        pytest.param(
            install("evil", data={"data/pip.conf": ""}), [("error", "planted-file", "evil")], id="configuration"
        ),
        pytest.param(install("reqeusts"), [("error", "lookalike-project-name", "reqeusts")], id="lookalike"),
    ],
)
def test_finds(
    harm: Callable[[Workspace], None], found: list[tuple[str, str, str | None]], environment: Workspace
) -> None:
    harm(environment)
    assert findings(environment.guard(*SCAN, "--json")) == found


def test_runs_nothing_of_a_folder(environment: Workspace) -> None:
    """The environment is looked at by the pip-guard of another one."""
    code = f"open({str(environment.sentinel())!r}, 'w').close()\n"
    target = environment.cwd / "target"
    environment.index.publish(make_wheel("evil", files={"evil.pth": f"import sys; {code}", "json.py": code}))
    environment.pip("install", "--target", target, "evil", "tool").check()
    found = findings(environment.guard(*SCAN, "--json", "--path", target))
    assert found == [("error", "startup-code", "evil"), ("error", "planted-file", "evil")]
    assert not environment.sentinel().exists()


def test_reads_hostile_content_without_harm(environment: Workspace) -> None:
    """No interpreter of that environment could start: it would wait for the FIFO."""
    other = make_virtual_environment(environment.folder / "other", with_guard=False, user=environment.user)
    environment.run(other.scripts / "pip", "install", "demo").check()
    library = other.site_packages
    for name, content in {
        "junk-1.0.dist-info": b"\x00\xff" * 1000,
        "escaping-1.0.dist-info": b"../../../../../../../../etc/passwd,sha256=AAAA,1\n",
    }.items():
        (library / name).mkdir()
        (library / name / "RECORD").write_bytes(content)
    fifo = library / "fifo-1.0.dist-info"
    fifo.mkdir()
    os.mkfifo(fifo / "RECORD")
    os.mkfifo(library / "fifo.pth")
    (library / "demo" / "loop").symlink_to(library)
    with (library / "demo" / "client.py").open("wb") as large:
        large.truncate(100 << 20)
    found = findings(environment.guard(*SCAN, "--json", "--path", other.path))
    assert found == [
        ("error", "record-mismatch", "demo"),
        ("error", "record-mismatch", "escaping"),
        ("error", "record-mismatch", "fifo"),
        ("error", "record-mismatch", "junk"),
        ("error", "startup-code", None),
    ]


def test_asks_a_service_once(environment: Workspace) -> None:
    with FakeOsv() as osv:
        osv.add(make_malware(), "1.0")
        osv.add(make_record("PYSEC-2026-1", "tool", summary="It leaks"), "1.0")
        policy = f'[advisories]\nsource = "{osv.url}"\n'
        ended = environment.guard(*SCAN, "--json", policy=policy)
        again = environment.guard(*SCAN, "--json")
        paths = osv.paths
    assert findings(ended) == [("error", "known-malicious", "demo"), ("warning", "known-vulnerability", "tool")]
    assert ended.stdout == again.stdout
    assert paths.count("/v1/querybatch") == 1


def test_takes_a_local_export_and_exceptions(environment: Workspace) -> None:
    export = write_export(
        environment.folder / "osv", make_malware(project="demo"), make_record("PYSEC-1", "tool", versions=["1.0"])
    )
    exception = '[[exceptions]]\nrule = "known-vulnerability"\nproject = "tool"\nreason = "tested"\n'
    ended = environment.guard(*SCAN, policy=f'{exception}[advisories]\nsource = "{export}"\n')
    assert ended.returncode == 40
    library = environment.venv.site_packages
    assert ended.stdout.replace(str(library), "<library>").startswith(
        "error: known-malicious\n\n"
        "demo 1.0 is installed and is known to be malware: MAL-2026-1.\n"
        "  in <library>\n\n"
        "hint: Take this environment off the network, and start no Python in it. Treat every password and token it could"
        " read as stolen, and rotate them.\n"
        f"docs: {DOCS}/known-malicious.html\n\n"
        "Looked at "
    )
    assert ended.stdout.endswith("1 error, 1 excused.\n")


def test_looks_at_another_environment(environment: Workspace) -> None:
    other = make_virtual_environment(environment.folder / "other", with_guard=False, user=environment.user)
    environment.run(other.scripts / "pip", "install", "demo").check()
    (other.site_packages / "demo" / "client.py").unlink()
    by_path = environment.guard(*SCAN, "--json", "--path", other.path)
    by_interpreter = environment.guard("--python", other.python, *SCAN, "--json")
    assert findings(by_path) == findings(by_interpreter) == [("warning", "record-mismatch", "demo")]


@pytest.mark.parametrize("form", ["sarif", "cyclonedx"])
def test_answers_in_the_forms_of_others(form: str, environment: Workspace) -> None:
    document = json.loads(environment.guard(*SCAN, "--format", form).check().stdout)
    assert document["version"] in ("2.1.0", 1)


def test_a_wrong_policy_is_no_finding(environment: Workspace) -> None:
    ended = environment.guard(*SCAN, policy="nonsense = 1\n")
    assert (ended.returncode, ended.stdout) == (41, "")


def test_knows_no_other_form(environment: Workspace) -> None:
    ended = environment.guard(*SCAN, "--format", "xml")
    assert ended.returncode == 2
    assert "invalid choice: 'xml'" in ended.stderr
