"""Run pip-guard, and write down the CPU time that its rules about places take: python meter.py FILE ARGUMENT..."""

from __future__ import annotations

import atexit
import functools
import importlib
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

RULES = frozenset(
    {
        *(
            "unapproved-index",
            "insecure-transport",
            "trusted-host",
            "find-links",
            "remote-requirements-file",
            "direct-url",
        ),
        *("unapproved-host", "wrong-index", "writable-configuration", "configuration-change", "missing-hash"),
    }
)
# What describes the facts that only these rules need, in the order in which the modules import each other.
DESCRIBING = (
    (
        "pip_guard.pip_adapter.options.origins",
        "OptionOrigins",
        ("__init__", "_process", "configured", "origin", "locate", "files"),
    ),
    ("pip_guard.pip_adapter.index.sources", None, ("sources_of_options",)),
    ("pip_guard.pip_adapter.options.values", None, ("_believed_files",)),
    ("pip_guard.pip_adapter.index.listings", "Offers", ("note",)),
    ("pip_guard.pip_adapter.index.listings", None, ("find_listing",)),
    ("pip_guard.pip_adapter.network.requests", None, ("added_sources",)),
    ("pip_guard.environment.permissions", None, ("describe_files",)),
    ("pip_guard.pip_adapter.commands.guarded", "GuardedCommand", ("may_connect",)),
)
# What stands around methods of pip, whose own time is none of the rules'.
AROUND = ("send", "get_file_content", "handle_option_line")


class Meter:
    """Adds up the time between the start and the end of what is measured, however deep that is nested."""

    def __init__(self) -> None:
        self.nanoseconds = 0
        self._running = 0
        self._since = 0

    def measured(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function whose time counts."""
        return functools.wraps(function)(lambda *args, **kwargs: self._run(1, function, args, kwargs))

    def left_out(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function whose time does not count, also where it is called by one whose time does."""
        return functools.wraps(function)(lambda *args, **kwargs: self._run(0, function, args, kwargs))

    def around(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function whose time counts, but for that of the method that is its first argument."""
        return self.measured(lambda method, *args, **kwargs: function(self.left_out(method), *args, **kwargs))

    def _run(self, running: int, function: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        before = self._switch(running)
        try:
            found = function(*args, **kwargs)
            return iter(list(found)) if hasattr(found, "__next__") else found
        finally:
            self._switch(before)

    def _switch(self, running: int) -> int:
        now = time.thread_time_ns()
        if self._running:
            self.nanoseconds += now - self._since
        before, self._running, self._since = self._running, running, time.thread_time_ns()
        return before


def main() -> None:
    """Put the meter in place, and run pip-guard."""
    file = Path(sys.argv.pop(1))
    meter = Meter()
    for module_name, owner_name, names in DESCRIBING:
        module = importlib.import_module(module_name)
        owner = module if owner_name is None else getattr(module, owner_name)
        for name in names:
            setattr(owner, name, meter.measured(getattr(owner, name)))
    fetches = importlib.import_module("pip_guard.pip_adapter.network.requests")
    for name in AROUND:
        setattr(fetches, name, meter.around(getattr(fetches, name)))
    engine: Any = importlib.import_module("pip_guard.engine.evaluate")
    ask, measured = engine._ask, meter.measured(engine._ask)
    engine._ask = lambda rule, *args: (measured if rule.id in RULES else ask)(rule, *args)
    atexit.register(lambda: file.write_text(str(meter.nanoseconds)))
    importlib.import_module("pip_guard.cli").main()


if __name__ == "__main__":
    main()
