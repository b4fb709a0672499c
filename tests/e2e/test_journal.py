"""The journal: what commands leave behind, before and after they change anything."""

from __future__ import annotations

import fcntl
import json
import os
import pwd
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.outcome import LAST_WORD, refusals
from tests.kit.http_server import FaultKind
from tests.kit.journal import journal_path, last, records
from tests.kit.simple_api import sha256
from tests.kit.sources import make_sdist, make_source_tree
from tests.kit.wheels import make_wheel
from tests.kit.workspace import Workspace

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"
PATIENCE = 20.0


def validator(name: str) -> Any:
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads((REFERENCE / f"{name}.schema.json").read_text(encoding="utf-8"))
    return jsonschema.Draft202012Validator(schema, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER)


def short(record: dict[str, Any]) -> tuple[object, ...]:
    return record["event"], record["command"], record["verdict"], record["exit_code"]


# what is recorded


def test_installation_is_recorded_before_and_after(workspace: Workspace) -> None:
    wheel = make_wheel("harmless", requires=["other"])
    workspace.index.publish(wheel)
    workspace.index.publish(make_wheel("other"))
    workspace.guard("install", "harmless").check()
    begin, end = records(workspace)
    assert short(begin) == ("begin", "install", "begun", None)
    assert short(end) == ("end", "install", "allowed", 0)
    assert {key: end[key] for key in begin} == {
        **begin,
        **{key: end[key] for key in ("event", "time", "verdict", "exit_code")},
    }
    assert end["files"] == [
        {
            "project": project,
            "version": "1.0",
            "filename": f"{project}-1.0-py3-none-any.whl",
            "url": f"{workspace.index.files_url}{project}-1.0-py3-none-any.whl",
            "hashes": [f"sha256:{sha256(content)}"],
            "size": len(content),
            "for_build": False,
        }
        for project, content in [("harmless", wheel.content), ("other", make_wheel("other").content)]
    ]
    assert (end["argv"], end["cwd"]) == (["install", "harmless"], str(workspace.cwd))
    assert (end["environment"], end["destination"]) == (str(workspace.venv.path),) * 2
    assert end["interpreter"] == str(workspace.venv.python)
    assert end["user"] == (str(workspace.user) if workspace.user is not None else pwd.getpwuid(os.geteuid()).pw_name)
    assert end["enforced"] == [
        "keyring-provider=disabled",
        "only-binary",
        "uploaded-prior-to",
        "use-feature=inprocess-build-deps",
    ]
    assert journal_path(workspace).stat().st_mode & 0o777 == 0o600
    assert journal_path(workspace).parent.stat().st_mode & 0o777 == 0o700


def test_every_kind_of_command_is_recorded_in_the_published_form(workspace: Workspace) -> None:
    for name in ("harmless", "hostile"):
        workspace.index.publish(make_wheel(name))
    workspace.index.publish(make_sdist("sourced", sentinel=workspace.sentinel()))
    config = {"PIP_CONFIG_FILE": None}
    commands: list[tuple[tuple[str, ...], list[tuple[object, ...]]]] = [
        (("install", "--dry-run", "harmless"), [("end", "install", "allowed", 0)]),
        (("download", "harmless"), [("begin", "download", "begun", None), ("end", "download", "allowed", 0)]),
        (("wheel", "harmless"), [("begin", "wheel", "begun", None), ("end", "wheel", "allowed", 0)]),
        (("lock", "harmless"), [("begin", "lock", "begun", None), ("end", "lock", "allowed", 0)]),
        (("install", "harmless"), [("begin", "install", "begun", None), ("end", "install", "allowed", 0)]),
        # nothing is left to do, and pip lets nobody import anything from here on
        (("install", "harmless"), [("end", "install", "allowed", 0)]),
        (("install", "nothing-of-that-name"), [("end", "install", "failed", 1)]),
        (("install", "sourced"), [("end", "install", "refused", 40)]),
        (("uninstall", "-y", "harmless"), [("begin", "uninstall", "begun", None), ("end", "uninstall", "allowed", 0)]),
        (("uninstall",), [("begin", "uninstall", "begun", None), ("end", "uninstall", "failed", 1)]),
        (
            ("config", "set", "global.timeout", "60"),
            [("begin", "config", "begun", None), ("end", "config", "allowed", 0)],
        ),
        (("config", "set", "global.index-url", "https://evil.example/"), [("end", "config", "refused", 40)]),
        (("config", "unset", "global.timeout"), [("begin", "config", "begun", None), ("end", "config", "allowed", 0)]),
        (("config", "list"), []),
        (("list",), []),
        (("index", "versions", "harmless"), []),
        (("index", "versions", "--index-url=https://evil.example/", "x"), [("end", "index", "refused", 40)]),
        (
            ("--guard-allow=source-distribution:sourced", "download", "sourced"),
            [
                ("begin", "download", "begun", None),
                ("begin", "download", "begun", None),
                ("end", "download", "allowed", 0),
            ],
        ),
        (("--guard-allow=known-malicious", "install", "x"), [("end", None, "error", 41)]),
        (("install", "--no-such-option"), []),
        (("install", "--help"), []),
    ]
    schema = validator("journal")
    seen = 0
    for command, expected in commands:
        ended = workspace.guard(*command, env=config)
        assert "Traceback" not in ended.output, str(ended)
        new = records(workspace)[seen:]
        assert [short(record) for record in new] == expected, str(ended)
        for record in new:
            schema.validate(record)
            assert record["argv"] == list(command)
        seen += len(new)


