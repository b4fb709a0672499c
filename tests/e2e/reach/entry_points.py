"""List the ways in which pip is started on a machine, one a row.

A row is a line for /bin/sh, run in a session of a developer's in a project's folder, or typed into a shell with a terminal. ``{args}`` is
what pip is asked to do. `answers` is the entry point in ``pip guard status`` that speaks for the row.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

SYSTEM = "/usr/bin/python3"
PROJECT = "/home/dev/project"
VENV = f"{PROJECT}/.venv"
COPIED = "/home/dev/copied"
CRON = "env -i HOME=/home/dev LOGNAME=dev SHELL=/bin/sh PATH=/usr/bin:/bin"
SYSTEM_SCRIPT = "script:/usr/bin/pip"
SYSTEM_MODULE = f"module:{SYSTEM}"
INTERACTIVE = {"bash": "bash -i", "zsh": "zsh -i", "fish": "fish -i"}


@dataclass(frozen=True, kw_only=True, slots=True)
class EntryPoint:
    """One way to start pip; `terminal` is the shell that it is typed into, and `user` who runs it."""

    id: str
    line: str
    answers: str
    terminal: str | None = None
    user: str = "dev"


def every_entry_point() -> tuple[EntryPoint, ...]:
    """Return all rows."""
    return (
        *typed(),
        *shell_commands(),
        *scripts(),
        *tools(),
        *other_users(),
        *bare_environments(),
        *paths(),
        *interpreter_options(),
        *virtual_environments(),
        *programs(),
    )


def typed() -> Iterator[EntryPoint]:
    """Typed at a prompt, before and after a virtual environment is activated there."""
    for shell, terminal in INTERACTIVE.items():
        for name in ("pip", "pip3", "pip3.11"):
            yield EntryPoint(
                id=f"typed-{shell}-{name}", line=name + " {args}", terminal=terminal, answers=f"shell:{shell}"
            )
        yield EntryPoint(
            id=f"typed-{shell}-module", line="python3 -m pip {args}", terminal=terminal, answers=SYSTEM_MODULE
        )
        source = f". {VENV}/bin/activate" + (".fish" if shell == "fish" else "")
        for name in ("pip", "pip3"):
            yield EntryPoint(
                id=f"typed-{shell}-activated-{name}",
                line=f"{source}; {name} {{args}}",
                terminal=terminal,
                answers=f"shell:{shell}",
            )
        yield EntryPoint(
            id=f"typed-{shell}-activated-module",
            line=f"{source}; python -m pip {{args}}",
            terminal=terminal,
            answers=f"module:{VENV}/bin/python",
        )
    yield EntryPoint(id="typed-bash-login", line="pip {args}", terminal="bash -il", answers="shell:bash")
    yield EntryPoint(id="typed-zsh-login", line="pip {args}", terminal="zsh -il", answers="shell:zsh")
    yield EntryPoint(id="typed-fish-login", line="pip {args}", terminal="fish -il", answers="shell:fish")
    yield EntryPoint(id="typed-bash-substitution", line="echo $(pip {args})", terminal="bash -i", answers="shell:bash")
    yield EntryPoint(id="typed-bash-pipe", line="pip {args} | cat", terminal="bash -i", answers="shell:bash")
    yield EntryPoint(
        id="typed-bash-loop", line="for n in 1; do pip {args}; done", terminal="bash -i", answers="shell:bash"
    )
    yield EntryPoint(id="typed-bash-background", line="pip {args} & wait", terminal="bash -i", answers="shell:bash")
    yield EntryPoint(id="typed-bash-command", line="command pip {args}", terminal="bash -i", answers="shell:bash")
    yield EntryPoint(id="typed-bash-backslash", line="\\pip {args}", terminal="bash -i", answers="shell:bash")


def shell_commands() -> Iterator[EntryPoint]:
    """Given to a shell as an argument."""
    for shell in ("sh", "bash", "zsh", "fish"):
        # what zsh and fish read, they always read; the others do when they log in
        always = shell in ("zsh", "fish")
        own = "shell:bash" if shell == "sh" else f"shell:{shell}"
        yield EntryPoint(id=f"{shell}-c", line=f'{shell} -c "pip {{args}}"', answers=own if always else "command:pip")
        yield EntryPoint(id=f"{shell}-lc", line=f'{shell} -lc "pip {{args}}"', answers=own)
        yield EntryPoint(id=f"{shell}-c-module", line=f'{shell} -c "python3 -m pip {{args}}"', answers=SYSTEM_MODULE)
    for shell in INTERACTIVE:
        yield EntryPoint(id=f"{shell}-ic", line=f'{shell} -ic "pip {{args}}"', answers=f"shell:{shell}")


def scripts() -> Iterator[EntryPoint]:
    """Written into a script that has a first line."""
    for name, first, answers in (
        ("sh", "#!/bin/sh", "command:pip"),
        ("sh-strict", "#!/bin/sh -eu", "command:pip"),
        ("bash", "#!/bin/bash", "command:pip"),
        ("bash-login", "#!/bin/bash -l", "shell:bash"),
        ("env-bash", "#!/usr/bin/env bash", "command:pip"),
        ("zsh", "#!/usr/bin/zsh", "shell:zsh"),
        ("fish", "#!/usr/bin/fish", "shell:fish"),
    ):
        yield EntryPoint(id=f"script-{name}", line=script(first, "pip {args}"), answers=answers)
    yield EntryPoint(
        id="script-activated",
        line=script("#!/bin/bash", f". {VENV}/bin/activate; pip {{args}}"),
        answers="shell:bash",
    )


def tools() -> Iterator[EntryPoint]:
    """Started by the tools that start others."""
    for name, line in {
        "make": "printf 'all:\\n\\tpip {args}\\n' >Makefile; make",
        "make-bash": "printf 'SHELL = /bin/bash\\nall:\\n\\tpip {args}\\n' >Makefile; make",
        "xargs": "echo '{args}' | xargs pip",
        "find": "find . -maxdepth 0 -exec pip {args} ';'",
        "env": "env pip {args}",
        "exec": "exec pip {args}",
        "nohup": "nohup pip {args}",
        "nice": "nice pip {args}",
        "timeout": "timeout 60 pip {args}",
        "setsid": "setsid --wait pip {args}",
        "stdbuf": "stdbuf -o0 pip {args}",
        "script": 'script -qec "pip {args}" /dev/null',
        "flock": "flock . pip {args}",
        "awk": """awk 'BEGIN {{ system("pip {args}") }}'""",
        "perl-system": """perl -e 'system("pip {args}")'""",
        "perl-exec": """perl -e 'exec(split(" ", "pip {args}"))'""",
        "tmux": "tmux -L $$ new-session -d 'pip {args} >{log} 2>&1'; tmux -L $$ wait-for never & "
        "while tmux -L $$ has-session 2>/dev/null; do sleep 0.1; done; cat {log}",
        "start-stop-daemon": "/sbin/start-stop-daemon --start --exec /usr/bin/env -- pip {args}",
    }.items():
        yield EntryPoint(id=f"tool-{name}", line=line, answers="command:pip")


def other_users() -> Iterator[EntryPoint]:
    """Run as somebody else."""
    for name, line in {
        "sudo": "sudo pip {args}",
        "sudo-login": "sudo -i pip {args}",
        "sudo-keep": "sudo -E pip {args}",
        "sudo-other": "sudo -u other pip {args}",
        "sudo-sh": 'sudo sh -c "pip {args}"',
    }.items():
        yield EntryPoint(id=f"user-{name}", line=line, answers=SYSTEM_SCRIPT)
    yield EntryPoint(id="user-sudo-module", line="sudo python3 -m pip {args}", answers=SYSTEM_MODULE)
    for name, line in {
        "su": 'su dev -c "pip {args}"',
        "su-login": 'su - dev -c "pip {args}"',
        "runuser": "runuser -u dev -- pip {args}",
        "runuser-login": 'runuser -l dev -c "pip {args}"',
        "setpriv": "env HOME=/home/dev setpriv --reuid dev --regid dev --clear-groups pip {args}",
    }.items():
        answers = "shell:bash" if name.endswith("login") else SYSTEM_SCRIPT
        yield EntryPoint(id=f"user-{name}", line=line, answers=answers, user="root")
    yield EntryPoint(id="user-root", line="pip {args}", answers=SYSTEM_SCRIPT, user="root")
    yield EntryPoint(id="user-root-login", line='bash -lc "pip {args}"', answers=SYSTEM_SCRIPT, user="root")


def bare_environments() -> Iterator[EntryPoint]:
    """Run where no profile was read, and nothing was inherited."""
    for name, line in {
        "cron-login": CRON + ' /bin/bash -lc "pip {args}"',
        "ssh": CRON + ' SSH_CLIENT="::1 1 22" SSH_CONNECTION="::1 1 ::1 22" /bin/bash -c "pip {args}" </dev/null',
    }.items():
        yield EntryPoint(id=f"bare-{name}", line=line, answers="shell:bash")
    for name, line in {
        "env-i": "env -i /usr/bin/pip {args}",
        "env-i-path": "env -i PATH=/usr/bin pip {args}",
        "env-i-bash": 'env -i bash -c "pip {args}"',
        "cron": CRON + ' /bin/sh -c "pip {args}"',
        "cron-bash": CRON + ' /bin/bash -c "pip {args}"',
    }.items():
        yield EntryPoint(id=f"bare-{name}", line=line, answers=SYSTEM_SCRIPT)
    yield EntryPoint(id="bare-cron-module", line=CRON + ' /bin/sh -c "python3 -m pip {args}"', answers=SYSTEM_MODULE)


def paths() -> Iterator[EntryPoint]:
    """Named by a path."""
    for name, line in {
        "absolute": "/usr/bin/pip {args}",
        "absolute-3": "/usr/bin/pip3 {args}",
        "merged": "/bin/pip {args}",
        "relative": "../../../usr/bin/pip {args}",
        "python-script": "python3 /usr/bin/pip {args}",
        "link": "ln -sf /usr/bin/pip ./installer; ./installer {args}",
    }.items():
        yield EntryPoint(id=f"path-{name}", line=line, answers=SYSTEM_SCRIPT)
    yield EntryPoint(id="path-package", line="python3 /usr/lib/python3/dist-packages/pip {args}", answers=SYSTEM_MODULE)
    yield EntryPoint(
        id="path-main", line="python3 /usr/lib/python3/dist-packages/pip/__main__.py {args}", answers=SYSTEM_MODULE
    )


def interpreter_options() -> Iterator[EntryPoint]:
    """As a module, with options of the interpreter's."""
    for name, options in {
        "m": "-m pip",
        "I": "-I -m pip",
        "Im": "-Im pip",
        "E": "-E -m pip",
        "s": "-s -m pip",
        "P": "-P -m pip",
        "u": "-u -m pip",
        "W": "-W ignore -m pip",
        "X": "-X utf8 -m pip",
        "Xm": "-Xutf8 -mpip",
        "OO": "-OO -m pip",
        "BsE": "-BsE -m pip",
    }.items():
        yield EntryPoint(id=f"module-{name}", line=f"python3 {options} {{args}}", answers=SYSTEM_MODULE)
    yield EntryPoint(id="module-minor", line="python3.11 -m pip {args}", answers=SYSTEM_MODULE)
    yield EntryPoint(id="module-absolute", line="/usr/bin/python3.11 -m pip {args}", answers=SYSTEM_MODULE)


