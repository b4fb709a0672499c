"""Test the rule against code that stands in for pip."""

from __future__ import annotations

import pytest

from pip_guard.facts.start import ModuleOrigin, StartFacts
from pip_guard.facts.violation import Run, Violation
from pip_guard.policy.model import Policy
from pip_guard.rules.foreign_module import RULE
from tests.unit.factories import ENVIRONMENT, make_setting, make_start_facts

OWN = ModuleOrigin(name="packaging", path="/venv/lib/packaging", foreign=None)
FOREIGN = ModuleOrigin(name="pip", path="/tmp/pip.py", foreign="which is the working directory")
PLATFORMDIRS = ModuleOrigin(name="platformdirs", path="/x/platformdirs", foreign="which PYTHONPATH names")
RAN = ModuleOrigin(name="sitecustomize", path="/x/sitecustomize.py", foreign="which PYTHONPATH names", ran=True)
REDIRECTED = Violation(
    message="pip would run itself with /tmp/python3 instead of this interpreter.",
    origin=ENVIRONMENT,
    remedy=(
        "Remove the setting, or name the interpreter on the command line:",
        Run(("--python", "/tmp/python3", "...")),
    ),
)


@pytest.mark.parametrize(
    ("facts", "violations"),
    [
        pytest.param(make_start_facts(), [], id="nothing"),
        pytest.param(make_start_facts(modules=(OWN,)), [], id="own-module"),
        pytest.param(
            make_start_facts(modules=(OWN, FOREIGN, PLATFORMDIRS)),
            [
                Violation(
                    message="pip would be imported from /tmp/pip.py, in a folder which is the working directory."
                ),
                Violation(
                    message="platformdirs would be imported from /x/platformdirs, in a folder which PYTHONPATH names."
                ),
            ],
            id="foreign-modules",
        ),
        pytest.param(
            make_start_facts(modules=(RAN,)),
            [
                Violation(
                    message="sitecustomize ran before pip-guard, from /x/sitecustomize.py, in a folder which PYTHONPATH names."
                )
            ],
            id="before-pip-guard",
        ),
        pytest.param(
            make_start_facts(interpreter_setting=make_setting("/tmp/python3", ENVIRONMENT)),
            [REDIRECTED],
            id="interpreter",
        ),
        pytest.param(
            make_start_facts(modules=(FOREIGN,), interpreter_setting=make_setting("/tmp/python3", ENVIRONMENT)),
            [
                Violation(
                    message="pip would be imported from /tmp/pip.py, in a folder which is the working directory."
                ),
                REDIRECTED,
            ],
            id="both",
        ),
    ],
)
def test_refuses_what_stands_in_for_pip(facts: StartFacts, violations: list[Violation]) -> None:
    assert list(RULE.check(facts, Policy())) == violations
