"""The index that everybody uses, with no policy at all."""

from __future__ import annotations

import ssl
import urllib.error
import urllib.request

import pytest

from tests.e2e.outcome import refusals
from tests.kit.wheelhouse import AMBIENT
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
