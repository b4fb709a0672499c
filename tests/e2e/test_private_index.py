"""The story of docs/how-to/private-index.md and docs/how-to/air-gapped.md, with the very lines that they show."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.e2e.outcome import refusals
from tests.kit.index import LocalIndex
from tests.kit.wheels import make_wheel
from tests.kit.workspace import Workspace

HOW_TO = Path(__file__).parents[2] / "docs" / "how-to"
HOST, FOLDER = "pypi.acme.example", "/srv/wheels/"
CERTIFICATE, PASSWORD = "/etc/ssl/acme.pem", "open-sesame"
# The site has nothing of what plain pip would need, but its own files.
SITE: dict[str, str | None] = dict.fromkeys(("PIP_CONFIG_FILE", "PIP_INDEX_URL", "PIP_CERT", "SSL_CERT_FILE"))


def shown(page: str, language: str, number: int = 0) -> str:
    """Return one of the blocks of a language that a page shows."""
    text = (HOW_TO / page).read_text(encoding="utf-8")
    found = re.findall(rf"^( *)```{language}\n(.*?)^ *```$", text, re.DOTALL | re.MULTILINE)
    indentation, block = found[number]
    return re.sub(f"^{indentation}", "", block, flags=re.MULTILINE)


@pytest.fixture
def site(workspace: Workspace) -> Workspace:
    """Make the mirror of the page, and write the policy, the configuration and the password that it shows."""
    index = workspace.index
    index.publish(make_wheel("demo", requires=["harmless"]))
    index.publish(make_wheel("harmless"))
    index.credentials = ("ci", PASSWORD)
    host = index.origin.removeprefix("https://")
    policy = shown("private-index.md", "toml").replace(HOST, host)
    assert policy.count("\n") == 6
    workspace.policy(policy.replace("[advisories]\n", f'[advisories]\nsource = "{workspace.advisories}"\n'))
    configuration = shown("private-index.md", "ini").replace(HOST, host).replace(CERTIFICATE, str(index.ca_path))
    workspace.write(workspace.home / ".config" / "pip" / "pip.conf", configuration)
    netrc = shown("private-index.md", "text").replace(HOST, host.partition(":")[0]).replace("...", PASSWORD)
    workspace.write(workspace.home / ".netrc", netrc).chmod(0o600)
    return workspace


def test_six_lines_are_enough_for_a_private_mirror(site: Workspace, rogue_index: LocalIndex) -> None:
    ended = site.guard("-vvv", "install", "demo", env=SITE).check()
    assert site.added() == {"demo==1.0", "harmless==1.0"}
    assert "warning:" not in ended.stderr
    assert PASSWORD not in ended.output
    shown_settings = site.guard("guard", "config", env=SITE).check().stdout
    assert f"index-url = {site.index.url}\n  [global] index-url, line 2 of {site.home}" in shown_settings
    refused = site.guard("install", "demo", "--extra-index-url", rogue_index.url, env=SITE)
    assert refusals(refused) == ("unapproved-index",)
    assert refusals(site.guard("install", "demo", "-i", "https://pypi.org/simple/", env=SITE)) == ("unapproved-index",)
    assert rogue_index.requests == []


@pytest.mark.slow
def test_private_projects_beside_the_public_index(workspace: Workspace, rogue_index: LocalIndex) -> None:
    own, public = workspace.index, rogue_index
    own.publish(make_wheel("acme-core", "1.0"))
    public.publish(make_wheel("acme-core", "9.0"))
    public.publish(make_wheel("harmless"))
    policy = shown("private-index.md", "toml", 2)
    for name, url in (
        ("https://pypi.org/", f"{public.origin}/"),
        ("https://files.pythonhosted.org/", public.files_url),
        (f"https://{HOST}/", f"{own.origin}/"),
    ):
        policy = policy.replace(name, url)
    workspace.policy(policy, approve_index=False)
    options = ("--index-url", public.url, "--extra-index-url", own.url)
    workspace.guard("install", *options, "harmless").check()
    assert refusals(workspace.guard("install", *options, "acme-core>1")) == ("wrong-index",)
    workspace.guard("install", *options, "acme-core").check()
    assert workspace.added() == {"acme-core==1.0", "harmless==1.0"}


@pytest.mark.slow
def test_folder_without_a_network(workspace: Workspace) -> None:
    workspace.index.publish(make_wheel("demo", requires=["harmless"]))
    workspace.index.publish(make_wheel("harmless"))
    workspace.write("requirements.txt", "demo\n")
    commands = [
        line.split()[2:] for number in (0, 1) for line in shown("air-gapped.md", "console", number).splitlines()
    ]
    workspace.guard(*commands[0]).check()
    workspace.index.requests.clear()
    workspace.guard(*commands[1]).check()
    assert workspace.added() == {"demo==1.0", "harmless==1.0"}
    workspace.pip("uninstall", "-y", "demo", "harmless").check()
    wheels = workspace.cwd / "wheels"
    policy = shown("air-gapped.md", "toml").replace(f"file://{FOLDER}", f"{wheels.as_uri()}/")
    env = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(wheels)}
    workspace.guard("install", "demo", env=env, policy=policy).check()
    assert workspace.added() == {"demo==1.0", "harmless==1.0"}
    assert workspace.index.requests == []
    other = workspace.cwd / "other"
    other.mkdir()
    workspace.give(other)
    ended = workspace.guard("install", "demo", "--find-links", other, env={"PIP_NO_INDEX": "1"}, policy=policy)
    assert refusals(ended) == ("find-links",)
