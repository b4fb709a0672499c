"""Stand-ins for interpreters: programs that say what they are, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path


def make_interpreter(
    prefix: Path,
    *,
    version: tuple[int, int] = (3, 11),
    implementation: str = "cpython",
    library: str = "lib/python3.{}",
) -> Path:
    """Make what answers as an interpreter does, with a folder for its standard library."""
    folder = prefix / library.format(version[1])
    folder.mkdir(parents=True)
    (folder / "os.py").touch()
    executable = prefix / "bin" / f"python3.{version[1]}"
    executable.parent.mkdir()
    answer = json.dumps([implementation, version, str(folder / "os.py")])
    executable.write_text(f"#!/bin/sh\necho '{answer}'\n", encoding="utf-8")
    executable.chmod(0o755)
    return executable
