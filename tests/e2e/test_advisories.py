"""What is publicly known about releases is known before anything of them is unpacked."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone

import pytest

from tests.e2e.outcome import DOCS, NOTHING_INSTALLED, leftovers, refusals, told
from tests.kit.http_server import FaultKind, Request, Response
from tests.kit.index import LocalIndex
from tests.kit.osv import FakeOsv, make_malware, make_record, write_export
from tests.kit.run import Completed
from tests.kit.simple_api import sha256
from tests.kit.sources import make_sdist
from tests.kit.wheels import make_wheel
from tests.kit.workspace import Workspace

DRY = ("install", "--dry-run")
AGAIN = ("install", "--force-reinstall", "--no-deps")
MALWARE = ("known-malicious",)
BUILD_DEMO = '[[exceptions]]\nrule = "source-distribution"\nproject = "demo"\nreason = "tested"\n'
VULNERABILITY = make_record(
    "PYSEC-2026-1",
    events=[{"introduced": "0"}, {"fixed": "1.5"}],
    summary="It leaks",
    aliases=["CVE-2026-1"],
)


@pytest.fixture
def osv() -> Iterator[FakeOsv]:
    """Run a service that knows nothing yet."""
    with FakeOsv() as started:
        yield started


def ask(source: object, more: str = "") -> str:
    """Return a policy that names an advisory source; `more` goes into its table."""
    url = source.url if isinstance(source, FakeOsv) else source
    return f'[advisories]\nsource = "{url}"\n{more}\n'


def warnings(ended: Completed) -> list[str]:
    """Return the rules that warned, and nothing but rules did."""
    ended.check()
    assert "Traceback" not in ended.output
    return [line.removeprefix("warning: ") for line in ended.stderr.splitlines() if line.startswith("warning: ")]


def asked_about(osv: FakeOsv) -> list[list[str]]:
    """Return the releases of each batch that was asked about."""
    bodies = [json.loads(request.body) for request in osv.requests if request.path == "/v1/querybatch"]
    return [[f"{query['package']['name']} {query['version']}" for query in body["queries"]] for body in bodies]


def test_malware_is_refused_before_it_is_unpacked(workspace: Workspace, osv: FakeOsv) -> None:
    workspace.index.publish(make_wheel("demo"))
    workspace.index.publish(make_wheel("parent", requires=["demo"]))
    osv.add(make_malware(summary="Sends passwords to a stranger"), "1.0")
    ended = workspace.guard("install", "parent", policy=ask(osv))
    assert refusals(ended) == MALWARE
    assert told(workspace, ended) == (
        "error: known-malicious\n\n"
        "pip would take demo 1.0, which is known to be malware: MAL-2026-1 (Sends passwords to a stranger).\n"
        "  required by parent 1.0\n\n"
        "hint: Do not install it, and find out where it was installed before.\n"
        f"docs: {DOCS}/known-malicious.html\n{NOTHING_INSTALLED}"
    )
    assert workspace.added() == set()
    assert leftovers(workspace) == []
    assert asked_about(osv) == [["parent 1.0", "demo 1.0"]]
    assert osv.paths == ["/v1/querybatch", "/v1/vulns/MAL-2026-1"]


def test_malware_is_refused_for_its_id_alone(shared_workspace: Workspace, osv: FakeOsv) -> None:
    shared_workspace.index.publish(make_wheel("demo"))
    osv.add(make_malware(), "1.0")
    osv.replace = lambda request: Response(status=404) if request.method == "GET" else None
    ended = shared_workspace.guard(*DRY, "demo", policy=ask(osv))
    assert refusals(ended) == MALWARE
    assert "which is known to be malware: MAL-2026-1.\n" in ended.stderr


def test_withdrawn_report_about_malware_refuses_nothing(shared_workspace: Workspace, osv: FakeOsv) -> None:
    shared_workspace.index.publish(make_wheel("demo"))
    osv.add(make_malware(withdrawn=True), "1.0")
    assert warnings(shared_workspace.guard(*DRY, "demo", policy=ask(osv))) == []


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(DRY, id="dry-run"),
        pytest.param(("install", "--target=folder"), id="target"),
        pytest.param(("install", "--use-deprecated=legacy-resolver", "--dry-run"), id="legacy-resolver"),
        pytest.param(("download", "--dest=folder"), id="download"),
        pytest.param(("wheel", "--wheel-dir=folder"), id="wheel"),
        pytest.param(("lock", "--output=pylock.toml"), id="lock"),
    ],
)
@pytest.mark.parametrize("html_only", [False, True])
def test_every_command_refuses_malware(
    shared_workspace: Workspace, osv: FakeOsv, command: tuple[str, ...], html_only: bool
) -> None:
    shared_workspace.index.html_only = html_only
    shared_workspace.index.publish(make_wheel("demo"))
    osv.add(make_malware(), "1.0")
    assert refusals(shared_workspace.guard(*command, "demo", policy=ask(osv))) == MALWARE
    written = [path.name for path in shared_workspace.cwd.rglob("*") if path.is_file()]
    assert written == []


def test_service_of_this_machine_needs_no_tls(shared_workspace: Workspace) -> None:
    shared_workspace.index.publish(make_wheel("demo"))
    with FakeOsv(tls=False) as plain:
        plain.add(make_malware(), "1.0")
        assert refusals(shared_workspace.guard(*DRY, "demo", policy=ask(plain))) == MALWARE


def test_vulnerable_release_is_installed_with_a_warning(workspace: Workspace, osv: FakeOsv) -> None:
    workspace.index.publish(make_wheel("demo"))
    osv.add(VULNERABILITY, "1.0")
    ended = workspace.guard("install", "demo", policy=ask(osv)).check()
    assert told(workspace, ended) == (
        "warning: known-vulnerability\n\n"
        "pip would take demo 1.0, which has a known vulnerability:\n"
        "  PYSEC-2026-1 (CVE-2026-1): It leaks; fixed in 1.5\n"
        "  required by the command line\n\n"
        "hint: Ask for demo>=1.5, or, if it does not affect you, allow this one:\n"
        '      pip-guard guard allow known-vulnerability demo==1.0 --reason "..."\n'
        f"docs: {DOCS}/known-vulnerability.html\n\n"
    )
    assert workspace.added() == {"demo==1.0"}


def test_one_request_asks_about_all(workspace: Workspace, osv: FakeOsv) -> None:
    names = [f"part-{number}" for number in range(12)]
    for name in names:
        workspace.index.publish(make_wheel(name))
    workspace.index.publish(make_wheel("whole", requires=names))
    assert warnings(workspace.guard("install", "whole", policy=ask(osv))) == []
    ((asked),) = asked_about(osv)
    assert sorted(asked) == sorted(["whole 1.0", *(f"{name} 1.0" for name in names)])


def test_nobody_is_asked_twice_within_the_hour(workspace: Workspace, osv: FakeOsv) -> None:
    workspace.index.publish(make_wheel("demo"))
    workspace.index.publish(make_wheel("new"))
    osv.add(VULNERABILITY, "1.0")
    workspace.policy(ask(osv))
    assert warnings(workspace.guard("install", "demo")) == ["known-vulnerability"]
    asked = len(osv.requests)
    assert warnings(workspace.guard(*AGAIN, "demo")) == ["known-vulnerability"]
    assert len(osv.requests) == asked
    assert warnings(workspace.guard(*AGAIN, "demo", "new")) == ["known-vulnerability"]
    assert asked_about(osv) == [["demo 1.0"], ["new 1.0"]]


def test_malware_stays_refused_when_nobody_can_be_asked(shared_workspace: Workspace, osv: FakeOsv) -> None:
    shared_workspace.index.publish(make_wheel("demo"))
    osv.add(make_malware(), "1.0")
    shared_workspace.policy(ask(osv))
    assert refusals(shared_workspace.guard(*DRY, "demo")) == MALWARE
    kept = shared_workspace.home / ".cache" / "pip-guard" / "advisories"
    for path in kept.iterdir():
        answer = json.loads(path.read_bytes())
        path.write_text(json.dumps({**answer, "time": answer["time"] - 5 * 60 * 60}))
    osv.fail(FaultKind.SERVER_ERROR)
    ended = shared_workspace.guard(*DRY, "demo")
    assert refusals(ended) == MALWARE
    assert "Cached answers, up to 5 hours old, still apply." in ended.stderr


@pytest.mark.parametrize("damage", [b"", b"{}", b"\x00" * 100])
def test_damaged_answers_are_asked_for_again(shared_workspace: Workspace, osv: FakeOsv, damage: bytes) -> None:
    shared_workspace.index.publish(make_wheel("demo"))
    osv.add(make_malware(), "1.0")
    shared_workspace.policy(ask(osv))
    assert refusals(shared_workspace.guard(*DRY, "demo")) == MALWARE
    (kept,) = (shared_workspace.home / ".cache" / "pip-guard" / "advisories").iterdir()
    kept.write_bytes(damage)
    assert refusals(shared_workspace.guard(*DRY, "demo")) == MALWARE
    assert asked_about(osv) == [["demo 1.0"]] * 2


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        pytest.param(Response(status=500), "it answered 500", id="broken"),
        pytest.param(Response(status=429, headers={"Retry-After": "60"}), "it answered 429", id="busy"),
        pytest.param(Response(body=b"<html>"), "its answer is not JSON", id="page"),
        pytest.param(Response(body=b'{"results"'), "its answer is not JSON", id="half"),
        pytest.param(Response(body=b'{"vulns": []}'), "its answer is not that of an OSV service", id="other-shape"),
        pytest.param(Response(body=b" " * (33 << 20)), "its answer is too large", id="huge"),
        pytest.param(
            Response(status=302, headers={"Location": "{rogue}"}), "it redirects to another place", id="redirect"
        ),
    ],
)
def test_service_that_does_not_answer_is_a_warning(
    shared_workspace: Workspace, osv: FakeOsv, rogue_index: LocalIndex, answer: Response, reason: str
) -> None:
    shared_workspace.index.publish(make_wheel("demo"))
    headers = {name: value.format(rogue=rogue_index.url) for name, value in answer.headers.items()}
    osv.replace = lambda request: Response(status=answer.status, body=answer.body, headers=headers)
    ended = shared_workspace.guard(*DRY, "demo", policy=ask(osv)).check()
    assert told(shared_workspace, ended).replace(osv.url, "<osv>") == (
        "warning: known-malicious\n\n"
        f"<osv> could not be asked about malware in demo 1.0: {reason}.\n\n"
        "hint: Try again later, or name a mirror or a local export in the policy: [advisories] source.\n"
        f"docs: {DOCS}/known-malicious.html\n\n"
    )
    assert rogue_index.requests == []


@pytest.mark.parametrize("fault", [FaultKind.RESET, FaultKind.TRUNCATED])
def test_broken_connection_is_a_warning(shared_workspace: Workspace, osv: FakeOsv, fault: FaultKind) -> None:
    shared_workspace.index.publish(make_wheel("demo"))
    osv.fail(fault)
    assert warnings(shared_workspace.guard(*DRY, "demo", policy=ask(osv))) == ["known-malicious"]


def test_busy_service_is_left_alone(shared_workspace: Workspace, osv: FakeOsv) -> None:
    shared_workspace.index.publish(make_wheel("demo"))
    osv.always(429, Retry_After="60")
    shared_workspace.policy(ask(osv))
    for _ in range(2):
        assert warnings(shared_workspace.guard(*DRY, "demo")) == ["known-malicious"]
    assert len(osv.requests) == 1


@pytest.mark.slow
def test_slow_service_is_not_waited_for(shared_workspace: Workspace, osv: FakeOsv) -> None:
    shared_workspace.index.publish(make_wheel("demo"))
    osv.fail(FaultKind.SLOW, seconds=60)
    start = time.monotonic()
    ended = shared_workspace.guard(*DRY, "demo", policy=ask(osv))
    assert warnings(ended) == ["known-malicious"]
    assert "within 5 seconds" in ended.stderr
    assert time.monotonic() - start < 15


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("https://localhost:9", id="nobody-listens"),
        pytest.param("https://advisories.invalid", id="no-such-host"),
    ],
)
def test_service_that_cannot_be_reached_is_a_warning_at_once(shared_workspace: Workspace, url: str) -> None:
    shared_workspace.index.publish(make_wheel("demo"))
    assert warnings(shared_workspace.guard(*DRY, "demo", policy=ask(url))) == ["known-malicious"]


def test_silence_refuses_where_the_policy_says_so(workspace: Workspace, osv: FakeOsv) -> None:
    workspace.index.publish(make_wheel("demo"))
    osv.always(500)
    strict = ask(osv, 'unavailable = "error"')
    assert refusals(workspace.guard("install", "demo", policy=strict)) == MALWARE
    assert workspace.added() == set()


def test_damaged_record_hides_no_other(shared_workspace: Workspace) -> None:
    export = write_export(shared_workspace.folder / "records", make_malware())
    (export / "GHSA-9.json").write_text("{", encoding="utf-8")
    for name in ("demo", "harmless"):
        shared_workspace.index.publish(make_wheel(name))
    shared_workspace.policy(ask(export))
    assert refusals(shared_workspace.guard(*DRY, "demo")) == MALWARE
    ended = shared_workspace.guard(*DRY, "harmless")
    assert warnings(ended) == ["known-malicious"]
    assert "GHSA-9.json in it is not JSON" in ended.stderr


@pytest.mark.parametrize("name", ["all.zip", "records"])
def test_local_export_works_without_a_network(shared_workspace: Workspace, name: str) -> None:
    export = write_export(
        shared_workspace.folder / name, make_malware(), make_record("GHSA-1", "other", versions=["2.0"])
    )
    folder = shared_workspace.cwd / "wheels"
    folder.mkdir()
    for wheel in (make_wheel("demo"), make_wheel("other", "2.0"), make_wheel("harmless")):
        (folder / wheel.filename).write_bytes(wheel.content)
    shared_workspace.policy(ask(export))
    offline = (*DRY, "--no-index", "--find-links=wheels")
    assert refusals(shared_workspace.guard(*offline, "demo", "harmless")) == MALWARE
    assert warnings(shared_workspace.guard(*offline, "other", "harmless")) == ["known-vulnerability"]
    assert warnings(shared_workspace.guard(*offline, "harmless")) == []
    assert shared_workspace.index.requests == []


def test_old_export_is_said_to_be_old(shared_workspace: Workspace) -> None:
    shared_workspace.index.publish(make_wheel("demo"))
    old = datetime.now(timezone.utc) - timedelta(days=30, hours=1)
    export = write_export(shared_workspace.folder / "all.zip", make_malware(project="bad", modified=old))
    ended = shared_workspace.guard(*DRY, "demo", policy=ask(export))
    assert warnings(ended) == ["known-malicious"]
    assert f"{export} has no advisory from the last 30 days." in ended.stderr


def test_export_that_is_not_there_is_a_warning(shared_workspace: Workspace) -> None:
    shared_workspace.index.publish(make_wheel("demo"))
    ended = shared_workspace.guard(*DRY, "demo", policy=ask("/srv/none.zip"))
    assert warnings(ended) == ["known-malicious"]
    assert "/srv/none.zip could not be asked" in ended.stderr


@pytest.mark.parametrize("html_only", [False, True])
@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        pytest.param("active", [], id="active"),
        pytest.param("archived", ["yanked-release"], id="archived"),
        pytest.param("deprecated", ["yanked-release"], id="deprecated"),
    ],
)
def test_state_of_a_project_is_told(
    shared_workspace: Workspace, status: str, outcome: list[str], html_only: bool
) -> None:
    shared_workspace.index.html_only = html_only
    shared_workspace.index.publish(make_wheel("demo"), project_status=status, project_status_reason="so it is")
    shared_workspace.policy('[releases]\nunknown-age = "off"\n')
    ended = shared_workspace.guard(*DRY, "demo")
    assert warnings(ended) == outcome
    assert ("(so it is)" in ended.stderr) is bool(outcome)


@pytest.mark.parametrize("html_only", [False, True])
@pytest.mark.parametrize("offered", [False, True])
def test_quarantined_project_is_refused(shared_workspace: Workspace, offered: bool, html_only: bool) -> None:
    shared_workspace.index.html_only = html_only
    shared_workspace.policy('[releases]\nunknown-age = "off"\n')
    if offered:
        shared_workspace.index.publish(make_wheel("demo"))
    shared_workspace.index.set_status("demo", "quarantined", reason="malware")
    ended = shared_workspace.guard(*DRY, "demo")
    assert refusals(ended) == MALWARE
    assert f"pip would {'take demo 1.0' if offered else 'look for demo'}, which its index has" in ended.stderr


def test_yanked_release_is_told(shared_workspace: Workspace) -> None:
    shared_workspace.index.publish(make_wheel("demo"), yanked="broken")
    ended = shared_workspace.guard(*DRY, "demo==1.0")
    assert warnings(ended) == ["yanked-release"]
    assert "pip would take demo 1.0, which was yanked (broken).\n" in ended.stderr


@pytest.mark.parametrize(
    "ages",
    [
        pytest.param("", id="asked"),
        pytest.param("[rules]\nrecent-release = 'off'\nnew-project = 'off'\nlost-provenance = 'off'\n", id="rules-off"),
        pytest.param("[releases]\nexempt-indexes = ['{index}', '{files}']\n", id="exempt"),
    ],
)
def test_state_of_what_a_lock_file_names_is_told(shared_workspace: Workspace, ages: str) -> None:
    index, wheels = shared_workspace.index, [make_wheel(name) for name in ("bad", "broken", "old")]
    lock = 'lock-version = "1.0"\ncreated-by = "tests"\n'
    for wheel in wheels:
        index.publish(wheel, yanked=wheel.name == "broken")
        lock += (
            f'[[packages]]\nname = "{wheel.name}"\nversion = "1.0"\n'
            f'wheels = [{{url = "{index.files_url}{wheel.filename}", hashes = {{sha256 = "{sha256(wheel.content)}"}}}}]\n'
        )
    index.set_status("old", "archived")
    shared_workspace.write("pylock.toml", lock)
    policy = ages.replace("{index}", index.url).replace("{files}", index.files_url)
    ended = shared_workspace.guard(*DRY, "-r", "pylock.toml", policy=policy).check()
    assert warnings(ended) == ["yanked-release", "yanked-release"]
    index.set_status("bad", "quarantined")
    assert refusals(shared_workspace.guard(*DRY, "-r", "pylock.toml")) == MALWARE


@pytest.mark.parametrize("command", [DRY, ("install", "--target=folder")])
def test_fix_that_is_held_back_is_told(shared_workspace: Workspace, osv: FakeOsv, command: tuple[str, ...]) -> None:
    shared_workspace.index.publish(make_wheel("demo"))
    shared_workspace.index.publish(make_wheel("demo", "1.5"), upload_time=datetime.now(timezone.utc))
    osv.add(VULNERABILITY, "1.0")
    ended = shared_workspace.guard(*command, "demo", policy=ask(osv))
    assert warnings(ended) == ["known-vulnerability"]
    assert " (minimum age 3 days); it fixes PYSEC-2026-1, a known vulnerability of demo 1.0\n" in ended.stderr


def test_one_file_can_be_excused(shared_workspace: Workspace, osv: FakeOsv) -> None:
    wheel = make_wheel("demo")
    shared_workspace.index.publish(wheel)
    osv.add(make_malware(), "1.0")
    exception = '[[exceptions]]\nrule = "known-malicious"\nproject = "demo"\nversion = "==1.0"\nreason = "our own test of this"\n'
    right, wrong = (f'{exception}hash = "sha256:{digest}"\n' for digest in (sha256(wheel.content), "0" * 64))
    assert warnings(shared_workspace.guard(*DRY, "demo", policy=ask(osv) + right)) == []
    assert refusals(shared_workspace.guard(*DRY, "demo", policy=ask(osv) + wrong)) == MALWARE
    ended = shared_workspace.guard(*DRY, "demo", policy=ask(osv) + exception)
    assert ended.returncode == 41
    assert "exceptions[0].rule: known-malicious can only be excused for one exact file" in ended.stderr


@pytest.mark.parametrize("option", ["--guard-allow=known-malicious", "--guard-allow=known-malicious:demo"])
def test_malware_is_not_allowed_by_an_option(shared_workspace: Workspace, osv: FakeOsv, option: str) -> None:
    shared_workspace.index.publish(make_wheel("demo"))
    ended = shared_workspace.guard(option, *DRY, "demo", policy=ask(osv))
    assert ended.returncode == 41
    assert "--guard-allow=known-malicious: this rule can only be excused for one exact file" in ended.stderr
    assert shared_workspace.index.requests == osv.requests == []


def test_malware_is_not_allowed_by_name(shared_workspace: Workspace) -> None:
    before = shared_workspace.policy_path.read_text()
    ended = shared_workspace.guard("guard", "allow", "known-malicious", "demo==1.0", "--reason", "why not")
    assert ended.returncode == 41
    assert shared_workspace.policy_path.read_text() == before


def test_vulnerability_is_allowed_by_name(shared_workspace: Workspace, osv: FakeOsv) -> None:
    shared_workspace.index.publish(make_wheel("demo"))
    osv.add(VULNERABILITY, "1.0")
    shared_workspace.policy(ask(osv))
    assert warnings(shared_workspace.guard("--guard-allow=known-vulnerability:demo", *DRY, "demo")) == []


def test_source_distribution_that_may_be_built_is_asked_about_first(shared_workspace: Workspace, osv: FakeOsv) -> None:
    shared_workspace.index.publish(make_sdist("demo", sentinel=shared_workspace.sentinel()))
    osv.add(make_malware(), "1.0")
    assert refusals(shared_workspace.guard(*DRY, "demo", policy=ask(osv) + BUILD_DEMO)) == MALWARE
    assert not shared_workspace.sentinel().exists()


def test_release_that_is_built_is_asked_about_once(shared_workspace: Workspace, osv: FakeOsv) -> None:
    shared_workspace.index.publish(make_sdist("demo", sentinel=shared_workspace.sentinel()))
    osv.add(VULNERABILITY, "1.0")
    assert warnings(shared_workspace.guard(*DRY, "demo", policy=ask(osv) + BUILD_DEMO)) == ["known-vulnerability"]
    assert shared_workspace.sentinel().exists()
    assert asked_about(osv) == [["demo 1.0"]]


def test_what_a_build_needs_is_asked_about_before_it_is_used(shared_workspace: Workspace, osv: FakeOsv) -> None:
    sdist = make_sdist("demo", sentinel=shared_workspace.sentinel(), build_requires=["tool"])
    shared_workspace.index.publish(sdist)
    shared_workspace.index.publish(make_wheel("tool"))
    osv.add(make_malware(project="tool"), "1.0")
    ended = shared_workspace.guard(*DRY, "demo", policy=ask(osv) + BUILD_DEMO)
    assert refusals(ended) == MALWARE
    assert "pip would take tool 1.0" in ended.stderr
    assert not shared_workspace.sentinel().exists()


def test_local_project_and_what_is_installed_are_not_asked_about(workspace: Workspace, osv: FakeOsv) -> None:
    workspace.index.publish(make_wheel("demo"))
    workspace.guard("install", "demo", policy=ask(osv)).check()
    osv.requests.clear()
    workspace.guard("install", "demo").check()
    assert osv.requests == []


def test_names_of_exempt_indexes_are_not_told(shared_workspace: Workspace, osv: FakeOsv) -> None:
    shared_workspace.index.publish(make_wheel("demo"))
    policy = ask(osv, f'exempt-indexes = ["{shared_workspace.index.url}"]')
    assert warnings(shared_workspace.guard(*DRY, "demo", policy=policy)) == []
    assert osv.requests == []


def test_nobody_is_asked_where_no_rule_wants_it(shared_workspace: Workspace, osv: FakeOsv) -> None:
    shared_workspace.index.publish(make_wheel("demo"))
    off = '[rules]\nknown-malicious = "off"\nknown-vulnerability = "off"\n'
    assert warnings(shared_workspace.guard(*DRY, "demo", policy=off + ask(osv))) == []
    assert osv.requests == []


def test_advisory_service_is_no_place_for_files(shared_workspace: Workspace, osv: FakeOsv) -> None:
    shared_workspace.index.publish(make_wheel("demo"), url=f"{osv.url}/demo-1.0-py3-none-any.whl", metadata=False)
    assert refusals(shared_workspace.guard(*DRY, "demo", policy=ask(osv))) == ("unapproved-host",)
    assert osv.requests == []


def test_certificate_must_be_one_that_pip_accepts(shared_workspace: Workspace, osv: FakeOsv) -> None:
    wheel = make_wheel("demo")
    (shared_workspace.cwd / wheel.filename).write_bytes(wheel.content)
    ended = shared_workspace.guard(
        *DRY,
        "--no-index",
        f"./{wheel.filename}",
        policy=ask(osv) + '[rules]\ndirect-url = "off"\n',
        env={"PIP_CERT": None, "SSL_CERT_FILE": None},
    )
    assert warnings(ended) == ["known-malicious"]
    assert "certificate verify failed" in ended.stderr
    assert osv.requests == []


def test_proxy_that_could_forge_the_answer_is_not_asked(shared_workspace: Workspace) -> None:
    shared_workspace.index.publish(make_wheel("demo"))
    shared_workspace.policy(ask("https://advisories.invalid"))
    through = {"HTTPS_PROXY": "http://127.0.0.1:9"}
    ended = shared_workspace.guard(*DRY, "demo", env=through)
    assert warnings(ended) == ["known-malicious"]
    assert "the proxy http://127.0.0.1:9 could answer in its place" in ended.stderr
    approved = shared_workspace.approval + 'proxies = ["http://127.0.0.1:9"]\n'
    ended = shared_workspace.guard(*DRY, "demo", env=through, policy=ask("https://advisories.invalid") + approved)
    assert warnings(ended) == ["known-malicious"]
    assert "its proxy cannot be used" in ended.stderr


def test_asking_goes_on_while_pip_downloads(shared_workspace: Workspace, osv: FakeOsv) -> None:
    url = shared_workspace.index.publish(make_wheel("demo"))
    order: list[str] = []

    def note(request: Request) -> Response | None:
        time.sleep(0.5)
        order.append("answered")
        return None

    osv.replace = note
    wheel = make_wheel("demo")
    path = url.removeprefix(shared_workspace.index.origin)

    def serve(request: Request) -> bytes:
        order.append("downloaded")
        return wheel.content

    shared_workspace.index.page(path, serve, "application/octet-stream")
    shared_workspace.guard("download", "--dest=folder", "demo", policy=ask(osv)).check()
    assert order == ["downloaded", "answered"]
