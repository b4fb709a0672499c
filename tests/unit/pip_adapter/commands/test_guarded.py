"""Test how a guarded command starts, what it may do while it runs, and how it ends."""

from __future__ import annotations

import importlib.metadata
import io
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from pip._internal.exceptions import CommandError
from pip._internal.network.session import PipSession

from pip_guard.environment.import_guard import OwnLibraryFinder, import_own_library_only
from pip_guard.facts.candidate import CandidateFacts, ProcessFacts
from pip_guard.facts.command import JournalFacts
from pip_guard.facts.fetch import ConnectionFacts, FetchFacts
from pip_guard.facts.origin import Origin, OriginKind
from pip_guard.facts.requirements import HashCheckingFacts, RequirementFacts, SourceFacts
from pip_guard.facts.start import StartFacts
from pip_guard.facts.violation import Severity
from pip_guard.names import normalize
from pip_guard.pip_adapter.network.advisory_session import asking
from pip_guard.pip_adapter.resolution import resolve
from pip_guard.pip_adapter.resolution.candidates import COMMAND_LINE
from pip_guard.pip_adapter.session import Refusal, get_session
from pip_guard.pip_adapter.version import pip_version
from pip_guard.policy.model import Mode, Policy
from pip_guard.report.text import TextReport
from tests.kit.index import LocalIndex
from tests.kit.wheels import make_wheel
from tests.unit.engine.factories import RecordedJournal
from tests.unit.factories import make_command_options
from tests.unit.pip_adapter.guarded_pip import QUIET, RULE, TRY, AuditHook, GuardedPip, by_option

NOTHING_IS_ON = Policy(severities={RULE: Severity.OFF})
ABSENT = "pip-guard-no-such-project"
SEND = "pip._internal.network.session.PipSession.send"
# What a command does that has nothing to ask an index for.
NO_FINDINGS = ("install", "--dry-run", "--no-index", "pip")


# The start


@pytest.mark.parametrize("refused", [SourceFacts, RequirementFacts])
def test_refusal_stands_in_the_log_of_pip(
    pip: GuardedPip, tmp_path: Path, capsys: pytest.CaptureFixture[str], refused: type
) -> None:
    pip.report = TextReport()  # type: ignore[assignment]
    pip.refused = (refused,)
    assert pip.run("install", "--dry-run", "--no-index", "--log", tmp_path / "pip.log", "demo") == 40
    log = (tmp_path / "pip.log").read_text(encoding="utf-8")
    assert "error: told\n" in log
    assert "It is so.\n" in log
    assert capsys.readouterr().err.count("error: told\n") == 1


def test_options_are_judged_together_before_anything_runs(pip: GuardedPip) -> None:
    pip.refused = (SourceFacts,)
    assert pip.run(*TRY, "https://a/", "--no-require-hashes", "demo") == 40
    assert pip.options == [make_command_options(command="install", writes=False)]
    assert pip.told == [
        SourceFacts(indexes=(by_option("--index-url", "https://a/"),)),
        HashCheckingFacts(origin=Origin(kind=OriginKind.COMMAND_LINE, text="--no-require-hashes on the command line")),
    ]
    assert (pip.audit_hooks, pip.journal.begins) == ([], [])


@pytest.mark.parametrize(
    ("arguments", "command", "reads_only"),
    [
        pytest.param(["index", "versions", "demo"], "index", True, id="index"),
        pytest.param(["list", "--outdated"], "list", True, id="list"),
        pytest.param(["search", "demo"], "search", True, id="search"),
        pytest.param(["download", "demo"], "download", False, id="download"),
    ],
)
def test_what_only_asks_an_index_is_told_as_such(
    pip: GuardedPip, arguments: list[str], command: str, reads_only: bool
) -> None:
    pip.refused = (SourceFacts,)
    assert pip.run(*arguments, "--no-cache-dir") == 40
    assert pip.options == [make_command_options(command=command, writes=False, reads_only=reads_only)]


