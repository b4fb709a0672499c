"""Whatever fails around a command, it ends as pip's does: the same exit code, the same files, and nothing left behind."""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from tests.e2e.outcome import leftovers, refusals
from tests.e2e.rows import slow
from tests.kit.folders import new_folder
from tests.kit.http_server import FaultKind
from tests.kit.index import LocalIndex
from tests.kit.snapshots import remove
from tests.kit.twins import Twins
from tests.kit.wheels import make_wheel
from tests.kit.workspace import Workspace

PATIENCE = 30.0
MANY_LINKS = 100_000
# Larger than what RLIMIT_FSIZE lets through below, smaller than the metadata and the page.
LARGE = "large.bin"
INSTALL = "install --no-cache-dir demo"
# What pip-guard has to say on top: that it could not keep a record.
WARNING = re.compile(r"warning: unwritten-journal\n(?:.*\n)*?docs: .*\n\n?")


def publish(index: LocalIndex) -> None:
    index.publish(make_wheel("demo", requires=["harmless"], files={"demo.py": "", LARGE: b"\0" * 3_000_000}))
    index.publish(make_wheel("harmless"))
    noise = random.Random(1).randbytes(3_000_000)
    index.publish(make_wheel("incompressible", files={"incompressible.bin": noise}))


@pytest.fixture(scope="module")
def both() -> Iterator[Twins]:
    folder = new_folder("twins-")
    with LocalIndex() as index:
        publish(index)
        yield Twins(folder, index, lambda workspace: None)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def twins(both: Twins) -> Iterator[Twins]:
    yield both
    both.restore()


def compare(twins: Twins, line: str, shell: str = "", *, warns: bool | None = None) -> int:
    """Run a line in both places; only what is said may differ, where pip shows a traceback, or the journal is not written."""
    bare, guarded = twins.run(line, shell=shell)
    assert "Traceback" not in guarded.stderr or "Traceback" in bare.stderr, guarded.stderr
    if "Traceback" not in bare.stderr:
        assert WARNING.sub("", guarded.stderr) == bare.stderr
    assert warns is None or bool(WARNING.search(guarded.stderr)) is warns
    assert "internal-error" not in guarded.stderr, guarded.stderr
    assert (guarded.code, guarded.stdout) == (bare.code, bare.stdout), f"{bare}\n{guarded}"
    bare_files, guarded_files = twins.changes()
    assert guarded_files == bare_files
    bare_left, guarded_left = twins.leftovers()
    assert guarded_left == bare_left
    return bare.code


# Limits and places: what happens to the process, and whether the command still succeeds.
LIMITS = [
    pytest.param("ulimit -f 1000", 1, id="file-size"),
    slow("ulimit -f 0", None, id="no-files"),
    slow("ulimit -n 16", 0, id="few-descriptors"),
    slow("umask 0", 0, id="umask-of-everything"),
    slow("exec <&- >&- 2>&-", 0, id="all-streams-closed"),
    slow(
        'unset HOME PATH LANG TMPDIR; export TZ=Nowhere/Nothing COLUMNS=0 TERM="" LC_ALL=xx_YY', 0, id="bad-variables"
    ),
    slow("export HOME=/dev/null TMPDIR=/dev/null XDG_CACHE_HOME=/dev/null", None, id="places-that-are-no-folders"),
    slow("export HOME=/nowhere XDG_CACHE_HOME=/nowhere", 0, id="places-that-are-not-there"),
    slow("export TMPDIR=/nowhere", None, id="no-temporary-folder"),
    slow("cd /", 0, id="working-directory-of-root"),
    slow("mkdir x && cd x && chmod 0 .", None, id="working-directory-that-is-closed"),
    slow("mkdir x && cd x && rmdir ../x", 1, id="working-directory-that-is-gone"),
    slow("export PYTHONHASHSEED=1 PYTHONDEVMODE=1", None, id="development-mode"),
    slow("export PYTHONTRACEMALLOC=5 PYTHONMALLOC=debug", 0, id="memory-debugging"),
    slow("export PYTHONSAFEPATH=1 PYTHONNOUSERSITE=1", 0, id="safe-path"),
    slow("export PYTHONIOENCODING=ascii:strict PYTHONUTF8=0 LC_ALL=C", 0, id="ascii"),
]


