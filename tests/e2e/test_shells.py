"""Which ways into pip lead through pip-guard after ``enable --shell``: each is typed into a real shell, at a real terminal.

What is started are stand-ins that say which of them it was: plain pip, in a folder on PATH and in a virtual environment, and
pip-guard.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pip_guard.guard_actions import GuardRequest
from pip_guard.integrations import shell
from pip_guard.integrations.file_edits import apply
from pip_guard.integrations.integration import UserContext
from pip_guard.integrations.shell_templates import commands
from tests.kit.folders import new_folder
from tests.kit.run import clean_environ, run

pexpect = pytest.importorskip("pexpect", reason="pexpect drives a shell at a terminal, on POSIX only")

SHELLS = ("bash", "zsh", "fish")
GUARDED, OPEN = "guarded", "open"
# What is started in place of pip-guard and of pip; a way in may start neither.
STAND_IN = '#!/bin/sh\necho {word} >> "$REACH_LOG"\n'
# A terminal is asked where its cursor is, and what it is.
QUESTIONS = {r"\x1b\[6n": "\x1b[1;1R", r"\x1b\[c": "\x1b[?1;2c"}
RC_FILES = {
    # it ends early where nobody types, like Debian's, and changes PATH afterwards
    ".bashrc": "case $- in *i*) ;; *) return ;; esac\nPATH={plain}:$PATH\nalias pip='pip --verbose'\n",
    ".profile": '[ -n "$BASH_VERSION" ] && . ~/.bashrc\nPATH={plain}:$PATH\n',
    ".zshrc": "PATH={plain}:$PATH\nalias pip='pip --verbose'\n",
    ".config/fish/config.fish": "set -gx PATH {plain} $PATH\n",
}


class Place:
    """A home folder, plain pips and a virtual environment, in which a shell can be started."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home = folder / "home"
        self.plain = folder / "plain"
        self.venv = folder / "venv"
        self.log = folder / "log"
        self.guard = folder / "own" / "bin" / "pip-guard"
        (self.home / "tmp").mkdir(parents=True)
        for path in (self.plain, self.guard.parent):
            path.mkdir(parents=True)
        run(
            [sys.executable, "-m", "venv", "--without-pip", self.venv], env=clean_environ(self.home), cwd=folder
        ).check()
        for scripts in (self.plain, self.venv / "bin"):
            for name in commands():
                self.write(scripts / name, STAND_IN.format(word=OPEN), mode=0o755)
        self.write(self.guard, STAND_IN.format(word=GUARDED), mode=0o755)
        for name, text in RC_FILES.items():
            self.write(self.home / name, text.format(plain=self.plain))

    def write(self, path: Path, text: str, *, mode: int = 0o644) -> None:
        """Write a file."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        path.chmod(mode)

    @property
    def environ(self) -> dict[str, str]:
        """What a terminal's program starts a shell with."""
        path = f"{self.plain}:{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin"
        environ = clean_environ(self.home, PATH=path, TERM="xterm", REACH_LOG=str(self.log))
        return {name: value for name, value in environ.items() if not name.startswith("COV")}

    @property
    def context(self) -> UserContext:
        """Describe this place."""
        return UserContext(
            environ=self.environ, home=self.home, launcher=self.guard, as_root=os.geteuid() == 0, platform=sys.platform
        )

    def enable(self, name: str) -> None:
        """Enable a shell."""
        apply(shell.plan_enable(GuardRequest(arguments=("enable",), options={"--shell": name}), self.context))

    def type(self, command: str, line: str) -> list[str]:
        """Type a line into a shell, and return what was started."""
        self.log.unlink(missing_ok=True)
        program, *arguments = command.split()
        child = pexpect.spawn(
            program,
            arguments,
            env=self.environ,
            cwd=str(self.folder),
            encoding="utf-8",
            timeout=60,
            dimensions=(50, 1000),
        )
        child.sendline(line)
        child.sendline("exit")
        while (answer := child.expect([pexpect.EOF, *QUESTIONS])) > 0:
            child.send(list(QUESTIONS.values())[answer - 1])
        child.close()
        return self.log.read_text(encoding="utf-8").split() if self.log.exists() else []


