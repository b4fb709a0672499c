"""Test the rule against writing where no virtual environment is."""

from __future__ import annotations

import pytest

from pip_guard.facts.command import CommandFacts, DestinationKind
from pip_guard.facts.violation import Violation
from pip_guard.policy.model import Policy
from pip_guard.rules.outside_virtual_environment import RULE
from tests.unit.factories import (
    COMMAND_LINE,
    CONFIGURATION,
    DEFAULT,
    ENVIRONMENT,
    make_command_facts,
    make_destination,
    make_setting,
)

ELSEWHERE = "pip would install into /srv/app, outside the environment that it runs in."
ACTIVE = "Remove the option or the setting: a virtual environment is active, and pip installs into it by default."
NAME_IT = "Name the folder on the command line if you mean it, or remove the setting."


@pytest.mark.parametrize(
    ("facts", "violations"),
    [
        pytest.param(make_command_facts(in_virtual_environment=False), [], id="writes-nothing"),
        pytest.param(
            make_command_facts(outputs=(make_setting("/home/me/.bashrc", ENVIRONMENT),)),
            [
                Violation(
                    message="pip would write to /home/me/.bashrc, outside the environment that it runs in.",
                    origin=ENVIRONMENT,
                    remedy="Name the file on the command line if you mean it, or remove the setting.",
                )
            ],
            id="output",
        ),
        pytest.param(
            make_command_facts(destination=make_destination(DestinationKind.THIS_ENVIRONMENT)), [], id="environment"
        ),
        pytest.param(
            make_command_facts(destination=make_destination(DestinationKind.THIS_ENVIRONMENT, origin=ENVIRONMENT)),
            [],
            id="environment-by-a-setting",
        ),
        pytest.param(
            make_command_facts(destination=make_destination(DestinationKind.FOLDER, origin=COMMAND_LINE)),
            [],
            id="named-folder",
        ),
        pytest.param(
            make_command_facts(destination=make_destination(DestinationKind.OTHER_ENVIRONMENT, origin=COMMAND_LINE)),
            [],
            id="named-environment",
        ),
        pytest.param(
            make_command_facts(destination=make_destination(DestinationKind.FOLDER, origin=ENVIRONMENT)),
            [Violation(message=ELSEWHERE, origin=ENVIRONMENT, remedy=NAME_IT)],
            id="folder-by-a-variable",
        ),
        pytest.param(
            make_command_facts(destination=make_destination(DestinationKind.OTHER_ENVIRONMENT, origin=CONFIGURATION)),
            [Violation(message=ELSEWHERE, origin=CONFIGURATION, remedy=NAME_IT)],
            id="environment-by-a-file",
        ),
        pytest.param(
            make_command_facts(
                in_virtual_environment=False,
                destination=make_destination(DestinationKind.INTERPRETER, path="/usr", origin=DEFAULT),
            ),
            [
                Violation(
                    message="pip would install into /usr, outside any virtual environment.", remedy=RULE.remediation
                )
            ],
            id="interpreter",
        ),
        pytest.param(
            make_command_facts(
                destination=make_destination(DestinationKind.INTERPRETER, path="/usr", origin=COMMAND_LINE)
            ),
            [
                Violation(
                    message="pip would install into /usr, outside any virtual environment.",
                    origin=COMMAND_LINE,
                    remedy=ACTIVE,
                )
            ],
            id="named-interpreter",
        ),
        pytest.param(
            make_command_facts(
                command="uninstall",
                in_virtual_environment=False,
                destination=make_destination(DestinationKind.INTERPRETER, path="/usr", origin=DEFAULT),
            ),
            [
                Violation(
                    message="pip would remove distributions from /usr, outside any virtual environment.",
                    remedy=RULE.remediation,
                )
            ],
            id="removal",
        ),
        pytest.param(
            make_command_facts(
                destination=make_destination(DestinationKind.USER_SITE, path="/home/me", origin=COMMAND_LINE)
            ),
            [
                Violation(
                    message="pip would install into /home/me, outside any virtual environment.",
                    origin=COMMAND_LINE,
                    remedy=ACTIVE,
                )
            ],
            id="user-site",
        ),
    ],
)
def test_refuses_a_destination_outside_virtual_environments(facts: CommandFacts, violations: list[Violation]) -> None:
    assert list(RULE.check(facts, Policy())) == violations
