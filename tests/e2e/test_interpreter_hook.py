"""An interpreter with the hook runs pip under guard, however pip is started, and is the same for everything else."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.outcome import refusals
from tests.kit.environments import VirtualEnvironment, make_virtual_environment
from tests.kit.folders import new_folder
from tests.kit.index import LocalIndex
from tests.kit.run import Completed, clean_environ, run
from tests.kit.sources import make_sdist
from tests.kit.users import copy_installation, describe, give, ordinary_user
from tests.kit.wheels import make_wheel
from tests.kit.workspace import Workspace

ROUNDS = 100
LIMIT = 1.0  # milliseconds
# Beside other work, it takes more rounds until both have been alone; the bound is looked at once more, and not until it fits.
MOST_ROUNDS = 800


@dataclass(frozen=True, kw_only=True, slots=True)
class Base:
    """An interpreter that virtual environments are made from, and the pip-guard that is hooked into it."""

    python: Path
    guard: VirtualEnvironment

    @property
    def start_up_file(self) -> Path:
        """Where the hook is."""
        (library,) = self.python.parents[1].glob("lib/python*")
        return library / "sitecustomize.py"

    def integration(self, action: str) -> Completed:
        """Enable or disable the hook, as whoever runs the tests."""
        home = new_folder("integration-")
        (home / "tmp").mkdir()
        command = (self.guard.scripts / "pip-guard", "guard", action, "--interpreter", self.python)
        return run(command, env=clean_environ(home), cwd=home)

    def make_environment(self, pip_of: VirtualEnvironment | None = None) -> VirtualEnvironment:
        """Make a virtual environment of the ordinary user's, with pip of another one, or the one that Python brings along."""
        folder = new_folder("made-")
        (folder / "tmp").mkdir()
        options = [] if pip_of is None else ["--without-pip"]
        run([self.python, "-m", "venv", *options, folder / "venv"], env=clean_environ(folder), cwd=folder).check()
        made = VirtualEnvironment(path=folder / "venv")
        if pip_of is not None:
            for path in pip_of.site_packages.glob("pip*"):
                shutil.copytree(path, made.site_packages / path.name)
            for script in pip_of.scripts.glob("pip*"):
                text = script.read_bytes().replace(bytes(pip_of.path), bytes(made.path))
                (made.scripts / script.name).write_bytes(text)
                (made.scripts / script.name).chmod(0o755)
        give(folder, ordinary_user())
        return made


def make_base() -> Base:
    """Copy this interpreter, for the ordinary user to run, and install a pip-guard that only its owner can change."""
    python = copy_installation(Path(sys.base_prefix), Path(getattr(sys, "_base_executable", sys.executable)).resolve())
    if describe(python, ordinary_user()) is None:
        pytest.skip("a copy of this interpreter does not start")
    return Base(python=python, guard=make_virtual_environment(new_folder("guard-") / "venv"))


@dataclass(frozen=True, kw_only=True, slots=True)
class Hooked:
    """An interpreter with the hook, an environment that is older than the hook, and one that is younger."""

    base: Base
    older: VirtualEnvironment
    younger: VirtualEnvironment


@pytest.fixture(scope="module")
def hooked() -> Hooked:
    """Make an interpreter with the hook."""
    base = make_base()
    older = make_virtual_environment(
        new_folder("older-") / "venv", python=base.python, with_guard=False, user=ordinary_user()
    )
    base.integration("enable").check()
    return Hooked(base=base, older=older, younger=base.make_environment(older))


@pytest.fixture
def place(index: LocalIndex, hooked: Hooked) -> Iterator[Workspace]:
    """Make a place to run pip in the younger environment; the index has a wheel, and a project that must be built."""
    folder = new_folder("workspace-")
    workspace = Workspace(folder, index, venv=hooked.younger)
    index.publish(make_wheel("harmless"))
    index.publish(make_sdist("sourceonly", sentinel=workspace.sentinel()))
    yield workspace
    shutil.rmtree(folder, ignore_errors=True)


