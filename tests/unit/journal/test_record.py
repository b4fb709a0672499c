"""Test what a record says, and what it must not say."""

from __future__ import annotations

import json
import string
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pip_guard.engine.summary import CommandSummary, HeldBackRelease
from pip_guard.facts.origin import Origin, OriginKind
from pip_guard.facts.violation import Severity
from pip_guard.journal.record import Event, Outcome, hide_secrets, mark, outcome_of, render
from pip_guard.policy.model import Indexes, Mode, Policy
from pip_guard.report.json import describe
from pip_guard.report.text import render_finding
from pip_guard.urls.location import parse_location
from pip_guard.urls.redaction import redact
from tests.unit.factories import REQUIREMENTS, make_exception, make_finding, make_violation
from tests.unit.journal.factories import (
    NOW,
    POLICY,
    WHEEL,
    make_excuse,
    make_line,
    make_process_info,
    make_record,
    read,
)

SCHEMA = Path(__file__).parents[3] / "docs" / "reference" / "journal.schema.json"
FINDING = {
    "rule": "bad-thing",
    "severity": "error",
    "would_refuse": False,
    "message": "pip would do a bad thing.",
    "origin": None,
    "project": None,
    "version": None,
}
FULL = CommandSummary(
    command="install",
    destination="/srv/app/.venv",
    refused=True,
    findings=(make_finding(violation=make_violation(origin=REQUIREMENTS, project="x", version="2")),),
    excused=(make_excuse(project="demo", version="==1.0", hash="sha256:00", expires=date(2027, 1, 31)),),
    enforced=("only-binary",),
    held_back=(
        HeldBackRelease(
            project="demo",
            version="2.0",
            until=datetime(2026, 5, 1, tzinfo=timezone.utc),
            minimum_age=timedelta(days=3),
            chosen="1.0",
            fixes=("PYSEC-1",),
        ),
    ),
    files=(WHEEL,),
)


def test_record_says_all_that_is_known() -> None:
    assert make_record(FULL, outcome=Outcome.REFUSED, exit_code=40) == {
        "schema": 1,
        "event": "end",
        "id": "0123456789abcdef",
        "time": "2026-05-01T12:30:01.234Z",
        "host": "build-7",
        "user": "alice",
        "pid": 4711,
        "cwd": "/srv/app",
        "argv": ["install", "demo"],
        "command": "install",
        "interpreter": "/srv/app/.venv/bin/python",
        "environment": "/srv/app/.venv",
        "destination": "/srv/app/.venv",
        "versions": {"pip_guard": "0.1.0", "pip": "26.3", "python": "3.11.2"},
        "policy": POLICY.digest,
        "mode": "enforce",
        "verdict": "refused",
        "exit_code": 40,
        "error": None,
        "findings": [
            {**FINDING, "origin": "required by line 4 of requirements.txt", "project": "x", "version": "2"},
        ],
        "exceptions": [
            {
                **FINDING,
                "project": "demo",
                "version": "1.0",
                "entry": {
                    "rule": "bad-thing",
                    "project": "demo",
                    "version": "==1.0",
                    "hash": "sha256:00",
                    "reason": "tested",
                    "expires": "2027-01-31",
                    "once": False,
                },
            }
        ],
        "enforced": ["only-binary"],
        "held_back": [
            {
                "project": "demo",
                "version": "2.0",
                "until": "2026-05-01T00:00:00Z",
                "chosen": "1.0",
                "fixes": ["PYSEC-1"],
            }
        ],
        "files": [
            {
                "project": "demo",
                "version": "1.0",
                "filename": "demo-1.0-py3-none-any.whl",
                "url": "https://files.example/demo-1.0-py3-none-any.whl",
                "hashes": ["sha256:00ff"],
                "size": 828,
                "for_build": False,
            }
        ],
    }


@pytest.mark.parametrize(
    "record",
    [
        pytest.param(make_record(), id="least"),
        pytest.param(make_record(FULL, outcome=Outcome.REFUSED, exit_code=40), id="most"),
        pytest.param(make_record(FULL, event=Event.BEGIN, outcome=Outcome.BEGUN, exit_code=None), id="begin"),
        pytest.param(make_record(outcome=Outcome.ERROR, exit_code=43, error="It is so."), id="error"),
        pytest.param(
            make_record(CommandSummary(), process_info=make_process_info(cwd=None, pip=None)), id="before-pip"
        ),
        pytest.param(make_record(CommandSummary(excused=(make_excuse(once=True),))), id="once"),
    ],
)
def test_record_has_the_published_form(record: dict[str, object]) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8"))).validate(record)