@pytest.mark.parametrize(
    ("policy", "arguments", "guarded"),
    [
        pytest.param(Policy(), ["list", "--format=json"], False, id="nothing-to-guard"),
        pytest.param(NOTHING_IS_ON, ["list", "--format=json"], False, id="nothing-to-guard-and-every-rule-is-off"),
        pytest.param(NOTHING_IS_ON, NO_FINDINGS, False, id="every-rule-is-off"),
        pytest.param(Policy(), NO_FINDINGS, True, id="guarded"),
    ],
)
def test_command_is_pips_own_where_there_is_nothing_to_guard(
    pip: GuardedPip, policy: Policy, arguments: list[str], guarded: bool
) -> None:
    send = PipSession.send
    pip.policy = policy
    assert pip.run(*arguments) == 0
    assert (bool(pip.told), bool(pip.audit_hooks), PipSession.send is not send) == (guarded, guarded, guarded)


@pytest.mark.parametrize(
    ("arguments", "frees"),
    [pytest.param(NO_FINDINGS, True, id="every-rule-is-off"), pytest.param(["list"], False, id="nothing-to-guard")],
)
def test_imports_are_free_where_every_rule_is_off(
    pip: GuardedPip, monkeypatch: pytest.MonkeyPatch, arguments: list[str], frees: bool
) -> None:
    pip.policy = NOTHING_IS_ON
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    import_own_library_only()
    pip.run(*arguments)
    assert any(isinstance(finder, OwnLibraryFinder) for finder in sys.meta_path) is not frees


def test_error_of_pips_parser_is_shown_without_a_traceback(pip: GuardedPip, capsys: pytest.CaptureFixture[str]) -> None:
    assert pip.run("install", "--only-binary=-x", "demo") == 1
    assert capsys.readouterr() == ("", "ERROR: --no-binary / --only-binary option requires 1 argument.\n")


def test_error_of_pips_parser_is_pips_own_where_every_rule_is_off(pip: GuardedPip) -> None:
    pip.policy = NOTHING_IS_ON
    with pytest.raises(CommandError, match="requires 1 argument"):
        pip.run("install", "--only-binary=-x", "demo")


@pytest.mark.parametrize(
    ("present", "missing"),
    [
        pytest.param(lambda session, request, **kwargs: None, (SEND,), id="other-parameters"),
        pytest.param(None, (SEND,), id="no-method"),
    ],
)
def test_pip_without_what_is_wrapped_is_told(
    pip: GuardedPip, monkeypatch: pytest.MonkeyPatch, present: Callable[..., None] | None, missing: tuple[str, ...]
) -> None:
    monkeypatch.setattr(PipSession, "send", present)
    pip.refused = (StartFacts,)
    assert pip.run("index", "versions", "demo") == 40
    assert pip.told[1:] == [StartFacts(pip_version=pip_version(), missing_hooks=missing)]
    assert vars(PipSession)["send"] is present
    assert pip.audit_hooks == []


