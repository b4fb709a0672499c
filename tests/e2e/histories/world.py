"""The workspace of the machine: two indexes, what lies about, and ways to run a command and to see what it did."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType

from tests.e2e.histories.deeds import Deed
from tests.e2e.histories.model import STANDING, Place, Release
from tests.e2e.histories.releases import NEIGHBOUR, File, make_file, publish_file
from tests.kit import weakened
from tests.kit.folders import new_folder
from tests.kit.forks import Forks
from tests.kit.index import LocalIndex
from tests.kit.run import Completed
from tests.kit.simple_api import sha256
from tests.kit.snapshots import Snapshot, remove
from tests.kit.sources import make_source_tree
from tests.kit.twins import GUARD, PIP, described, is_own, outcome
from tests.kit.workspace import Workspace

Environ = Mapping[str, str | None]
WEAKENED = Path(weakened.__file__)
# What each index has from the start.
PUBLISHED = (Place.APPROVED, Place.ROGUE)


class World:
    """Where the machine runs commands; `begin_anew` brings everything back. Serves as a context manager."""

    def __init__(self, folder: Path, index: LocalIndex, rogue: LocalIndex, *, weakened: bool = False) -> None:
        """Make everything in an empty folder; in a `weakened` one, pip-guard lacks what `without` names."""
        self.index = index
        self.rogue = rogue
        self.without: Sequence[str] = ()
        for name in ("workspace", "first", "last"):
            (folder / name).mkdir()
        self.workspace = workspace = Workspace(folder / "workspace", index)
        self._names = self._lay_out()
        self._standing = [(release, self._make(release)) for release in STANDING]
        self._publish_standing()
        self._guard = install_weakened(workspace) if weakened else GUARD
        self._closing = contextlib.ExitStack()
        self._forks = {
            program: self._closing.enter_context(
                Forks(workspace, program, "install", "--dry-run", "harmless", environ=workspace.environ)
            )
            for program in (self._guard, PIP)
        }
        watched = {"venv": workspace.venv.path, "work": workspace.cwd, "home": workspace.home}
        self._first, self._last = (
            {name: Snapshot(path, folder / state / name, user=workspace.user) for name, path in watched.items()}
            for state in ("first", "last")
        )

    def __enter__(self) -> World:
        """Lend it."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End what serves."""
        self._closing.close()

    def begin_anew(self) -> None:
        """Bring everything back to how it was made."""
        for snapshot in self._first.values():
            snapshot.restore()
        self._tidy()
        self.index.clear()
        self.rogue.clear()
        self._publish_standing()

    def publish(self, release: Release) -> None:
        """Offer a release on its index."""
        self._publish(release, self._make(release))

    def fill(self, text: str) -> str:
        """Put what they stand for in place of names in angle brackets."""
        for name, value in self._names.items():
            text = text.replace(name, value)
        return text

    def write(self, name: str | Path, text: str) -> None:
        """Write a file, relative to the working directory."""
        self.workspace.write(name, self.fill(text))

    def guard(self, words: Sequence[str], environ: Environ) -> Deed:
        """Run a command under guard."""
        return self._do(lambda: self._forked(self._guard, words, environ))

    def guard_process(self, words: Sequence[str], environ: Environ, *, user: int | None = None) -> Deed:
        """Run a command under guard in a process of its own, as people do; user 0 is root."""
        return self._do(
            lambda: self.workspace.run(
                self.workspace.venv.scripts / self._guard,
                *map(self.fill, words),
                env=self._environ(environ),
                timeout=120,
                user=self.workspace.user if user is None else user,
            )
        )

    def pip(self, words: Sequence[str], environ: Environ) -> Deed:
        """Run a command with bare pip."""
        return self._do(lambda: self._forked(PIP, words, environ))

    def take_back(self, *names: str) -> None:
        """Undo what the last command has done, in some folders or in all."""
        for name in names or self._last:
            self._last[name].restore()
        self._tidy()

    def _do(self, run: Callable[[], Completed]) -> Deed:
        self._tidy()
        for snapshot in self._last.values():
            snapshot.renew()
        self.index.requests.clear()
        self.rogue.requests.clear()
        ended = run()
        changed = {
            f"{name}/{path}": file for name, snapshot in self._last.items() for path, file in snapshot.changes().items()
        }
        changes = {
            path: None if file is None else described(file, self.workspace)
            for path, file in changed.items()
            if not is_own(path)
        }
        return Deed(
            ended=ended,
            told=outcome(ended, self.workspace),
            changes=changes,
            marks=frozenset(path.name for path in (self.workspace.folder / "sentinels").iterdir()),
            requests=tuple(self.index.paths),
            rogue_requests=tuple(self.rogue.paths),
            leftovers=tuple(sorted(path.name for path in (self.workspace.home / "tmp").iterdir())),
        )

    def _environ(self, variables: Environ) -> dict[str, str | None]:
        # the index is in the configuration file, or without one every command would go to another
        filled = {name: None if value is None else self.fill(value) for name, value in variables.items()}
        return {"PIP_CONFIG_FILE": None, "PIP_INDEX_URL": None, weakened.VARIABLE: ";".join(self.without), **filled}

    def _forked(self, program: str, words: Sequence[str], variables: Environ) -> Completed:
        environ = {**self.workspace.environ, **self._environ(variables)}
        found = {name: value for name, value in environ.items() if value is not None}
        return self._forks[program].run(*map(self.fill, words), environ=found)

    def _tidy(self) -> None:
        for folder in (self.workspace.folder / "sentinels", self.workspace.home / "tmp"):
            for path in folder.iterdir():
                remove(path)

    def _lay_out(self) -> dict[str, str]:
        """Write what is no release of an index, and return what the names stand for."""
        workspace = self.workspace
        folder = workspace.folder / "sources" / "folder"
        sources = {
            release.project: make_source_tree(
                None, release.project, release.version, sentinel=workspace.sentinel(release.mark)
            )
            for release in STANDING
            if release.place in (Place.DIRECTORY, Place.REPOSITORY)
        }
        neighbour = workspace.write(workspace.folder / "sources" / NEIGHBOUR.filename, NEIGHBOUR.content)
        workspace.pip("install", "--quiet", "--no-index", neighbour).check()
        names = {
            "<project>": str(workspace.write_tree("project", sources["project"])),
            "<repository>": workspace.write_git_repository("repository", sources["cloned"]),
            "<folder>": str(folder),
            "<work>": str(workspace.cwd),
            "<home>": str(workspace.home),
            "<origin>": self.index.origin,
            "<approved>": self.index.url,
            "<approved-files>": self.index.files_url,
            "<rogue>": self.rogue.url,
            "<rogue-files>": self.rogue.files_url,
            "<rogue-origin>": self.rogue.origin,
            "<rogue-host>": self.rogue.origin.partition("://")[2],
            "<planted-mark>": str(workspace.sentinel("planted")),
        }
        self._names = names
        for release in STANDING:
            file = self._make(release)
            if file is None:
                continue
            if release.place is Place.FOLDER:
                workspace.write(folder / file.filename, file.content)
            if release.key == "harmless==1.0":
                names["<harmless-hash>"] = sha256(file.content)
            if release.key in ("sourceonly==1.0", "harmless==9.5"):
                url = self.index.files_url if release.place is Place.APPROVED else self.rogue.files_url
                kind = "rogue-wheel" if release.place is Place.ROGUE else "sdist"
                names |= {f"<{kind}-url>": f"{url}{file.filename}", f"<{kind}-hash>": sha256(file.content)}
        return names

    def _make(self, release: Release) -> File | None:
        return make_file(release, self.workspace.sentinel(release.mark), self.fill)

    def _publish_standing(self) -> None:
        for release, file in self._standing:
            self._publish(release, file)

    def _publish(self, release: Release, file: File | None) -> None:
        if file is not None and release.place in PUBLISHED:
            publish_file(self.rogue if release.place is Place.ROGUE else self.index, release, file)


@contextlib.contextmanager
def make_world(*, weakened: bool = False) -> Iterator[World]:
    """Make a world and its indexes, and remove all of it in the end."""
    folder = new_folder("world-")
    with (
        LocalIndex(cacheable=True) as index,
        LocalIndex(cacheable=True) as rogue,
        World(folder, index, rogue, weakened=weakened) as world,
    ):
        yield world
    shutil.rmtree(folder, ignore_errors=True)


def install_weakened(workspace: Workspace) -> str:
    """Install the program that lacks parts of pip-guard, and return what it is called."""
    name = f"{GUARD}-{WEAKENED.stem}"
    text = WEAKENED.read_text(encoding="utf-8")
    workspace.write(workspace.venv.scripts / name, f"#!{workspace.venv.python}\n{text}").chmod(0o755)
    return name
