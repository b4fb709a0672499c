"""Use every entry point of a machine in a folder; a script, which only its parent process should start.

It runs as root in a mount and process namespace of its own, so that nothing that it mounts or starts outlives it.
Standard input is a JSON object: the `root` folder, the `environ` of each user, and the `entries` with what each is to run.
"""

from __future__ import annotations

import fcntl
import json
import os
import pty
import select
import subprocess
import sys
import termios
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TypedDict

PROJECT = "/home/dev/project"
IDS = {"root": 0, "dev": 1000}
SECONDS = 60.0
# A terminal is asked where its cursor is, and what it is.
ANSWERS = {b"\x1b[6n": b"\x1b[1;1R", b"\x1b[c": b"\x1b[?1;2c"}


class Task(TypedDict):
    """What to run, and whether it is typed into a shell."""

    id: str
    line: str
    terminal: str | None
    user: str


def main() -> None:
    """Mount what programs expect, run everything, and write the outputs as JSON."""
    order = json.load(sys.stdin)
    root = order["root"]
    for arguments in (["--bind", "/dev"], ["--bind", "/dev/pts"], ["-t", "proc", "proc"]):
        target = "/proc" if "proc" in arguments else arguments[-1]
        subprocess.run(["mount", *arguments, root + target], check=True)
    with ThreadPoolExecutor(order["jobs"]) as threads:
        tasks: list[Task] = order["entries"]
        outputs = threads.map(lambda task: run(root, order["environ"][task["user"]], task), tasks)
        json.dump({task["id"]: output for task, output in zip(tasks, outputs, strict=True)}, sys.stdout)


def run(root: str, environ: dict[str, str], task: Task) -> str:
    """Run one task and return what it wrote, and its exit code in the last line."""
    uid = IDS[task["user"]]

    def enter() -> None:
        os.chroot(root)
        os.chdir(PROJECT)
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)

    if task["terminal"]:
        return type_in(task["terminal"].split(), task["line"], environ, enter)
    try:
        ended = subprocess.run(
            ["/bin/sh", "-c", task["line"]],
            env=environ,
            preexec_fn=enter,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        return f"{(late.output or b'').decode(errors='replace')}\nit did not end"
    return f"{ended.stdout.decode(errors='replace')}\n{ended.returncode}"


def type_in(shell: list[str], line: str, environ: dict[str, str], enter: object) -> str:
    """Type a line into a shell, and the end of the session after it."""
    ours, theirs = pty.openpty()

    def prepare() -> None:
        fcntl.ioctl(theirs, termios.TIOCSCTTY, 0)
        enter()  # type: ignore[operator]

    process = subprocess.Popen(
        shell,
        env=environ,
        preexec_fn=prepare,  # noqa: PLW1509 -- nothing else takes the terminal
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    waiting = [f"{line}\n".encode(), b"exit\n"]
    output = b""
    quiet_since = started = time.monotonic()
    while time.monotonic() - started < SECONDS:
        if select.select([ours], [], [], 0.1)[0]:
            try:
                chunk = os.read(ours, 65536)
            except OSError:  # the other side is closed
                break
            for question, answer in ANSWERS.items():
                if question in chunk:
                    os.write(ours, answer)
            output += chunk
            quiet_since = time.monotonic()
        elif waiting and output and time.monotonic() - quiet_since > 0.5:
            # whatever is read at the prompt waits until the command before it has ended
            os.write(ours, waiting.pop(0))
    process.kill()
    process.wait()
    os.close(ours)
    return output.decode(errors="replace")


if __name__ == "__main__":
    main()