def test_what_is_there_is_wrapped_where_the_policy_lets_such_a_pip_pass(
    pip: GuardedPip, local_index: LocalIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr("pip._internal.operations.prepare.get_file_url")
    pip.refused = (RequirementFacts,)
    assert pip.run(*TRY, local_index.url, "demo") == 40
    missing = StartFacts(pip_version=pip_version(), missing_hooks=("pip._internal.operations.prepare.get_file_url",))
    assert pip.told[1:] == [missing, RequirementFacts(requirement="demo", origin=COMMAND_LINE, project="demo")]


# What is enforced


@pytest.mark.parametrize(
    ("arguments", "environ", "enforced"),
    [
        pytest.param([], {}, ("keyring-provider=disabled",), id="defaults"),
        pytest.param(["--keyring-provider=disabled"], {}, (), id="keyring-off-already"),
        pytest.param(
            ["--keyring-provider=subprocess"], {}, ("keyring-provider=disabled",), id="keyring-by-command-line"
        ),
        pytest.param(["--cache-dir=."], {}, ("keyring-provider=disabled",), id="cache-of-the-command-line"),
        pytest.param(
            [],
            {"PIP_CACHE_DIR": "/srv/cache"},
            ("no-cache-dir", "keyring-provider=disabled"),
            id="cache-of-a-variable",
        ),
        pytest.param(
            ["--no-cache-dir"], {"PIP_CACHE_DIR": "/srv/cache"}, ("keyring-provider=disabled",), id="no-cache"
        ),
    ],
)
def test_neither_keyrings_nor_a_foreign_cache_are_used(
    pip: GuardedPip,
    local_index: LocalIndex,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    environ: dict[str, str],
    enforced: tuple[str, ...],
) -> None:
    local_index.publish(make_wheel("demo"))
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    assert pip.run("index", "versions", "--index-url", local_index.url, *arguments, "demo") == 0
    assert pip.enforced == enforced


# The audit hook


def install(pip: GuardedPip, *arguments: str) -> AuditHook:
    """Return what the audit hook is given for a command that does hardly anything."""
    pip.run(*(arguments or NO_FINDINGS))
    (given,) = pip.audit_hooks
    pip.told.clear()
    return given


@pytest.mark.parametrize("arguments", [("list", "--outdated", "--no-index"), ("uninstall", "--yes", ABSENT)])
def test_command_that_never_builds_permits_no_process(pip: GuardedPip, arguments: tuple[str, ...]) -> None:
    given = install(pip, *arguments)
    assert not given.permits.permits([sys.executable, "_in_process.py"], str(Path.cwd()))


@pytest.mark.parametrize(
    ("mode", "refused", "starts"),
    [
        pytest.param(Mode.ENFORCE, True, False, id="refused"),
        pytest.param(Mode.ENFORCE, False, False, id="no-rule-minds"),
        pytest.param(Mode.OBSERVE, True, True, id="only-observed"),
        pytest.param(Mode.OBSERVE, False, True, id="only-observed-and-no-rule-minds"),
    ],
)
def test_process_starts_only_where_that_is_observed(pip: GuardedPip, mode: Mode, refused: bool, starts: bool) -> None:
    pip.policy = Policy(severities=QUIET, mode=mode)
    pip.refused = (ProcessFacts,) if refused else ()
    refusal = install(pip).refuse("/bin/sh")
    assert pip.told == [ProcessFacts(program="/bin/sh")]
    assert (refusal is None) is starts
    assert refusal is None or isinstance(refusal, Refusal)


@pytest.mark.parametrize(
    ("proxy", "host", "port", "told"),
    [
        pytest.param("proxy.example:3128", "Proxy.Example", 3128, [], id="proxy"),
        pytest.param("http://me:pw@proxy.example", "proxy.example", 80, [], id="proxy-with-the-usual-port"),
        pytest.param("https://proxy.example", "proxy.example", 443, [], id="proxy-with-tls"),
        pytest.param(
            "proxy.example:3128",
            "proxy.example",
            80,
            [ConnectionFacts(host="proxy.example", port=80)],
            id="other-port",
        ),
        pytest.param(
            "proxy.example:3128", "evil.example", 3128, [ConnectionFacts(host="evil.example", port=3128)], id="other"
        ),
        pytest.param(None, "evil.example", None, [ConnectionFacts(host="evil.example", port=None)], id="no-proxy"),
    ],
)
def test_connection_is_judged_unless_it_is_to_the_proxy(
    pip: GuardedPip, proxy: str | None, host: str, port: int | None, told: list[object]
) -> None:
    options = () if proxy is None else (f"--proxy={proxy}",)
    install(pip, *TRY, "https://a/", *options, "pip").may_connect(host, port)
    assert pip.told == told


def test_connection_is_to_the_proxy_of_a_request_that_was_judged(pip: GuardedPip) -> None:
    may_connect = install(pip, *TRY, "https://a/", "pip").may_connect
    pip.state.proxies.add("http://me:****@proxy.example:3128")
    may_connect("proxy.example", 3128)
    assert pip.told == []


def test_connection_that_is_refused_is_not_opened(pip: GuardedPip) -> None:
    pip.refused = (ConnectionFacts,)
    with pytest.raises(Refusal):
        install(pip).may_connect("evil.example", 443)


def test_who_asks_for_advisories_connects_to_nobody_else(pip: GuardedPip) -> None:
    may_connect = install(pip).may_connect
    with asking("https://osv.example/v1", "http://proxy.example:3128"):
        may_connect("osv.example", 443)
        may_connect("proxy.example", 3128)
        with pytest.raises(PermissionError, match=r"does not connect to evil\.example:443 to ask for advisories"):
            may_connect("evil.example", 443)
    assert pip.told == []


# The run


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Install demo where pip finds it, and return its metadata."""
    metadata = tmp_path / "library" / "demo-1.0.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n", encoding="utf-8")
    (metadata / "RECORD").write_text("demo-1.0.dist-info/METADATA,,\ndemo-1.0.dist-info/RECORD,,\n", encoding="utf-8")
    monkeypatch.setattr(sys, "path", [str(metadata.parent), *sys.path])
    return metadata


def test_uninstallation_is_recorded_before_it_happens(pip: GuardedPip, installed: Path) -> None:
    there = []

    class Witness(RecordedJournal):
        def begin(self, summary: object) -> JournalFacts | None:
            there.append(installed.exists())
            return None

    pip.journal = Witness()
    pip.run("uninstall", "--yes", "demo")
    assert there == [True]
    assert pip.journal.ends[0][1] == 0


def test_nothing_is_removed_that_must_be_recorded_and_cannot_be(pip: GuardedPip, installed: Path) -> None:
    pip.journal = RecordedJournal("is full")
    pip.refused = (JournalFacts,)
    assert pip.run("uninstall", "--yes", "demo") == 40
    assert importlib.metadata.version("demo") == "1.0"
    assert pip.facts(JournalFacts)[0] == JournalFacts(path="/j", problem="is full", before_change=True)


def test_question_that_nobody_answers_is_an_error(
    pip: GuardedPip, local_index: LocalIndex, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    local_index.credentials = ("me", "secret")
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    assert pip.run(*TRY, local_index.url, "demo") == 1
    captured = capsys.readouterr()
    assert captured.err == "ERROR: pip asked for input, and there is none. Give --no-input, or the credentials.\n"


def test_file_that_is_not_text_is_an_error(pip: GuardedPip, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "all.txt").write_bytes(b"\xff\xfedemo!")
    assert pip.run("install", "--dry-run", "--no-index", "-r", "all.txt") == 1
    assert capsys.readouterr().err == (
        "ERROR: A file that the command reads is not text: "
        "'utf-16-le' codec can't decode byte 0x21 in position 4: truncated data\n"
    )


def test_error_of_pip_is_pips_own(pip: GuardedPip, local_index: LocalIndex, capsys: pytest.CaptureFixture[str]) -> None:
    assert pip.run(*TRY, local_index.url, "demo") == 1
    assert capsys.readouterr().err.endswith("ERROR: No matching distribution found for demo\n")
    assert [refusal for refusal, _ in pip.report.ends] == [None]


def test_refusal_decides_the_exit_code_whatever_pip_makes_of_it(
    pip: GuardedPip, local_index: LocalIndex, capsys: pytest.CaptureFixture[str]
) -> None:
    pip.refused = (FetchFacts,)
    assert pip.run(*TRY, local_index.url, "demo") == 40
    assert "ERROR" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "code"),
    [
        pytest.param(ValueError("no idea"), 43, id="failure"),
        pytest.param(KeyboardInterrupt(), 1, id="interruption"),
        pytest.param(CommandError("so pip says"), 1, id="error-of-pip"),
    ],
)
def test_failure_of_pip_guard_on_the_way_refuses(
    pip: GuardedPip, local_index: LocalIndex, monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int
) -> None:
    local_index.publish(make_wheel("demo"))
    monkeypatch.setattr(resolve, "normalize_name", raiser(error))
    assert pip.run(*TRY, local_index.url, "demo") == code
    assert pip.facts(CandidateFacts) == []
    assert get_session().refused is (code == 43)


def raiser(error: BaseException) -> Callable[[str], str]:
    """Make a function in a module of pip-guard that fails."""
    scope = {"__name__": normalize.__name__, "error": error}
    exec("def fail(name):\n    raise error", scope)
    made = scope["fail"]
    assert callable(made)
    return made


@pytest.mark.parametrize("error", [ValueError(), KeyboardInterrupt()])
def test_error_that_nobody_raised_is_not_pip_guards(pip: GuardedPip, error: BaseException) -> None:
    assert not pip.command("install").failed_here(error)
    assert not get_session().refused


def test_failure_of_pip_is_not_pip_guards(
    pip: GuardedPip, local_index: LocalIndex, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("pip._internal.commands.install.make_target_python", lambda options: 1 / 0)
    assert pip.run(*TRY, local_index.url, "demo") == 2
    assert "ZeroDivisionError" in capsys.readouterr().err
    assert not get_session().refused
