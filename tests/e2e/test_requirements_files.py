"""Requirements files like those of real projects, old and new, on the index that everybody uses.

What pip resolves from wheels alone, pip-guard resolves as well; where both stop, pip-guard's reason is the true one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.e2e.outcome import refusals
from tests.e2e.test_real_index import environ, online
from tests.kit.run import Completed
from tests.kit.workspace import Workspace

__all__ = ["online"]

pytestmark = [pytest.mark.network, pytest.mark.slow]

DRY_RUN = ("install", "--dry-run", "--ignore-installed", "--quiet")
WHEELS_ONLY = "--only-binary=:all:"
UNSATISFIED = re.compile(r"ERROR: No matching distribution found for (\S+)")
UNBUILT = re.compile(r"^(\S+) has no wheel that fits, and pip would build it from source", re.MULTILINE)


def one(*lines: str) -> dict[str, str]:
    """Return a requirements file alone."""
    return {"requirements.txt": "\n".join((*lines, ""))}


# What pip resolves without a build.
RESOLVED: dict[str, Mapping[str, str]] = {
    "django": one("Django>=4.2,<5", "psycopg[binary]>=3.1", "gunicorn", "whitenoise~=6.5", "celery[redis]>=5.3"),
    "data-science": one("numpy", "pandas", "matplotlib", "scikit-learn", "scipy", "jupyterlab", "seaborn"),
    "constraints": {
        **one("-c constraints.txt", "fastapi", "uvicorn[standard]", "sqlalchemy", "httpx"),
        "constraints.txt": "starlette<0.42\npydantic<2.10\nanyio==4.4.0\n",
    },
    "markers": one(
        'requests[socks]>=2.31 ; python_version >= "3.7"',
        'pywin32==306 ; sys_platform == "win32"',
        'tomli ; python_version < "3.11"',
        'colorama ; os_name == "nt"',
        'backports.zoneinfo ; python_version < "3.9"',
    ),
    "development": one("# tests", "pytest", "pytest-cov", "tox", "", "# style", "black", "mypy", "ruff", "pre-commit"),
    "documentation-of-2020": one(
        "docutils==0.16", "Sphinx==2.4.4", "recommonmark==0.6.0", "sphinx-rtd-theme==0.4.3", "jinja2<3.1"
    ),
    "pip-compile-with-hashes": one(
        "certifi==2024.7.4 \\",
        "    --hash=sha256:5a1e7645bc0ec61a09e26c36f6106dd4cf40c6db3a1fb6352b0244e7fb057c7b \\",
        "    --hash=sha256:c198e21b1289c2ab85ee4e67bb4b4ef3ead0892059901a8d5b622f24a1101e90",
        "    # via requests",
        "charset-normalizer==3.3.2 \\",
        "    --hash=sha256:3e4d1f6587322d2788836a99c69062fbb091331ec940e02d12d179c1d53e25fc \\",
        "    --hash=sha256:f30c3cb33b24454a82faecaf01b19c18562b1e89558fb6c56de4d9118a032fd5",
        "    # via requests",
        "idna==3.7 \\",
        "    --hash=sha256:028ff3aadf0609c1fd278d8ea3089299412a7a8b9bd005dd08b9f8285bcb5cfc \\",
        "    --hash=sha256:82fee1fc78add43492d3a1898bfa6d8a904cc97d8427f683ed8e798d07761aa0",
        "    # via requests",
        "requests==2.32.3 \\",
        "    --hash=sha256:55365417734eb18255590a9ff9eb97e9e1da868d4ccd6402399eaf68af20a760 \\",
        "    --hash=sha256:70761cfe03c773ceb22aa2f671b4757976145175cdfca038c02654d061d6dcc6",
        "    # via -r requirements.in",
        "urllib3==2.2.2 \\",
        "    --hash=sha256:a448b2f64d686155468037e1ace9f2d2199776e17f0a46610480d311f73e3472 \\",
        "    --hash=sha256:dd505485549a7a552833da5e6063639d0d177c04f23bc3864e41e5dc5f612168",
        "    # via requests",
    ),
}
LOCK = """\
lock-version = "1.0"
created-by = "somebody"

[[packages]]
name = "packaging"
version = "24.1"

[[packages.wheels]]
url = "https://files.pythonhosted.org/packages/08/aa/cc0199a5f0ad350994d660967a8efb233fe0416e4639146c089643407ce6/packaging-24.1-py3-none-any.whl"

[packages.wheels.hashes]
sha256 = "5b8f2217dbdbd2f7f384c41c628544e6d52f2d0f53c6d0c3ea61aa5d1d7ff124"

[[packages]]
name = "attrs"
version = "23.2.0"

[[packages.wheels]]
url = "https://files.pythonhosted.org/packages/e0/44/827b2a91a5816512fcaf3cc4ebc465ccd5d598c45cefa6703fcf4a79018f/attrs-23.2.0-py3-none-any.whl"

