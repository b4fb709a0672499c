"""Draw how long programs take compared with pip, from the stored result: ``python -m tests.benchmark.chart``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.benchmark.result import DOCS, GUARD, STORED, UV, Result, programs, read

CHART = DOCS / "pictures" / "performance.svg"
# Told apart by people with any vision, also in grey. What else is compared takes the third one on.
COLORS = {GUARD: "#0072b2", UV: "#e69f00"}
OTHER_COLORS = ("#7d8ba1", "#b3bccb")
# The card has a background of its own, so that it can be read on light and on dark pages.
INK, CARD, LINES = "#1f2328", "#ffffff", "#d5dbe3"
ROOM = 0.76  # of the distance between two commands, for the bars of one


def draw(result: Result, path: Path) -> None:
    """Draw a bar for each command and program, with its 95 % interval, the first command on top."""
    # NOTE: only what draws needs it.
    import matplotlib

    matplotlib.use("svg")
    settings: dict[Any, Any] = {  # Any: the names that matplotlib knows
        "svg.fonttype": "none",
        "svg.hashsalt": "performance",
        "font.family": "sans-serif",
        "font.sans-serif": ["system-ui", "Segoe UI", "Helvetica", "Arial", "DejaVu Sans"],
        "text.color": INK,
        "axes.labelcolor": INK,
        "xtick.color": INK,
        "ytick.color": INK,
        "axes.edgecolor": LINES,
    }
    with matplotlib.rc_context(settings):
        _draw(result, path)


def _draw(result: Result, path: Path) -> None:
    from matplotlib.figure import Figure

    shown = programs(result)[1:]
    thickness = ROOM / len(shown)
    colors = {**dict(zip([each for each in shown if each not in COLORS], OTHER_COLORS, strict=False)), **COLORS}
    figure = Figure(figsize=(7.2, 0.8 + 0.5 * len(result.rows)), layout="constrained", facecolor=CARD)
    axes = figure.add_subplot(facecolor=CARD)
    for program in shown:
        rows = [(place, row) for place, row in enumerate(result.rows) if program in row.ratios]
        values = [row.ratios[program]["wall time"] for _, row in rows]
        bars = axes.barh(
            [place + thickness * (shown.index(program) - (len(shown) - 1) / 2) for place, _ in rows],
            [median for median, _, _ in values],
            thickness,
            xerr=[[m - low for m, low, _ in values], [high - m for m, _, high in values]],
            error_kw={"ecolor": INK, "elinewidth": 0.8},
            color=colors[program],
            label=program,
        )
        axes.bar_label(bars, [f"{median:.2f}" for median, _, _ in values], padding=4, fontsize=8)
    axes.axvline(1, color=INK, linewidth=1)
    axes.set_yticks(range(len(result.rows)), [row.name.replace("`", "") for row in result.rows])
    axes.invert_yaxis()
    axes.set_xlim(left=0)
    axes.set_xlabel("wall time as a part of pip's")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, loc="lower right")
    figure.savefig(path, format="svg", metadata={"Date": None, "Title": "Wall time of commands, compared with pip"})


if __name__ == "__main__":
    draw(read(STORED), CHART)
