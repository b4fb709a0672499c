"""Render the tables of the benchmark, and say when and where it was run."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from datetime import datetime, timezone

GROWN = ("what is there", "pip", "pip-guard", "wall time", "CPU time")
COSTS = ("what is more", "without it", "with it", "wall time", "CPU time")
TAKEN = ("command", "CPU time of the rules about places")
COMPARED = ("command", "pip", "pip-guard", "wall time", "CPU time", "memory", "requests")


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Render a table, or nothing where it would be empty."""
    if not rows:
        return ""
    lines = [columns, ["---"] * len(columns), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def rendered(ratio: tuple[float, float, float]) -> str:
    """Render the median of ratios, with its 95 % interval."""
    median, low, high = ratio
    return f"{median:.2f} [{low:.2f}, {high:.2f}]"


def heading(runs: str) -> str:
    """Return the lines above tables: when and where it was measured, and what the columns are."""
    today = datetime.now(timezone.utc).date()
    machine = f"{os.cpu_count()} processors, {platform.system()} {platform.machine()}"
    return (
        f"Measured on {today}, {machine}, Python {platform.python_version()}, with a load of {os.getloadavg()[0]:.1f} at the start: {runs},\n"
        "in turns, over TLS on an index of this machine. Ratios and differences are medians of pairs, with 95 % intervals.\n"
    )
