"""Test that pip-guard refuses a harmless sdist."""

from __future__ import annotations

import gzip
import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Mapping, Sequence

from pip_guard.environment.active import RUNNER
from pip_guard.environment.files import read_file_if_possible
from pip_guard.environment.module_origins import own_modules
from pip_guard.errors import ExitCode
from pip_guard.frozen import frozen
from pip_guard.options import PREFIX

RULE = "source-distribution"
SECONDS = 60
# An sdist that is not on any index, and whose build only creates a file.
_NAME = "pip-guard-self-test-1.0"
_MARK = "built"
_PYPROJECT = """\
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]

[project]
name = "pip-guard-self-test"
version = "1.0"
"""
_BACKEND = """\
open({mark!r}, "w").close()
raise SystemExit("pip-guard should have refused this project.")
"""
_OPTIONS = (
    "--no-index",
    "--no-deps",
    "--no-cache-dir",
    "--no-build-isolation",
    "--disable-pip-version-check",
    "--quiet",
)
# Settings of pip, and folders of modules, that could change what the self-test does.
_DROPPED = ("PIP_", "_PIP_", "PYTHONPATH")
_KEPT = "PIP_GUARD_"


@frozen
class SelfTest:
    """The result of asking for an sdist: the exit code, the rules that refused it, and whether it was built."""

    exit_code: int | None
    rules: tuple[str, ...]
    built: bool

    @property
    def passed(self) -> bool:
        """Tell whether the sdist was refused before any of it ran."""
        return self.exit_code == ExitCode.REFUSED and bool(self.rules) and not self.built

    @property
    def explanation(self) -> str:
        """The result in words."""
        if self.built:
            return "FAILED: a test sdist was not refused, and its build ran"
        if self.exit_code is None:
            return f"FAILED: pip-guard did not answer within {SECONDS} seconds"
        if not self.passed:
            return f"FAILED: a test sdist was not refused (exit code {self.exit_code})"
        by = "" if RULE in self.rules else f", by {', '.join(self.rules)} alone"
        return f"passed: a test sdist was refused before any of its code ran{by}"


def run_self_test(environ: Mapping[str, str], *options: str) -> SelfTest:
    """Ask pip-guard, in another process and under the policy in force, for an sdist in a temporary folder.

    `options` are pip-guard's own. Nothing is downloaded, and nothing is written elsewhere. If rules refuse every command here
    (such as those about root), they are excused for a second attempt, where the policy allows that, to reach those about files.
    """
    first = _attempt(environ, options)
    if not first.passed or RULE in first.rules:
        return first
    excused = (f"--guard-allow={rule}" for rule in first.rules)
    second = _attempt(environ, (*options, *excused))
    return second if second.built or RULE in second.rules else first


def is_self_test(arguments: Sequence[str]) -> bool:
    """Tell whether a command asks for exactly the sdist of the self-test, which is then left out of the journal."""
    plain = [argument for argument in arguments if not argument.startswith(PREFIX)]
    folder = os.path.dirname(plain[-1]) if plain else ""
    if not folder or plain != _arguments(folder):
        return False
    expected = _make_sdist(os.path.join(folder, _MARK))
    return read_file_if_possible(plain[-1], len(expected)) == expected


def _arguments(folder: str) -> list[str]:
    return ["download", *_OPTIONS, "--dest", folder, os.path.join(folder, f"{_NAME}.tar.gz")]


def _attempt(environ: Mapping[str, str], options: tuple[str, ...]) -> SelfTest:
    with tempfile.TemporaryDirectory(prefix="pip-guard-") as folder:
        mark = os.path.join(folder, _MARK)
        with open(_arguments(folder)[-1], "wb") as file:
            file.write(_make_sdist(mark))
        command = [sys.executable, RUNNER, json.dumps(own_modules()), "--guard-format=json", *options]
        try:
            ended = subprocess.run(
                [*command, *_arguments(folder)],
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
    """Return the rules that the report names, among other lines."""
    for line in stderr.decode("utf-8", "replace").splitlines():
        try:
            report = json.loads(line)
            return tuple(str(finding["rule"]) for finding in report["findings"])
        except (ValueError, TypeError, KeyError):
            continue
    return ()


def _make_sdist(mark: str) -> bytes:
    members = {
        "PKG-INFO": "Metadata-Version: 2.1\nName: pip-guard-self-test\nVersion: 1.0\n",
        "pyproject.toml": _PYPROJECT,
        "backend.py": _BACKEND.format(mark=mark),
    }
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for name, text in members.items():
            member = tarfile.TarInfo(f"{_NAME}/{name}")
            member.size = len(text.encode())
            tar.addfile(member, io.BytesIO(text.encode()))
    return gzip.compress(archive.getvalue(), mtime=0)