@pytest.fixture(scope="session", params=SHELLS)
def enabled(request: pytest.FixtureRequest) -> Iterator[tuple[str, Place]]:
    """Make a place where one shell is enabled."""
    need(request.param)
    place = Place(new_folder("shell-"))
    place.enable(request.param)
    yield request.param, place
    shutil.rmtree(place.folder)


def need(program: str) -> None:
    """Skip where a program is missing."""
    if shutil.which(program) is None:
        pytest.skip(f"there is no {program}")


def activate(shell: str) -> str:
    """Return how an environment is activated."""
    return "source venv/bin/activate.fish" if shell == "fish" else ". venv/bin/activate"


def script(first: str, *lines: str) -> str:
    """Return a line that writes a script and runs it."""
    text = " ".join(f"'{line}'" for line in (first, *lines))
    return f"printf '%s\\n' {text} >run-me; chmod +x run-me; ./run-me"


PYTHON = "python3 -c"
# The program that a row needs, and what is typed, as fish has it; {activate} activates.
TYPED = {
    "pip": (None, "pip list"),
    "pip3": (None, "pip3 list"),
    "pip3.12": (None, "pip3.12 list"),
    "pipe": (None, "pip list | cat"),
    "substitution": (None, "echo (pip list)"),
    "background": (None, "pip list & wait"),
    "loop": (None, "for n in 1; pip list; end"),
    "command": (None, "command pip list"),
    "activated-pip": (None, "{activate}; pip list"),
    "activated-pip3": (None, "{activate}; pip3 list"),
    "deactivated": (None, "{activate}; deactivate; pip list"),
}
# Another shell that is started here, and not enabled itself, must not have settings that put other folders first on PATH.
CHILDREN = {
    "env": (None, "env pip list"),
    "exec": (None, "exec pip list"),
    "nohup": (None, "nohup pip list"),
    "nice": (None, "nice pip list"),
    "timeout": (None, "timeout 60 pip list"),
    "setsid": (None, "setsid --wait pip list"),
    "xargs": (None, "echo list | xargs pip"),
    "find": (None, "find . -maxdepth 0 -exec pip list ';'"),
    "make": ("make", "printf 'all:\\n\\tpip list\\n' >Makefile; make"),
    "make-bash": ("make", "printf 'SHELL=/bin/bash\\nall:\\n\\tpip list\\n' >Makefile; make"),
    "awk": (None, """awk 'BEGIN {{ system("pip list") }}'"""),
    "perl": ("perl", """perl -e 'system("pip list")'"""),
    "subprocess": (None, f"""{PYTHON} 'import subprocess; subprocess.run(["pip", "list"])'"""),
    "subprocess-shell": (None, f"""{PYTHON} 'import subprocess; subprocess.run("pip list", shell=True)'"""),
    "os-system": (None, f"""{PYTHON} 'import os; os.system("pip list")'"""),
    "sh-c": (None, "sh -c 'pip list'"),
    "dash-c": ("dash", "dash -c 'pip list'"),
    "bash-c": (None, "bash -c 'pip list'"),
    "bash-posix-c": (None, "bash --posix -c 'pip list'"),
    "bash-norc-c": (None, "bash --norc --noprofile -c 'pip list'"),
    "zsh-c": ("zsh", "zsh -c 'pip list'"),
    "zsh-f-c": ("zsh", "zsh -f -c 'pip list'"),
    "fish-c": ("fish", "fish --no-config -c 'pip list'"),
    "ksh-c": ("ksh", "ksh -c 'pip list'"),
    "tcsh-c": ("tcsh", "tcsh -c 'pip list'"),
    "script-sh": (None, script("#!/bin/sh", "pip list")),
    "script-sh-strict": (None, script("#!/bin/sh -eu", "pip list")),
    "script-bash": (None, script("#!/bin/bash", "pip list")),
    "script-bash-strict": (None, script("#!/bin/bash", "set -euo pipefail", "pip list")),
    "script-env-bash": (None, script("#!/usr/bin/env bash", "pip list")),
    "script-zsh": ("zsh", script("#!/usr/bin/env zsh", "pip list")),
    "script-fish": ("fish", script("#!/usr/bin/env -S fish --no-config", "pip list")),
    "script-bash-activated": (None, script("#!/bin/bash", ". venv/bin/activate", "pip list")),
}
ACTIVATED = {
    name: CHILDREN[name]
    for name in ("env", "xargs", "make", "subprocess", "sh-c", "bash-c", "script-sh", "script-bash", "os-system")
}


