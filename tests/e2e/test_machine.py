"""Whatever is put together, in whatever order: no code of a distribution runs, and nothing comes from elsewhere.

PIP_GUARD_TEST_EXAMPLES says how many examples of STEPS steps are tried, other ones each time; without it they are always the same.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.e2e.machine.rules import Machine
from tests.e2e.machine.world import World, make_world

VARIABLE = "PIP_GUARD_TEST_EXAMPLES"
STEPS = 10
FEW, MANY = 2, 30


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with make_world() as made:
        yield made


def run_machine(world: World, examples: int, *phases: Phase) -> None:
    run_state_machine_as_test(
        type("MachineOfWorld", (Machine,), {"world": world}),
        settings=settings(
            max_examples=int(os.environ.get(VARIABLE, examples)),
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=VARIABLE not in os.environ,
            database=None,
            print_blob=True,
            phases=phases or (Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_no_step_gets_past_the_rules(world: World) -> None:
    run_machine(world, FEW)


@pytest.mark.slow
def test_no_step_of_many_gets_past_the_rules(world: World) -> None:
    run_machine(world, MANY)


def test_pip_alone_is_seen_to_fall_for_it(world: World) -> None:
    world.begin_anew()
    built = world.pip(("install", "sourceonly"), {"PIP_INDEX_URL": "<approved>"})
    assert built.marks == {"sourceonly"}
    assert built.arrived == {"sourceonly==1.0"}
    world.take_back()
    fetched = world.pip(("install", "--target=elsewhere", "--index-url=<rogue>", "harmless"), {})
    assert fetched.arrived == {"harmless==9.5"}
    assert fetched.rogue_requests[0] == "/simple/harmless/"


# What the machine must miss soon when it is left out; `test_holes` has everything else.
LEFT_OUT = ["source-distribution", "local-project", "find-links"]


@pytest.mark.slow
@pytest.mark.parametrize("name", LEFT_OUT)
def test_machine_finds_what_is_left_out(name: str, weakened: World) -> None:
    weakened.without = (name,)
    with pytest.raises(AssertionError, match=r"\n(ran|may not arrive): "):
        run_machine(weakened, MANY, Phase.generate)
