"""Test that pip is given the same answers, with the same requests, when they are foreseen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path

import pytest
from pip._internal.metadata import get_default_environment

from pip_guard.facts.candidate import CandidateFacts, ReleaseFacts
from pip_guard.facts.fetch import FetchFacts
from pip_guard.facts.violation import Severity
from pip_guard.frozen import replace
from pip_guard.pip_adapter.index import upload_times
from pip_guard.pip_adapter.network.ahead import Ahead
from pip_guard.policy.model import Network, Policy
from tests.kit.index import LocalIndex
from tests.kit.simple_api import sha256
from tests.kit.sources import make_sdist
from tests.kit.wheels import make_wheel
from tests.unit.pip_adapter.guarded_pip import QUIET, TRY, GuardedPip, without_settings

NOW = datetime(2026, 5, 1, tzinfo=timezone.utc)
DEMO = make_wheel("demo", requires=["dep", "other; extra == 'more'"], extras={"more": ["other"]})
Publish = Callable[[LocalIndex], None]


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upload_times, "utc_now", lambda: NOW)


@pytest.fixture
def planned(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Keep the paths that are fetched ahead."""
    paths: list[str] = []
    plan = Ahead.plan

    def noted(self: Ahead, url: str, *arguments: object) -> None:
        paths.append(url.split("/", 3)[3])
        plan(self, url, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(Ahead, "plan", noted)
    return paths


def wheels(*named: tuple[str, str, tuple[str, ...]]) -> Publish:
    def publish(index: LocalIndex) -> None:
        for name, version, requires in named:
            index.publish(make_wheel(name, version, requires=requires))

    return publish


def publish_marked(index: LocalIndex) -> None:
    index.publish(make_wheel("demo", requires=["dep; python_version < '3'", "other; python_version > '3'"]))
    index.publish(make_wheel("other"))


def publish_extras(index: LocalIndex) -> None:
    index.publish(make_wheel("root", requires=["demo", "dep", "middle"]))
    index.publish(make_wheel("middle", requires=["demo[more]"]))
    for wheel in (DEMO, make_wheel("dep"), make_wheel("other")):
        index.publish(wheel)


def publish_odd_versions(index: LocalIndex) -> None:
    index.publish(make_wheel("demo", "1.0"))
    index.publish(make_wheel("demo", "1.1"), requires_python=">=4")
    index.publish(make_wheel("demo", "1.2"), yanked=True)
    index.publish(make_wheel("demo", "1.3", tag="py3-none-nowhere"))
    index.publish(make_wheel("demo", "1.4"), upload_time=NOW)
    index.publish(make_wheel("demo", "2.0a1"))
    index.publish(make_wheel("demo", filename="demo-odd-py3-none-any.whl"))
    index.publish(make_wheel("demo", "1.0.1"), requires_python="what?")


def publish_another_hash(index: LocalIndex) -> None:
    index.publish(make_wheel("demo", files={"other.py": ""}, filename="demo-1.0-1-py3-none-any.whl"))
    index.publish(make_wheel("demo"))


def publish_only_foreign(index: LocalIndex) -> None:
    index.publish(make_wheel("demo", tag="py3-none-nowhere"))


def publish_without_metadata(index: LocalIndex) -> None:
    index.publish(DEMO, metadata=False)
    index.publish(make_wheel("dep"), metadata=False)


SCENARIOS = [
    pytest.param(wheels(("demo", "1.0", ("dep>=1",)), ("dep", "2.0", ())), ("demo",), id="dependency"),
    pytest.param(wheels(("demo", "1.0", ()), ("demo", "2.0", ())), ("demo<2",), id="version"),
    pytest.param(wheels(("demo", "1.0", ()), ("demo", "2.0", ())), ("demo", "-c", "limits.txt"), id="constraint"),
    pytest.param(wheels(("demo", "1.0", ("dep @ https://x.example/d-1-py3-none-any.whl",))), ("demo",), id="url"),
    pytest.param(wheels(("demo", "1.0", ("dep",))), ("--no-deps", "demo"), id="no-dependencies"),
    pytest.param(publish_marked, ("demo", "dep; python_version < '3'"), id="markers"),
    pytest.param(publish_extras, ("root",), id="extras-later"),
    pytest.param(publish_extras, ("demo[more]",), id="extras"),
    pytest.param(publish_odd_versions, ("demo",), id="odd-versions"),
    pytest.param(publish_odd_versions, ("--ignore-requires-python", "demo"), id="any-python"),
    pytest.param(publish_odd_versions, ("--pre", "demo>=2.0a1"), id="pre-release"),
    pytest.param(publish_only_foreign, ("demo",), id="nothing-fits"),
    pytest.param(publish_without_metadata, ("demo",), id="no-metadata"),
    pytest.param(wheels(("demo", "1.0", ())), ("-r", "hashed.txt"), id="hashes"),
    pytest.param(publish_another_hash, ("-r", "hashed.txt"), id="one-of-two-hashes"),
    pytest.param(wheels(("demo", "1.0", ())), ("-r", "pylock.toml"), id="lock-file"),
    pytest.param(wheels(), ("-r", "pylock.local.toml"), id="lock-file-of-local-files"),
    pytest.param(wheels(("demo", "1.0", ())), ("--refresh-package=:all:", "demo"), id="refresh"),
    pytest.param(wheels(("demo", "1.0", ())), ("--use-deprecated=legacy-resolver", "demo"), id="old-resolver"),
    pytest.param(wheels(("demo", "1.0", ())), ("--no-binary=demo", "demo"), id="no-binary"),
    pytest.param(wheels(("pip", "99.0", ())), ("pip",), id="installed"),
    pytest.param(wheels(("pip", "99.0", ())), ("-U", "pip"), id="upgrade"),
    pytest.param(wheels(("demo", "1.0", ("pip",)), ("pip", "99.0", ())), ("demo",), id="dependency-installed"),
    pytest.param(
        wheels(("demo", "1.0", ("pip",)), ("pip", "99.0", ())),
        ("-U", "--upgrade-strategy=eager", "demo"),
        id="upgrade-all",
    ),
    pytest.param(wheels(), ("demo",), id="no-such-project"),
]


@pytest.mark.parametrize(("publish", "arguments"), SCENARIOS)
def test_pip_asks_for_the_same_and_gets_the_same(
    local_index: LocalIndex, tmp_path: Path, publish: Publish, arguments: tuple[str, ...]
) -> None:
    publish(local_index)
    wheel = make_wheel("demo")
    (tmp_path / "limits.txt").write_text("demo<2\n", encoding="utf-8")
    (tmp_path / "hashed.txt").write_text(f"demo==1.0 --hash=sha256:{sha256(wheel.content)}\n", encoding="utf-8")
    for name, place in (
        ("pylock.toml", f'url = "{local_index.files_url}{wheel.filename}"'),
        ("pylock.local.toml", f'path = "{wheel.write(tmp_path).name}"'),
    ):
        (tmp_path / name).write_text(
            f'lock-version = "1.0"\ncreated-by = "test"\n[[packages]]\nname = "demo"\nversion = "1.0"\n'
            f'[[packages.wheels]]\nname = "{wheel.filename}"\n{place}\n'
            f'hashes = {{sha256 = "{sha256(wheel.content)}"}}\n',
            encoding="utf-8",
        )

    def outcome(*, ahead: bool) -> object:
        local_index.requests.clear()
        with pytest.MonkeyPatch.context() as patch:
            without_settings(patch, tmp_path)
            patch.setenv("PIP_CERT", str(local_index.ca_path))
            pip = GuardedPip(patch)
            pip.policy = Policy(severities=QUIET, network=Network(ahead=ahead))
            code = pip.run(*TRY, local_index.url, *arguments)
        files = {file.filename for summary, _ in pip.journal.ends for file in summary.files}
        return code, files, sorted(local_index.paths)

    assert outcome(ahead=True) == outcome(ahead=False)


def test_everything_is_fetched_ahead(pip: GuardedPip, local_index: LocalIndex, planned: list[str]) -> None:
    local_index.publish(DEMO)
    local_index.publish(make_wheel("dep"))
    pip.policy = Policy(severities=QUIET)
    assert pip.run(*TRY, local_index.url, "demo") == 0
    assert sorted(f"/{path}" for path in planned) == sorted(local_index.paths)
    assert pip.state.ahead is None


def test_source_distributions_are_not_guessed(
    pip: GuardedPip, local_index: LocalIndex, tmp_path: Path, planned: list[str]
) -> None:
    local_index.publish(make_sdist("demo", sentinel=tmp_path / "built"))
    pip.policy = Policy(severities=QUIET)
    pip.run(*TRY, local_index.url, "demo")
    assert planned == ["simple/demo/"]


def test_wheels_are_not_guessed_where_pip_builds(pip: GuardedPip, local_index: LocalIndex, planned: list[str]) -> None:
    local_index.publish(make_wheel("demo"))
    pip.policy = Policy(severities={**QUIET, "source-distribution": Severity.OFF})
    pip.run(*TRY, local_index.url, "--no-binary=demo", "demo")
    assert planned == ["simple/demo/"]


@pytest.mark.parametrize(
    ("versions", "expected"),
    [(("1.0",), 2), (("1.0", "2.0"), 1), (("1.0", "odd"), 2)],
    ids=["older", "newest", "no-version"],
)
def test_wheel_is_guessed_unless_pip_builds_something_newer(
    pip: GuardedPip,
    local_index: LocalIndex,
    tmp_path: Path,
    planned: list[str],
    versions: tuple[str, ...],
    expected: int,
) -> None:
    local_index.publish(make_wheel("demo", "1.5"))
    for version in versions:
        local_index.publish(make_sdist("demo", version, sentinel=tmp_path / "built", filename=f"demo-{version}.tar.gz"))
    pip.policy = Policy(severities={**QUIET, "source-distribution": Severity.OFF})
    pip.refused = (ReleaseFacts,)
    pip.run(*TRY, local_index.url, "demo")
    assert len(planned) == expected


def test_what_is_installed_is_not_asked_for(pip: GuardedPip, local_index: LocalIndex, planned: list[str]) -> None:
    assert get_default_environment().get_distribution("pip") is not None
    pip.policy = Policy(severities=QUIET)
    assert pip.run(*TRY, local_index.url, "pip") == 0
    assert planned == []


@pytest.mark.parametrize("kind", [CandidateFacts, FetchFacts])
def test_nothing_is_fetched_that_the_rules_refuse(
    pip: GuardedPip, local_index: LocalIndex, planned: list[str], kind: type
) -> None:
    local_index.publish(DEMO)
    pip.policy = Policy(severities=QUIET)
    pip.refused = (kind,)
    assert pip.run(*TRY, local_index.url, "demo") == 40
    assert planned == ["simple/demo/"]
    assert local_index.paths in ([], ["/simple/demo/"])


def test_rules_are_told_where_a_file_is_from(pip: GuardedPip, local_index: LocalIndex) -> None:
    local_index.publish(make_wheel("demo"))
    pip.policy = Policy(severities=QUIET)
    other = f"{local_index.origin}/other/"
    assert pip.run(*TRY, local_index.url, "--extra-index-url", other, "demo") == 0
    foreseen, asked = pip.facts(CandidateFacts)
    assert replace(foreseen, origin=asked.origin, hashes=asked.hashes) == asked
