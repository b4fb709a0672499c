"""Run the same command lines under pip and under pip-guard, in two places that are alike, and compare what comes of it."""

from __future__ import annotations

import csv
import io
import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from tests.kit.index import LocalIndex
from tests.kit.run import Completed
from tests.kit.snapshots import Snapshot, remove
from tests.kit.workspace import Workspace

# The names that pip and the library make up for temporary files.
RANDOM_NAMES = re.compile(r"\b(pip-[a-z-]+-|tmp)[a-z0-9_]{8}\b")
# The folders of the wheel cache are named by what was built, which may be a file of the place.
CACHE_FOLDERS = re.compile(r"(?<=/wheels/)[0-9a-f]{2}/[0-9a-f]{2}/[0-9a-f]{2}/[0-9a-f]{50}")
# pip makes up the names of folders to build in, too; the wheel of an editable project names the project's folder.
BUILD_FOLDERS = re.compile(r"(?<=_)[0-9a-f]{32}\b|(?<=size=)\d+ sha256=[0-9a-f]{64}")
# pip shows a traceback for some answers of an index, and so what called it.
OWN_FRAMES = re.compile(r"^ +File \"[^\"]*/pip_guard/.*\n(?: {4}.*\n){1,2}", re.MULTILINE)
# What a command takes, and when it was.
TIMES = re.compile(r"\b\d+\.\d+ ?s\b|(?<=\"download_time\": )[0-9.]+|\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[.,\d+Z]*")
LARGEST_FILE = 1 << 20
PIP, GUARD = "pip", "pip-guard"


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What a command line has said, and how it ended, with names in place of what differs from place to place."""

    code: int
    stdout: str
    stderr: str


@dataclass(kw_only=True, slots=True)
class Place:
    """One of the two: a workspace, the program that runs in it, and what was there before."""

    program: str
    workspace: Workspace
    snapshots: Mapping[str, Snapshot] = field(default_factory=dict)


class Twins:
    """Two workspaces with an index in common; pip runs in one, pip-guard in the other.

    `prepare` puts files into the working directory of a workspace, when it is made.
    """

    def __init__(self, folder: Path, index: LocalIndex, prepare: Callable[[Workspace], None]) -> None:
        """Make both; their folders have names of one length, for pip breaks lines by it."""
        self.index = index
        self._places = [
            self._make(program, folder / name, prepare) for program, name in ((PIP, "bare"), (GUARD, "with"))
        ]

    @property
    def workspaces(self) -> tuple[Workspace, Workspace]:
        """The workspace of pip, and that of pip-guard."""
        bare, guarded = (place.workspace for place in self._places)
        return bare, guarded

    def run(self, line: str, *, policy: Path | None = None, shell: str = "") -> tuple[Outcome, Outcome]:
        """Run a command line at the same time in both places; variables may stand before it, as in a shell.

        ``<index>``, ``<files>``, ``<origin>``, ``<cwd>``, ``<home>``, ``<src>`` and ``<venv>`` in it stand for those of the place. A `policy`
        takes the place of that of the workspace, which approves the index. A `shell` script runs the command as ``"$0" "$@"``.
        """
        with ThreadPoolExecutor(len(self._places)) as threads:
            bare, guarded = threads.map(partial(self._run, line, policy, shell), self._places)
        return bare, guarded

    def changes(self) -> tuple[dict[str, str | None], dict[str, str | None]]:
        """Return the files that were added or changed in each place since the start, with their contents; None if gone."""
        bare, guarded = map(self._changes, self._places)
        return bare, guarded

    def restore(self) -> None:
        """Bring both places back to what they were."""
        for place in self._places:
            for snapshot in place.snapshots.values():
                snapshot.restore()
            for path in (place.workspace.home / "tmp").iterdir():
                remove(path)

    def _make(self, program: str, folder: Path, prepare: Callable[[Workspace], None]) -> Place:
        folder.mkdir()
        workspace = Workspace(folder, self.index)
        prepare(workspace)
        watched = {"venv": workspace.venv.path, "cwd": workspace.cwd, "home": workspace.home, "src": folder / "sources"}
        copies = folder / "copies"
        copies.mkdir()
        snapshots = {name: Snapshot(path, copies / name, user=workspace.user) for name, path in watched.items()}
        return Place(program=program, workspace=workspace, snapshots=snapshots)

    def _run(self, line: str, policy: Path | None, shell: str, place: Place) -> Outcome:
        workspace = place.workspace
        words = [filled(word, workspace) for word in shlex.split(line)]
        environ: dict[str, str | None] = {} if policy is None else {"PIP_GUARD_POLICY": str(policy)}
        while words and re.fullmatch(r"[A-Z_a-z]+=.*", words[0], re.DOTALL):
            name, _, value = words.pop(0).partition("=")
            environ[name] = value or None
        command = [*(("sh", "-c", shell) if shell else ()), workspace.venv.scripts / place.program, *words]
        return outcome(workspace.run(*command, env=environ), workspace)

    def leftovers(self) -> tuple[list[str], list[str]]:
        """Return what has been left in the temporary folder of each place."""
        folders = [workspace.home / "tmp" for workspace in self.workspaces]
        bare, guarded = (
            sorted(RANDOM_NAMES.sub("<random>", path.name) for path in folder.iterdir()) for folder in folders
        )
        return bare, guarded

    def _changes(self, place: Place) -> dict[str, str | None]:
        found = {
            f"{name}/{path}": None if changed is None else described(changed, place.workspace)
            for name, snapshot in place.snapshots.items()
            for path, changed in snapshot.changes().items()
            if not is_own(f"{name}/{path}")
        }
        return {comparable_path(path, place.workspace): content for path, content in found.items()}


def is_own(path: str) -> bool:
    """Tell whether a file is none of pip's: it is temporary, belongs to pip-guard, or is the folder for it."""
    own = ("home/.cache/pip-guard", "home/.local/state/pip-guard")
    return path.startswith("home/tmp/") or any(
        path.startswith(folder) or folder.startswith(f"{path}/") for folder in own
    )


