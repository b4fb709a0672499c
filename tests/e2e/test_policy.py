"""One policy out of several files: the administrator's, the user's and the project's."""

from __future__ import annotations

import json
import os
from datetime import datetime, timezone

import pytest

from pip_guard.policy.toml import parse_toml
from tests.e2e.outcome import refusals
from tests.e2e.settings import write_admin_policy
from tests.kit.folders import new_folder
from tests.kit.sources import make_sdist
from tests.kit.wheels import make_wheel
from tests.kit.workspace import Workspace


@pytest.fixture
def site(workspace: Workspace) -> Workspace:
    """Return a place with `harmless`, which has a wheel, and `built`, which has none."""
    workspace.index.publish(make_wheel("harmless"))
    workspace.index.publish(make_sdist("built", sentinel=workspace.sentinel()))
    return workspace


def problems(stderr: str) -> list[str]:
    return [line.strip() for line in stderr.splitlines() if line.startswith("  /")]


def test_administrators_policy_counts_for_everybody(site: Workspace) -> None:
    admin = write_admin_policy(site, 'advisory-message = "Ask #python-help."\n[rules]\nmissing-hash = "error"\n')
    ended = site.guard("install", "harmless")
    assert (ended.returncode, refusals(ended)) == (40, ("missing-hash",))
    assert ended.stderr.endswith("\n\nAsk #python-help.\n\nNothing was installed.\n")
    # without a lock, the nearer file wins
    site.guard("install", "harmless", policy='[rules]\nmissing-hash = "off"\n').check()
    assert (
        f'advisory-message = "Ask #python-help."  # {admin}:1 (administrator)\n' in site.guard("guard", "policy").stdout
    )


@pytest.mark.parametrize(
    "way",
    [
        pytest.param({"argument": "--isolated"}, id="isolated"),
        pytest.param({"argument": "--guard-policy=mine.toml"}, id="other-policy"),
        pytest.param({"PIP_GUARD_POLICY": "mine.toml"}, id="variable"),
        pytest.param({"XDG_CONFIG_DIRS": "/nonexistent"}, id="configuration-folders"),
        pytest.param({"XDG_CONFIG_HOME": "/nonexistent"}, id="configuration-folder"),
        pytest.param({"HOME": "/nonexistent", "PIP_NO_CACHE_DIR": "1"}, id="home"),
        pytest.param({"PIP_CONFIG_FILE": os.devnull}, id="pip's-configuration"),
    ],
)
def test_locked_policy_cannot_be_left_behind(way: dict[str, str], site: Workspace) -> None:
    write_admin_policy(site, f'locked = true\n[rules]\nmissing-hash = "error"\n{site.approval}')
    site.write("mine.toml", '[rules]\nmissing-hash = "off"\n[[exceptions]]\nrule = "missing-hash"\nreason = "x"\n')
    environ = {name: value for name, value in way.items() if name.isupper()}
    ended = site.guard(
        "install", *([way["argument"]] if "argument" in way else []), "-i", site.index.url, "harmless", env=environ
    )
    assert refusals(ended) == ("missing-hash",)
    assert site.added() == set()


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        pytest.param(
            ("install", "--guard-allow=missing-hash", "harmless"), "--guard-allow=missing-hash", id="allow-once"
        ),
        pytest.param(("install", "--guard-observe", "harmless"), "--guard-observe", id="observe"),
        pytest.param(
            ("guard", "allow", "missing-hash", "harmless", "--reason", "x"),
            "An exception from missing-hash",
            id="allow",
        ),
    ],
)
def test_lock_leaves_no_way_around(arguments: tuple[str, ...], what: str, site: Workspace) -> None:
    admin = write_admin_policy(site, 'locked = true\n[rules]\nmissing-hash = "error"\n')
    ended = site.guard(*arguments)
    assert ended.returncode == 40
    assert ended.stderr.startswith(
        f"error: {what} is not possible here: the administrator's policy {admin} locks this.\n"
    )
    assert site.added() == set()


