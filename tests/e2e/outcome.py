"""Read what a command under guard has said."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tests.kit.run import Completed
from tests.kit.workspace import RunOptions, Workspace

if TYPE_CHECKING:
    from typing_extensions import Unpack

NOTHING_INSTALLED = "\nNothing was installed.\n"
# How a refusal ends: with what was not done, or, where the command only reads, with the page that explains the rule.
LAST_WORD = re.compile(r"\n(?:Nothing was [a-z]+\.|No wheel was saved\.|docs: \S+)\n\Z")
DOCS = "https://pip-guard-shim.readthedocs.io/en/stable/rules"


def refusals(ended: Completed) -> tuple[str, ...]:
    """Return the rules that refused, in the order of the findings; a refusal has the last word, and no traceback."""
    assert ended.returncode == 40, str(ended)
    assert LAST_WORD.search(ended.stderr), str(ended)
    assert "Traceback" not in ended.output, str(ended)
    return tuple(re.findall(r"^error: ([a-z-]+)$", ended.stderr, re.MULTILINE))


def told(workspace: Workspace, ended: Completed) -> str:
    """Return standard error, with names in place of what differs from run to run."""
    names = {
        workspace.index.url: "<index>",
        workspace.index.files_url: "<files>/",
        str(workspace.cwd): "<cwd>",
        str(workspace.home): "<home>",
        str(workspace.folder): "<folder>",
        str(workspace.venv.path): "<venv>",
    }
    text = ended.stderr
    for value, name in names.items():
        text = text.replace(value, name)
    return text


def side_by_side(workspace: Workspace, *arguments: str | Path, **options: Unpack[RunOptions]) -> tuple[Completed, ...]:
    """Run pip and pip-guard at the same time; neither may change anything that the other sees."""
    return at_once(*(partial(command, *arguments, **options) for command in (workspace.pip, workspace.guard)))


def at_once(*commands: Callable[[], Completed]) -> tuple[Completed, ...]:
    """Run commands at the same time and return their outcomes in order."""
    with ThreadPoolExecutor(len(commands)) as threads:
        return tuple(threads.map(lambda command: command(), commands))


def leftovers(workspace: Workspace) -> list[str]:
    """Return what a command has left in the temporary folder."""
    return sorted(path.name for path in (workspace.home / "tmp").iterdir())