def test_exception_is_recorded_with_what_it_let_pass(workspace: Workspace) -> None:
    sdist = make_sdist("sourced", sentinel=workspace.sentinel())
    workspace.index.publish(sdist)
    workspace.policy(
        '[[exceptions]]\nrule = "source-distribution"\nproject = "sourced"\nversion = "==1.0"\n'
        'reason = "read it"\nexpires = 2099-12-31\n'
    )
    workspace.guard("install", "sourced").check()
    end = last(workspace)
    (exception,) = end["exceptions"]
    assert {key: exception[key] for key in ("rule", "project", "version", "entry")} == {
        "rule": "source-distribution",
        "project": "sourced",
        "version": "1.0",
        "entry": {
            "rule": "source-distribution",
            "project": "sourced",
            "version": "==1.0",
            "hash": None,
            "reason": "read it",
            "expires": "2099-12-31",
            "once": False,
        },
    }
    # both what was fetched, and what was made of it
    assert [file["filename"] for file in end["files"]] == ["sourced-1.0.tar.gz", "sourced-1.0-py3-none-any.whl"]
    assert {file["url"] for file in end["files"]} == {f"{workspace.index.files_url}sourced-1.0.tar.gz"}
    assert end["files"][0]["hashes"] == [f"sha256:{sha256(sdist.content)}"]
    shown = workspace.guard("guard", "log", "--project", "sourced").check()
    assert "    allowed by an exception (read it): source-distribution sourced 1.0\n" in shown.stdout


def test_what_a_build_needs_is_recorded(workspace: Workspace) -> None:
    workspace.index.publish(make_wheel("needed"))
    tree = make_source_tree(None, "app", sentinel=workspace.sentinel(), build_requires=("needed",))
    for path, text in tree.items():
        workspace.write(f"app/{path}", text)
    workspace.guard("install", "./app").check()
    files = {file["project"]: file["for_build"] for file in last(workspace)["files"]}
    assert files == {"needed": True, "app": False}


def test_build_is_recorded_before_it_runs(workspace: Workspace) -> None:
    """Nothing of a build is seen once it has killed the command that runs it."""
    tree = make_source_tree(None, "app", sentinel=workspace.sentinel())
    for path, text in tree.items():
        workspace.write(f"app/{path}", text)
    backend = workspace.cwd / "app" / "sentinel_backend" / "__init__.py"
    backend.write_text("import os, signal\nos.kill(os.getppid(), signal.SIGKILL)\n", encoding="utf-8")
    assert workspace.guard("install", "./app").returncode == -signal.SIGKILL
    assert [short(record) for record in records(workspace)] == [("begin", "install", "begun", None)]
    shown = workspace.guard("guard", "log").check()
    assert "Z  unended     -  " in shown.stdout


