"""Whatever is put together, in whatever order: no code of a distribution runs, and nothing comes from elsewhere.

PIP_GUARD_TEST_EXAMPLES says how many examples of STEPS steps are tried, other ones each time; without it they are always the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.e2e.histories.model import Flaw, Release
from tests.e2e.histories.options import Option
from tests.e2e.histories.rules import Machine
from tests.e2e.histories.world import World, make_world
from tests.e2e.holes import of_hooks
from tests.kit.weakened import OPTIONS
from tests.kit.wheelhouse import AMBIENT

VARIABLE = "PIP_GUARD_TEST_EXAMPLES"
Step = Callable[[Machine], object]
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
            max_examples=int(AMBIENT.get(VARIABLE, examples)),
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=VARIABLE not in AMBIENT,
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


def flawed(flaw: Flaw, *way: str) -> Step:
    return lambda machine: machine.offer_flawed(flaws=[flaw], way=way or ("install",), exactly=False, cleanly=False)


def offered(project: str) -> Step:
    return lambda machine: machine.publish(offered=[(Release(project=project, number=2), "{0.project}")])


def line(text: str) -> Step:
    return lambda machine: machine.write_line(name="requirements.txt", line=text, locked="")


def asked(*command: str) -> Step:
    return lambda machine: machine.run(commands=[command], as_process=False)


def set_find_links(machine: Machine) -> None:
    machine.set_option(option=Option(name="find-links", value="<folder>"), section=None)


def ask_both_indexes(machine: Machine) -> None:
    machine.decide_sources(rogue_approved=True, consent_counts=True, ties={})
    machine.run(commands=[("install", "--extra-index-url=<rogue>", "harmless")], as_process=False)


def quarantine(machine: Machine) -> None:
    machine.set_status(project="harmless", status="quarantined")


# What is left out, and a step of the machine that must miss it.
MISSED: list[tuple[str, Step]] = [
    ("source-distribution", asked("install", "<sdist-url>")),
    ("local-project", line("<project>")),
    ("vcs-requirement", asked("install", "<repository>")),
    ("direct-url", line("harmless @ file://<folder>/harmless-3.7-py3-none-any.whl")),
    ("find-links", set_find_links),
    ("wrong-index", ask_both_indexes),
    ("lookalike-project-name", offered("reqeusts")),
    ("known-malicious", offered("not-on-the-index")),
    ("known-malicious", quarantine),
    (of_hooks.PARSE_LINKS, quarantine),
    (of_hooks.PREPARE_MORE, offered("not-on-the-index")),
    (of_hooks.FORMATS, flawed(Flaw.SDIST)),
    (OPTIONS, flawed(Flaw.YOUNG)),
    ("record-mismatch", flawed(Flaw.UNRECORDED)),
    ("startup-code", flawed(Flaw.STARTUP)),
    ("planted-file", flawed(Flaw.PLANTED)),
    ("overwritten-files", flawed(Flaw.OVERWRITING)),
    (of_hooks.PREPARE_MORE, flawed(Flaw.STARTUP, "download", "--dest=files")),
    (of_hooks.of_resolver("resolvelib", "get_installation_order"), flawed(Flaw.STARTUP)),
    (
        of_hooks.of_resolver("legacy", "get_installation_order"),
        flawed(Flaw.STARTUP, "install", "--use-deprecated=legacy-resolver"),
    ),
]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "step"), MISSED, ids=[name.rpartition(".")[2] for name, _ in MISSED])
def test_step_misses_what_is_left_out(name: str, step: Step, weakened: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.e2e.histories.rules.event", lambda value: None)
    kind = type("MachineOfWorld", (Machine,), {"world": weakened})
    weakened.without = ()
    step(kind())
    weakened.without = (name,)
    with pytest.raises(AssertionError, match=r"\n--- exit code \d+ ---"):
        step(kind())


@pytest.mark.slow
def test_histories_miss_what_is_left_out(weakened: World) -> None:
    weakened.without = ("source-distribution",)
    with pytest.raises(AssertionError, match=r"\n(ran|may not arrive): "):
        run_machine(weakened, MANY, Phase.generate)