def test_refusal_names_the_exception_without_effect(site: Workspace) -> None:
    write_admin_policy(site, 'locked = true\n[rules]\nmissing-hash = "error"\n')
    policy = '[[exceptions]]\nrule = "missing-hash"\nproject = "harmless"\nreason = "mine"\n'
    ended = site.guard("install", "harmless", policy=policy)
    assert (
        f'note: The exception "missing-hash harmless" (mine) in {site.policy_path} has no effect: '
        "the administrator's policy locks this rule.\n"
    ) in ended.stderr


@pytest.mark.parametrize(
    ("mode", "problem"),
    [pytest.param(0o646, "others can write", id="writable"), pytest.param(0o000, "Permission denied", id="unreadable")],
)
def test_administrators_policy_must_be_readable_and_nobody_elses(mode: int, problem: str, site: Workspace) -> None:
    admin = write_admin_policy(site, "")
    admin.chmod(mode)
    ended = site.guard("install", "harmless")
    assert (ended.returncode, problems(ended.stderr)) == (41, [f"{admin}: {problem}"])


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files to another user")
def test_administrators_policy_must_not_be_a_strangers(site: Workspace) -> None:
    admin = write_admin_policy(site, "")
    os.chown(admin, 54321, -1)
    ended = site.guard("install", "harmless")
    assert (ended.returncode, problems(ended.stderr)) == (41, [f"{admin}: belongs to another user (54321)"])


def test_project_tightens(site: Workspace) -> None:
    site.write("pyproject.toml", '[tool.pip-guard]\nprofile = "ci"\n')
    below = site.write("src/x/README", "").parent
    ended = site.guard("install", "harmless", cwd=below)
    assert refusals(ended) == ("missing-hash",)
    site.guard("install", "harmless", cwd=site.home).check()


def test_project_loosens_nothing(site: Workspace) -> None:
    site.write(
        "pyproject.toml",
        '[tool.pip-guard]\nmode = "observe"\nprofile = "container"\n'
        '[tool.pip-guard.rules]\nsource-distribution = "off"\nvcs-requirement = "off"\n'
        '[tool.pip-guard.releases]\nminimum-age = "P0D"\n',
    )
    ended = site.guard("install", "built")
    assert (ended.returncode, refusals(ended)) == (40, ("source-distribution",))
    assert not site.sentinel().exists()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("[tool.pip-guard]\nmode = \n", ":2: Invalid value", id="no-toml"),
        pytest.param(
            '[[tool.pip-guard.exceptions]]\nrule = "source-distribution"\nreason = "x"\n',
            ":1: tool.pip-guard.exceptions: a project can only tighten; exceptions belong in your own policy"
            " (pip-guard guard allow)",
            id="exception",
        ),
    ],
)
def test_broken_table_of_a_project_refuses(text: str, problem: str, site: Workspace) -> None:
    path = site.write("pyproject.toml", text)
    ended = site.guard("install", "harmless")
    assert (ended.returncode, problems(ended.stderr)) == (41, [f"{path}{problem}"])


def test_project_without_a_table_costs_nothing(site: Workspace) -> None:
    site.write("pyproject.toml", "this is no TOML\n")
    site.guard("install", "harmless").check()


@pytest.mark.parametrize("way", [pytest.param("policy", id="policy"), pytest.param("option", id="option")])
def test_observing_builds_as_bare_pip_would_and_says_what_would_be_refused(way: str, site: Workspace) -> None:
    options = ["--guard-observe"] if way == "option" else []
    ended = site.guard("install", *options, "built", policy="" if options else 'mode = "observe"\n').check()
    assert site.added() == {"built==1.0"}
    assert site.sentinel().exists()
    assert "warning: source-distribution\n" in ended.stderr
    assert "note: pip-guard only observes here; else it would refuse this.\n" in ended.stderr


