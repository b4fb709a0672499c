"""The index that everybody uses, with no policy at all."""

from __future__ import annotations

import json
import ssl
import urllib.error
import urllib.request

import pytest

from tests.e2e.outcome import refusals
from tests.kit.wheelhouse import AMBIENT, built_wheel
from tests.kit.workspace import Workspace

pytestmark = pytest.mark.network

INDEX = "https://pypi.org/simple/"
# How this machine reaches the network; pip's own settings are among it for the certificates alone.
NEEDED = (
    "PIP_CERT",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "HTTPS_PROXY",
    "https_proxy",
)


@pytest.fixture
def online(workspace: Workspace) -> Workspace:
    """Take the policy and the index away, and let commands reach the network as this machine does."""
    authorities = AMBIENT.get("PIP_CERT") or AMBIENT.get("SSL_CERT_FILE")
    try:
        urllib.request.urlopen(f"{INDEX}pip/", timeout=15, context=ssl.create_default_context(cafile=authorities))
    except (OSError, urllib.error.URLError) as error:
        pytest.skip(f"{INDEX} is not reachable: {error}")
    workspace.policy_path.unlink()
    return workspace


def environ() -> dict[str, str | None]:
    here: dict[str, str | None] = {name: AMBIENT.get(name) for name in NEEDED}
    return here | {"PIP_INDEX_URL": None, "PIP_RETRIES": "2"}


def test_installs_from_real_index(online: Workspace) -> None:
    online.guard("install", "requests", env=environ(), timeout=300).check()
    assert {"requests", "urllib3", "certifi", "idna", "charset-normalizer"} <= {
        name.partition("==")[0].replace("_", "-") for name in online.added()
    }
    online.python("-c", "import requests").check()


def test_refuses_sdist_of_real_index(online: Workspace) -> None:
    ended = online.guard("install", "docopt==0.6.2", env=environ(), timeout=300)
    assert refusals(ended) == ("source-distribution",)
    assert "docopt-0.6.2.tar.gz" in ended.stderr
    assert online.added() == set()


def test_remedy_helps_with_real_index(online: Workspace) -> None:
    reason = ("--reason", "no wheel upstream")
    online.guard("guard", "allow", "source-distribution", "docopt==0.6.2", *reason, env=environ()).check()
    online.guard("install", "docopt==0.6.2", env=environ(), timeout=300).check()
    assert online.added() == {"docopt==0.6.2"}


INSTALL = {
    "pipx": ("pipx", "install", "--backend", "pip"),
    "pipx-with-uv": ("pipx", "install", "--backend", "uv"),
    "uv": ("uv", "tool", "install"),
}


@pytest.mark.slow
@pytest.mark.parametrize("installer", INSTALL)
def test_line_that_is_added_to_a_tool_is_found(online: Workspace, installer: str) -> None:
    tools = online.home / "tools"
    places = {"PIPX_HOME": "pipx", "PIPX_BIN_DIR": "commands", "UV_TOOL_DIR": "uv", "UV_TOOL_BIN_DIR": "commands"}
    env = environ() | {name: str(tools / folder) for name, folder in places.items()}
    online.python("-m", "pip", "install", "--quiet", "pipx==1.18.4", "uv==0.13.9", env=env, timeout=300).check()
    command, *arguments = INSTALL[installer]
    path = f"{online.venv.scripts}:/usr/bin:/bin"
    online.run(online.venv.scripts / command, *arguments, built_wheel(), env={**env, "PATH": path}, timeout=300).check()

    def own_files() -> object:
        ended = online.run(tools / "commands" / "pip-guard", "guard", "status", "--json", env=env, timeout=120)
        assert ended.returncode == 1  # the environments of the workspace are open
        return json.loads(ended.stdout)["own_files"]

    assert own_files() == {"condition": "intact", "problems": []}
    (module,) = tools.glob("*/**/site-packages/pip_guard/options.py")
    with module.open("a", encoding="utf-8") as file:
        file.write("# a line\n")
    assert own_files() == {
        "condition": "changed",
        "problems": ["pip_guard/options.py has another content than RECORD says"],
    }