@pytest.mark.parametrize(("shell", "code"), LIMITS)
def test_limit_has_the_effect_that_it_has_on_pip(shell: str, code: int | None, twins: Twins) -> None:
    ended = compare(twins, INSTALL, shell=f'{shell}; exec "$0" "$@"')
    assert code is None or ended == code


@pytest.mark.slow
@pytest.mark.parametrize("kilobytes", [40_000, 50_000, 60_000, 160_000])
def test_memory_that_runs_out_leaves_what_pip_leaves(kilobytes: int, workspace: Workspace) -> None:
    publish(workspace.index)
    shell = f'ulimit -v {kilobytes}; exec "$0" "$@"'
    command = (workspace.venv.scripts / "pip-guard", "install", "--no-cache-dir", "demo")
    ended = workspace.run("sh", "-c", shell, *command)
    # pip alone does not take back, either, what it has unpacked by then
    if ended.returncode == 0 or "Installing collected packages" not in ended.stdout:
        expected = {"demo==1.0", "harmless==1.0"} if ended.returncode == 0 else set()
        assert workspace.added() == expected, str(ended)
    # where there is none left even for that, nothing is cleaned up
    assert leftovers(workspace) == [] or "There is not enough memory to go on" in ended.stderr, str(ended)
    # Python itself, or its TLS library, may lose the error on its way
    assert ended.returncode == 0 or re.search(
        # where none is left for the authorities, none of them is known
        "memory|Memory|new thread|SystemError|SSL. internal error|local issuer certificate",
        ended.stderr + ended.stdout,
    ), str(ended)
    assert "defect of pip-guard" not in ended.stderr


@contextmanager
def small_disks(twins: Twins, name: str, *, free: int) -> Iterator[None]:
    """Mount a small file system on a folder of each place, with some bytes free."""
    folders = [workspace.folder / name for workspace in twins.workspaces]
    mounted: list[Path] = []
    try:
        for folder, workspace in zip(folders, twins.workspaces, strict=True):
            folder.mkdir(parents=True, exist_ok=True)
            workspace.give(folder)
            options = f"size=1m,uid={workspace.user},gid={workspace.user},mode=0755"
            if subprocess.run(["mount", "-t", "tmpfs", "-o", options, "none", folder], check=False).returncode:
                pytest.skip("a file system cannot be mounted here")
            mounted.append(folder)
            (folder / "full").write_bytes(b"\0" * ((1 << 20) - free))
        yield
    finally:
        for folder in mounted:
            subprocess.run(["umount", folder], check=True)


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a file system")
@pytest.mark.parametrize(
    ("disk", "free", "line", "code"),
    [
        pytest.param("home/tmp", 1 << 19, "install --no-cache-dir incompressible", 1, id="temporary-files"),
        pytest.param("work/target", 1 << 19, "install --no-cache-dir --target target incompressible", 2, id="target"),
        pytest.param("work/files", 1 << 19, "download --no-cache-dir --dest files incompressible", 2, id="download"),
        pytest.param("home/.cache", 0, "install incompressible", 0, id="cache"),
        pytest.param("home/.local/state", 0, "install incompressible", 0, id="journal"),
    ],
)
def test_disk_that_is_full_has_the_effect_that_it_has_on_pip(
    disk: str, free: int, line: str, code: int, twins: Twins
) -> None:
    # the wheel of 3 MB that most tests take is compressed to almost nothing; this one is not
    with small_disks(twins, disk, free=free):
        assert compare(twins, f"{line} --progress-bar=off", warns=disk == "home/.local/state") == code


def lock_site_packages(workspace: Workspace) -> None:
    workspace.venv.site_packages.chmod(0o555)


def lock_scripts(workspace: Workspace) -> None:
    workspace.venv.scripts.chmod(0o555)


def lock_cache(workspace: Workspace) -> None:
    workspace.write(workspace.home / ".cache" / "notes.txt", "")
    (workspace.home / ".cache").chmod(0o555)


def file_for_cache(workspace: Workspace) -> None:
    workspace.write(workspace.home / ".cache", "")


def broken_distribution(workspace: Workspace) -> None:
    workspace.write(workspace.venv.site_packages / "harmless-0.9.dist-info" / "METADATA", b"\xff\xfe\x00")
    workspace.write(workspace.venv.site_packages / "~armless-1.0.dist-info" / "METADATA", "")
    workspace.write(workspace.venv.site_packages / "old.egg-info", "Name: old\n")


