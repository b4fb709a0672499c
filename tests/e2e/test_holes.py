"""No rule, no wrapped method of pip and no option that is set is there for nothing: what it stops happens without it, and whatever stands behind it."""

from __future__ import annotations

import os
import shlex

import pytest

from pip_guard.pip_adapter.hooks import HOOKS
from pip_guard.rules import ALL_RULES
from tests.e2e.histories.deeds import Deed
from tests.e2e.histories.world import World
from tests.e2e.holes import of_hooks, of_others, of_rules, of_wheels
from tests.e2e.holes.hole import Hole
from tests.kit.weakened import OTHERS, hook_name

# What takes an interpreter that a system manages: `test_environment_rules` has one.
ELSEWHERE = {"break-system-packages"}
HOLES = (*of_rules.HOLES, *of_wheels.HOLES, *of_hooks.HOLES, *of_others.HOLES)


@pytest.mark.slow
@pytest.mark.parametrize("hole", HOLES, ids=lambda hole: hole.id)
def test_it_takes_all_of_these_to_be_missing(hole: Hole, weakened: World) -> None:
    if hole.user == 0 and os.geteuid() != 0:
        pytest.skip("only root can run a command as root")
    for name in hole.without:
        others = [other for other in hole.without if other != name]
        deed = enter(weakened, hole, others)
        assert not hole.happens(weakened, deed), f"without {others}:\n{deed}"
    deed = enter(weakened, hole, hole.without)
    assert hole.happens(weakened, deed), str(deed)


def enter(world: World, hole: Hole, without: list[str] | tuple[str, ...]) -> Deed:
    """Run the command of a hole where pip-guard lacks some parts."""
    world.begin_anew()
    world.without = without
    world.workspace.policy(world.fill(hole.policy))
    hole.prepare(world)
    words = shlex.split(hole.line)
    environ = {"PIP_INDEX_URL": "<approved>", **hole.environ}
    return world.guard_process(words, environ, user=hole.user) if hole.alone else world.guard(words, environ)


def test_everything_is_left_out_once() -> None:
    assert {name for hole in HOLES for name in hole.without} | ELSEWHERE == {
        *(rule.id for rule in ALL_RULES),
        *map(hook_name, HOOKS),
        *OTHERS,
    }