[packages.wheels.hashes]
sha256 = "99b87a485a5820b23b879f04c2305b44b951b502fd64be915879d77a7e8fc6f1"
"""
# Pins from before this Python: what they name is there as source alone, or not at all.
UNRESOLVED: dict[str, Mapping[str, str]] = {
    "django-of-2019": one(
        *("Django==1.11.29", "djangorestframework==3.9.4", "Pillow==5.0.0", "psycopg2-binary==2.7.3.2"),
        *("pytz==2018.9", "requests==2.18.4"),
    ),
    "flask-of-2021": one(
        *("click==7.1.2", "Flask==1.1.2", "itsdangerous==1.1.0", "Jinja2==2.11.3", "MarkupSafe==1.1.1"),
        "Werkzeug==1.0.1",
    ),
    "names-by-heart": one("requests", "beautifulsoup", "python-dateutil"),
}
# What the file itself asks for is refused, whatever pip would get from there; and the line that asks for it.
REFUSED: dict[str, tuple[Mapping[str, str], tuple[str, ...], int]] = {
    "index-of-pytorch": (
        one("--extra-index-url https://download.pytorch.org/whl/cpu", "torch", "torchvision"),
        ("unapproved-index",),
        1,
    ),
    "repository": (
        one("requests", "git+https://github.com/pallets/click.git@8.1.7#egg=click"),
        ("vcs-requirement",),
        2,
    ),
    "editable": (
        {**one("-e .", "requests"), "pyproject.toml": '[project]\nname = "ours"\nversion = "1"\n'},
        ("local-project",),
        1,
    ),
    "find-links": ({**one("--find-links ./wheelhouse", "six"), "wheelhouse/README": ""}, ("find-links",), 1),
    "trusted-host": (
        one("--index-url http://pypi.org/simple/", "--trusted-host pypi.org", "six==1.16.0"),
        ("unapproved-index", "insecure-transport", "trusted-host"),
        2,
    ),
}


def write(online: Workspace, files: Mapping[str, str]) -> None:
    """Write the files of a project into the working directory."""
    for name, text in files.items():
        online.write(name, text)


def chosen(ended: Completed, report: Path) -> list[tuple[str, str]]:
    """Return what a dry run would install."""
    ended.check()
    installs = json.loads(report.read_text(encoding="utf-8"))["install"]
    return sorted((each["metadata"]["name"], each["metadata"]["version"]) for each in installs)


def try_both(online: Workspace, *arguments: str) -> tuple[Completed, Completed]:
    """Run pip, with wheels alone, and pip-guard; each writes a report."""
    plain = online.pip(*DRY_RUN, WHEELS_ONLY, "--report=pip.json", *arguments, env=environ(), timeout=600)
    return plain, online.guard(*DRY_RUN, "--report=guard.json", *arguments, env=environ(), timeout=600)


@pytest.mark.parametrize("files", RESOLVED.values(), ids=RESOLVED)
def test_resolves_what_pip_resolves_from_wheels(online: Workspace, files: Mapping[str, str]) -> None:
    write(online, files)
    plain, guarded = try_both(online, "-r", "requirements.txt")
    assert chosen(guarded, online.cwd / "guard.json") == chosen(plain, online.cwd / "pip.json") != []


def test_takes_what_a_lock_file_names(online: Workspace) -> None:
    write(online, {"pylock.toml": LOCK})
    plain, guarded = try_both(online, "-r", "pylock.toml")
    both = [("attrs", "23.2.0"), ("packaging", "24.1")]
    assert chosen(guarded, online.cwd / "guard.json") == chosen(plain, online.cwd / "pip.json") == both


@pytest.mark.parametrize("files", UNRESOLVED.values(), ids=UNRESOLVED)
def test_names_what_has_no_wheel(online: Workspace, files: Mapping[str, str]) -> None:
    write(online, files)
    plain, guarded = try_both(online, "-r", "requirements.txt")
    if plain.returncode == 0:
        pytest.skip("for this Python, there is a wheel of everything")
    (missing,) = UNSATISFIED.findall(plain.stderr)
    assert refusals(guarded) == ("source-distribution",) * len(UNBUILT.findall(guarded.stderr))
    assert missing in UNBUILT.findall(guarded.stderr)


@pytest.mark.parametrize(("files", "rules", "line"), REFUSED.values(), ids=REFUSED)
def test_refuses_what_the_file_asks_for(
    online: Workspace, files: Mapping[str, str], rules: tuple[str, ...], line: int
) -> None:
    write(online, files)
    guarded = online.guard(*DRY_RUN, "-r", "requirements.txt", env=environ(), timeout=300)
    assert refusals(guarded) == rules
    assert f"by line {line} of requirements.txt" in guarded.stderr


def test_path_of_another_machine_is_missing(online: Workspace) -> None:
    write(online, one("certifi @ file:///croot/certifi_1671487769961/work/certifi", "six"))
    plain, guarded = try_both(online, "-r", "requirements.txt")
    assert (guarded.returncode, guarded.stderr) == (plain.returncode, plain.stderr)
    assert "No such file or directory: '/croot/certifi_1671487769961/work/certifi'" in guarded.stderr
