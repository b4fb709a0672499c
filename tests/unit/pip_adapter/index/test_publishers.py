"""Test that an index is asked who published a file, once, and only where the policy names a publisher."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from pip_guard.facts.resolution import PublisherFacts
from pip_guard.facts.violation import Severity
from pip_guard.frozen import replace
from pip_guard.pip_adapter.index.publishers import ELSEWHERE, SILENT, UNREADABLE, answer_nothing
from pip_guard.pip_adapter.network import asked_pages
from pip_guard.policy.model import Network, Policy, Publishers
from tests.kit.http_server import FaultKind
from tests.kit.index import LocalIndex
from tests.kit.simple_api import JSON_TYPE, sha256
from tests.kit.sources import make_sdist
from tests.kit.wheels import make_wheel
from tests.unit.factories import ARGUMENT
from tests.unit.pip_adapter.guarded_pip import QUIET, TRY, GuardedPip

DEMO = make_wheel("demo")
DOCUMENT = f"/integrity/demo/1.0/{DEMO.filename}/provenance"
GITHUB = {"kind": "GitHub", "repository": "Acme/Demo", "workflow": "release.yml", "environment": "pypi"}
GITLAB = {"kind": "GitLab", "repository": "acme/tools/demo", "workflow_filepath": ".gitlab-ci.yml"}
GOOGLE = {"kind": "Google", "email": "release@acme.example"}
Prepare = Callable[[LocalIndex], object]


@pytest.fixture
def pip(pip: GuardedPip) -> GuardedPip:
    pip.policy = pinned()
    return pip


def pinned(severity: Severity = Severity.ERROR, **projects: str) -> Policy:
    return Policy(
        severities={**QUIET, "unexpected-publisher": severity},
        publishers=Publishers(projects=projects or {"demo": "github:acme/demo"}),
        network=Network(ahead=False),
    )


def told(pip: GuardedPip) -> list[tuple[tuple[str, ...], str | None]]:
    return [(facts.publishers, facts.problem) for facts in pip.facts(PublisherFacts)]


def documents(index: LocalIndex) -> list[str]:
    return [path for path in index.paths if path.startswith("/integrity/")]


@pytest.mark.parametrize(
    ("provenance", "publishers"),
    [
        pytest.param([GITHUB], ("github:acme/demo",), id="github"),
        pytest.param([GITLAB], ("gitlab:acme/tools/demo",), id="gitlab"),
        pytest.param([GOOGLE], ("google:release@acme.example",), id="google"),
        pytest.param([GITLAB, GITHUB, GITHUB], ("github:acme/demo", "gitlab:acme/tools/demo"), id="several"),
        pytest.param([{"kind": "Forge", "repository": "a/b"}], ("forge:a/b",), id="not-known-yet"),
        pytest.param([], (), id="none-stated"),
    ],
)
def test_publishers_are_told(
    pip: GuardedPip, local_index: LocalIndex, provenance: list[Mapping[str, str]], publishers: tuple[str, ...]
) -> None:
    local_index.publish(DEMO, provenance=provenance)
    assert pip.run(*TRY, local_index.url, "demo") == 0
    assert pip.facts(PublisherFacts) == [
        PublisherFacts(
            project="demo",
            version="1.0",
            filename=DEMO.filename,
            origin=ARGUMENT,
            publishers=publishers,
            hashes=frozenset({f"sha256:{sha256(DEMO.content)}"}),
        )
    ]
    assert documents(local_index) == [DOCUMENT]


@pytest.mark.parametrize(
    "prepare",
    [
        pytest.param(lambda index: index.publish(DEMO), id="no-provenance-at-all"),
        pytest.param(
            lambda index: (index.publish(DEMO), index.publish(make_wheel("demo", "0.9"), provenance=[GITHUB])),
            id="another-file-has-some",
        ),
    ],
)
def test_file_without_provenance_is_told_as_such_without_a_request(
    pip: GuardedPip, local_index: LocalIndex, prepare: Prepare
) -> None:
    prepare(local_index)
    assert pip.run(*TRY, local_index.url, "demo") == 0
    assert (told(pip), documents(local_index)) == ([((), None)], [])


def says(body: str, status: int = 200) -> Prepare:
    return lambda index: index.page(DOCUMENT, body, status=status)


@pytest.mark.parametrize(
    ("prepare", "problem"),
    [
        pytest.param(says("{}"), UNREADABLE, id="no-bundles"),
        pytest.param(says("no JSON"), UNREADABLE, id="no-json"),
        pytest.param(says("[]"), UNREADABLE, id="list"),
        pytest.param(says('{"attestation_bundles": [{"publisher": null}]}'), UNREADABLE, id="no-publisher"),
        pytest.param(says('{"attestation_bundles": [{"publisher": {"kind": "GitHub"}}]}'), UNREADABLE, id="no-name"),
        pytest.param(
            says('{"attestation_bundles": [{"publisher": {"kind": "Google", "repository": "a/b"}}]}'),
            UNREADABLE,
            id="no-email",
        ),
        pytest.param(says("[" * 100_000), UNREADABLE, id="nested"),
        pytest.param(says("gone", 404), SILENT, id="404"),
        pytest.param(says("password", 401), SILENT, id="401"),
        pytest.param(says(" " * 2000), SILENT, id="too-large"),
        pytest.param(lambda index: index.fail(DOCUMENT, FaultKind.RESET), SILENT, id="reset"),
        pytest.param(lambda index: index.fail(DOCUMENT, FaultKind.SERVER_ERROR), SILENT, id="server-error"),
        pytest.param(lambda index: index.fail(DOCUMENT, FaultKind.SLOW, seconds=2), SILENT, id="slow"),
    ],
)
def test_what_cannot_be_known_is_a_problem(
    pip: GuardedPip, local_index: LocalIndex, monkeypatch: pytest.MonkeyPatch, prepare: Prepare, problem: str
) -> None:
    monkeypatch.setattr(asked_pages, "TIMEOUT", 0.5)
    monkeypatch.setattr(asked_pages, "_LARGEST", 1000 if problem == SILENT else 1 << 20)
    local_index.publish(DEMO, provenance=[GITHUB])
    prepare(local_index)
    assert pip.run(*TRY, local_index.url, "demo") == 0
    assert told(pip) == [((), problem)]


def test_nobody_else_is_asked(pip: GuardedPip, local_index: LocalIndex) -> None:
    url = local_index.publish(DEMO)
    file = {
        "filename": DEMO.filename,
        "url": url,
        "hashes": {},
        "provenance": f"https://elsewhere.example/{DEMO.filename}/provenance",
    }
    page = {"meta": {"api-version": "1.3"}, "name": "demo", "files": [file]}
    local_index.page("/simple/demo/", json.dumps(page), JSON_TYPE)
    assert pip.run(*TRY, local_index.url, "demo") == 0
    assert (told(pip), documents(local_index)) == ([((), ELSEWHERE)], [])


@pytest.mark.parametrize(
    "policy",
    [
        pytest.param(pinned(other="github:acme/other"), id="of-another-project"),
        pytest.param(pinned(Severity.OFF), id="off"),
    ],
)
def test_nobody_is_asked_about_what_is_not_pinned(pip: GuardedPip, local_index: LocalIndex, policy: Policy) -> None:
    pip.policy = policy
    local_index.publish(DEMO, provenance=[GITHUB])
    assert pip.run(*TRY, local_index.url, "demo") == 0
    assert (told(pip), documents(local_index)) == ([], [])


def test_file_of_this_machine_is_not_asked_about(pip: GuardedPip, local_index: LocalIndex, tmp_path: Path) -> None:
    (tmp_path / DEMO.filename).write_bytes(DEMO.content)
    assert pip.run(*TRY, local_index.url, tmp_path / DEMO.filename) == 0
    assert (told(pip), local_index.paths) == ([], [])


def test_index_is_asked_about_what_a_url_names(pip: GuardedPip, local_index: LocalIndex) -> None:
    url = local_index.publish(DEMO, provenance=[GITHUB])
    assert pip.run(*TRY, local_index.url, url) == 0
    assert told(pip) == [(("github:acme/demo",), None)]


def test_file_by_a_name_that_the_index_lists_is_not_taken_for_the_listed_one(
    pip: GuardedPip, local_index: LocalIndex
) -> None:
    local_index.publish(DEMO, provenance=[GITHUB])
    other = make_wheel("demo", files={"demo.py": "OTHER = True"})
    url = local_index.page(f"/elsewhere/{DEMO.filename}", other.content, "application/octet-stream")
    assert pip.run(*TRY, local_index.url, url) == 0
    assert (told(pip), documents(local_index)) == ([((), None)], [])


def test_copy_of_a_listed_file_is_known_by_its_hash(pip: GuardedPip, local_index: LocalIndex) -> None:
    local_index.publish(DEMO, provenance=[GITHUB])
    url = local_index.page(f"/elsewhere/{DEMO.filename}", DEMO.content, "application/octet-stream")
    assert pip.run(*TRY, local_index.url, f"{url}#sha256={sha256(DEMO.content)}") == 0
    assert told(pip) == [(("github:acme/demo",), None)]


def test_archive_whose_name_has_no_version_is_asked_about_before_it_is_built(
    pip: GuardedPip, local_index: LocalIndex, tmp_path: Path
) -> None:
    pip.refused = (PublisherFacts,)
    pip.policy = replace(pip.policy, severities={**pip.policy.severities, "source-distribution": Severity.OFF})
    sdist = make_sdist("demo", sentinel=tmp_path / "ran")
    url = local_index.page("/elsewhere/main.tar.gz", sdist.content, "application/gzip")
    assert pip.run(*TRY, local_index.url, f"demo @ {url}") == 40
    assert told(pip) == [((), None)]
    assert not (tmp_path / "ran").exists()


def test_source_distribution_is_asked_about_before_it_is_built(
    pip: GuardedPip, local_index: LocalIndex, tmp_path: Path
) -> None:
    pip.refused = (PublisherFacts,)
    pip.policy = replace(pip.policy, severities={**pip.policy.severities, "source-distribution": Severity.OFF})
    sdist = make_sdist("demo", sentinel=tmp_path / "ran")
    local_index.publish(sdist, provenance=[GITHUB])
    assert pip.run(*TRY, local_index.url, "--no-binary", "demo", "demo") == 40
    assert told(pip) == [(("github:acme/demo",), None)]
    assert not any(path.startswith("/files/") for path in local_index.paths)
    assert not (tmp_path / "ran").exists()


def test_nothing_comes_where_no_index_can_be_asked() -> None:
    assert answer_nothing("https://pypi.example/")() is None
