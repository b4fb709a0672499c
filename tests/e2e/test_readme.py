"""The first command of the README does what it says, to the letter, in a fresh clone."""

from __future__ import annotations

import re
import shutil
import ssl
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kit.folders import new_folder
from tests.kit.users import give, interpreter_for, ordinary_user
from tests.kit.wheelhouse import AMBIENT

CHECKOUT = Path(__file__).parents[2]
INDEX = "https://pypi.org/simple/"
# How this machine reaches the network; what else is set here is no newcomer's.
NEEDED = ("PIP_CERT", "SSL_CERT_FILE", "SSL_CERT_DIR", "HTTPS_PROXY", "https_proxy")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.network,
    pytest.mark.skipif(not (CHECKOUT / ".git").exists(), reason="what is cloned is a repository"),
]


@pytest.fixture
def clone() -> Iterator[Path]:
    """Clone what is committed, for a user who is not root, with a home of their own beside it."""
    authorities = AMBIENT.get("PIP_CERT") or AMBIENT.get("SSL_CERT_FILE")
    try:
        urllib.request.urlopen(f"{INDEX}pip/", timeout=15, context=ssl.create_default_context(cafile=authorities))
    except (OSError, urllib.error.URLError) as error:
        pytest.skip(f"{INDEX} is not reachable: {error}")
    folder = new_folder("readme-")
    subprocess.run(["git", "clone", "--quiet", "--no-hardlinks", CHECKOUT, folder / "clone"], check=True)
    (folder / "home").mkdir()
    give(folder, ordinary_user())
    yield folder / "clone"
    shutil.rmtree(folder)


def test_first_command_installs(clone: Path) -> None:
    (command, _) = re.findall(r"^\$ (.+ && .+)$", (clone / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    user = ordinary_user()
    python = interpreter_for(user, Path(sys.executable))
    ended = subprocess.run(
        ["sh", "-c", command],
        cwd=clone,
        env={name: AMBIENT[name] for name in NEEDED if name in AMBIENT}
        | {"PATH": f"{python.parent}:/usr/bin:/bin", "HOME": str(clone.parent / "home")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=600,
        user=user,
        group=user,
        extra_groups=None if user is None else [],
    )
    assert ended.returncode == 0, ended.stdout
    assert re.search(r"^Successfully installed .*\brequests-", ended.stdout, re.MULTILINE)
