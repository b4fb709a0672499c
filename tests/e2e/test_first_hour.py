"""The first hour, typed at a terminal: README, tutorial, a refusal and its way out, a guarded shell, and the way back.

The commands are read from the pages, and so is what they must show. This needs the index that everybody uses.
"""

from __future__ import annotations

import html
import os
import re
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.e2e.test_readme import CHECKOUT, NEEDED, clone
from tests.kit.users import give, interpreter_for, ordinary_user
from tests.kit.wheelhouse import AMBIENT

pexpect = pytest.importorskip("pexpect", reason="pexpect drives a shell at a terminal, on POSIX only")

__all__ = ["clone"]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.network,
    pytest.mark.skipif(not (CHECKOUT / ".git").exists(), reason="what is cloned is a repository"),
]

README, TUTORIAL = Path("README.md"), Path("docs/tutorial.md")
UNINSTALL = Path("docs/how-to/uninstall.md")
SIZE = (50, 80)  # of the terminal: what the pages show was printed at that width
REFUSED = 40
OMITTED = "..."
# Says after each command how it ended; the commands themselves are typed as they are.
STARTUP_FILES = {
    "bash": (".bashrc", "PROMPT_COMMAND='echo \"ended:$?:\"'\n"),
    "zsh": (".zshrc", 'precmd() { echo "ended:$?:" }\nunsetopt PROMPT_SP\n'),
    "fish": (
        ".config/fish/config.fish",
        'set -g fish_greeting\nfunction ended --on-event fish_prompt; echo "ended:$status:"; end\n',
    ),
}
ENDED = re.compile(r"ended:(\d+):\r?\n")
# What the tutorial says fish has instead.
IN_FISH = {". .venv/bin/activate": ". .venv/bin/activate.fish", "echo $?": "echo $status"}
# A terminal is asked where its cursor is, and what it is; a person, whether to go on.
QUESTIONS = {r"\x1b\[6n": "\x1b[1;1R", r"\x1b\[c": "\x1b[?1;2c", r"Proceed \(Y/n\)\? ": "y\r"}
ESCAPES = re.compile(r"\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)|[()][0-9A-B]|[=>78])|\r|\x0f")


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """A command of a page, and what the page shows below it."""

    command: str
    shown: tuple[str, ...]


class Terminal:
    """A shell at a terminal, used by somebody who is not root."""

    def __init__(self, shell: str, clone: Path) -> None:
        self.shell = shell
        user = ordinary_user()
        python = interpreter_for(user, Path(sys.executable))
        self.home = clone.parent / "home"
        self.child = pexpect.spawn(
            shell,
            cwd=str(clone),
            env={name: AMBIENT[name] for name in NEEDED if name in AMBIENT}
            | {"PATH": f"{python.parent}:/usr/bin:/bin", "HOME": str(self.home)}
            | {"SHELL": shutil.which(shell), "TERM": "xterm", "LANG": "C.UTF-8"},
            encoding="utf-8",
            timeout=180,
            dimensions=SIZE,
            preexec_fn=become(user),
        )
        self.wait()

    def wait(self) -> tuple[str, int]:
        """Wait for the next prompt; return what was shown until then, and how the last command ended."""
        shown = ""
        while (answer := self.child.expect([ENDED, *QUESTIONS])) > 0:
            shown += self.child.before + self.child.after
            self.child.send(list(QUESTIONS.values())[answer - 1])
        return ESCAPES.sub("", shown + self.child.before), int(self.child.match.group(1))

    def type(self, command: str) -> tuple[str, int]:
        """Type a command, and return what it shows and how it ended."""
        if self.shell == "fish":
            command = IN_FISH.get(command, command)
        self.child.sendline(command)
        return self.wait()

    def play(self, step: Step, *, exit_code: int = 0) -> str:
        """Type a command of a page, and fail unless it shows what the page shows."""
        shown, ended = self.type(step.command)
        assert ended == exit_code, f"$ {step.command}\n{shown}\nexit code {ended}"
        missing = first_missing(step.shown, shown.splitlines())
        assert missing is None, f"$ {step.command}\n{shown}\n{missing!r} is not shown where the page has it"
        return shown

    def close(self) -> None:
        """Leave the shell."""
        self.child.close(force=True)


def become(user: int | None) -> Callable[[], None] | None:
    """Return what makes a process that user's."""
    if user is None:
        return None

    def change() -> None:
        os.setgroups([])
        os.setgid(user)
        os.setuid(user)

    return change


def first_missing(expected: tuple[str, ...], shown: list[str]) -> str | None:
    """Find the first line of a page that does not come next in what was shown; where it has dots, lines may come between."""
    position, anywhere = 0, True
    for line in expected:
        if line == OMITTED:
            anywhere = True
            continue
        places = [at for at in range(position, len(shown)) if shown[at].rstrip() == line]
        if not places or not (anywhere or places[0] == position):
            return line
        position, anywhere = places[0] + 1, False
    return None


def steps(page: Path) -> list[Step]:
    """Return what the blocks of a page have somebody type, and what they show."""
    text = (CHECKOUT / page).read_text(encoding="utf-8")
    found: list[Step] = []
    for indent, block in re.findall(r"^( *)```console\n(.*?)^ *```$", text, re.MULTILINE | re.DOTALL):
        for line in (each.removeprefix(indent) for each in block.splitlines()):
            if line.startswith("$ "):
                found.append(Step(command=line[2:], shown=()))
            else:
                found[-1] = Step(command=found[-1].command, shown=(*found[-1].shown, line))
    return found