def bourne(line: str, shell: str) -> str:
    """Return a line of fish's as other shells write it."""
    if shell == "fish":
        return line
    return line.replace("for n in 1; pip list; end", "for n in 1; do pip list; done").replace("(pip", "$(pip", 1)


@pytest.mark.parametrize("row", [pytest.param(row, id=name) for name, row in TYPED.items()])
def test_what_is_typed_is_guarded(enabled: tuple[str, Place], row: tuple[str | None, str]) -> None:
    shell, place = enabled
    line = row[1].format(activate=activate(shell))
    assert place.type(f"{shell} -i", bourne(line, shell)) == [GUARDED]


@pytest.mark.parametrize("row", [pytest.param(row, id=name) for name, row in CHILDREN.items()])
def test_what_is_started_from_the_shell_is_guarded(enabled: tuple[str, Place], row: tuple[str | None, str]) -> None:
    shell, place = enabled
    need(row[0] or shell)
    assert place.type(f"{shell} -i", row[1].format()) == [GUARDED]


@pytest.mark.parametrize("row", [pytest.param(row, id=name) for name, row in ACTIVATED.items()])
def test_what_is_started_after_activation_is_guarded(enabled: tuple[str, Place], row: tuple[str | None, str]) -> None:
    shell, place = enabled
    need(row[0] or shell)
    # the next prompt puts the shims first on PATH again
    assert place.type(f"{shell} -i", f"{activate(shell)}\n{row[1].format()}") == [GUARDED]


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("pip list", id="pip"),
        pytest.param("sh -c 'pip list'", id="child"),
        pytest.param("{activate}; pip list", id="activated"),
    ],
)
def test_login_shell_is_guarded(enabled: tuple[str, Place], line: str) -> None:
    shell, place = enabled
    assert place.type(f"{shell} -il", line.format(activate=activate(shell))) == [GUARDED]


@pytest.mark.parametrize("options", ["-c", "-lc", "-ic"])
def test_shell_is_guarded_where_another_program_starts_it(enabled: tuple[str, Place], options: str) -> None:
    shell, place = enabled
    place.log.unlink(missing_ok=True)
    started = run([shutil.which(shell) or shell, options, "pip list"], env=place.environ, cwd=place.folder)
    # only a login shell, or an interactive one, makes bash read anything
    expected = OPEN if (shell, options) == ("bash", "-c") else GUARDED
    assert (place.log.read_text(encoding="utf-8").split(), started.returncode) == ([expected], 0)


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("venv/bin/pip list", id="path"),
        pytest.param("env -i REACH_LOG=$REACH_LOG PATH={plain}:/usr/bin:/bin sh -c 'pip list'", id="empty-environment"),
        pytest.param(script("#!/bin/sh", ". venv/bin/activate", "pip list"), id="script-of-sh-that-activates"),
    ],
)
def test_what_is_not_covered_is_open(enabled: tuple[str, Place], line: str) -> None:
    shell, place = enabled
    assert place.type(f"{shell} -i", line.format(plain=place.plain)) == [OPEN]