def test_published_form_allows_no_other_values() -> None:
    jsonschema = pytest.importorskip("jsonschema")
    schema = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))
    assert set(schema.schema["properties"]) == set(schema.schema["required"]) == set(make_record())
    assert set(schema.schema["properties"]["verdict"]["enum"]) == {outcome.value for outcome in Outcome}
    assert not schema.is_valid(make_record(event=Event.BEGIN))
    assert not schema.is_valid(make_record(outcome=Outcome.BEGUN))


def test_time_is_universal() -> None:
    now = datetime(2026, 5, 1, 14, 30, 1, 234_999, tzinfo=timezone(timedelta(hours=2)))
    assert make_record(now=now)["time"] == make_record(now=NOW)["time"]


@pytest.mark.parametrize(
    ("summary", "exit_code", "outcome"),
    [
        pytest.param(CommandSummary(), 0, Outcome.ALLOWED, id="allowed"),
        pytest.param(CommandSummary(), 1, Outcome.FAILED, id="failed"),
        pytest.param(CommandSummary(refused=True), 40, Outcome.REFUSED, id="refused"),
        pytest.param(CommandSummary(refused=True, would_refuse=True), 0, Outcome.REFUSED, id="refused-whatever-else"),
        pytest.param(CommandSummary(would_refuse=True), 0, Outcome.WOULD_REFUSE, id="observed"),
        pytest.param(CommandSummary(would_refuse=True), 1, Outcome.WOULD_REFUSE, id="observed-and-failed"),
    ],
)
def test_outcome_is_what_became_of_the_command(summary: CommandSummary, exit_code: int, outcome: Outcome) -> None:
    assert outcome_of(summary, exit_code) is outcome


@pytest.mark.parametrize(
    ("argument", "shown"),
    [
        ("--index-url=https://me:secret@host.example/simple", "--index-url=https://me:****@host.example/simple"),
        ("https://secret@host.example/x.whl?token=secret", "https://****@host.example/x.whl?token=****"),
        ("git+ssh://git:secret@host.example/x.git", "git+ssh://git:****@host.example/x.git"),
        ("me:secret@proxy.example:3128", "me:****@proxy.example:3128"),
        ("--proxy=me:secret@proxy.example:3128", "--proxy=me:****@proxy.example:3128"),
        ("--global-option=me:secret@proxy.example", "--global-option=****"),
        ("api_token=secret", "api_token=****"),
        ("-Capi-key=secret", "-Capi-key=****"),
        ("passphrase=secret", "passphrase=****"),
        ("--config-settings=MY.PASSWORD=secret\nsecret", "--config-settings=MY.PASSWORD=****"),
        ("--config-settings=plat=secret", "--config-settings=plat=****"),
        ("--config-settings=", "--config-settings="),
        ("-Cplat=", "-Cplat="),
        ("-qCplat=secret", "-qCplat=****"),
        ("--glob=--secret", "--glob=****"),
        ("--trusted-host=me:secret@host.example", "--trusted-host=me:****@host.example"),
        ("--trusted-host=secret@host.example:8080", "--trusted-host=****@host.example:8080"),
        ("demo==1.0", "demo==1.0"),
        ("demo @ https://host.example/x.whl", "demo @ https://host.example/x.whl"),
        ("C:\\folder", "C:\\folder"),
    ],
)
def test_argument_is_shown_without_its_secret(argument: str, shown: str) -> None:
    line = make_line(process_info=make_process_info(argv=("install", argument)))
    assert read(line)["argv"] == ["install", shown]


@pytest.mark.parametrize(
    ("option", "value", "shown"),
    [
        ("--proxy", "me:secret@h:1", "me:****@h:1"),
        ("-C", "plat=secret", "plat=****"),
        ("--config-setting", "plat=secret", "plat=****"),
        ("--global-option", "--plat=secret", "--plat=****"),
        ("--build-option", "secret", "****"),
        ("install.config-settings", "plat=secret", "plat=****"),
        ("--trusted-host", "secret@h", "****@h"),
        ("--trusted", "me:secret@h", "me:****@h"),
        ("global.trusted-host", "secret@h", "****@h"),
        ("--trusted-host", "h:8080", "h:8080"),
    ],
)
def test_secret_behind_an_option_is_not_shown(option: str, value: str, shown: str) -> None:
    line = make_line(process_info=make_process_info(argv=(option, value, "demo")))
    assert read(line)["argv"] == [option, shown, "demo"]


