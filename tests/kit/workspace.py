"""Tie together a home folder, a working directory, a virtual environment and an index."""

from __future__ import annotations

import functools
import importlib.metadata
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from tests.kit.environments import VirtualEnvironment, make_virtual_environment
from tests.kit.index import LocalIndex
from tests.kit.osv import make_malware, write_export
from tests.kit.run import Completed, clean_environ, run
from tests.kit.sources import make_git_repository, write_files
from tests.kit.users import give, ordinary_user

if TYPE_CHECKING:
    from typing_extensions import Unpack


class RunOptions(TypedDict, total=False):
    """How a workspace runs a command.

    `env` is put on top of the workspace's environment, where None removes a variable; `user` 0 is root.
    """

    env: Mapping[str, str | None]
    user: int | None
    cwd: Path
    timeout: float
    stdin: str | None


class Workspace:
    """Where a test runs pip and pip-guard, as an ordinary user, on an index of its own.

    `folder` must exist and be open to that user. `advisories` is an export that holds nothing against what tests publish.
    The virtual environment is made when it is first needed, unless one is given.
    """

    def __init__(
        self,
        folder: Path,
        index: LocalIndex,
        *,
        python: str | Path = sys.executable,
        pip: str | None = None,
        with_guard: bool = True,
        venv: VirtualEnvironment | None = None,
    ) -> None:
        """Make the folders; `python`, `pip` and `with_guard` are for a virtual environment that is not given."""
        self.folder = folder
        self.index = index
        self.user = ordinary_user()
        self.home = folder / "home"
        self.cwd = folder / "work"
        self.admin_config = folder / "etc"
        self._given = venv
        self._make_environment = functools.partial(
            make_virtual_environment, python=python, pip=pip, with_guard=with_guard, user=self.user
        )
        for own in (self.home / "tmp", self.cwd, folder / "sentinels", folder / "sources"):
            own.mkdir(parents=True)
        self.admin_config.mkdir()
        self.advisories = write_export(folder / "advisories", make_malware(project="not-on-the-index"))
        self.give(self.home, self.cwd, folder / "sentinels", folder / "sources")
        self.policy("")

    @functools.cached_property
    def venv(self) -> VirtualEnvironment:
        """The virtual environment."""
        environment = self._given or self._make_environment(self.folder / "venv")
        self._baseline = installed_in(environment)
        return environment

    @property
    def environ(self) -> dict[str, str]:
        """What commands find in their environment: nothing of this machine, and the index."""
        trusted = str(self.index.ca_path)
        return clean_environ(
            self.home,
            SSL_CERT_FILE=trusted,
            PIP_CERT=trusted,
            PIP_INDEX_URL=self.index.url,
            PIP_DISABLE_PIP_VERSION_CHECK="1",
            PIP_NO_INPUT="1",
            PIP_RETRIES="0",
        )

    def run(self, *argv: str | Path, **options: Unpack[RunOptions]) -> Completed:
        """Run a command in the working directory."""
        environ = {**self.environ, **(options.get("env") or {})}
        return run(
            argv,
            env={name: value for name, value in environ.items() if value is not None},
            cwd=options.get("cwd", self.cwd),
            user=options.get("user", self.user),
            timeout=options.get("timeout", 60),
            stdin=options.get("stdin"),
        )

    def python(self, *arguments: str | Path, **options: Unpack[RunOptions]) -> Completed:
        """Run the virtual environment's interpreter."""
        return self.run(self.venv.python, *arguments, **options)

    def pip(self, *arguments: str | Path, **options: Unpack[RunOptions]) -> Completed:
        """Run plain pip."""
        return self.run(self.venv.scripts / "pip", *arguments, **options)

    def guard(self, *arguments: str | Path, policy: str | None = None, **options: Unpack[RunOptions]) -> Completed:
        """Run pip-guard's console script, after writing the policy where one is given."""
        if policy is not None:
            self.policy(policy)
        return self.run(self.venv.scripts / "pip-guard", *arguments, **options)

    def guard_module(
        self, *arguments: str | Path, policy: str | None = None, **options: Unpack[RunOptions]
    ) -> Completed:
        """Run `python -m pip_guard`, after writing the policy where one is given."""
        if policy is not None:
            self.policy(policy)
        return self.python("-m", "pip_guard", *arguments, **options)

    def start(
        self, *argv: str | Path, stdout: int = subprocess.DEVNULL, stderr: int = subprocess.DEVNULL
    ) -> subprocess.Popen[str]:
        """Start a command in the working directory, and do not wait for it."""
        return subprocess.Popen(
            argv,
            env=self.environ,
            cwd=self.cwd,
            user=self.user,
            group=self.user,
            extra_groups=None if self.user is None else [],
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
            text=True,
        )

    def policy(self, text: str, *, approve_index: bool = True) -> Path:
        """Write the user's policy; it approves the index, and names the advisories, unless it has such tables of its own."""
        if approve_index and "[indexes]" not in text:
            text = f"{text}\n{self.approval}"
        if "[advisories]" not in text:
            text = f'{text}\n[advisories]\nsource = "{self.advisories}"\n'
        return self.write(self.policy_path, text)

    def add_policy(self, text: str) -> Path:
        """Put something before what the user's policy says."""
        return self.write(self.policy_path, text + self.policy_path.read_text(encoding="utf-8"))

    def admin_policy(self, text: str) -> Path:
        """Write the admin's policy, as the user who runs the tests."""
        path = self.admin_config / "pip-guard" / "policy.toml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    @property
    def policy_path(self) -> Path:
        """The user's policy; at first it approves the index, and says no more."""
        return self.home / ".config" / "pip-guard" / "policy.toml"

    @property
    def approval(self) -> str:
        """The table of a policy that approves the index."""
        return f'[indexes]\napproved = ["{self.index.url}"]\nfile-hosts = ["{self.index.files_url}"]\n'

    def installed(self) -> set[str]:
        """Return what is installed, as name==version."""
        return installed_in(self.venv)

    def added(self) -> set[str]:
        """Return what is installed and did not come with the virtual environment."""
        return installed_in(self.venv) - self._baseline

    def sentinel(self, name: str = "sentinel") -> Path:
        """Return a path where a build can leave its mark."""
        return self.folder / "sentinels" / name

    def write(self, path: str | Path, content: str | bytes) -> Path:
        """Write a file of the user's, relative to the working directory."""
        path = self.cwd / path
        missing = [folder for folder in path.parents if not folder.exists()]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        self.give(*missing, path)
        return path

    def write_tree(self, name: str, files: Mapping[str, str]) -> Path:
        """Write a project's files into a folder of the user's."""
        path = self.folder / "sources" / name
        write_files(path, files)
        self.give(path)
        return path

    def write_git_repository(self, name: str, files: Mapping[str, str], *, tag: str | None = None) -> str:
        """Make a Git repository of a project's files and return the URL that pip can install."""
        path = self.folder / "sources" / name
        make_git_repository(path, files, tag=tag)
        self.give(path)
        return f"git+{path.as_uri()}"

    def give(self, *paths: Path) -> None:
        """Let files and folders belong to the user."""
        for path in paths:
            give(path, self.user)


def installed_in(environment: VirtualEnvironment) -> set[str]:
    """Read what the .dist-info folders of an environment say is installed."""
    found = importlib.metadata.distributions(path=[str(environment.site_packages)])
    return {f"{distribution.name}=={distribution.version}" for distribution in found}
