"""The workspace of the machine: two indexes, what lies about, and ways to run a command and to see what it did."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from types import TracebackType

from packaging.utils import canonicalize_name

from tests.e2e.machine.model import STANDING, Flaw, Place, Release
from tests.kit.forks import Forks
from tests.kit.index import LONG_AGO, LocalIndex
from tests.kit.run import Completed
from tests.kit.simple_api import sha256
from tests.kit.snapshots import Snapshot, remove
from tests.kit.sources import Sdist, make_sdist, make_source_tree
from tests.kit.twins import Outcome, described, is_own, outcome
from tests.kit.wheels import Wheel, make_wheel
from tests.kit.workspace import Workspace

# A copy of pip-guard that was spoiled: a file of it, what stands there, and what takes the place of that.
Spoiling = tuple[str, str, str]
Environ = Mapping[str, str | None]
# What says that a release has come: its metadata in a folder of installed ones, or a file of it.
ARRIVAL = re.compile(r"(?:.*/)?([\w.]+)-(\d+\.\d+)(?:\.dist-info/METADATA|-[^/]*\.whl|\.tar\.gz)")
ASKED_FOR = re.compile(r"/simple/([^/]+)/")
ASKED_FILE = re.compile(r"/files/([\w.]+)-(\d+\.\d+)(?:-[^/]*\.whl|\.tar\.gz)(?:\.metadata)?")


@dataclass(frozen=True, kw_only=True, slots=True)
class Deed:
    """What a command has said and done."""

    ended: Completed
    told: Outcome
    changes: Mapping[str, str | None]
    arrived: frozenset[str]
    marks: frozenset[str]
    asked: frozenset[str]
    rogue_requests: tuple[str, ...]
    asked_twice: frozenset[str]
    leftovers: tuple[str, ...]

    @property
    def effects(self) -> tuple[int, str, Mapping[str, str | None]]:
        """What has to be the same for pip-guard as for pip; what it warns of comes on top."""
        return self.told.code, self.told.stdout, self.changes

    def __str__(self) -> str:
        return f"{self.ended}\nchanged: {sorted(self.changes)}\narrived: {sorted(self.arrived)}"


class World:
    """Where the machine runs commands; `begin_anew` brings everything back. Serves as a context manager."""

    def __init__(self, folder: Path, index: LocalIndex, rogue: LocalIndex, *, spoiling: Spoiling | None = None) -> None:
        """Make everything in an empty folder."""
        self.index = index
        self.rogue = rogue
        for name in ("workspace", "first", "last"):
            (folder / name).mkdir()
        self.workspace = workspace = Workspace(folder / "workspace", index)
        self._names = self._lay_out()
        self._standing = [(release, self._make(release)) for release in STANDING]
        self._publish_standing()
        if spoiling is not None:
            spoil(workspace.venv.site_packages, spoiling)
        self._closing = contextlib.ExitStack()
        self._forks = {
            program: self._closing.enter_context(
                Forks(workspace, program, "install", "--dry-run", "harmless", environ=workspace.environ)
            )
            for program in ("pip-guard", "pip")
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
        return self._do(lambda: self._forked("pip-guard", words, environ))

    def guard_process(self, words: Sequence[str], environ: Environ) -> Deed:
        """Run a command under guard in a process of its own, as people do."""
        return self._do(lambda: self.workspace.guard(*map(self.fill, words), env=self._environ(environ), timeout=120))

    def pip(self, words: Sequence[str], environ: Environ) -> Deed:
        """Run a command with bare pip."""
        return self._do(lambda: self._forked("pip", words, environ))

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
        asked = (ASKED_FOR, self.index.paths), (ASKED_FOR, self.rogue.paths), (ASKED_FILE, self.index.paths)
        of_index, of_rogue, files = (
            [found for path in paths if (found := form.fullmatch(path))] for form, paths in asked
        )
        return Deed(
            ended=ended,
            told=outcome(ended, self.workspace),
            changes=changes,
            arrived=keys(ARRIVAL.fullmatch(path) for path, file in changes.items() if file is not None),
            marks=frozenset(path.name for path in (self.workspace.folder / "sentinels").iterdir()),
            asked=keys(files),
            rogue_requests=tuple(self.rogue.paths),
            asked_twice=frozenset(found[1] for found in of_index) & frozenset(found[1] for found in of_rogue),
            leftovers=tuple(sorted(path.name for path in (self.workspace.home / "tmp").iterdir())),
        )

    def _environ(self, variables: Environ) -> dict[str, str | None]:
        # the index is in the configuration file, or without one every command would go to another
        filled = {name: None if value is None else self.fill(value) for name, value in variables.items()}
        return {"PIP_CONFIG_FILE": None, "PIP_INDEX_URL": None, **filled}

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
        names = {
            "<project>": str(workspace.write_tree("project", sources["project"])),
            "<repository>": workspace.write_git_repository("repository", sources["cloned"]),
            "<folder>": str(folder),
            "<work>": str(workspace.cwd),
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
            if release.key in ("sourceonly==1.0", "harmless==9.5"):
                url = self.index.files_url if release.place is Place.APPROVED else self.rogue.files_url
                kind = "rogue-wheel" if release.place is Place.ROGUE else "sdist"
                names |= {f"<{kind}-url>": f"{url}{file.filename}", f"<{kind}-hash>": sha256(file.content)}
        return names

    def _make(self, release: Release) -> Wheel | Sdist | None:
        """Make the file of a release, if it is one."""
        name, version = release.project, release.version
        requires = [self.fill(each) for each in release.requires]
        mark = self.workspace.sentinel(release.mark)
        module = f"{canonicalize_name(name).replace('-', '_')}.py"
        modules = {module: f"VERSION = {version!r}\n"}
        match release.flaw:
            case _ if release.place in (Place.DIRECTORY, Place.REPOSITORY):
                return None
            case Flaw.SDIST:
                return make_sdist(name, version, sentinel=mark, requires=requires)
            case Flaw.UNRECORDED:
                return make_wheel(name, version, requires=requires, unrecorded=[module])
            case Flaw.MISRECORDED:
                return make_wheel(name, version, requires=requires, misrecorded=[module])
            case Flaw.STARTUP:
                start = f"import pathlib; pathlib.Path({str(mark)!r}).touch()\n"
                return make_wheel(name, version, requires=requires, files={**modules, f"{name}-start.pth": start})
            case Flaw.PLANTED:
                return make_wheel(name, version, requires=requires, data={"scripts/uname": "#!/bin/sh\n"})
            case _:
                return make_wheel(name, version, requires=requires, extras={"extra": ["sourceonly"]})

    def _publish_standing(self) -> None:
        for release, file in self._standing:
            self._publish(release, file)

    def _publish(self, release: Release, file: Wheel | Sdist | None) -> None:
        if file is None or release.place not in (Place.APPROVED, Place.ROGUE):
            return
        index = self.rogue if release.place is Place.ROGUE else self.index
        young = datetime.now(timezone.utc) - timedelta(hours=1)
        index.publish(
            file,
            upload_time=young if release.flaw is Flaw.YOUNG else LONG_AGO,
            yanked=release.flaw is Flaw.YANKED,
            hashes="0" * 64 if release.flaw is Flaw.WRONG_HASH else True,
        )


def keys(found: Iterable[re.Match[str] | None]) -> frozenset[str]:
    """Return the releases that names and versions are about."""
    return frozenset(f"{canonicalize_name(match[1])}=={match[2]}" for match in found if match)


def spoil(site_packages: Path, spoiling: Spoiling) -> None:
    """Change the pip-guard that is installed."""
    file, old, new = spoiling
    path = site_packages / "pip_guard" / file
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} in {file}"
    path.write_text(text.replace(old, new), encoding="utf-8")