WAYS = (
    ("-C", "any={}"),
    ("-Cany={}",),
    ("--config-settings", "any={}"),
    ("--config-settings=any={}",),
    ("--global-option", "{}"),
    ("--global-option=--any={}",),
    ("--build-option={}",),
    ("--trusted-host", "{}@host.example"),
    ("--trusted-host=me:{}@host.example",),
    ("--proxy", "me:{}@proxy.example:3128"),
    ("-i", "https://me:{}@host.example/simple/?any={}"),
    ("--extra-index-url=https://host.example/simple/?any={}",),
    ("demo @ https://host.example/demo.whl?x=1&any={}#sha256=00",),
    ("git+https://{}@host.example/demo.git?any={}",),
)
SECRETS = st.text(f"{string.ascii_letters}{string.digits}-_.~+", min_size=8).map(lambda text: f"s3cr3t{text}x")


@given(st.lists(st.sampled_from(WAYS), min_size=1, max_size=4), SECRETS)
def test_planted_secret_is_shown_nowhere(ways: list[tuple[str, ...]], secret: str) -> None:
    argv = tuple(argument.format(secret, secret) for way in ways for argument in way)
    # what messages and origins tell of a command line: options with their hosts and URLs
    places = [" ".join(way).format(secret, secret) for way in ways if "host" in " ".join(way) or "proxy" in way[0]]
    said = make_finding(
        violation=make_violation(
            f"pip would ask {' and '.join(places)}.", origin=Origin(kind=OriginKind.COMMAND_LINE, text=" ".join(places))
        ),
        remedy="\n".join(["Leave it.", *places]),
    )
    record = make_line(CommandSummary(findings=(said,)), process_info=make_process_info(argv=argv), error=str(places))
    assert secret.encode() not in record
    assert secret not in render_finding(said, colour=False)
    assert secret not in redact(json.dumps(describe(said)))


def test_no_credential_is_shown_anywhere() -> None:
    message = "pip would fetch https://me:secret@host.example/x.whl."
    summary = CommandSummary(
        findings=(make_finding(violation=make_violation(message)),),
        files=(type(WHEEL)(project="x", version=None, filename="x.whl", url="https://me:secret@host.example/x.whl"),),
    )
    assert b"secret" not in make_line(summary, error="https://me:secret@host.example/")


@pytest.mark.parametrize("argument", ["demo", "--proxy=x", "a=b", "x@y", "x:y"])
def test_harmless_argument_is_left_alone(argument: str) -> None:
    assert hide_secrets([argument]) == [argument]


@given(st.lists(st.text(st.characters()), max_size=4), st.text())
def test_record_is_one_line_of_ascii(argv: list[str], message: str) -> None:
    summary = CommandSummary(findings=(make_finding(violation=make_violation(message)),))
    line = make_line(summary, process_info=make_process_info(argv=tuple(argv)))
    assert line.isascii()
    assert (line.count(b"\n"), line[-1:]) == (1, b"\n")
    assert len(read(line)["argv"]) == len(argv)


def test_bytes_that_are_no_text_are_written_out() -> None:
    line = make_line(process_info=make_process_info(argv=("\udcff",), cwd="/srv/\udcfe"))
    assert (read(line)["argv"], read(line)["cwd"]) == (["\\udcff"], "/srv/\\udcfe")


def test_digest_tells_policies_apart() -> None:
    policies = [
        Policy(),
        Policy(severities={"bad-thing": Severity.OFF}),
        Policy(exceptions=(make_exception(),)),
        Policy(exceptions=(make_exception(expires=date(2027, 1, 31)),)),
        Policy(exceptions=(make_exception(url=parse_location("https://a.example/")),)),
        Policy(ineffective=(make_exception(),)),
        Policy(indexes=Indexes(projects={"acme-*": parse_location("https://a.example/")})),
        Policy(indexes=Indexes(projects={"acme-*": parse_location("https://b.example/")})),
        Policy(indexes=Indexes(restrictions=({"acme-*": parse_location("https://a.example/")},))),
        Policy(mode=Mode.OBSERVE),
    ]
    assert len({mark(policy).digest for policy in policies}) == len(policies)
    assert mark(Policy()) == mark(Policy())
    assert mark(Policy()).digest.startswith("sha256:")


def test_digest_does_not_count_which_file_says_what() -> None:
    mine, theirs = (Policy(exceptions=(make_exception(source=name),), path=name) for name in ("mine", "theirs"))
    assert mark(mine) == mark(theirs)
    assert mark(Policy(passed_over=(("/tmp/pyproject.toml", "belongs to another user (1)"),))) == mark(Policy())


def test_digest_does_not_count_what_is_allowed_once() -> None:
    assert mark(Policy(exceptions=(make_exception(once=True),))) == mark(Policy())


def test_record_says_whether_the_policy_only_observes() -> None:
    assert (mark(Policy()).mode, mark(Policy(mode=Mode.OBSERVE)).mode) == ("enforce", "observe")


def test_render_is_the_record(tmp_path: Path) -> None:
    assert read(render(make_record())) == make_record()
