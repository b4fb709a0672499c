"""Keep what was measured with real wheels: the table and the chart of the page are both made of it."""

from __future__ import annotations

import json
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tests.benchmark.samples import Quantity, Sample, cpu, paired, wall
from tests.benchmark.tables import rendered, table

DOCS = Path(__file__).parents[2] / "docs"
PAGE, STORED = DOCS / "performance.md", DOCS / "performance.json"
PIP, GUARD, UV = "pip", "pip-guard", "uv"
Interval = tuple[float, float, float]
# NOTE: not the memory: what the system counts for a child begins with this process, which holds all wheels.
QUANTITIES: Mapping[str, Quantity] = {"wall time": wall, "CPU time": cpu}


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """What one command took: medians of seconds, most requests, and ratios to pip with their 95 % intervals, by program."""

    name: str
    runs: int
    seconds: Mapping[str, float]
    requests: Mapping[str, int]
    ratios: Mapping[str, Mapping[str, Interval]]


@dataclass(kw_only=True, slots=True)
class Result:
    """When and where it was measured, what each command took, and why other programs are missing."""

    measured: str
    rows: list[Row] = field(default_factory=list)
    missing: dict[str, str] = field(default_factory=dict)

    def write(self, path: Path) -> None:
        """Write it."""
        path.write_text(json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def read(path: Path) -> Result:
    """Read a result."""
    stored = json.loads(path.read_text(encoding="utf-8"))
    return Result(measured=stored["measured"], missing=stored["missing"], rows=[Row(**row) for row in stored["rows"]])


def sum_up(name: str, samples: Mapping[str, Sequence[Sample]]) -> Row:
    """Sum up the runs of a command with several programs."""
    bare = samples[PIP]
    return Row(
        name=name,
        runs=len(bare),
        seconds={program: round(statistics.median(map(wall, each)), 3) for program, each in samples.items()},
        requests={program: max(sample.requests for sample in each) for program, each in samples.items()},
        ratios={
            program: {title: paired(bare, each, value) for title, value in QUANTITIES.items()}
            for program, each in samples.items()
            if program != PIP
        },
    )


def render(result: Result) -> str:
    """Render the table, the lines above it, and those about programs that are missing."""
    others = [program for program in programs(result) if program not in (PIP, GUARD)]
    columns = ["command", PIP, GUARD, *QUANTITIES, "requests", *others]
    rows = [
        [
            row.name,
            seconds(row, PIP),
            seconds(row, GUARD),
            *(rendered(row.ratios[GUARD][title]) for title in QUANTITIES),
            f"{row.requests[PIP]} / {row.requests[GUARD]}",
            *(f"{seconds(row, other)}, {ratio(row, other)}" if other in row.seconds else "" for other in others),
        ]
        for row in result.rows
    ]
    missing = "".join(f"\n{tool} is not in the table: {reason}.\n" for tool, reason in result.missing.items())
    return f"{result.measured}\n{table(columns, rows)}{missing}"


def programs(result: Result) -> list[str]:
    """Return what was measured, pip first."""
    return list(dict.fromkeys(program for row in result.rows for program in row.seconds))


def seconds(row: Row, program: str) -> str:
    """Render how long a program took."""
    return f"{row.seconds[program]:.1f} s"


def ratio(row: Row, program: str) -> str:
    """Render how long a program took, compared with pip."""
    return rendered(row.ratios[program]["wall time"])