WAYS = {
    "pip": "{bin}/pip",
    "pip3": "{bin}/pip3",
    "relative": "../../../{venv}/bin/../bin/pip3",
    "link": "{home}/link",
    "copy": "{home}/copy",
    "script": "{bin}/python {bin}/pip",
    "script-with-options": "{bin}/python -sE -Wignore -- {bin}/pip",
    "module": "{bin}/python -m pip",
    "isolated": "{bin}/python -Im pip",
    "joined": "{bin}/python -Bmpip",
    "with-values": "{bin}/python -W ignore -X utf8 --check-hash-based-pycs always -m pip",
    "skips-first-line": "{bin}/python -x -m pip",
    "main": "{bin}/python -m pip.__main__",
    "runpy": "{bin}/python -m runpy pip",
    "folder": "{bin}/python {site}/pip",
    "file": "{bin}/python {site}/pip/__main__.py",
    "build-isolation": "{bin}/python {site}/pip/__pip-runner__.py",
    "subprocess": "{bin}/python {home}/starts.py",
    "shell": "sh {home}/starts.sh",
    "env": "env -u LANG {bin}/pip",
    "called": "{bin}/python {home}/calls.py",
    "called-by-its-name": "sh {home}/calls.sh",
    "called-by-runpy": "{bin}/python {home}/runs.py",
}
STARTS = """\
import subprocess, sys
sys.exit(subprocess.call([sys.executable, "-m", "pip", *sys.argv[1:]]))
"""
CALLS = """\
import sys
from pip._internal.cli.main import main
code = main(sys.argv[1:])
print("went on")
sys.exit(code)
"""
RUNS = "import runpy; runpy.run_module('pip', run_name='__main__')\n"


def way(place: Workspace, environment: VirtualEnvironment, text: str) -> list[str]:
    """Return the words of a way to start pip."""
    place.write(place.home / "starts.py", STARTS)
    place.write(place.home / "starts.sh", f'PATH={environment.scripts}:$PATH\npip "$@"\n')
    place.write(place.home / "calls.py", CALLS)
    place.write(place.home / "calls.sh", f'{environment.python} -c "import pip; raise SystemExit(pip.main())" "$@"\n')
    place.write(place.home / "runs.py", RUNS)
    copy = place.write(place.home / "copy", (environment.scripts / "pip").read_bytes())
    copy.chmod(0o755)
    (place.home / "link").symlink_to(environment.scripts / "pip")
    names = {"bin": environment.scripts, "site": environment.site_packages, "home": place.home}
    relative = os.path.relpath(environment.path, place.cwd)
    return text.replace("../../../{venv}", relative).format(**names).split()


@pytest.mark.parametrize("text", WAYS.values(), ids=WAYS)
def test_every_way_into_pip_is_guarded(text: str, place: Workspace, hooked: Hooked) -> None:
    ended = place.run(*way(place, hooked.younger, text), "install", "sourceonly")
    assert refusals(ended) == ("source-distribution",)
    assert not place.sentinel().exists()


def test_a_profiler_that_runs_pip_runs_it_under_guard(place: Workspace) -> None:
    ended = place.python("-m", "cProfile", "-m", "pip", "install", "sourceonly")
    assert "error: source-distribution" in ended.stderr
    assert not place.sentinel().exists()


@pytest.mark.parametrize("text", ["{bin}/pip", "{bin}/python -Im pip"])
def test_environments_that_were_there_before_are_guarded(text: str, place: Workspace, hooked: Hooked) -> None:
    ended = place.run(*way(place, hooked.older, text), "install", "sourceonly")
    assert refusals(ended) == ("source-distribution",)


@pytest.mark.parametrize("variable", ["PYTHONSAFEPATH", "PYTHONNOUSERSITE", "PYTHONDONTWRITEBYTECODE", "PYTHONINSPECT"])
def test_variables_of_python_change_nothing(variable: str, place: Workspace) -> None:
    assert refusals(place.pip("install", "sourceonly", env={variable: "1"})) == ("source-distribution",)


