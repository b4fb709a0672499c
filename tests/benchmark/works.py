"""Say what is compared: the command lines, what they find on the index, and what is there before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from tests.kit.index import LocalIndex
from tests.kit.wheels import make_wheel
from tests.kit.workspace import Workspace

CHAIN = 12
MANY = 100
GRAPH = 120
MODULES = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class Work:
    """A command line to compare.

    `fresh` says that each run needs an environment of its own, `cold` that the cache is emptied before each, `asks` that a service is
    asked for advisories instead of an export of them, `share` how many times the rounds it is worth, and `prepare` what to do to each
    workspace at first. `latency` is how many seconds an answer of the index takes, `uv` what `uv pip` is given for the same work, and
    `warms_up` says that the first run, which fills caches, does not count.
    """

    name: str
    arguments: tuple[str, ...]
    fresh: bool = False
    cold: bool = False
    asks: bool = False
    share: float = 1.0
    latency: float = 0.0
    uv: tuple[str, ...] = ()
    warms_up: bool = True
    kind: str = "synthetic"
    prepare: Callable[[Workspace], None] = lambda workspace: None


def install_chain(workspace: Workspace) -> None:
    """Install everything that the chain has."""
    workspace.pip("install", "chain-01").check()


def write_many(workspace: Workspace) -> None:
    """Write a requirements file of everything without dependencies."""
    workspace.write("many.txt", "".join(f"plain-{number:03}\n" for number in range(1, MANY + 1)))


WORKS = (
    Work(name="`--version`", arguments=("--version",), share=3.0),
    Work(name="`list`", arguments=("list",), share=2.0, prepare=install_chain),
    Work(name="`install`, satisfied", arguments=("install", "chain-01"), prepare=install_chain),
    Work(name="`install` of 1 wheel", arguments=("install", "--no-cache-dir", f"chain-{CHAIN:02}"), fresh=True),
    Work(name=f"`install` of {CHAIN} wheels, cold cache", arguments=("install", "chain-01"), fresh=True, cold=True),
    Work(name=f"`install` of {CHAIN} wheels, warm cache", arguments=("install", "chain-01"), fresh=True),
    Work(
        name=f"`install` of {CHAIN} wheels, cold cache, a service asked",
        arguments=("install", "chain-01"),
        fresh=True,
        cold=True,
        asks=True,
    ),
    Work(
        name=f"`install` of {MANY} wheels",
        arguments=("install", "--no-cache-dir", "-r", "many.txt"),
        fresh=True,
        prepare=write_many,
    ),
    Work(
        name=f"`install --dry-run`, {CHAIN} distributions",
        arguments=("install", "--dry-run", "--no-cache-dir", "chain-01"),
    ),
    Work(
        name=f"`install --dry-run`, {GRAPH} distributions",
        arguments=("install", "--dry-run", "--no-cache-dir", "graph-001"),
    ),
    Work(name=f"`download` of {CHAIN} wheels", arguments=("download", "--no-cache-dir", "--dest", "files", "chain-01")),
)
# The commands in which the time of single rules is measured from within.
METERED = tuple(work for work in WORKS if work.name.endswith(("1 wheel", "cold cache")))


def requirements_of(count: int) -> Work:
    """Resolve a number of requirements that do not depend on each other."""

    def prepare(workspace: Workspace) -> None:
        workspace.write("some.txt", "".join(f"plain-{number:03}\n" for number in range(1, count + 1)))

    return Work(
        name=f"{count} requirements",
        arguments=("install", "--dry-run", "--no-cache-dir", "-r", "some.txt"),
        prepare=prepare,
    )


def environment_of(count: int) -> Work:
    """Install one wheel where a number of distributions is installed."""

    def prepare(workspace: Workspace) -> None:
        if count:
            workspace.write("some.txt", "".join(f"plain-{number:03}\n" for number in range(1, count + 1)))
            workspace.pip("install", "--no-deps", "-r", "some.txt", timeout=300).check()

    return Work(
        name=f"{count} installed distributions",
        arguments=("install", "--no-cache-dir", "--force-reinstall", f"chain-{CHAIN:02}"),
        prepare=prepare,
    )


GROWTH = (*map(requirements_of, (1, 10, 50)), *map(environment_of, (0, 50, MANY)))


def write_policy(workspace: Workspace) -> None:
    """Write a policy of 1,000 exceptions, in which 500 patterns of names are pinned to an index."""
    exceptions = (
        f'[[exceptions]]\nrule = "source-distribution"\nproject = "another-{number}"\nversion = "==1.0"\nreason = "read it"\n'
        for number in range(1000)
    )
    pins = (f'"acme-{number}-*" = "https://pypi.acme.example/simple/"\n' for number in range(500))
    workspace.policy(f"{workspace.approval}[indexes.projects]\n{''.join(pins)}{''.join(exceptions)}")


def write_journal(workspace: Workspace) -> None:
    """Fill the journal with nine tenths of what it may hold before it is rotated."""
    workspace.guard("install", "--no-cache-dir", "chain-12").check()
    (journal,) = workspace.home.rglob("journal.jsonl")
    content = journal.read_bytes()
    journal.write_bytes(content * (9 * 1024 * 1024 // len(content)))
    workspace.give(journal)


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """What a part of pip-guard costs: the same command without it and with it, and how pip-guard is called with it."""

    name: str
    before: Work
    after: Work
    call: str = "in the environment"
    kind: str = "synthetic"


SHOW = Work(name="", arguments=("--version",))
ONE = Work(name="", arguments=("install", "--no-cache-dir", "--force-reinstall", f"chain-{CHAIN:02}"))
PARTS = (
    Part(name="installed once, for the active environment", before=SHOW, after=SHOW, call="once"),
    Part(name="installed once, with `--python`", before=SHOW, after=SHOW, call="once, with --python"),
    Part(name="a policy of 1,000 exceptions and 500 index pins", before=ONE, after=replace(ONE, prepare=write_policy)),
    Part(name="a journal of 9 MiB", before=ONE, after=replace(ONE, prepare=write_journal)),
)


def publish(index: LocalIndex) -> None:
    """Publish wheels that need each other in a row, wheels that need nothing, and a graph with several releases of each."""
    body = "".join(f"def f{line}(x):\n    return x + {line}\n" for line in range(200))
    for number in range(1, CHAIN + 1):
        files = {f"chain_{number:02}/{module}.py": body for module in ("__init__", *(f"m{n}" for n in range(MODULES)))}
        requires = [f"chain-{number + 1:02}"] if number < CHAIN else []
        index.publish(make_wheel(f"chain-{number:02}", files=files, requires=requires))
    for number in range(1, MANY + 1):
        index.publish(make_wheel(f"plain-{number:03}", files={f"plain_{number:03}/__init__.py": body}))
    for number in range(1, GRAPH + 1):
        needed = [child for child in range(3 * number - 1, 3 * number + 2) if child <= GRAPH]
        for version in ("1.0", "1.1", "2.0"):
            requires = [f"graph-{child:03}>=1.1" for child in needed]
            index.publish(make_wheel(f"graph-{number:03}", version, requires=requires))