def test_secrets_are_not_recorded(place: Workspace) -> None:
    place.guard("install", "--index-url=https://me:hunter2@evil.example/simple", "harmless")
    place.guard("install", "--proxy", "me:hunter2@evil.example:3128", "harmless")
    place.guard(
        "install", "-C", "api_token=hunter2", "harmless", env={"PIP_EXTRA_INDEX_URL": "https://hunter2@e.example"}
    )
    assert len(records(place)) == 3
    assert b"hunter2" not in journal_path(place).read_bytes()
    assert b"hunter2" not in place.guard("guard", "log").output.encode()


def test_interruption_is_recorded(workspace: Workspace) -> None:
    workspace.index.publish(make_wheel("harmless"))
    workspace.index.fail("/simple/harmless/", FaultKind.SLOW, seconds=PATIENCE, times=1)
    process = workspace.start(workspace.venv.scripts / "pip-guard", "install", "harmless")
    until = time.monotonic() + PATIENCE
    while "/simple/harmless/" not in workspace.index.paths and time.monotonic() < until:
        time.sleep(0.01)
    time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    assert process.wait(PATIENCE) == 1
    assert [short(record) for record in records(workspace)] == [("end", "install", "failed", 1)]


# a journal that cannot be written


def spoil(workspace: Workspace) -> Path:
    """Put a folder in the place of the journal."""
    path = journal_path(workspace)
    path.mkdir(parents=True)
    workspace.give(workspace.home / ".local")
    return path


def test_command_goes_on_where_no_record_is_required(workspace: Workspace) -> None:
    workspace.index.publish(make_wheel("harmless"))
    path = spoil(workspace)
    ended = workspace.guard("install", "harmless").check()
    assert ended.stderr.count("warning: unwritten-journal\n") == 2
    assert f"pip would go on without a record: {path} cannot be written (Is a directory).\n" in ended.stderr
    assert f"pip ends without a record: {path} cannot be written (Is a directory).\n" in ended.stderr
    assert workspace.added() == {"harmless==1.0"}


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(("install", "harmless"), id="install"),
        pytest.param(("install", "./app"), id="build"),
        pytest.param(("download", "-d", "files", "harmless"), id="download"),
        pytest.param(("wheel", "-w", "files", "harmless"), id="wheel"),
        pytest.param(("lock", "harmless"), id="lock"),
        pytest.param(("uninstall", "-y", "packaging"), id="uninstall"),
        pytest.param(("config", "set", "global.timeout", "60"), id="config"),
    ],
)
def test_nothing_changes_without_a_record_where_one_is_required(command: tuple[str, ...], place: Workspace) -> None:
    tree = make_source_tree(None, "app", sentinel=place.sentinel())
    for name, text in tree.items():
        place.write(f"app/{name}", text)
    path = spoil(place)
    ended = place.guard(*command, policy="[journal]\nrequired = true\n", env={"PIP_CONFIG_FILE": None})
    assert refusals(ended) == ("unwritten-journal",)
    assert LAST_WORD.search(ended.stderr)
    assert f"pip would go on without a record: {path} cannot be written (Is a directory).\n" in ended.stderr
    assert not place.sentinel().exists()
    assert [file for file in place.cwd.rglob("*") if file.suffix == ".whl" or file.name.startswith("pylock")] == []
    assert not (place.home / ".config" / "pip" / "pip.conf").exists()


def test_refusal_has_the_last_word_where_it_cannot_be_recorded(place: Workspace) -> None:
    spoil(place)
    ended = place.guard("install", "--index-url=https://evil.example/", "harmless")
    assert refusals(ended) == ("unapproved-index",)
    assert "warning: unwritten-journal\n" in ended.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can act for others")
def test_root_does_not_write_to_the_journal_of_a_user(workspace: Workspace) -> None:
    workspace.index.publish(make_wheel("harmless"))
    workspace.guard("install", "--dry-run", "harmless").check()
    before = journal_path(workspace).read_bytes()
    policy = '[rules]\nrunning-as-root = "off"\nwritable-configuration = "off"\n'
    ended = workspace.guard("install", "--dry-run", "harmless", policy=policy, user=0).check()
    assert f"is in a folder that belongs to another user ({workspace.user})" in ended.stderr
    assert journal_path(workspace).read_bytes() == before
    workspace.guard("install", "--dry-run", "harmless").check()