@pytest.mark.slow
def test_plain_pip_builds_what_pip_under_guard_refuses(index: LocalIndex) -> None:
    base = make_base()
    workspace = Workspace(new_folder("workspace-"), index, venv=base.make_environment())
    index.publish(make_sdist("sourceonly", sentinel=workspace.sentinel()))
    install = ("install", "--no-deps", "--force-reinstall", "--no-cache-dir", "sourceonly")
    for enabled in (False, True, False):
        workspace.sentinel().unlink(missing_ok=True)
        ended = workspace.pip(*install)
        assert ended.returncode == (40 if enabled else 0), str(ended)
        assert workspace.sentinel().exists() is not enabled
        if enabled:  # Python's own way to put pip into a new environment is no installation of anybody's
            assert (base.make_environment().scripts / "pip").is_file()
        base.integration("disable" if enabled else "enable").check()
    base.integration("disable").check()
    assert not base.start_up_file.exists()


def test_pip_goes_by_the_name_that_it_was_started_by(place: Workspace) -> None:
    usage = place.python("-m", "pip", "install", "--no-such-option").stderr
    assert f"{place.venv.python} -m pip install" in usage.replace("\n", " ")
    completion = place.run(place.venv.scripts / "pip3", "completion", "--bash").check().stdout
    assert "complete -o default -F _pip_completion pip3\n" in completion


@pytest.mark.parametrize("module", ["pip", "pip._internal"])
def test_pip_warns_of_an_old_script(module: str, place: Workspace) -> None:
    script = place.write(place.home / "old-pip", f"import sys\nfrom {module} import main\nsys.exit(main())\n")
    ended = place.run(place.venv.python, script, "install", "sourceonly")
    assert ended.returncode == 40
    assert ended.stderr.startswith("WARNING: pip is being invoked by an old script wrapper.")
    assert "WARNING" not in place.python("-m", "pip", "install", "sourceonly").stderr


def test_build_requirements_are_guarded(place: Workspace) -> None:
    allowed = place.sentinel("allowed")
    place.index.publish(make_sdist("allowed", sentinel=allowed, build_requires=["sourceonly"]))
    place.policy('[[exceptions]]\nrule = "source-distribution"\nproject = "allowed"\nreason = "read it"\n')
    ended = place.pip("install", "allowed")
    assert refusals(ended) == ("source-distribution",)
    assert not place.sentinel().exists()
    assert not allowed.exists()


def test_works_on_the_environment_whose_pip_was_started(place: Workspace, hooked: Hooked) -> None:
    ended = place.pip("install", "harmless", env={"VIRTUAL_ENV": str(hooked.older.path)}).check()
    assert "Successfully installed harmless-1.0" in ended.stdout
    assert place.added() == {"harmless==1.0"}
    ended = place.python("-m", "pip", "uninstall", "harmless", stdin="y\n", env={"PIP_NO_INPUT": None}).check()
    assert "Successfully uninstalled harmless-1.0" in ended.stdout
    assert place.added() == set()


def test_reads_as_plain_pip_does(place: Workspace, hooked: Hooked) -> None:
    assert place.pip("list", "--format=freeze").stdout.startswith("pip==")
    (version,) = place.pip("--version").stdout.splitlines()
    assert version.startswith("pip ")
    assert version.endswith(
        f" from {hooked.base.guard.site_packages / 'pip'} (python {sys.version_info[0]}.{sys.version_info[1]})"
    )
    assert place.pip("there-is-no-such-command").returncode == 1
    assert place.pip("install", "--there-is-no-such-option").returncode == 2


def test_a_working_directory_is_not_imported_from(place: Workspace) -> None:
    for name in ("pip", "packaging", "pip_guard", "json"):
        place.write(f"{name}/__init__.py", f"open({str(place.sentinel())!r}, 'w').close()\n")
    place.python("-m", "pip", "list").check()
    assert not place.sentinel().exists()


# ---- everything else is as it was


PRINTS = "import sys; print('customized', __name__, flush=True)\n"
RAISES = "raise LookupError('not found')\n"