def virtual_environments() -> Iterator[EntryPoint]:
    """From a virtual environment that is not activated."""
    script_entry, module_entry = f"script:{VENV}/bin/pip", f"module:{VENV}/bin/python"
    for name, line in {
        "pip": ".venv/bin/pip {args}",
        "pip3": ".venv/bin/pip3 {args}",
        "absolute": VENV + "/bin/pip3.11 {args}",
        "path": "env PATH=" + VENV + "/bin:$PATH pip {args}",
        "make": "printf 'all:\\n\\t.venv/bin/pip {args}\\n' >Makefile; make",
    }.items():
        yield EntryPoint(id=f"venv-{name}", line=line, answers=script_entry)
    for name, line in {
        "module": ".venv/bin/python -m pip {args}",
        "module-I": ".venv/bin/python -I -m pip {args}",
        "module-E": ".venv/bin/python -E -m pip {args}",
        "module-3": ".venv/bin/python3 -m pip {args}",
        "module-env-i": "env -i " + VENV + "/bin/python -m pip {args}",
    }.items():
        yield EntryPoint(id=f"venv-{name}", line=line, answers=module_entry)
    yield EntryPoint(
        id="venv-new",
        line="python3 -m venv $HOME/new-$$; $HOME/new-$$/bin/pip {args}",
        answers=SYSTEM_MODULE,
    )
    yield EntryPoint(id="venv-copied", line=COPIED + "/bin/pip {args}", answers=f"script:{COPIED}/bin/pip")
    yield EntryPoint(
        id="venv-copied-module", line=COPIED + "/bin/python -m pip {args}", answers=f"module:{COPIED}/bin/python"
    )
    yield EntryPoint(id="venv-from-pip", line="python3 -m pip --python .venv {args}", answers=SYSTEM_MODULE)