def missing_record(workspace: Workspace) -> None:
    (record,) = workspace.venv.site_packages.glob("platformdirs-*.dist-info/RECORD")
    record.unlink()


DAMAGES = [
    pytest.param(lock_site_packages, INSTALL, id="closed-site-packages"),
    slow(lock_scripts, INSTALL, id="closed-scripts"),
    slow(lock_cache, "install demo", id="closed-cache"),
    slow(file_for_cache, "install demo", id="cache-that-is-a-file"),
    slow(broken_distribution, "install --dry-run --no-deps demo", id="broken-distributions"),
    slow(broken_distribution, "list", id="broken-distributions-listed"),
    slow(missing_record, "uninstall --yes platformdirs", id="missing-record"),
    slow(missing_record, "install --upgrade harmless", id="missing-record-of-another"),
]


@pytest.mark.parametrize(("damage", "line"), DAMAGES)
def test_damage_has_the_effect_that_it_has_on_pip(damage: Callable[[Workspace], None], line: str, twins: Twins) -> None:
    for workspace in twins.workspaces:
        damage(workspace)
    compare(twins, line)


PAGE, WHEEL = "/simple/harmless/", "/files/harmless-1.0-py3-none-any.whl"
METADATA = f"{WHEEL}.metadata"


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        pytest.param(FaultKind.RESET, PAGE, id="page-reset"),
        pytest.param(FaultKind.TRUNCATED, WHEEL, id="wheel-truncated"),
        pytest.param(FaultKind.WRONG_BYTES, WHEEL, id="wheel-changed"),
        slow(FaultKind.SERVER_ERROR, PAGE, id="page-error"),
        slow(FaultKind.TRUNCATED, PAGE, id="page-truncated"),
        slow(FaultKind.WRONG_BYTES, PAGE, id="page-changed"),
        slow(FaultKind.RESET, METADATA, id="metadata-reset"),
        slow(FaultKind.SERVER_ERROR, METADATA, id="metadata-error"),
        slow(FaultKind.TRUNCATED, METADATA, id="metadata-truncated"),
        slow(FaultKind.WRONG_BYTES, METADATA, id="metadata-changed"),
        slow(FaultKind.RESET, WHEEL, id="wheel-reset"),
        slow(FaultKind.SERVER_ERROR, WHEEL, id="wheel-error"),
    ],
)
def test_index_that_fails_is_an_error_as_with_pip(kind: FaultKind, path: str, twins: Twins) -> None:
    with failing(twins.index, path, kind):
        assert compare(twins, INSTALL) != 0


@pytest.mark.slow
def test_wrong_hash_on_a_page_is_an_error_as_with_pip(twins: Twins) -> None:
    twins.index.publish(make_wheel("harmless", "2.0"), hashes="0" * 64)
    try:
        assert compare(twins, "install harmless==2.0") == 1
    finally:
        twins.index.clear()
        publish(twins.index)


@contextmanager
def failing(index: LocalIndex, path: str, kind: FaultKind, *, seconds: float = 0.0) -> Iterator[None]:
    """Let the answers for a path go wrong."""
    index.fail(path, kind, seconds=seconds)
    yield
    index.fail(path, kind, times=0)


@pytest.mark.slow
@pytest.mark.parametrize("path", [PAGE, WHEEL], ids=["page", "wheel"])
def test_answer_that_trickles_is_waited_for_as_by_pip(path: str, twins: Twins) -> None:
    with failing(twins.index, path, FaultKind.TRICKLING, seconds=0.001):
        assert compare(twins, INSTALL) == 0


@pytest.mark.slow
@pytest.mark.parametrize("path", [PAGE, WHEEL], ids=["page", "wheel"])
def test_answer_that_comes_too_late_is_an_error_as_with_pip(path: str, twins: Twins) -> None:
    with failing(twins.index, path, FaultKind.SLOW, seconds=3):
        assert compare(twins, f"{INSTALL} --timeout=0.5") == 1