def outcome(ended: Completed, workspace: Workspace) -> Outcome:
    """Put names in place of what differs."""
    return Outcome(
        code=ended.returncode, stdout=comparable(ended.stdout, workspace), stderr=comparable(ended.stderr, workspace)
    )


def filled(text: str, workspace: Workspace) -> str:
    """Put what they are called in place of names."""
    for name, value in names_of(workspace).items():
        text = text.replace(name, value)
    return text


def comparable(text: str, workspace: Workspace) -> str:
    """Put names in place of what differs from place to place and from time to time."""
    for name, value in names_of(workspace).items():
        text = text.replace(value, name)
    return normalized(text.replace(str(workspace.folder), "<folder>"))


def normalized(text: str) -> str:
    """Put names in place of what differs from time to time."""
    text = BUILD_FOLDERS.sub("<hash>", CACHE_FOLDERS.sub("<hash>", OWN_FRAMES.sub("", text)))
    return TIMES.sub("<time>", RANDOM_NAMES.sub("<random>", text))


def names_of(workspace: Workspace) -> dict[str, str]:
    """Return the names of what differs, the longest values first."""
    return {
        "<index>": workspace.index.url,
        "<files>": workspace.index.files_url,
        "<origin>": workspace.index.origin,
        "<venv>": str(workspace.venv.path),
        "<home>": str(workspace.home),
        "<cwd>": str(workspace.cwd),
        "<src>": str(workspace.folder / "sources"),
    }


def comparable_path(path: str, workspace: Workspace) -> str:
    """Leave out the folders of caches, whose names depend on where a project was, and where the place is."""
    path = path.replace(str(workspace.folder).lstrip("/"), "<folder>")
    return re.sub(r"(/pip/(?:wheels|http-v2|http|selfcheck)/)[0-9a-f/]+", r"\1<hash>/", path)


def described(path: Path, workspace: Workspace) -> str:
    """Return what is in a file, as text to compare, or what else is there."""
    if path.is_symlink():
        return comparable(f"-> {path.readlink()}", workspace)
    if path.is_dir():
        return "a folder"
    mode = f"{path.stat().st_mode & 0o777:o}"
    content = path.read_bytes()
    opaque = path.suffix in (".gz", ".whl") or {".cache", ".git"}.intersection(path.parts)
    if len(content) > LARGEST_FILE or opaque:
        return f"{mode}, binary"
    text = content.decode("utf-8", errors="replace")
    return f"{mode}\n{comparable_record(text) if path.name == 'RECORD' else comparable(text, workspace)}"


def comparable_record(text: str) -> str:
    """Leave out the hashes of scripts and of what names a folder, and the sizes of nothing else."""
    rows: list[Sequence[str]] = []
    for name, digest, size in csv.reader(io.StringIO(text)):
        moved = name.startswith(("../", "/")) or name.endswith(("direct_url.json", ".pth"))
        rows.append(
            (re.sub(r"^/.*/(bare|with)/", "<folder>/", name), "<hash>" if moved else digest, "" if moved else size)
        )
    return "\n".join(",".join(row) for row in rows)