def programs() -> Iterator[EntryPoint]:
    """From Python programs."""
    for name, code, answers in (
        ("subprocess", 'import subprocess; subprocess.run("pip {args}".split())', "command:pip"),
        ("subprocess-shell", 'import subprocess; subprocess.run("pip {args}", shell=True)', "command:pip"),
        ("os-system", 'import os; os.system("pip {args}")', "command:pip"),
        ("os-execvp", 'import os; a = "pip {args}".split(); os.execvp(a[0], a)', "command:pip"),
        (
            "executable",
            'import subprocess, sys; subprocess.run([sys.executable, "-m", *"pip {args}".split()])',
            SYSTEM_MODULE,
        ),
        (
            "runpy",
            'import runpy, sys; sys.argv = "pip {args}".split(); runpy.run_module("pip", run_name="__main__")',
            SYSTEM_MODULE,
        ),
        ("internal", 'import sys; from pip._internal.cli.main import main; main("{args}".split())', SYSTEM_MODULE),
        ("main", 'import pip; pip.main("{args}".split())', SYSTEM_MODULE),
    ):
        yield EntryPoint(id=f"program-{name}", line=f"python3 -c '{code}'", answers=answers)


def script(first: str, text: str) -> str:
    """Return a line that writes a script and runs it."""
    return f"printf '%s\\n' '{first}' '{text}' >{{folder}}/run; chmod +x {{folder}}/run; {{folder}}/run"