def test_answer_that_is_tried_again_is_taken(workspace: Workspace) -> None:
    workspace.index.publish(make_wheel("harmless"))
    workspace.index.fail("/simple/harmless/", FaultKind.RESET, times=1)
    workspace.index.fail("/files/harmless-1.0-py3-none-any.whl", FaultKind.SERVER_ERROR, times=1)
    workspace.guard("install", "--no-cache-dir", "harmless", env={"PIP_RETRIES": "2"}).check()
    assert workspace.added() == {"harmless==1.0"}


@pytest.mark.slow
@pytest.mark.parametrize("as_json", [True, False], ids=["json", "html"])
def test_page_of_many_links_is_read(as_json: bool, workspace: Workspace) -> None:
    names = [f"harmless-{number}.0-py3-none-any.whl" for number in range(2, MANY_LINKS)]
    wheel = make_wheel("harmless", f"{MANY_LINKS}.0")
    url = workspace.index.publish(wheel)
    files = ",".join(
        f'{{"filename":"{name}","url":"{name}","hashes":{{}},"upload-time":"2020-01-01T00:00:00Z"}}' for name in names
    )
    own = f'{{"filename":"{wheel.filename}","url":"{url}","hashes":{{}},"upload-time":"2020-01-01T00:00:00Z"}}'
    if as_json:
        body = f'{{"meta":{{"api-version":"1.1"}},"name":"harmless","versions":[],"files":[{files},{own}]}}'
        workspace.index.page("/simple/harmless/", body, "application/vnd.pypi.simple.v1+json")
    else:
        links = "".join(f'<a href="{name}">{name}</a>\n' for name in names)
        body = f'<!DOCTYPE html><body>{links}<a href="{url}">{wheel.filename}</a></body>'
        workspace.index.page("/simple/harmless/", body, "text/html")
    started = time.monotonic()
    plain = workspace.pip("install", "--dry-run", "harmless").check()
    between = time.monotonic()
    guarded = workspace.guard("install", "--dry-run", "harmless").check()
    assert guarded.stdout == plain.stdout
    assert time.monotonic() - between < 3 * (between - started) + 1
    assert leftovers(workspace) == []


@pytest.mark.slow
def test_clock_that_is_late_makes_every_file_too_young(workspace: Workspace) -> None:
    future = datetime.now(timezone.utc) + timedelta(days=3650)
    workspace.index.publish(make_wheel("harmless"), upload_time=future)
    ended = workspace.guard("install", "harmless")
    assert refusals(ended) == ("recent-release",)
    assert f"it can be installed from {future.year}-" in ended.stderr


# What pip-guard itself keeps: whatever has become of it, the command goes on.
KEPT = [
    pytest.param(lambda path: path.write_bytes(b""), id="empty"),
    slow(lambda path: path.write_bytes(path.read_bytes()[:20]), id="truncated"),
    slow(lambda path: path.write_bytes(b"\xff" * 4096), id="junk"),
    slow(lambda path: (path.unlink(), path.mkdir()), id="folder"),
    slow(lambda path: path.chmod(0), id="closed"),
    slow(lambda path: path.parent.chmod(0), id="closed-folder"),
    slow(lambda path: os.utime(path, (2**32, 2**32)), id="of-the-future"),
    slow(lambda path: os.utime(path, (0, 0)), id="of-long-ago"),
]


@pytest.mark.parametrize("spoil", KEPT)
def test_cache_of_our_own_that_is_spoilt_is_made_again(spoil: Callable[[Path], object], workspace: Workspace) -> None:
    publish(workspace.index)
    workspace.guard("install", "--dry-run", "demo").check()
    (kept,) = (path for path in (workspace.home / ".cache" / "pip-guard").rglob("*") if path.is_file())
    spoil(kept)
    plain, ended = workspace.pip("install", "demo", "--dry-run"), workspace.guard("install", "demo")
    kept.parent.chmod(0o755)
    assert "Traceback" not in ended.output
    assert ended.check().stderr == plain.stderr


# Signals

# Temporary folders that it takes to resolve build requirements in this process.
OF_BUILDS = {"pip-build-env-install-", "pip-ephem-wheel-cache-"}


