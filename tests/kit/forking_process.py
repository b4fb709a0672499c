"""Load the modules of a console script once, and run it in a fork for each command: loading is most of what a short one does.

NOTE: the interpreter of a virtual environment runs this file as a script, so it imports the standard library alone.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import json
import os
import runpy
import sys
from pathlib import Path
from typing import TextIO, TypedDict


class Order(TypedDict):
    """What to run, and where its output goes; `modules` is a file for the names of what it has loaded, or empty."""

    arguments: list[str]
    environ: dict[str, str]
    cwd: str
    stdout: str
    stderr: str
    modules: str


def serve(orders: TextIO, answers: TextIO) -> Order | None:
    """Fork for each order, and answer with its exit code; returns the order in the fork, and None at the end."""
    for line in orders:
        order: Order = json.loads(line)
        process = os.fork()
        if process == 0:
            return order
        _, status = os.waitpid(process, 0)
        if order["modules"]:
            load(order["modules"])
        answers.write(f"{os.waitstatus_to_exitcode(status)}\n")
        answers.flush()
    return None


def load(path: str) -> None:
    """Import what a command has loaded, in its order; pip-guard decides about imports from where it did."""
    for name in Path(path).read_text(encoding="utf-8").split():
        with contextlib.suppress(ImportError):
            module = importlib.import_module(name)
            if name == "pip_guard.environment.import_guard":
                module.import_own_library_only()
    gc.collect()
    gc.freeze()


def become(script: str, order: Order) -> None:
    """Make this process what it would be if it had just been started for an order."""
    os.environ.clear()
    os.environ.update(order["environ"])
    os.chdir(order["cwd"])
    files = ((os.devnull, os.O_RDONLY), (order["stdout"], os.O_WRONLY), (order["stderr"], os.O_WRONLY))
    for number, (path, flags) in enumerate(files):
        opened = os.open(path, flags)
        os.dup2(opened, number)
        os.close(opened)
    sys.argv[:] = [script, *order["arguments"]]
    sys.orig_argv[:] = [sys.executable, *sys.argv]
    importlib.invalidate_caches()
    if order["modules"]:
        atexit.register(tell_modules, order["modules"])


def tell_modules(path: str) -> None:
    """Write down the names of all modules that are loaded."""
    Path(path).write_text("\n".join(name for name in sys.modules if name != "__main__"), encoding="utf-8")


def main(script: str, orders: int, answers: int) -> None:
    """Serve the orders for a script on two open files."""
    sys.path[0] = str(Path(script).parent)
    with open(orders, encoding="utf-8") as incoming, open(answers, "w", encoding="utf-8") as outgoing:
        order = serve(incoming, outgoing)
    if order is not None:
        become(script, order)
        runpy.run_path(script, run_name="__main__")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
