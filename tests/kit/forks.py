"""Run the commands of a workspace in forks of one process, which takes a quarter of the time."""

from __future__ import annotations

import json
import os
import select
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.kit import forking_process
from tests.kit.run import Completed
from tests.kit.workspace import Workspace


class Forks:
    """A console script of a workspace's virtual environment, loaded once; serves as a context manager.

    What it is as if it were started anew for each command: `tests/e2e/test_forks.py` compares. What Python itself reads from
    variables when it starts (PYTHONPATH and the like) stays as it was. `warm_up` is a command that loads what most others need.
    """

    def __init__(self, workspace: Workspace, program: str, *warm_up: str, environ: Mapping[str, str]) -> None:
        """Start the process."""
        self._workspace = workspace
        self._script = workspace.venv.scripts / program
        folder = workspace.folder / f"forks-of-{program}"
        self._stdout, self._stderr, modules = (
            workspace.write(folder / name, "") for name in ("stdout", "stderr", "modules")
        )
        server = workspace.write(folder / "forking_process.py", Path(forking_process.__file__).read_bytes())
        orders, self._orders = os.pipe()
        self._answers, answers = os.pipe()
        self._process = subprocess.Popen(
            [workspace.venv.python, server, self._script, str(orders), str(answers)],
            pass_fds=[orders, answers],
            env=workspace.environ,
            cwd=workspace.cwd,
            user=workspace.user,
            group=workspace.user,
            extra_groups=None if workspace.user is None else [],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=None,
        )
        os.close(orders)
        os.close(answers)
        self._order(*warm_up, environ=environ, modules=str(modules)).check()

    def __enter__(self) -> Forks:
        """Lend it."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the process."""
        os.close(self._orders)
        os.close(self._answers)
        self._process.wait()

    def run(self, *arguments: str, environ: Mapping[str, str]) -> Completed:
        """Run a command in the working directory, with nothing but these variables."""
        return self._order(*arguments, environ=environ, modules="")

    def _order(self, *arguments: str, environ: Mapping[str, str], modules: str) -> Completed:
        self._stdout.write_bytes(b"")
        self._stderr.write_bytes(b"")
        order = forking_process.Order(
            arguments=list(arguments),
            environ=dict(environ),
            cwd=str(self._workspace.cwd),
            stdout=str(self._stdout),
            stderr=str(self._stderr),
            modules=modules,
        )
        os.write(self._orders, f"{json.dumps(order)}\n".encode())
        return Completed(
            argv=(str(self._script), *arguments),
            returncode=self._answer(120),
            stdout=self._stdout.read_text(encoding="utf-8", errors="replace"),
            stderr=self._stderr.read_text(encoding="utf-8", errors="replace"),
        )

    def _answer(self, timeout: float) -> int:
        ready, _, _ = select.select([self._answers], [], [], timeout)
        assert ready, "the command does not end"
        return int(os.read(self._answers, 16))