def struck(workspace: Workspace, program: str, number: signal.Signals, path: str) -> tuple[int, str]:
    """Run an installation, and send it a signal while it waits for an answer."""
    workspace.index.requests.clear()
    workspace.index.fail(path, FaultKind.SLOW, seconds=PATIENCE, times=1)
    process = workspace.start(
        workspace.venv.scripts / program,
        "install",
        "--no-cache-dir",
        "harmless",
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    wait_until(lambda: path in workspace.index.paths)
    time.sleep(0.1)
    process.send_signal(number)
    _, err = process.communicate(timeout=PATIENCE)
    return process.returncode, err


@pytest.mark.slow
@pytest.mark.parametrize(
    "number", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT], ids=lambda one: one.name
)
@pytest.mark.parametrize("path", ["/simple/harmless/", "/files/harmless-1.0-py3-none-any.whl"], ids=["page", "wheel"])
def test_signal_ends_command_as_it_ends_pip(number: signal.Signals, path: str, workspace: Workspace) -> None:
    workspace.index.publish(make_wheel("harmless"))
    plain = struck(workspace, "pip", number, path)
    left_by_pip = leftovers(workspace)
    assert struck(workspace, "pip-guard", number, path) == plain
    left = sorted(name[:-8] for name in leftovers(workspace) if name not in left_by_pip)
    assert left == sorted([*(name[:-8] for name in left_by_pip), *OF_BUILDS])
    assert workspace.added() == set()


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL], ids=lambda one: one.name)
def test_signal_while_files_are_unpacked_ends_command_as_it_ends_pip(
    number: signal.Signals, workspace: Workspace
) -> None:
    workspace.index.publish(make_wheel("many", files={f"many/{each}.py": "" for each in range(2000)}))
    folder = workspace.venv.site_packages / "many"
    ended = []
    for program in ("pip", "pip-guard"):
        command = (workspace.venv.scripts / program, "install", "--no-cache-dir", "--no-compile", "many")
        process = workspace.start(*command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        wait_until(folder.exists)
        process.send_signal(number)
        out, err = process.communicate(timeout=PATIENCE)
        left = sorted(name[:-8] for name in leftovers(workspace))
        ended.append((process.returncode, out, err, workspace.added(), sorted(set(left) - OF_BUILDS)))
        shutil.rmtree(folder)
        for path in (workspace.home / "tmp").iterdir():
            remove(path)
    plain, guarded = ended
    assert guarded == plain
    assert plain[0] == (1 if number is signal.SIGINT else -number)
    workspace.guard("install", "many").check()
    assert workspace.added() == {"many==1.0"}


def wait_until(happens: Callable[[], bool]) -> None:
    """Look every few milliseconds."""
    deadline = time.monotonic() + PATIENCE
    while not happens() and time.monotonic() < deadline:
        time.sleep(0.005)


# Moments after the start, in milliseconds: while modules load, the policy is read, files are fetched and unpacked.
@pytest.mark.slow
@pytest.mark.parametrize("moment", range(60, 780, 80))
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL], ids=lambda one: one.name)
def test_signal_at_any_moment_leaves_nothing_that_cannot_be_repaired(
    number: signal.Signals, moment: int, workspace: Workspace
) -> None:
    publish(workspace.index)
    process = workspace.start(
        workspace.venv.scripts / "pip-guard",
        "install",
        "--no-cache-dir",
        "demo",
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    time.sleep(moment / 1000)
    process.send_signal(number)
    _, err = process.communicate(timeout=PATIENCE)
    assert "pip_guard/pip_adapter" not in err, err
    if number is signal.SIGINT:
        # NOTE: pip makes a folder, and only then takes note of it; an interruption between the two leaves that one.
        assert [name for name in leftovers(workspace) if not name.startswith("pip-unpack-")] == []
        assert process.returncode in (0, 1, 2, -signal.SIGINT)
    workspace.guard("install", "--force-reinstall", "demo").check()
    workspace.pip("check").check()
    assert workspace.added() == {"demo==1.0", "harmless==1.0"}


# Many at once


@pytest.mark.slow
def test_commands_at_the_same_time_do_not_disturb_each_other(workspace: Workspace) -> None:
    publish(workspace.index)
    assert workspace.venv.python.exists()  # made before the threads ask for it
    with ThreadPoolExecutor(64) as threads:
        ended = list(
            threads.map(
                lambda number: workspace.guard("install", "--target", f"target-{number}", "demo", timeout=300),
                range(64),
            )
        )
    assert {each.check().stderr for each in ended} == {""}
    assert all((workspace.cwd / f"target-{number}" / "harmless.py").exists() for number in range(64))
    assert leftovers(workspace) == []