@pytest.mark.parametrize(
    ("content", "stdout", "stderr"),
    [
        pytest.param(None, "done\n", "", id="none"),
        pytest.param(PRINTS, "customized sitecustomize\ndone\n", "", id="prints"),
        pytest.param(
            RAISES,
            "done\n",
            "Error in sitecustomize; set PYTHONVERBOSE for traceback:\nLookupError: not found\n",
            id="raises",
        ),
    ],
)
def test_a_sitecustomize_of_an_environment_runs_as_before(
    content: str | None, stdout: str, stderr: str, place: Workspace
) -> None:
    path = place.venv.site_packages / "sitecustomize.py"
    try:
        if content is not None:
            path.write_text(content, encoding="utf-8")
        ended = place.python("-I", "-c", "print('done')")
    finally:
        path.unlink(missing_ok=True)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, stdout, stderr)


@pytest.mark.parametrize(
    "command", ["exec {python} -c pass <&- >&- 2>&-", "exec {python} - </dev/null", "echo pass | exec {python}"]
)
def test_python_starts_with_closed_or_other_streams(command: str, place: Workspace) -> None:
    ended = place.run("sh", "-c", command.format(python=place.venv.python), env={"HOME": None})
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")


def test_pip_is_guarded_with_closed_streams(place: Workspace) -> None:
    command = f"exec {place.venv.scripts}/pip install sourceonly <&- >&- 2>&-"
    assert place.run("sh", "-c", command).returncode == 40


def test_script_out_of_a_pipe_is_not_eaten(place: Workspace) -> None:
    os.mkfifo(place.cwd / "pip")
    place.give(place.cwd / "pip")
    ended = place.run("sh", "-c", f"echo 'print(1)' > pip & {place.venv.python} pip; wait")
    assert (ended.stdout, ended.stderr) == ("1\n", "")


# ---- a pip-guard that is gone, or not to be trusted


@pytest.fixture
def broken(hooked: Hooked) -> Iterator[Base]:
    """Take pip-guard away for a while."""
    package = hooked.base.guard.site_packages / "pip_guard"
    package.rename(package.with_name("gone"))
    yield hooked.base
    package.with_name("gone").rename(package)


def test_without_pip_guard_pip_is_refused_and_python_runs(broken: Base, place: Workspace) -> None:
    for words in (["-m", "pip", "list"], [place.venv.scripts / "pip", "install", "harmless"]):
        ended = place.python(*words)
        assert (ended.returncode, ended.stdout) == (40, "")
        assert ended.stderr == (
            "error: pip runs under guard here, but pip-guard cannot be started: "
            f"{broken.guard.site_packages}/pip_guard/relaunch_script.py is missing.\n\n"
            'hint: Install pip-guard there again, or remove the lines from "# >>> pip-guard >>>" to "# <<< pip-guard <<<"\n'
            f"      from {broken.start_up_file}\n\n"
            "Nothing was installed.\n"
        )
    ended = place.python("-c", "print(1)")
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "1\n", "")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has an interpreter of another user's")
def test_an_ordinary_users_pip_guard_is_not_hooked_into_roots_interpreter(
    hooked: Hooked, shared_environment: VirtualEnvironment
) -> None:
    ended = Base(python=hooked.base.python, guard=shared_environment).integration("enable")
    assert ended.returncode == 40, str(ended)
    assert "belongs to another user" in ended.stderr


# ---- the price


@pytest.mark.slow
def test_costs_less_than_a_millisecond(hooked: Hooked, tmp_path: Path) -> None:
    plain = make_base().python
    script = tmp_path / "script.py"
    script.write_text("pass\n", encoding="utf-8")
    for arguments in (["-c", "pass"], [str(script)]):
        taken: dict[Path, list[float]] = {hooked.base.python: [], plain: []}
        for turn in range(MOST_ROUNDS):
            if turn == ROUNDS and min(taken[hooked.base.python]) - min(taken[plain]) < LIMIT:
                break
            for python in (hooked.base.python, plain) if turn % 2 else (plain, hooked.base.python):
                # the time of the processor, because other processes may be at work
                process = os.posix_spawn(python, [str(python), "-I", *arguments], os.environ)
                _, status, used = os.wait4(process, 0)
                assert status == 0
                taken[python].append((used.ru_utime + used.ru_stime) * 1000)
        # what others do at the same time only ever adds to it
        assert min(taken[hooked.base.python]) - min(taken[plain]) < LIMIT
