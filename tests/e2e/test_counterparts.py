"""Indexes that people really run: an installation goes through, and what is refused is refused with them, too."""

from __future__ import annotations

import base64
import hashlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.outcome import refusals
from tests.kit.authority import certificate_authority
from tests.kit.folders import new_folder
from tests.kit.index import LONG_AGO
from tests.kit.sources import Sdist, make_sdist
from tests.kit.wheelhouse import AMBIENT
from tests.kit.wheels import Wheel, make_wheel
from tests.kit.workspace import Workspace

pytestmark = pytest.mark.slow

PATIENCE = 30.0
USER, PASSWORD = "reader", "open-sesame"
# Its own command has no options for TLS, but the web server below it has.
SIMPLE_REPOSITORY_SERVER = """
import sys

import uvicorn
from simple_repository_server.__main__ import create_app

folder, port, certificate = sys.argv[1:]
uvicorn.run(create_app([folder]), host="127.0.0.1", port=int(port), ssl_certfile=certificate, log_level="warning")
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Counterpart:
    """A server that runs, and the URLs of its index and of its files."""

    url: str
    files_url: str

    @property
    def policy(self) -> str:
        """A policy that approves the index."""
        return f"[indexes]\napproved = ['{self.url}']\nfile-hosts = ['{self.files_url}']\n"


def install_server(requirement: str) -> Path:
    """Install a server into a virtual environment of its own, and return the folder of its scripts."""
    folder = new_folder("server-")
    subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
    command: list[str | Path] = [
        folder / "venv" / "bin" / "python",
        "-m",
        "pip",
        "install",
        "--quiet",
        "--retries=1",
        requirement,
    ]
    installed = subprocess.run(command, env=AMBIENT, capture_output=True, text=True, check=False)
    if installed.returncode:
        pytest.skip(f"{requirement} cannot be installed: {installed.stderr.strip()[-300:]}")
    return folder / "venv" / "bin"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@contextmanager
def serving(port: int, command: list[str | Path]) -> Iterator[None]:
    """Run a server until the end of the context, which begins when it takes connections."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd="/")
    deadline = time.monotonic() + PATIENCE
    try:
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                if process.poll() is not None or time.monotonic() > deadline:
                    errors = process.stderr.read().decode() if process.poll() is not None and process.stderr else ""
                    raise AssertionError(f"the server does not start: {errors}") from None
                time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.communicate(timeout=PATIENCE)


def write_projects(folder: Path, sentinel: Path, *, flat: bool) -> None:
    """Write what the indexes offer; a project's folder has its name, unless all files lie flat."""
    old: list[Wheel | Sdist] = [
        make_wheel("demo", requires=["harmless"]),
        make_wheel("harmless"),
        make_sdist("sourceonly", sentinel=sentinel),
    ]
    for file in (*old, make_wheel("recent")):
        parent = folder if flat else folder / file.name
        parent.mkdir(exist_ok=True)
        path = file.write(parent)
        if file.name != "recent":
            os.utime(path, (LONG_AGO.timestamp(), LONG_AGO.timestamp()))


@pytest.fixture(scope="module")
def simple_repository_server() -> Path:
    return install_server("simple-repository-server")


@pytest.fixture(scope="module")
def pypiserver() -> Path:
    return install_server("pypiserver[passlib]")


@pytest.fixture
def modern(workspace: Workspace, simple_repository_server: Path) -> Iterator[Counterpart]:
    """Run simple-repository-server: JSON, upload times, TLS."""
    folder = new_folder("projects-")
    write_projects(folder, workspace.sentinel(), flat=False)
    certificate = new_folder("certificate-") / "server.pem"
    issued = certificate_authority().issue_cert("localhost")
    issued.private_key_and_cert_chain_pem.write_to_path(str(certificate))
    script = certificate.with_name("serve.py")
    script.write_text(SIMPLE_REPOSITORY_SERVER)
    port = free_port()
    with serving(port, [simple_repository_server / "python", script, folder, str(port), certificate]):
        origin = f"https://localhost:{port}"
        yield Counterpart(url=f"{origin}/simple/", files_url=f"{origin}/resources/")


@contextmanager
def run_pypiserver(workspace: Workspace, scripts: Path, *options: str) -> Iterator[Counterpart]:
    """Run pypiserver: HTML, no upload times, no TLS."""
    folder = new_folder("projects-")
    write_projects(folder, workspace.sentinel(), flat=True)
    port = free_port()
    command: list[str | Path] = [
        scripts / "pypi-server",
        "run",
        "--interface=127.0.0.1",
        f"--port={port}",
        "--disable-fallback",
        *options,
    ]
    with serving(port, [*command, folder]):
        origin = f"http://localhost:{port}"
        yield Counterpart(url=f"{origin}/simple/", files_url=f"{origin}/packages/")


def test_modern_index_serves_installations(workspace: Workspace, modern: Counterpart) -> None:
    workspace.guard("install", "demo", env={"PIP_INDEX_URL": modern.url}, policy=modern.policy).check()
    assert workspace.added() == {"demo==1.0", "harmless==1.0"}


@pytest.mark.parametrize(("project", "rule"), [("sourceonly", "source-distribution"), ("recent", "recent-release")])
def test_modern_index_is_judged(project: str, rule: str, workspace: Workspace, modern: Counterpart) -> None:
    ended = workspace.guard("install", project, env={"PIP_INDEX_URL": modern.url}, policy=modern.policy)
    assert refusals(ended) == (rule,)
    assert workspace.added() == set()
    assert not workspace.sentinel().exists()


def test_unapproved_modern_index_is_not_asked(workspace: Workspace, modern: Counterpart) -> None:
    assert refusals(workspace.guard("install", "demo", env={"PIP_INDEX_URL": modern.url})) == ("unapproved-index",)


def test_old_index_serves_installations(workspace: Workspace, pypiserver: Path) -> None:
    with run_pypiserver(workspace, pypiserver, "-a.", "-P.") as index:
        workspace.guard("install", "demo", env={"PIP_INDEX_URL": index.url}, policy=index.policy).check()
        assert workspace.added() == {"demo==1.0", "harmless==1.0"}
        ended = workspace.guard("install", "sourceonly", env={"PIP_INDEX_URL": index.url})
        assert refusals(ended) == ("source-distribution",)
        assert not workspace.sentinel().exists()


@pytest.mark.parametrize("where", ["url", "netrc", "nowhere"])
def test_old_index_may_want_password(where: str, workspace: Workspace, pypiserver: Path) -> None:
    digest = base64.b64encode(hashlib.sha1(PASSWORD.encode()).digest()).decode()
    passwords = new_folder("passwords-") / "htpasswd"
    passwords.write_text(f"{USER}:{{SHA}}{digest}\n")
    with run_pypiserver(workspace, pypiserver, "-alist,download", f"-P{passwords}") as index:
        url = index.url
        if where == "url":
            url = url.replace("://", f"://{USER}:{PASSWORD}@")
        elif where == "netrc":
            netrc = workspace.write(workspace.home / ".netrc", f"machine localhost login {USER} password {PASSWORD}\n")
            netrc.chmod(0o600)
        ended = workspace.guard("--verbose", "install", "demo", env={"PIP_INDEX_URL": url}, policy=index.policy)
    assert PASSWORD not in ended.output
    assert ended.returncode == (1 if where == "nowhere" else 0), str(ended)
    assert workspace.added() == (set() if where == "nowhere" else {"demo==1.0", "harmless==1.0"})
