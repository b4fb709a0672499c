"""Let pip-guard refuse something harmless, to see that it does."""

from __future__ import annotations

import gzip
import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Mapping

from pip_guard.environment.active import RUNNER
from pip_guard.environment.module_origins import own_modules
from pip_guard.errors import ExitCode
from pip_guard.frozen import frozen

RULE = "source-distribution"
SECONDS = 60
# An sdist whose build does nothing but leave a file, and which no index is asked for.
_NAME = "pip-guard-rehearsal-1.0"
_MARK = "built"
_PYPROJECT = """\
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]

[project]
name = "pip-guard-rehearsal"
version = "1.0"
"""
_BACKEND = """\
open({mark!r}, "w").close()
raise SystemExit("This project is there to be refused.")
"""
_OPTIONS = (
    "--no-index",
    "--no-deps",
    "--no-cache-dir",
    "--no-build-isolation",
    "--disable-pip-version-check",
    "--quiet",
)
# What would make it another command than this one: pip's settings, and modules from elsewhere.
_DROPPED = ("PIP_", "_PIP_", "PYTHONPATH")
_KEPT = "PIP_GUARD_"


@frozen
class SelfTest:
    """What came of asking for an sdist: the exit code, the rules that refused, and whether it was built."""

    exit_code: int | None
    rules: tuple[str, ...]
    built: bool

    @property
    def passed(self) -> bool:
        """Tell whether the sdist was refused before any of it ran."""
        return self.exit_code == ExitCode.REFUSED and bool(self.rules) and not self.built

    @property
    def explanation(self) -> str:
        """Say in a sentence what happened."""
        if self.built:
            return "an sdist was NOT refused: its build ran"
        if self.exit_code is None:
            return "an sdist was not refused in time"
        if not self.passed:
            return f"an sdist was not refused: exit code {self.exit_code}"
        if RULE in self.rules:
            return "an sdist was refused for being one, and nothing of it ran"
        return f"an sdist was refused, and nothing of it ran, but already by {', '.join(self.rules)}"


def run_self_test(environ: Mapping[str, str], *options: str) -> SelfTest:
    """Ask pip-guard in a process of its own for an sdist that lies in a temporary folder, under the policy in force.

    `options` are pip-guard's own. Nothing is fetched, and nothing is written elsewhere. Rules that refuse every command here
    (such as those about root) are excused a second time, where the policy lets them be, so that those about files are asked.
    """
    first = _rehearse(environ, options)
    if not first.passed or RULE in first.rules:
        return first
    excused = (f"--guard-allow={rule}" for rule in first.rules)
    second = _rehearse(environ, (*options, *excused))
    return second if second.built or RULE in second.rules else first


def _rehearse(environ: Mapping[str, str], options: tuple[str, ...]) -> SelfTest:
    with tempfile.TemporaryDirectory(prefix="pip-guard-") as folder:
        mark = os.path.join(folder, _MARK)
        sdist = os.path.join(folder, f"{_NAME}.tar.gz")
        with open(sdist, "wb") as file:
            file.write(_make_sdist(mark))
        command = [sys.executable, RUNNER, json.dumps(own_modules()), "--guard-format=json", *options]
        try:
            ended = subprocess.run(
                [*command, "download", *_OPTIONS, "--dest", folder, sdist],
                env=_clean(environ),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return SelfTest(exit_code=None, rules=(), built=os.path.exists(mark))
        return SelfTest(exit_code=ended.returncode, rules=_rules_in(ended.stderr), built=os.path.exists(mark))


def _clean(environ: Mapping[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in environ.items() if name.startswith(_KEPT) or not name.startswith(_DROPPED)}
    return {**kept, "PIP_CONFIG_FILE": os.devnull}


def _rules_in(stderr: bytes) -> tuple[str, ...]:
    """Return the rules of which the report tells, whatever other lines there are."""
    for line in stderr.decode("utf-8", "replace").splitlines():
        try:
            report = json.loads(line)
            return tuple(str(finding["rule"]) for finding in report["findings"])
        except (ValueError, TypeError, KeyError):
            continue
    return ()


def _make_sdist(mark: str) -> bytes:
    members = {
        "PKG-INFO": "Metadata-Version: 2.1\nName: pip-guard-rehearsal\nVersion: 1.0\n",
        "pyproject.toml": _PYPROJECT,
        "backend.py": _BACKEND.format(mark=mark),
    }
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for name, text in members.items():
            member = tarfile.TarInfo(f"{_NAME}/{name}")
            member.size = len(text.encode())
            tar.addfile(member, io.BytesIO(text.encode()))
    return gzip.compress(archive.getvalue())