def test_policy_names_the_file_and_how_large_it_grows(place: Workspace) -> None:
    path = place.home / "logs" / "pip.jsonl"
    place.policy(f'[journal]\npath = "{path}"\nmax-size = "1 KiB"\n')
    for _ in range(3):
        place.guard("install", "--dry-run", "harmless").check()
    assert sorted(file.name for file in path.parent.iterdir()) == [
        "pip.jsonl",
        "pip.jsonl.1",
        "pip.jsonl.2",
        "pip.jsonl.lock",
    ]
    assert len(place.guard("guard", "log").check().stdout.splitlines()) == 3
    assert not journal_path(place).exists()


def test_policy_can_want_no_journal(place: Workspace) -> None:
    place.guard("install", "--dry-run", "harmless", policy="[journal]\nenabled = false\n").check()
    assert not (place.home / ".local").exists()


def test_policy_can_want_a_copy_in_the_system_log(place: Workspace) -> None:
    ended = place.guard("install", "--dry-run", "harmless", policy="[journal]\nsyslog = true\n").check()
    assert short(last(place)) == ("end", "install", "allowed", 0)
    # whether or not anything listens on this machine, the command goes on
    assert ("there is no syslog on this machine" in ended.stderr) is not Path("/dev/log").exists()


def test_lock_that_is_held_costs_two_seconds_and_a_warning(place: Workspace) -> None:
    place.guard("install", "--dry-run", "harmless").check()
    with Path(f"{journal_path(place)}.lock").open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        started = time.monotonic()
        ended = place.guard("download", "harmless").check()
        assert time.monotonic() - started < 8
    assert ended.stderr.count("is locked by another process") == 2


# how it is shown


def test_log_shows_what_happened(place: Workspace) -> None:
    place.guard("install", "--dry-run", "harmless").check()
    place.guard("install", "--index-url=https://evil.example/", "harmless")
    who = last(place)["user"]
    allowed, refused, finding = place.guard("guard", "log").check().stdout.splitlines()
    assert allowed[20:] == f"  allowed     0  {who}  pip install --dry-run harmless"
    assert refused[20:] == f"  refused    40  {who}  pip install --index-url=https://evil.example/ harmless"
    assert finding == (
        "    unapproved-index: pip would look for distributions on https://evil.example/, which is not approved."
    )
    newest = journal_path(place).read_text(encoding="ascii").splitlines()[-1]
    assert place.guard("guard", "log", "-n", "1", "--json").check().stdout == f"{newest}\n"
    summary = place.guard("guard", "log", "--refused", "--since", "1h", "--summary").check()
    assert summary.stdout == "     1  unapproved-index\n"


# the other output for programs


@pytest.mark.parametrize(
    ("command", "policy", "verdict", "code"),
    [
        pytest.param(("install", "--dry-run", "harmless"), "", "allowed", 0, id="allowed"),
        pytest.param(("install", "--dry-run", "nothing-there"), "", "allowed", 1, id="failed"),
        pytest.param(("install", "--index-url=https://evil.example/", "x"), "", "refused", 40, id="options"),
        pytest.param(("install", "--dry-run", "harmles"), "", "allowed", 1, id="misspelt"),
        pytest.param(("install", "https://evil.example/x-1.0.tar.gz"), "", "refused", 40, id="candidate"),
        pytest.param(("config", "set", "global.index-url", "https://evil.example/"), "", "refused", 40, id="config"),
        pytest.param(("install", "x"), "oops", "error", 41, id="policy"),
        pytest.param(("--guard-allow=no-rule", "install", "x"), "", "error", 2, id="usage"),
        pytest.param(("--python=/nowhere", "install", "x"), "", "error", 40, id="interpreter"),
        pytest.param(("guard", "explain", "no-rule"), "", "error", 2, id="guard"),
    ],
)
def test_one_object_of_the_published_form_is_written_for_programs(
    command: tuple[str, ...], policy: str, verdict: str, code: int, place: Workspace
) -> None:
    ended = place.guard("--guard-format=json", *command, policy=policy)
    objects = [line for line in ended.stderr.splitlines() if line.startswith('{"schema":')]
    assert len(objects) == 1, str(ended)
    content = json.loads(objects[0])
    validator("json-output").validate(content)
    assert (content["verdict"], ended.returncode) == (verdict, code)