def test_exit_code_is_that_of_pip_guard(enabled: tuple[str, Place]) -> None:
    shell, place = enabled
    guard = place.guard.read_text(encoding="utf-8")
    place.write(place.guard, guard + "exit 40\n", mode=0o755)
    status = "$status" if shell == "fish" else "$?"
    try:
        typed = place.type(f"{shell} -i", f"pip list; echo {status} >> $REACH_LOG")
        assert typed == [GUARDED, "40"]
        typed = place.type(f"{shell} -i", f"sh -c 'pip list'; echo {status} >> $REACH_LOG")
        assert typed == [GUARDED, "40"]
    finally:
        place.write(place.guard, guard, mode=0o755)


@pytest.mark.parametrize("line", ["pip list", "sh -c 'pip list'"], ids=["function", "shim"])
def test_refuses_where_pip_guard_is_gone(enabled: tuple[str, Place], line: str) -> None:
    shell, place = enabled
    guard = place.guard.rename(place.guard.with_name("gone"))
    status = "$status" if shell == "fish" else "$?"
    try:
        typed = place.type(f"{shell} -i", f"{line} 2>> $REACH_LOG; echo {status} >> $REACH_LOG")
    finally:
        guard.rename(place.guard)
    assert (" ".join(typed[:3]), typed[-1]) == ("error: pip-guard is", "40")
    # which lines to delete, and every file that has them
    assert " ".join(typed[typed.index("hint:") : -1]).startswith(
        "hint: Install pip-guard-shim again. Or delete the lines from "
        '"# >>> pip-guard >>>" to "# <<< pip-guard <<<" in these files, and start a new shell: '
    )
    files = [path for path in place.home.rglob("*") if path.is_file() and b"\n# <<< pip-guard <<<" in path.read_bytes()]
    startup = {str(path) for path in files if "/.local/share/" not in str(path)}
    assert startup
    assert startup <= set(typed)
    assert OPEN not in typed


def test_says_so_where_its_files_are_gone(enabled: tuple[str, Place]) -> None:
    shell, place = enabled
    if shell == "fish":
        pytest.skip("all of it is in fish's own folder")
    files = place.home / ".local" / "share" / "pip-guard" / "shell" / "start.sh"
    files.rename(files.with_name("gone"))
    try:
        started = run([shutil.which(shell) or shell, "-lc", ":"], env=place.environ, cwd=place.folder)
    finally:
        files.with_name("gone").rename(files)
    assert (started.returncode, started.stdout) == (0, "")
    assert set(started.stderr.splitlines()) == {
        f"pip-guard: {files} is missing, so pip is not guarded. To create it again: pip-guard guard enable --shell {shell}"
    }


def test_nothing_is_said_when_a_shell_starts(enabled: tuple[str, Place]) -> None:
    shell, place = enabled
    for options in ("-c", "-lc"):
        started = run([shutil.which(shell) or shell, options, "true"], env=place.environ, cwd=place.folder)
        assert (started.returncode, started.stdout, started.stderr) == (0, "", "")


def test_bash_reads_what_it_would_have_read_without_us(enabled: tuple[str, Place]) -> None:
    shell, place = enabled
    if shell == "fish":
        line = "set -gx BASH_ENV mine; exec fish -c 'bash -c true'"
    else:
        line = f"export BASH_ENV=mine; exec {shell} -lc 'bash -c true'"
    place.write(place.folder / "mine", 'echo mine >> "$REACH_LOG"\n')
    typed = place.type(f"{shell} -i", line.replace("mine", str(place.folder / "mine")))
    assert "mine" in typed


def test_dash_that_reads_a_profile_is_guarded() -> None:
    need("dash")
    place = Place(new_folder("shell-"))
    place.enable("bash")
    started = run(["/bin/dash", "-lc", "pip list"], env=place.environ, cwd=place.folder)
    assert (started.returncode, started.stderr) == (0, "")
    assert place.log.read_text(encoding="utf-8").split() == [GUARDED]
    shutil.rmtree(place.folder)
