"""The most popular projects, from the index that everybody uses: what the wheel rules find in them must be true.

This downloads some gigabytes and takes the better part of an hour, so it is run by hand:
``python -m pytest -m manual tests/e2e/test_popular_projects.py -s``.
"""

from __future__ import annotations

import json
import shutil
from concurrent.futures import ThreadPoolExecutor

import pytest

from pip_guard.names.popular import POPULAR, popular_names
from tests.e2e.test_real_index import environ, online
from tests.kit.workspace import Workspace

pytestmark = pytest.mark.manual

__all__ = ["online"]

# The marks of the 400 or so most downloaded projects.
MARKS = POPULAR[:4]
AT_ONCE = 3
WHEEL_RULES = frozenset({"startup-code", "record-mismatch", "overwritten-files", "planted-file", "internal-error"})
POLICY = """\
[rules]
known-malicious = "off"
known-vulnerability = "off"
"""
# Every finding that there is, and why it is a true one.
EXPLAINED: dict[tuple[str, str], str] = {}


def test_finds_nothing_in_popular_wheels_but_what_is_there(online: Workspace) -> None:
    online.write(online.policy_path, POLICY)
    lines = popular_names().lines.decode().splitlines()
    names = [line[:-2] for line in lines if line[-2:-1] == " " and line[-1] in MARKS and line[0] != "#"]
    assert len(names) >= 400
    with ThreadPoolExecutor(AT_ONCE) as threads:
        outcomes = dict(zip(names, threads.map(lambda name: judge(online, name), names), strict=True))
    judged = [name for name, (code, _) in outcomes.items() if code == 0]
    assert len(judged) >= 300
    found = {(name, rule) for name, (_, rules) in outcomes.items() for rule in rules & WHEEL_RULES}
    assert found == EXPLAINED.keys()


def judge(online: Workspace, name: str) -> tuple[int, frozenset[str]]:
    """Download a project, and return the exit code and the rules that found something."""
    folder = online.home / name
    ended = online.guard(
        *("download", "--quiet", "--no-deps", "--no-cache-dir", "--dest", folder, "--guard-format=json", name),
        env=environ(),
        timeout=1800,
    )
    size = sum(file.stat().st_size for file in folder.glob("*")) // 1024
    shutil.rmtree(folder, ignore_errors=True)
    objects = [line for line in ended.stderr.splitlines() if line.startswith("{")]
    assert len(objects) == 1, str(ended)
    findings = json.loads(objects[0])["findings"]
    rules = frozenset(finding["rule"] for finding in findings)
    print(f"{name}: exit code {ended.returncode}, {size} KiB, {' '.join(sorted(rules)) or 'nothing found'}", flush=True)  # noqa: T201 -- what is explained is seen here
    for finding in findings:
        if finding["rule"] in WHEEL_RULES:
            print(f"    {finding['rule']}: {finding['message']}", flush=True)  # noqa: T201
    return ended.returncode, rules