def test_observing_takes_files_of_any_age(site: Workspace) -> None:
    site.index.publish(make_wheel("harmless", "2.0"), upload_time=datetime.now(timezone.utc))
    ended = site.guard("--guard-format=json", "install", "harmless", policy='mode = "observe"\n').check()
    assert site.added() == {"harmless==2.0"}
    report = json.loads(ended.stderr.splitlines()[-1])
    assert (report["verdict"], report["would_have_refused"]) == ("allowed", True)
    assert [(each["rule"], each["would_refuse"]) for each in report["findings"]] == [("recent-release", True)]
    assert "uploaded-prior-to" not in report["enforced"]


def test_expired_exception_is_named(site: Workspace) -> None:
    policy = (
        '[[exceptions]]\nrule = "source-distribution"\nproject = "built"\nreason = "read it"\nexpires = 2020-01-31\n'
    )
    ended = site.guard("install", "built", policy=policy)
    assert refusals(ended) == ("source-distribution",)
    assert (
        f'note: The exception "source-distribution built" (read it) in {site.policy_path} expired on 2020-01-31.\n'
    ) in ended.stderr


def test_repository_is_excused_by_its_place(site: Workspace) -> None:
    files = {"pyproject.toml": "[build-system]\nrequires = []\nbuild-backend = 'x'\n"}
    url = site.write_git_repository("tool", files)
    place = url.removeprefix("git+").rpartition("/")[0]
    policy = '[[exceptions]]\nrule = "vcs-requirement"\nurl = "{}"\nreason = "ours"\n'
    assert "error: vcs-requirement\n" in site.guard("install", url, policy=policy.format(f"{place}-else")).stderr
    assert "error: vcs-requirement\n" not in site.guard("install", url, policy=policy.format(place)).stderr


def test_policy_that_is_shown_is_one(site: Workspace) -> None:
    ended = site.guard("guard", "policy").check()
    assert parse_toml(ended.stdout)["mode"] == "enforce"
    broken = site.write("broken.toml", "mod = 1\n")
    checked = site.guard("guard", "policy", "--check", str(broken))
    assert (checked.returncode, problems(checked.stderr)) == (
        41,
        [f'{broken}:1: mod: there is no such key; did you mean "mode"?'],
    )


def test_pipe_is_no_policy_and_nothing_waits_for_it(site: Workspace) -> None:
    path = new_folder("pipe-") / "policy.toml"
    os.mkfifo(path)
    path.parent.chmod(0o755)
    ended = site.guard(f"--guard-policy={path}", "install", "harmless", timeout=20)
    assert (ended.returncode, problems(ended.stderr)) == (41, [f"{path}: is a pipe, not a file"])


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files to another user")
def test_project_of_another_user_is_not_read(site: Workspace) -> None:
    project = site.write("pyproject.toml", "[tool.pip-guard]\noops = 1\n")
    os.chown(project, 24802, 24802)
    ended = site.guard("install", "--dry-run", "harmless").check()
    assert (
        f"pip-guard does not read {project} (project's policy), which belongs to another user (24802)." in ended.stderr
    )
    assert (
        f"# not read: {project}, which belongs to another user (24802)\n"
        in site.guard("guard", "policy").check().stdout
    )
    folder = project.parent.stat()
    os.chown(project, folder.st_uid, folder.st_gid)
    assert site.guard("install", "--dry-run", "harmless").returncode == 41


def test_exception_that_is_allowed_is_revoked(site: Workspace) -> None:
    site.policy("# mine\n", approve_index=True)
    before = site.policy_path.read_bytes()
    words = ("guard", "{}", "source-distribution", "tool==1.0")
    site.guard(*(word.format("allow") for word in words), "--reason", "read it").check()
    assert b'reason = "read it"' in site.policy_path.read_bytes()
    site.guard(*(word.format("revoke") for word in words)).check()
    assert site.policy_path.read_bytes() == before
