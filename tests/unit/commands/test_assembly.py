"""Test how the parts of one command are put together."""

from __future__ import annotations

from pathlib import Path

import pytest

from pip_guard.commands import assembly
from pip_guard.commands.assembly import describe, effective_policy, make_report, make_session
from pip_guard.environment import permissions
from pip_guard.errors import GuardError, LockedError, PolicyError, UsageError
from pip_guard.facts.command import Authority, Bundle, BundleFacts, CommandFacts, FileFacts, TrustedFile
from pip_guard.facts.violation import Severity
from pip_guard.options import OwnOptions
from pip_guard.policy import files
from pip_guard.policy.exceptions import PolicyException
from pip_guard.policy.model import Mode, Policy
from pip_guard.report.json import JsonReport
from pip_guard.report.text import TextReport
from tests.unit.factories import make_command_facts, make_command_options


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the user a home folder without a policy."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("PIP_GUARD_POLICY", raising=False)
    return tmp_path


def once(rule: str, project: str | None = None) -> PolicyException:
    return PolicyException(rule=rule, project=project, reason="allowed once, on the command line", once=True)


def test_policy_holds_what_is_allowed_once() -> None:
    own = OwnOptions(allow=(("local-project", None), ("source-distribution", "Zope.Interface")))
    assert effective_policy(own) == Policy(
        exceptions=(once("local-project"), once("source-distribution", "zope-interface"))
    )


def test_what_is_allowed_once_comes_after_the_policy(home: Path) -> None:
    (home / "p.toml").write_text(
        '[rules]\nrunning-as-root = "off"\n[[exceptions]]\nrule = "local-project"\nreason = "ours"\n', encoding="utf-8"
    )
    own = OwnOptions(policy=str(home / "p.toml"), allow=(("local-project", "demo"),))
    assert effective_policy(own) == Policy(
        severities={"running-as-root": Severity.OFF},
        exceptions=(PolicyException(rule="local-project", project=None, reason="ours"), once("local-project", "demo")),
    )


@pytest.mark.parametrize(
    ("own", "error"),
    [
        pytest.param(OwnOptions(allow=(("no-rule", None),)), UsageError, id="no-rule"),
        pytest.param(OwnOptions(policy="missing.toml"), PolicyError, id="no-policy"),
    ],
)
def test_nothing_is_decided_without_a_policy(own: OwnOptions, error: type[GuardError]) -> None:
    session = make_session(own)
    with pytest.raises(error):
        session.judge(make_command_facts())


