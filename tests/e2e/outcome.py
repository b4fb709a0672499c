"""Read what a command under guard has said."""

from __future__ import annotations

import re

from tests.kit.run import Completed
from tests.kit.workspace import Workspace

NOTHING_INSTALLED = "\nNothing was installed.\n"
DOCS = "https://pip-guard-shim.readthedocs.io/en/stable/rules"


def refusals(ended: Completed) -> tuple[str, ...]:
    """Return the rules that refused, in the order of the findings; a refusal has the last word, and no traceback."""
    assert ended.returncode == 40, str(ended)
    assert ended.stderr.endswith(NOTHING_INSTALLED), str(ended)
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


def leftovers(workspace: Workspace) -> list[str]:
    """Return what a command has left in the temporary folder."""
    return sorted(path.name for path in (workspace.home / "tmp").iterdir())
