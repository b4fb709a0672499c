"""Test what the session is told of the files that pip reads, and of its requests."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest
from pip._internal.exceptions import InstallationError

from pip_guard.facts.command import FileFacts, TrustedFile
from pip_guard.facts.fetch import FetchFacts
from pip_guard.facts.origin import Origin, OriginKind, Setting
from pip_guard.facts.requirements import HashCheckingFacts, RequirementFacts, SourceFacts
from pip_guard.facts.violation import Violation
from pip_guard.pip_adapter.network import requests
from pip_guard.policy.model import Policy
from tests.kit.index import LocalIndex
from tests.kit.wheels import make_wheel
from tests.unit.pip_adapter.guarded_pip import TRY, GuardedPip, by_option

NAMED = Origin(kind=OriginKind.FILE_OPTION, text="a requirements file")


def by_line(value: str, line: int, file: str = "all.txt") -> Setting:
    return Setting(value=value, origin=Origin(kind=OriginKind.FILE_OPTION, text=f"line {line} of {file}"))


def named(*files: str) -> SourceFacts:
    return SourceFacts(requirement_files=tuple(Setting(value=file, origin=NAMED) for file in files))


def write(folder: Path, name: str, *lines: str) -> str:
    (folder / name).write_text("\n".join(lines), encoding="utf-8")
    return name


# Files of requirements


def read(path: str) -> tuple[str, str]:
    with requests.bounded(path) as copy:
        return (copy or path), "" if copy is None else Path(copy).read_text()


def test_copies_what_a_pipe_says(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    writer = threading.Thread(target=(tmp_path / "pipe").write_text, args=("demo",))
    writer.start()
    path, content = read(str(tmp_path / "pipe"))
    writer.join()
    assert (content, Path(path).exists()) == ("demo", False)


def test_leaves_files_folders_and_what_is_missing_to_pip(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in (str(tmp_path), str(tmp_path / "file"), str(tmp_path / "missing")):
        assert read(path) == (path, "")


@pytest.mark.parametrize("name", ["/dev/zero", "file"])
def test_reads_no_more_than_a_file_of_requirements_can_have(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(requests, "LARGEST", 1 << 20)
    (tmp_path / "file").write_bytes(bytes((1 << 20) + 1))
    with pytest.raises(InstallationError, match="is too large for a file of requirements: more than 1 MiB"):
        read(str(tmp_path / name))


def test_file_behind_a_pipe_has_the_name_that_was_given(
    pip: GuardedPip, local_index: LocalIndex, tmp_path: Path
) -> None:
    local_index.publish(make_wheel("demo"))
    os.mkfifo(tmp_path / "pipe")
    writer = threading.Thread(target=(tmp_path / "pipe").write_text, args=("--extra-index-url https://b/",))
    writer.start()
    pip.refused = (RequirementFacts,)
    assert pip.run(*TRY, local_index.url, "-r", "pipe", "demo") == 40
    writer.join()
    assert by_line("https://b/", 1, "pipe") in pip.facts(SourceFacts)[-1].indexes


def test_sources_of_a_file_are_told_with_their_lines(pip: GuardedPip, local_index: LocalIndex, tmp_path: Path) -> None:
    local_index.publish(make_wheel("demo"))
    (tmp_path / "links").mkdir()
    lines = (f"-i {local_index.url}", "--extra-index-url https://b/", "--find-links links", "--trusted-host c", "demo")
    write(tmp_path, "all.txt", *lines)
    pip.refused = (RequirementFacts,)
    assert pip.run(*TRY, "https://a/", "-r", "all.txt") == 40
    assert pip.facts(SourceFacts) == [
        SourceFacts(indexes=(by_option("--index-url", "https://a/"),), requirement_files=(by_option("-r", "all.txt"),)),
        named("all.txt"),
        SourceFacts(
            indexes=(by_line(local_index.url, 1), by_line("https://b/", 2)),
            find_links=(by_line(str(tmp_path / "links"), 3),),
            trusted_hosts=(by_line("c", 4),),
        ),
    ]


def test_file_that_another_names_is_told_before_it_is_read(
    pip: GuardedPip, local_index: LocalIndex, tmp_path: Path
) -> None:
    write(tmp_path, "all.txt", "--extra-index-url https://b/", "-r more.txt", "-c limits.txt")
    write(tmp_path, "more.txt", "")
    write(tmp_path, "limits.txt", "")
    pip.run(*TRY, local_index.url, "-r", "all.txt")
    assert pip.facts(SourceFacts)[1:] == [
        named("all.txt"),
        SourceFacts(indexes=(by_line("https://b/", 1),)),
        named(str(tmp_path / "more.txt")),
        named(str(tmp_path / "limits.txt")),
    ]


def test_file_that_is_refused_is_not_read(pip: GuardedPip, local_index: LocalIndex, tmp_path: Path) -> None:
    pip.refused = (HashCheckingFacts,)
    write(tmp_path, "all.txt", "--no-require-hashes", "-r absent.txt")
    assert pip.run(*TRY, local_index.url, "-r", "all.txt") == 40
    off = HashCheckingFacts(origin=Origin(kind=OriginKind.FILE_OPTION, text="line 1 of all.txt"))
    assert pip.told[-2:] == [named("all.txt"), off]


def test_command_without_a_finder_tells_them_as_well(pip: GuardedPip, tmp_path: Path) -> None:
    write(tmp_path, "all.txt", "-i https://a/", "--find-links links", "--trusted-host c", "pip-guard-no-such-project")
    assert pip.run("uninstall", "--yes", "-r", "all.txt") == 0
    assert pip.told == [SourceFacts(requirement_files=(by_option("-r", "all.txt"),)), named("all.txt")]


# Requests


def test_redirect_is_told_as_one(pip: GuardedPip, local_index: LocalIndex) -> None:
    wheel = make_wheel("demo")
    local_index.publish(wheel, metadata=False)
    local_index.redirect(f"/files/{wheel.filename}", f"{local_index.origin}/elsewhere")
    local_index.page("/elsewhere", wheel.content)
    assert pip.run(*TRY, local_index.url, "demo") == 0
    assert pip.facts(FetchFacts) == [
        FetchFacts(url=f"{local_index.url}demo/"),
        FetchFacts(url=f"{local_index.files_url}{wheel.filename}"),
        FetchFacts(url=f"{local_index.origin}/elsewhere", redirected=True),
    ]


def test_proxy_is_told_without_its_password(pip: GuardedPip) -> None:
    pip.refused = (FetchFacts,)
    assert pip.run(*TRY, "https://index.example/simple/", "--proxy=me:secret@proxy.example:3128", "demo") == 40
    assert pip.facts(FetchFacts) == [
        FetchFacts(url="https://index.example/simple/demo/", proxy="http://me:****@proxy.example:3128")
    ]


def test_proxy_is_told_with_what_it_could_sign(
    pip: GuardedPip, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    proxy = "http://proxy.example:3128"
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    pip.refused = (FetchFacts,)
    pip.run(*TRY, "https://index.example/simple/", f"--proxy={proxy}", "demo")
    url = "https://index.example/simple/demo/"
    assert pip.facts(FetchFacts) == [FetchFacts(url=url, proxy=proxy, private_authority=True)]
    assert pip.state.proxies == set()


def test_proxy_of_a_request_that_may_pass_is_kept(pip: GuardedPip) -> None:
    pip.run(*TRY, "https://index.example/simple/", "--retries=0", "--proxy=http://127.0.0.1:1", "demo")
    assert pip.state.proxies == {"http://127.0.0.1:1"}


@pytest.mark.parametrize(("content_type", "answered"), [("text/plain", False), ("Text/HTML; charset=utf-8", True)])
def test_page_that_pip_does_not_understand_is_no_answer(
    pip: GuardedPip, local_index: LocalIndex, content_type: str, answered: bool
) -> None:
    url = local_index.page("/simple/demo/", "please log in", content_type)
    pip.run(*TRY, local_index.url, "demo")
    assert pip.state.failed_requests == (set() if answered else {url})


@pytest.mark.parametrize(
    ("status", "answered"),
    [
        pytest.param(404, True, id="not-found"),
        pytest.param(410, True, id="gone"),
        *(pytest.param(status, False, id=str(status)) for status in (403, 407, 408, 429, 500, 502)),
    ],
)
def test_answer_says_whether_an_index_has_a_project(
    pip: GuardedPip, local_index: LocalIndex, status: int, answered: bool
) -> None:
    local_index.page("/simple/demo/", "", status=status)
    assert pip.run(*TRY, local_index.url, "--retries=0", "demo") == 1
    assert pip.state.failed_requests == (set() if answered else {f"{local_index.url}demo/"})


@pytest.mark.skipif(os.name != "posix", reason="elsewhere the mode of a file says nothing")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # pip leaves the file behind a URL open
@pytest.mark.parametrize("form", ["-r more.txt", "-r {uri}", "-c more.txt"])
def test_file_that_another_names_may_belong_to_nobody_else(
    form: str, pip: GuardedPip, local_index: LocalIndex, tmp_path: Path
) -> None:
    path = tmp_path / write(tmp_path, "more.txt", "")
    write(tmp_path, "all.txt", form.format(uri=path.as_uri()))
    path.chmod(0o644)
    pip.run(*TRY, local_index.url, "-r", "all.txt")
    assert pip.facts(FileFacts) == []
    path.chmod(0o646)
    pip.refused = (FileFacts,)
    assert pip.run(*TRY, local_index.url, "-r", "all.txt") == 40
    believed = TrustedFile(path=str(path), role="requirements", danger="others can write")
    assert pip.facts(FileFacts) == [FileFacts(files=(believed,))]


def test_file_of_another_machine_has_no_owner_here(pip: GuardedPip, local_index: LocalIndex) -> None:
    url = local_index.page("/r.txt", "demo")
    pip.run(*TRY, local_index.url, "-r", url)
    assert pip.facts(FileFacts) == []


# pip's look for a newer version of itself


@pytest.fixture
def curious(pip: GuardedPip, local_index: LocalIndex, monkeypatch: pytest.MonkeyPatch) -> GuardedPip:
    """Let pip look for a newer version of itself, which there is."""
    monkeypatch.delenv("PIP_DISABLE_PIP_VERSION_CHECK")
    # What uv has installed, pip does not offer to upgrade.
    monkeypatch.setattr("pip._internal.metadata.base.BaseDistribution.installer", "pip")
    for wheel in (make_wheel("demo"), make_wheel("pip", "9999")):
        local_index.publish(wheel)
    return pip


def test_newer_version_is_asked_for_as_the_rules_let_it(
    curious: GuardedPip, local_index: LocalIndex, capsys: pytest.CaptureFixture[str]
) -> None:
    assert curious.run(*TRY, local_index.url, "demo") == 0
    assert curious.facts(FetchFacts)[0] == FetchFacts(url=f"{local_index.url}pip/")
    assert "A new release of pip is available" in capsys.readouterr().err


def test_newer_version_that_may_not_be_asked_for_is_not_missed(
    curious: GuardedPip, local_index: LocalIndex, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def check(facts: object, policy: Policy) -> list[Violation]:
        asks = isinstance(facts, FetchFacts) and facts.url.endswith("/pip/")
        return [Violation(message="It is about pip.")] if asks else []

    monkeypatch.setattr(curious, "_check", check)
    assert curious.run(*TRY, local_index.url, "demo") == 0
    assert local_index.paths[0] == "/simple/demo/"
    assert capsys.readouterr().err == ""
    assert curious.report.ends[0][0] is None


@pytest.mark.parametrize("location", [None, "/usr/lib/python3/dist-packages"])
def test_newer_version_of_another_pip_is_no_news(
    curious: GuardedPip,
    local_index: LocalIndex,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    location: str | None,
) -> None:
    class Environment:
        def get_distribution(self, name: str) -> object:
            return SimpleNamespace(location=location)

    monkeypatch.setattr(requests, "get_default_environment", Environment)
    assert curious.run(*TRY, local_index.url, "demo") == 0
    assert capsys.readouterr().err == ""


# Passwords

NO_KEYRING = (
    "WARNING: localhost wants a password, and pip-guard asks no keyring (keyring-provider is {}): "
    "put it into ~/.netrc, or into the URL.\n"
)


@pytest.mark.parametrize(
    ("arguments", "variable", "told"),
    [
        pytest.param(
            ["--keyring-provider=import"], None, ["set by --keyring-provider import on the command line"], id="option"
        ),
        pytest.param([], "auto", ["set by PIP_KEYRING_PROVIDER in the environment"], id="variable"),
        pytest.param([], None, [], id="nothing"),
        pytest.param(["--keyring-provider=disabled"], None, [], id="off"),
    ],
)
def test_says_once_that_no_keyring_is_asked(
    pip: GuardedPip,
    local_index: LocalIndex,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    variable: str | None,
    told: list[str],
) -> None:
    if variable is not None:
        monkeypatch.setenv("PIP_KEYRING_PROVIDER", variable)
    local_index.credentials = ("user", "password")
    assert pip.run(*TRY, local_index.url, "--no-input", *arguments, "demo", "other") == 1
    said = [line for line in capsys.readouterr().err.splitlines(keepends=True) if "keyring" in line]
    assert said == [NO_KEYRING.format(origin) for origin in told]


def test_says_nothing_of_keyrings_where_nobody_wants_a_password(
    pip: GuardedPip, local_index: LocalIndex, capsys: pytest.CaptureFixture[str]
) -> None:
    local_index.publish(make_wheel("demo"))
    assert pip.run(*TRY, local_index.url, "--keyring-provider=subprocess", "demo") == 0
    assert "keyring" not in capsys.readouterr().err
