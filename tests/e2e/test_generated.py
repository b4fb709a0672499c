"""However a command line, its settings, its files and the policy are put together: nothing is built, and nothing comes from elsewhere.

PIP_GUARD_TEST_EXAMPLES says how many examples are tried, other ones each time; without it they are always the same.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from pip_guard.rules import ALL_RULES
from tests.e2e.generated import NEVER, Command, commands, policies
from tests.kit.folders import new_folder
from tests.kit.index import LocalIndex
from tests.kit.run import Completed
from tests.kit.snapshots import Snapshot
from tests.kit.sources import make_sdist, make_source_tree
from tests.kit.wheels import make_wheel
from tests.kit.workspace import Workspace

pytestmark = pytest.mark.slow
VARIABLE = "PIP_GUARD_TEST_EXAMPLES"
EXAMPLES = int(os.environ.get(VARIABLE, "150"))
# All that may ever be installed, besides a project that was named on the command line.
HARMLESS = frozenset({"harmless==1.0", "demo==1.0", "needs-source==1.0", "needs-url==1.0", "needs-repository==1.0"})
CODES = frozenset({0, 1, 2, 40})


@dataclass(kw_only=True, slots=True)
class World:
    """An index that is approved, one that is not, and a workspace that is brought back after each example."""

    workspace: Workspace
    rogue: LocalIndex
    names: Mapping[str, str]
    snapshots: tuple[Snapshot, ...]

    def sentinel(self, name: str) -> Path:
        """Return where a build of one kind leaves its mark."""
        return self.workspace.sentinel(name)

    def fill(self, text: str) -> str:
        """Put what they stand for in place of names."""
        for name, value in self.names.items():
            text = text.replace(name, value)
        return text

    def run(self, command: Command) -> Completed:
        """Run a command under guard."""
        workspace = self.workspace
        for name, text in (
            ("requirements.txt", command.requirements_file),
            ("constraints.txt", command.constraints_file),
            (workspace.home / ".config" / "pip" / "pip.conf", command.configuration_file),
        ):
            workspace.write(name, self.fill(text))
        environ = {name: None if value is None else self.fill(value) for name, value in command.environ.items()}
        return workspace.guard(*map(self.fill, command.arguments), env=environ, timeout=120)

    def restore(self) -> None:
        """Bring everything back."""
        for snapshot in self.snapshots:
            snapshot.restore()
        for sentinel in (self.workspace.folder / "sentinels").iterdir():
            sentinel.unlink()
        self.rogue.requests.clear()


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    folder = new_folder("generated-")
    (folder / "workspace").mkdir()
    (folder / "copies").mkdir()
    with LocalIndex() as index, LocalIndex() as rogue:
        yield make_world(Workspace(folder / "workspace", index), rogue, folder / "copies")
    shutil.rmtree(folder, ignore_errors=True)


def make_world(workspace: Workspace, rogue: LocalIndex, copies: Path) -> World:
    index = workspace.index
    built = workspace.sentinel("built")
    sdist = make_sdist("sourceonly", sentinel=built)
    project = workspace.write_tree("project", make_source_tree(None, "project", sentinel=workspace.sentinel("project")))
    repository = workspace.write_git_repository("repository", make_source_tree(None, "project", sentinel=built))
    names = {
        "<sdist-url>": index.publish(sdist),
        "<rogue-wheel-url>": rogue.publish(make_wheel("harmless", "9.0")),
        "<sdist-path>": str(workspace.write(workspace.folder / "sources" / "sdists" / sdist.filename, sdist.content)),
        "<sdists>": str(workspace.folder / "sources" / "sdists"),
        "<project>": str(project),
        "<repository>": repository,
        "<rogue>": rogue.url,
        "<rogue-origin>": rogue.origin,
        "<host>": rogue.origin.partition("://")[2],
    }
    index.publish(make_wheel("harmless"))
    index.publish(make_wheel("demo", requires=["harmless"], extras={"extra": ["sourceonly"]}))
    index.publish(make_wheel("needs-source", requires=["sourceonly"]))
    index.publish(make_wheel("needs-url", requires=[f"sourceonly @ {names['<sdist-url>']}"]))
    index.publish(make_wheel("needs-repository", requires=[f"project @ {repository}"]))
    rogue.publish(make_sdist("sourceonly", "9.0", sentinel=built))
    rogue.publish(make_wheel("rogue"))
    watched = {"venv": workspace.venv.path, "home": workspace.home, "work": workspace.cwd}
    snapshots = tuple(Snapshot(path, copies / name, user=workspace.user) for name, path in watched.items())
    return World(workspace=workspace, rogue=rogue, names=names, snapshots=snapshots)


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=VARIABLE not in os.environ,
    database=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    given_commands=st.lists(commands(), min_size=1, max_size=2),
    policy=policies(rule.id for rule in ALL_RULES),
)
def test_nothing_is_built_and_nothing_comes_from_elsewhere(
    world: World, given_commands: list[Command], policy: str
) -> None:
    world.workspace.policy(policy)
    consent = False
    try:
        for command in given_commands:
            consent = consent or (NEVER not in policy and any(each.is_consent for each in command.requirements))
            ended = world.run(command)
            event(f"exit code {ended.returncode}")
            assert ended.returncode in CODES, str(ended)
            assert "internal-error" not in ended.output, str(ended)
            assert not world.sentinel("built").exists(), str(ended)
            assert consent or not world.sentinel("project").exists(), str(ended)
            assert world.rogue.requests == [], str(ended)
            allowed = HARMLESS | ({"project==1.0"} if consent else set())
            assert world.workspace.added() <= allowed, str(ended)
    finally:
        world.restore()


def test_commands_like_these_would_build_and_fetch_with_pip(world: World) -> None:
    """Prove that what is tried is dangerous: bare pip falls for it."""
    try:
        workspace, fill = world.workspace, world.fill
        workspace.pip("install", "--dry-run", "sourceonly").check()
        assert world.sentinel("built").exists()
        workspace.pip("install", "--dry-run", fill("--index-url=<rogue>"), "harmless").check()
        assert world.rogue.requests != []
    finally:
        world.restore()
