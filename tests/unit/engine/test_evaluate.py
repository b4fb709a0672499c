"""Test how the rules are asked, and what their answers come to."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

import pytest

from pip_guard.engine.evaluate import evaluate
from pip_guard.engine.rule import Verdict
from pip_guard.facts.candidate import CandidateFacts
from pip_guard.facts.command import CommandFacts
from pip_guard.facts.origin import Facts
from pip_guard.facts.violation import Severity, Violation
from pip_guard.policy.model import Mode, Policy
from pip_guard.policy.suggestions import approve
from tests.unit.factories import (
    make_candidate_facts,
    make_command_facts,
    make_exception,
    make_finding,
    make_rule,
    make_verdict,
    make_violation,
    make_warning,
)

INEFFECTIVE = (
    'The exception "bad-thing *" (tested) in p.toml has no effect: the administrator\'s policy locks this rule.'
)
TODAY = date(2026, 5, 1)


def find_one(facts: Facts, policy: Policy) -> Iterable[Violation]:
    yield make_violation()


def find_command(facts: CommandFacts, policy: Policy) -> Iterable[Violation]:
    yield make_violation(facts.command)


def find_project(facts: CandidateFacts, policy: Policy) -> Iterable[Violation]:
    yield make_violation(project=facts.project)


def find_two(facts: Facts, policy: Policy) -> Iterable[Violation]:
    yield make_violation("first")
    yield make_violation("second", remedy="Do this instead.")


def fail_after_one(facts: Facts, policy: Policy) -> Iterable[Violation]:
    yield make_violation()
    raise ValueError("no idea")


def fail_at_once(facts: Facts, policy: Policy) -> Iterable[Violation]:
    raise ValueError("no idea")


@pytest.mark.parametrize(
    ("policy", "verdict"),
    [
        pytest.param(Policy(), make_verdict(make_finding()), id="severity-of-the-rule"),
        pytest.param(
            Policy(severities={"bad-thing": Severity.WARNING}),
            make_verdict(make_warning()),
            id="severity-of-the-policy",
        ),
        pytest.param(Policy(severities={"bad-thing": Severity.OFF}), make_verdict(), id="rule-is-off"),
        pytest.param(
            Policy(severities={"other": Severity.OFF}), make_verdict(make_finding()), id="another-rule-is-off"
        ),
        pytest.param(
            Policy(exceptions=(make_exception(),)),
            make_verdict(excused=(make_finding(),), used=(make_exception(),)),
            id="finding-is-excused",
        ),
        pytest.param(
            Policy(exceptions=(make_exception(expires=date(2026, 5, 15)),)),
            make_verdict(excused=(make_finding(),), used=(make_exception(expires=date(2026, 5, 15)),)),
            id="exception-ends-in-two-weeks",
        ),
        pytest.param(
            Policy(exceptions=(make_exception(expires=date(2026, 4, 30)), make_exception(expires=date(2026, 4, 2)))),
            make_verdict(make_finding(notes=('The exception "bad-thing *" (tested) expired on 2026-04-30.',))),
            id="exceptions-have-expired",
        ),
        pytest.param(
            Policy(ineffective=(make_exception(source="p.toml"),)),
            make_verdict(make_finding(notes=(INEFFECTIVE,))),
            id="ineffective-exception",
        ),
        pytest.param(
            Policy(mode=Mode.OBSERVE), make_verdict(make_warning(would_refuse=True)), id="error-is-only-observed"
        ),
        pytest.param(
            Policy(mode=Mode.OBSERVE, severities={"bad-thing": Severity.WARNING}),
            make_verdict(make_warning()),
            id="warning-is-one-anyway",
        ),
        pytest.param(
            Policy(mode=Mode.OBSERVE, advisory_message="Ask us."),
            make_verdict(make_warning(would_refuse=True), advice="Ask us."),
            id="advice-for-what-is-only-observed",
        ),
        pytest.param(
            Policy(severities={"bad-thing": Severity.WARNING}, advisory_message="Ask us."),
            make_verdict(make_warning()),
            id="no-advice-where-nothing-is-refused",
        ),
        pytest.param(
            Policy(advisory_message="Ask us."),
            make_verdict(make_finding(), advice="Ask us."),
            id="advice-for-a-refusal",
        ),
        pytest.param(
            Policy(exceptions=(make_exception(rule="other"),)),
            make_verdict(make_finding()),
            id="another-rule-is-excused",
        ),
    ],
)
def test_policy_decides_what_a_violation_comes_to(policy: Policy, verdict: Verdict) -> None:
    assert evaluate([make_command_facts()], policy, [make_rule(check=find_one)], TODAY) == verdict


@pytest.mark.parametrize(
    ("expires", "left"),
    [
        pytest.param(TODAY, "today is its last day", id="today"),
        pytest.param(date(2026, 5, 2), "1 day left", id="tomorrow"),
        pytest.param(date(2026, 5, 14), "13 days left", id="in-13-days"),
    ],
)
def test_exception_that_expires_soon_is_warned_of(expires: date, left: str) -> None:
    exception = make_exception(project="docopt", version=">=0.6", expires=expires, source="p.toml")
    rule = make_rule(check=lambda facts, policy: [make_violation(project="docopt", version="0.6.2")])
    verdict = evaluate([make_command_facts()], Policy(exceptions=(exception,)), [rule], TODAY)
    (warning,) = verdict.findings
    assert warning == make_warning(
        violation=make_violation(
            f'The exception "bad-thing docopt >=0.6" (tested) in p.toml ends on {expires}: {left}.',
            project="docopt",
            version="0.6.2",
        ),
        remedy="If it is still needed, give it a later date. Otherwise, remove it.",
    )
    assert verdict.excused


@pytest.mark.parametrize("rule_id", ["unsupported-pip", "foreign-module"])
def test_what_observing_needs_is_enforced(rule_id: str) -> None:
    policy = Policy(mode=Mode.OBSERVE)
    assert evaluate([make_command_facts()], policy, [make_rule(id=rule_id, check=find_one)], TODAY).refused


def test_refuses_where_a_rule_fails_even_if_it_only_observes() -> None:
    verdict = evaluate([make_command_facts()], Policy(mode=Mode.OBSERVE), [make_rule(check=fail_at_once)], TODAY)
    assert (verdict.refused, verdict.would_refuse) == (True, False)


def test_warning_of_the_rule_is_an_error_where_the_policy_says_so() -> None:
    rule = make_rule(check=find_one, severity=Severity.WARNING)
    policy = Policy(severities={"bad-thing": Severity.ERROR})
    assert evaluate([make_command_facts()], Policy(), [rule], TODAY) == make_verdict(make_warning())
    assert evaluate([make_command_facts()], policy, [rule], TODAY) == make_verdict(make_finding())


@pytest.mark.parametrize(
    ("of_policy", "of_violation", "severity"),
    [
        pytest.param(Severity.ERROR, None, Severity.ERROR, id="none"),
        pytest.param(Severity.ERROR, Severity.ERROR, Severity.ERROR, id="error"),
        pytest.param(Severity.ERROR, Severity.WARNING, Severity.WARNING, id="warning-is-no-more-than-one"),
        pytest.param(Severity.WARNING, Severity.ERROR, Severity.WARNING, id="policy-makes-an-error-a-warning"),
        pytest.param(Severity.WARNING, Severity.WARNING, Severity.WARNING, id="warning"),
    ],
)
def test_violation_can_be_no_more_than_a_warning(
    of_policy: Severity, of_violation: Severity | None, severity: Severity
) -> None:
    rule = make_rule(check=lambda facts, policy: [make_violation(severity=of_violation)])
    verdict = evaluate([make_command_facts()], Policy(severities={"bad-thing": of_policy}), [rule], TODAY)
    assert [finding.severity for finding in verdict.findings] == [severity]


def test_rule_that_is_off_is_not_asked() -> None:
    rule = make_rule(check=fail_at_once, severity=Severity.OFF)
    assert evaluate([make_command_facts()], Policy(), [rule], TODAY) == make_verdict()


def test_rule_is_asked_only_about_its_facts() -> None:
    rule = make_rule(check=fail_at_once)
    assert evaluate([make_candidate_facts()], Policy(), [rule], TODAY) == make_verdict()


def test_every_rule_is_asked_about_every_fact() -> None:
    facts = (make_command_facts(command=command) for command in ("install", "download"))
    rules = (make_rule(id=rule, check=find_command) for rule in ("one", "two"))
    found = evaluate(facts, Policy(), rules, TODAY).findings
    assert [(finding.rule, finding.violation.message) for finding in found] == [
        ("one", "install"),
        ("two", "install"),
        ("one", "download"),
        ("two", "download"),
    ]


def test_all_violations_are_found_each_with_its_remedy() -> None:
    verdict = evaluate([make_command_facts()], Policy(), [make_rule(check=find_two)], TODAY)
    assert verdict == make_verdict(
        make_finding(violation=make_violation("first")),
        make_finding(
            violation=make_violation("second", remedy="Do this instead."),
            remedy="Do this instead.",
        ),
    )


def test_exception_excuses_only_what_it_names() -> None:
    rule = make_rule(check=find_project, facts=(CandidateFacts,))
    facts = [make_candidate_facts(project=project) for project in ("docopt", "demo")]
    verdict = evaluate(facts, Policy(exceptions=(make_exception(project="docopt"),)), [rule], TODAY)
    assert verdict == make_verdict(
        make_finding(violation=make_violation(project="demo")),
        excused=(make_finding(violation=make_violation(project="docopt")),),
        used=(make_exception(project="docopt"),),
    )


@pytest.mark.parametrize(
    "check",
    [pytest.param(fail_at_once, id="at-once"), pytest.param(fail_after_one, id="after-a-finding")],
)
@pytest.mark.parametrize("severity", [Severity.ERROR, Severity.WARNING])
def test_refuses_where_a_rule_fails(check: object, severity: Severity) -> None:
    policy = Policy(severities={"bad-thing": severity}, exceptions=(make_exception(),))
    verdict = evaluate([make_command_facts()], policy, [make_rule(check=check)], TODAY)
    (finding,) = verdict.findings
    assert (finding.rule, finding.severity, verdict.excused) == ("internal-error", Severity.ERROR, ())
    assert finding.remedy == "This is a defect of pip-guard. Please report it with the lines above."
    lines = finding.violation.message.splitlines()
    assert lines[:2] == [
        "The rule bad-thing failed, so nothing was decided:",
        "Traceback (most recent call last):",
    ]
    assert re.fullmatch(r'  File ".*test_evaluate\.py", line \d+, in fail_.*', lines[-3])
    assert lines[-2:] == ['    raise ValueError("no idea")', "ValueError: no idea"]


def test_refuses_where_a_rule_runs_out_of_memory() -> None:
    def take_too_much(facts: Facts, policy: Policy) -> Iterable[Violation]:
        raise MemoryError

    (finding,) = evaluate([make_command_facts()], Policy(), [make_rule(check=take_too_much)], TODAY).findings
    assert (finding.rule, finding.severity) == ("internal-error", Severity.ERROR)
    assert finding.violation.message == "The rule bad-thing ran out of memory, so nothing was decided."
    assert finding.remedy.startswith("Give the command more memory: ")


def test_other_rules_are_asked_after_one_failed() -> None:
    rules = [make_rule(id="broken", check=fail_at_once), make_rule(check=find_one)]
    verdict = evaluate([make_command_facts()], Policy(), rules, TODAY)
    assert [finding.rule for finding in verdict.findings] == ["internal-error", "bad-thing"]


def test_adds_the_lines_that_would_approve_a_place() -> None:
    def find(facts: Facts, policy: Policy) -> Iterable[Violation]:
        yield Violation(message="bad", remedy=("Approve it.", approve("approved", "https://acme.example/")))
        yield Violation(message="worse", remedy=("Leave it.", approve("approved", "http://acme.example/")))

    verdict = evaluate([make_command_facts()], Policy(), [make_rule(check=find)], TODAY)
    assert [finding.remedy for finding in verdict.findings] == [
        'Approve it.\nIn the policy:\n[indexes]\napproved = ["https://pypi.org/simple", "https://acme.example/"]',
        "Leave it.",
    ]