@pytest.fixture(params=STARTUP_FILES)
def shell(request: pytest.FixtureRequest, clone: Path) -> str:
    """Name a shell that is there, in a home where it says how each command ended."""
    if shutil.which(request.param) is None:
        pytest.skip(f"there is no {request.param}")
    name, text = STARTUP_FILES[request.param]
    path = clone.parent / "home" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    give(path.parents[len(Path(name).parts) - 1], ordinary_user())
    return str(request.param)


def test_first_hour_is_as_the_pages_say(shell: str, clone: Path) -> None:
    home = clone.parent / "home"
    before = files(home)
    terminal = Terminal(shell, clone)
    (first, *_) = steps(README)
    assert "requests-" in terminal.play(first)

    tutorial = {step.command: step for step in steps(TUTORIAL)}
    assert IN_FISH.keys() <= tutorial.keys()
    assert "In fish, use `. .venv/bin/activate.fish`, and `$status`" in (CHECKOUT / TUTORIAL).read_text(
        encoding="utf-8"
    )
    hint = ""
    for command, step in tutorial.items():
        match command:
            case "pip-guard install docopt==0.6.2":
                hint = hinted(terminal.play(step, exit_code=REFUSED))
            case "pip install requets":
                terminal.play(step, exit_code=REFUSED)
            case "pip-guard guard status":
                terminal.play(step, exit_code=1)
            case "pip-guard guard enable --shell":
                shown = terminal.play(replace(step, shown=tuple(line.replace("bash", shell) for line in step.shown)))
                (now,) = re.findall(r"^Active in new shells\. For this one: (.+)$", shown, re.MULTILINE)
                terminal.play(Step(command=now, shown=()))
                new = Terminal(shell, clone)
                new.play(Step(command="pip install requests", shown=()), exit_code=REFUSED)  # no environment is active
                new.close()
            case _:
                terminal.play(step)
    assert hint
    follow(terminal, hint)
    command, printed = picture("refusal")
    shown, ended = terminal.type(command)
    assert ended == REFUSED
    assert printed in "".join(shown.split())
    for command in ("pip-guard guard scan", "pip-guard guard log"):
        assert f"`{command}`" in (CHECKOUT / README).read_text(encoding="utf-8")
        terminal.play(Step(command=command, shown=()))
    uninstall(terminal)
    terminal.close()
    assert files(home) == before | {path: kept for path, kept in files(home).items() if is_kept(path)}


def hinted(shown: str) -> str:
    """Return the command that a refusal offers."""
    (command,) = re.findall(r"^ +(pip-guard guard allow .*)$", shown, re.MULTILINE)
    return str(command)


def picture(name: str) -> tuple[str, str]:
    """Return the command that a picture shows, and what it shows below, without the spaces: lines break elsewhere."""
    drawn = (CHECKOUT / "docs" / "pictures" / f"{name}.svg").read_text(encoding="utf-8")
    (_, prompt, *rest) = [html.unescape(text) for text in re.findall(r"<text [^>]*>(.*?)</text>", drawn, re.DOTALL)]
    return prompt.replace("\xa0", " ").removeprefix("$ "), "".join("".join(rest).split())


def follow(terminal: Terminal, hint: str) -> None:
    """Do what a hint says, with a reason in place of its dots: the project is then installed without another word."""
    terminal.play(Step(command="pip-guard uninstall docopt", shown=()))
    terminal.play(Step(command=hint.replace("...", "no wheel upstream"), shown=()))
    shown = terminal.play(Step(command="pip-guard install docopt==0.6.2", shown=()))
    assert "Successfully installed docopt-0.6.2" in shown


def uninstall(terminal: Terminal) -> None:
    """Follow the page about uninstalling, as somebody does who has it in an environment; then open a new shell."""
    listed, disabled, _ = steps(UNINSTALL)
    shown = terminal.play(listed)
    assert f"{terminal.shell}: enabled" in shown
    terminal.play(Step(command=disabled.command.replace("bash", terminal.shell), shown=disabled.shown))
    (by_pip,) = re.findall(r"`(\S+ uninstall pip-guard-shim)`", (CHECKOUT / UNINSTALL).read_text(encoding="utf-8"))
    assert "Successfully uninstalled pip-guard-shim" in terminal.play(Step(command=by_pip, shown=()))
    terminal.play(Step(command=f"exec {terminal.shell}", shown=()))
    shown, _ = terminal.type("pip --version")
    assert "pip-guard" not in shown.replace(str(terminal.home.parent / "clone"), "")


def files(home: Path) -> dict[str, bytes]:
    """Return the files of a home folder."""
    return {str(path.relative_to(home)): path.read_bytes() for path in home.rglob("*") if path.is_file()}


def is_kept(path: str) -> bool:
    """Say whether a file stays: what the page tells people to delete if they want, and what pip and the shells write."""
    return path == ".bash_history" or path.startswith(
        (
            ".config/pip-guard/",
            ".local/state/pip-guard/",
            ".cache/",
            ".local/share/fish/",
            ".config/fish/fish_variables",
        )
    )
