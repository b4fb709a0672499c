"""Test what a command may do, from its start to its end."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from pip_guard.engine.rule import AnyRule
from pip_guard.engine.session import GuardSession
from pip_guard.engine.summary import CommandSummary, ExcusedFinding
from pip_guard.errors import ExitCode, PolicyError
from pip_guard.facts.command import CommandFacts, CommandOptions, DestinationKind, JournalFacts
from pip_guard.facts.origin import Facts
from pip_guard.facts.resolution import ChosenFile
from pip_guard.facts.violation import Severity
from pip_guard.policy.exceptions import PolicyException
from pip_guard.policy.model import Mode, Policy
from tests.unit.engine.factories import RecordedJournal, RecordedReport, describe
from tests.unit.factories import (
    make_command_facts,
    make_command_options,
    make_destination,
    make_exception,
    make_finding,
    make_held_back,
    make_rule,
    make_verdict,
    make_violation,
    make_warning,
)

TODAY = date(2026, 5, 1)


def bad_command(rule: str = "bad-thing", **only_what_matters: object) -> AnyRule:
    """Make a rule against the command that has the name of the rule."""

    def check(facts: CommandFacts, policy: Policy) -> list[object]:
        return [make_violation()] if facts.command == rule else []

    return make_rule(id=rule, check=check, **only_what_matters)


def make_session(*rules: AnyRule, report: RecordedReport | None = None, policy: Policy | None = None) -> GuardSession:
    return GuardSession(
        rules=rules or (bad_command(),),
        load_policy=lambda: policy or Policy(),
        describe=describe,
        report=report or RecordedReport(),
        today=lambda: TODAY,
    )


def test_lets_pass_what_no_rule_finds() -> None:
    report = RecordedReport()
    session = make_session(report=report)
    assert session.judge(make_command_facts())
    assert not session.refused
    assert session.end() is None
    assert (report.warnings, report.ends) == ([], [(None, ())])


def test_refuses_what_a_rule_finds() -> None:
    report = RecordedReport()
    session = make_session(report=report)
    assert not session.judge(make_command_facts(command="bad-thing"))
    assert session.refused
    assert session.end() is ExitCode.REFUSED
    assert (report.warnings, report.ends) == ([], [(make_verdict(make_finding()), ())])


def test_facts_of_a_stage_are_judged_together() -> None:
    report = RecordedReport()
    session = make_session(bad_command("one"), bad_command("two"), report=report)
    assert not session.judge(make_command_facts(command="two"), make_command_facts(command="one"))
    session.end()
    assert report.ends == [(make_verdict(make_finding(rule="two"), make_finding(rule="one")), ())]


def test_warning_is_shown_at_once_and_refuses_nothing() -> None:
    report = RecordedReport()
    session = make_session(bad_command(severity=Severity.WARNING), report=report)
    assert session.judge(make_command_facts(command="bad-thing"))
    assert report.warnings == [make_verdict(make_warning())]
    assert session.end() is None


def test_what_is_judged_aside_ends_nothing() -> None:
    report = RecordedReport()
    session = make_session(bad_command("bad"), bad_command("so-so", severity=Severity.WARNING), report=report)
    with session.tentatively():
        assert not session.judge(make_command_facts(command="bad"))
        assert session.judge(make_command_facts(command="so-so"))
    assert not session.refused
    assert report.warnings == []
    assert not session.judge(make_command_facts(command="bad"))
    assert session.refused


def test_first_refusal_is_the_one_that_counts() -> None:
    report = RecordedReport()
    session = make_session(bad_command("one"), bad_command("two"), report=report)
    assert not session.judge(make_command_facts(command="one"))
    assert not session.judge(make_command_facts(command="two"))
    assert session.judge(make_command_facts())
    assert session.refused
    session.end()
    assert report.ends == [(make_verdict(make_finding(rule="one")), ())]


@pytest.mark.parametrize(
    ("rule", "passes"),
    [
        pytest.param("other", True, id="nothing-bad"),
        pytest.param("install", False, id="command"),
        pytest.param("install-files", False, id="its-files"),
        pytest.param("more", False, id="more-facts"),
    ],
)
def test_command_is_judged_by_what_is_found_out_about_it(rule: str, passes: bool) -> None:
    session = make_session(bad_command(rule))
    assert session.judge_command(make_command_options(command="install"), make_command_facts(command="more")) is passes


@pytest.mark.parametrize(
    ("rules", "code"),
    [
        pytest.param(["bad-thing"], 40, id="rule"),
        pytest.param(["bad-thing", "unsupported-pip"], 42, id="unsupported-pip"),
        pytest.param(["internal-error", "unsupported-pip", "bad-thing"], 43, id="internal-error"),
    ],
)
def test_gravest_finding_decides_the_exit_code(rules: list[str], code: int) -> None:
    session = make_session(*(make_rule(id=rule, check=lambda facts, policy: [make_violation()]) for rule in rules))
    session.judge(make_command_facts())
    assert session.end() == code


def test_refuses_where_pip_guard_fails() -> None:
    report = RecordedReport()
    session = make_session(report=report)
    session.fail(ValueError("no idea"))
    assert session.refused
    assert session.end() is ExitCode.INTERNAL
    ((refusal, _),) = report.ends
    assert refusal is not None
    assert [finding.rule for finding in refusal.findings] == ["internal-error"]
    assert refusal.findings[0].violation.message == ("pip-guard failed, so nothing was decided:\nValueError: no idea")


def test_failure_after_a_refusal_changes_nothing() -> None:
    session = make_session()
    session.judge(make_command_facts(command="bad-thing"))
    session.fail(ValueError())
    assert session.end() is ExitCode.REFUSED


@pytest.mark.parametrize(
    ("exception", "excused"),
    [
        pytest.param(make_exception(project="demo"), True, id="fits"),
        pytest.param(make_exception(project="demo", expires=TODAY), True, id="last-day"),
        pytest.param(make_exception(project="demo", expires=date(2026, 4, 30)), False, id="expired"),
        pytest.param(make_exception(project="demo", version="==2"), False, id="other-version"),
        pytest.param(make_exception(rule="other"), False, id="other-rule"),
    ],
)
def test_policy_decides_what_is_excused(exception: PolicyException, excused: bool) -> None:
    session = make_session(policy=Policy(exceptions=(exception,)))
    assert session.is_excused("bad-thing", make_violation(project="demo", version="1")) is excused


@pytest.mark.parametrize(
    ("exception", "used"),
    [
        pytest.param(make_exception(project="demo"), ["bad-thing demo"], id="excuses"),
        pytest.param(make_exception(project="other"), [], id="of-another"),
    ],
)
def test_exceptions_that_excuse_are_remembered(exception: PolicyException, used: list[str]) -> None:
    def check(facts: CommandFacts, policy: Policy) -> list[object]:
        return [make_violation(project="demo")]

    policy = Policy(exceptions=(exception,))
    judged, asked = make_session(make_rule(check=check), policy=policy), make_session(policy=policy)
    judged.judge(make_command_facts())
    asked.is_excused("bad-thing", make_violation(project="demo"))
    assert [[entry.title for entry in session.used_exceptions] for session in (judged, asked)] == [used, used]


def test_what_is_only_observed_is_remembered() -> None:
    report = RecordedReport()
    session = make_session(report=report, policy=Policy(mode=Mode.OBSERVE))
    assert session.judge(make_command_facts())
    assert not session.would_refuse
    assert session.judge(make_command_facts(command="bad-thing"))
    assert session.judge(make_command_facts())
    assert (session.would_refuse, session.refused) == (True, False)
    assert session.end() is None
    assert report.warnings == [make_verdict(make_warning(would_refuse=True))]


def test_release_that_is_held_back_is_reported_and_recorded_once() -> None:
    journal, report = RecordedJournal(), RecordedReport()
    session = make_recorded_session(journal, report=report)
    session.announce("install")
    for _ in range(2):
        session.hold_back(make_held_back(), quiet=True)
    session.end()
    assert report.held_back == [(make_held_back(), True)]
    assert [summary.held_back for summary, _ in journal.ends] == [(make_held_back(),)]


def test_enforced_options_are_reported() -> None:
    report = RecordedReport()
    session = make_session(report=report)
    session.enforce("only-binary")
    session.enforce("keyring-provider=disabled")
    session.end()
    assert report.ends == [(None, ("only-binary", "keyring-provider=disabled"))]


@pytest.mark.parametrize(
    ("policy", "may_pass"),
    [
        pytest.param(Policy(), False, id="default"),
        pytest.param(Policy(severities={"bad-thing": Severity.WARNING}), True, id="warning"),
        pytest.param(Policy(severities={"bad-thing": Severity.OFF}), True, id="off"),
        pytest.param(Policy(mode=Mode.OBSERVE), True, id="only-observed"),
        pytest.param(Policy(exceptions=(make_exception(project="docopt"),)), True, id="exception"),
        pytest.param(Policy(exceptions=(make_exception(expires=TODAY),)), True, id="exception-ends-today"),
        pytest.param(
            Policy(exceptions=(make_exception(expires=date(2026, 4, 30)),)), False, id="exception-has-expired"
        ),
        pytest.param(Policy(exceptions=(make_exception(project="demo"),)), False, id="exception-of-another"),
    ],
)
def test_policy_decides_what_may_pass(policy: Policy, may_pass: bool) -> None:
    assert make_session(policy=policy).may_pass("bad-thing", "docopt") is may_pass


@pytest.mark.parametrize(
    ("severities", "all_rules_off"),
    [
        pytest.param({}, False, id="default"),
        pytest.param({"one": Severity.OFF}, False, id="some-off"),
        pytest.param({"one": Severity.OFF, "two": Severity.WARNING}, False, id="one-warns"),
        pytest.param({"one": Severity.OFF, "two": Severity.OFF}, True, id="all-off"),
    ],
)
def test_all_rules_are_off_where_each_is(severities: dict[str, Severity], all_rules_off: bool) -> None:
    session = make_session(bad_command("one"), bad_command("two"), policy=Policy(severities=severities))
    assert session.all_rules_off is all_rules_off


def test_policy_is_read_once_and_not_before_it_is_needed() -> None:
    loaded = []

    def load() -> Policy:
        loaded.append(True)
        return Policy()

    session = GuardSession(rules=(), load_policy=load, describe=describe, report=RecordedReport())
    assert loaded == []
    session.judge(make_command_facts())
    session.may_pass("bad-thing", "docopt")
    assert session.policy == Policy()
    assert loaded == [True]


def test_nothing_is_decided_without_a_policy() -> None:
    def load() -> Policy:
        raise PolicyError(["no"])

    session = GuardSession(rules=(), load_policy=load, describe=describe, report=RecordedReport())
    with pytest.raises(PolicyError):
        session.judge(make_command_facts())
    with pytest.raises(PolicyError):
        session.may_pass("bad-thing", "docopt")


def test_expiry_is_judged_by_today() -> None:
    policy = Policy(exceptions=(make_exception(expires=date(2020, 1, 1)),))
    session = GuardSession(
        rules=(bad_command(),), load_policy=lambda: policy, describe=describe, report=RecordedReport()
    )
    assert not session.judge(make_command_facts(command="bad-thing"))


# the journal


UNWRITTEN = make_rule(
    id="unwritten",
    facts=(JournalFacts,),
    check=lambda facts, policy: [make_violation(severity=None if facts.before_change else Severity.WARNING)],
)


def make_recorded_session(
    journal: RecordedJournal, *rules: AnyRule, report: RecordedReport | None = None, policy: Policy | None = None
) -> GuardSession:
    def describe_with_destination(options: CommandOptions, policy: Policy) -> tuple[Facts, ...]:
        destination = make_destination(DestinationKind.FOLDER, path="/srv/app") if options.writes else None
        return (make_command_facts(command=options.command, destination=destination),)

    return GuardSession(
        rules=(bad_command(), UNWRITTEN, *rules),
        load_policy=lambda: policy or Policy(),
        describe=describe_with_destination,
        report=report or RecordedReport(),
        open_journal=lambda policy: journal,
        today=lambda: TODAY,
    )


def make_file(url: str = "https://files.example/demo.whl", **only_what_matters: Any) -> ChosenFile:
    return ChosenFile(**{"project": "demo", "version": "1.0", "filename": "demo.whl", "url": url, **only_what_matters})


def test_command_that_changes_something_is_recorded() -> None:
    journal = RecordedJournal()
    session = make_recorded_session(journal)
    session.judge_command(make_command_options())
    session.enforce("only-binary")
    session.take([make_file()])
    assert session.begin()
    session.end(3)
    summary = CommandSummary(command="install", destination="/srv/app", enforced=("only-binary",), files=(make_file(),))
    assert (journal.begins, journal.ends) == ([summary], [(summary, 3)])


def test_command_that_writes_nowhere_has_no_destination() -> None:
    journal = RecordedJournal()
    session = make_recorded_session(journal)
    session.judge_command(make_command_options(command="lock", writes=False))
    session.end()
    assert journal.ends == [(CommandSummary(command="lock"), 0)]


def test_command_that_only_reads_is_not_recorded() -> None:
    journal = RecordedJournal()
    session = make_recorded_session(journal)
    session.judge_command(make_command_options(command="index", reads_only=True, writes=False))
    session.end()
    assert (journal.begins, journal.ends) == ([], [])


def test_refusal_of_a_command_that_only_reads_is_recorded() -> None:
    journal = RecordedJournal()
    session = make_recorded_session(journal)
    session.judge_command(make_command_options(command="bad-thing", reads_only=True, writes=False))
    session.end()
    assert journal.ends == [(CommandSummary(command="bad-thing", refused=True, findings=(make_finding(),)), 40)]


def test_announced_command_is_recorded() -> None:
    journal = RecordedJournal()
    session = make_recorded_session(journal)
    session.announce("config")
    session.end()
    assert journal.ends == [(CommandSummary(command="config"), 0)]


def test_journal_is_opened_before_the_command_runs() -> None:
    opened: list[Policy] = []
    session = GuardSession(
        rules=(),
        load_policy=Policy,
        describe=describe,
        report=RecordedReport(),
        open_journal=opened.append,
    )
    session.announce("install")
    assert opened == [Policy()]


def test_nothing_is_recorded_without_a_journal() -> None:
    session = make_session(bad_command("other"), report=RecordedReport())
    session.announce("install")
    assert session.begin()
    session.judge(make_command_facts(command="other"))
    assert session.end() is ExitCode.REFUSED


def test_record_holds_warnings_before_the_refusal_and_what_was_excused() -> None:
    journal = RecordedJournal()
    exception = make_exception(rule="excused")
    session = make_recorded_session(
        journal,
        bad_command("warned", severity=Severity.WARNING),
        bad_command("excused"),
        policy=Policy(exceptions=(make_exception(rule="other"), exception)),
    )
    for command in ("warned", "excused", "warned", "excused", "bad-thing"):
        session.judge(make_command_facts(command=command))
    session.end()
    excuse = ExcusedFinding(finding=make_finding(rule="excused"), exception=exception)
    findings = (make_warning(rule="warned"), make_finding())
    assert journal.ends == [(CommandSummary(refused=True, findings=findings, excused=(excuse,)), 40)]


def test_what_is_said_later_of_a_file_counts() -> None:
    journal = RecordedJournal()
    session = make_recorded_session(journal)
    session.take([make_file(), make_file("https://files.example/other.whl")])
    session.take([make_file(size=7), make_file(for_build=True)])
    session.begin()
    files = (make_file(size=7), make_file("https://files.example/other.whl"), make_file(for_build=True))
    assert journal.begins == [CommandSummary(files=files)]


def test_command_ends_once() -> None:
    journal, report = RecordedJournal(), RecordedReport()
    session = make_recorded_session(journal, report=report)
    session.judge(make_command_facts(command="bad-thing"))
    assert (session.end(), session.end(7)) == (ExitCode.REFUSED, ExitCode.REFUSED)
    assert (len(journal.ends), len(report.ends)) == (1, 1)


def test_change_that_cannot_be_recorded_is_judged() -> None:
    session = make_recorded_session(RecordedJournal("is full"))
    assert not session.begin()
    assert session.refused
    assert session.end() is ExitCode.REFUSED


def test_end_that_cannot_be_recorded_is_told_before_the_last_word() -> None:
    report = RecordedReport()
    session = make_recorded_session(RecordedJournal("is full"), report=report)
    session.judge_command(make_command_options())
    assert session.end() is None
    warning = make_warning(rule="unwritten", violation=make_violation(severity=Severity.WARNING))
    assert (report.warnings, report.ends) == ([make_verdict(warning)], [(None, ())])


def test_record_says_what_is_only_observed() -> None:
    journal = RecordedJournal()
    session = make_recorded_session(journal, policy=Policy(mode=Mode.OBSERVE))
    session.announce("install")
    assert session.judge(make_command_facts(command="bad-thing"))
    session.end()
    finding = make_warning(would_refuse=True)
    assert journal.ends == [(CommandSummary(command="install", would_refuse=True, findings=(finding,)), 0)]