@pytest.fixture
def admin_policy(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return where the administrator's policy is looked for."""
    path = home / "admin.toml"
    monkeypatch.setattr(files, "admin_policy_path", lambda: path)
    monkeypatch.setattr(permissions, "others_can_change", lambda path: None)
    return path


def test_observes_where_that_is_asked_for() -> None:
    assert effective_policy(OwnOptions(observe=True)) == Policy(mode=Mode.OBSERVE)


@pytest.mark.parametrize(
    ("text", "own"),
    [
        pytest.param("locked = true\n", OwnOptions(observe=True), id="observe-under-a-lock-of-nothing"),
        pytest.param(
            'locked = true\n[releases]\nminimum-age = "P3D"\n',
            OwnOptions(allow=(("local-project", None), ("recent-release", "demo"))),
            id="allow-what-is-locked",
        ),
    ],
)
def test_lock_refuses_what_would_loosen(admin_policy: Path, text: str, own: OwnOptions) -> None:
    admin_policy.write_text(text, encoding="utf-8")
    with pytest.raises(LockedError) as caught:
        effective_policy(own)
    what = "--guard-observe" if own.observe else "--guard-allow=recent-release"
    assert caught.value.message == (
        f"{what} is not possible here: the administrator's policy {admin_policy} locks this."
    )
    assert caught.value.exit_code == 40


@pytest.mark.parametrize(
    ("text", "own", "policy"),
    [
        pytest.param("", OwnOptions(observe=True), Policy(mode=Mode.OBSERVE), id="no-lock"),
        pytest.param(
            'locked = true\nmode = "observe"\n',
            OwnOptions(observe=True),
            Policy(mode=Mode.OBSERVE),
            id="observes-anyway",
        ),
        pytest.param(
            'locked = true\n[rules]\nmissing-hash = "error"\n',
            OwnOptions(allow=(("local-project", None),)),
            Policy(severities={"missing-hash": Severity.ERROR}, exceptions=(once("local-project"),)),
            id="allow-what-is-not-locked",
        ),
    ],
)
def test_what_is_not_locked_is_possible(admin_policy: Path, text: str, own: OwnOptions, policy: Policy) -> None:
    admin_policy.write_text(text, encoding="utf-8")
    assert effective_policy(own) == policy


@pytest.mark.parametrize(("name", "kind"), [("json", JsonReport), ("text", TextReport)])
def test_report_is_for_people_or_for_programs(name: str, kind: type) -> None:
    assert type(make_report(name)) is kind


def test_session_asks_every_rule(capsys: pytest.CaptureFixture[str]) -> None:
    session = make_session(OwnOptions())
    assert not session.judge(make_command_facts(runs_as_root=True))
    assert session.end() == 40
    assert capsys.readouterr().err.startswith("error: running-as-root\n")


def test_session_reports_to_programs_where_they_ask(capsys: pytest.CaptureFixture[str]) -> None:
    session = make_session(OwnOptions(format="json"))
    assert session.judge(make_command_facts())
    assert session.end() is None
    assert capsys.readouterr().err.startswith('{"schema": 1, "verdict": "allowed"')


@pytest.mark.parametrize(
    ("reads_only", "kinds"),
    [
        pytest.param(False, [CommandFacts, FileFacts], id="changes-something"),
        pytest.param(True, [FileFacts], id="only-reads"),
    ],
)
def test_describes_environment_and_files(reads_only: bool, kinds: list[type]) -> None:
    facts = describe(make_command_options(reads_only=reads_only), Policy())
    assert [type(fact) for fact in facts] == kinds


def test_describes_withdrawn_authorities(monkeypatch: pytest.MonkeyPatch) -> None:
    bundle = Bundle(
        path="ca.pem", distrusted=(Authority(name="A", withdrawn="2026-10-18", source="certifi 2026.10.18"),)
    )
    monkeypatch.setattr(assembly, "find_distrusted", lambda paths: [bundle] if paths == ("ca.pem",) else [])
    facts = describe(make_command_options(reads_only=True, bundles=("ca.pem",)), Policy())
    assert facts[1:] == (BundleFacts(bundles=(bundle,)),)


def test_policy_is_one_of_the_files_that_are_obeyed(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at = []

    def look(files: tuple[tuple[str, str], ...]) -> FileFacts:
        looked_at.append(files)
        return FileFacts(files=(TrustedFile(path="x", role="policy", danger="others can write"),))

    monkeypatch.setattr(assembly, "describe_files", look)
    options = make_command_options(files=(("/etc/pip.conf", "configuration"),))
    (home / "p.toml").touch()
    describe(options, effective_policy(OwnOptions(policy=str(home / "p.toml"))))
    facts = describe(options, effective_policy(OwnOptions()))
    assert looked_at == [
        (("/etc/pip.conf", "configuration"), (str(home / "p.toml"), "policy")),
        (("/etc/pip.conf", "configuration"),),
    ]
    assert facts[-1] == FileFacts(files=(TrustedFile(path="x", role="policy", danger="others can write"),))


def test_describes_the_projects_files_that_are_not_read() -> None:
    policy = Policy(passed_over=(("/tmp/pyproject.toml", "belongs to another user (1001)"),))
    (files,) = describe(make_command_options(reads_only=True), policy)
    assert isinstance(files, FileFacts)
    assert files.files[-1] == TrustedFile(
        path="/tmp/pyproject.toml", role="project's policy", danger="belongs to another user (1001)", ignored=True
    )


def test_command_is_judged_with_its_files(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    policy = home / "p.toml"
    policy.write_text('[rules]\nrunning-as-root = "off"\noutside-virtual-environment = "off"\n', encoding="utf-8")
    policy.chmod(0o666)
    session = make_session(OwnOptions(policy=str(policy)))
    assert not session.judge_command(make_command_options())
    session.end()
    stderr = capsys.readouterr().err
    assert f"pip would obey {policy} (policy), which others can write.\n" in stderr
