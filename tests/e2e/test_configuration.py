"""The files that pip obeys: who can write them, and what pip itself may write into them."""

from __future__ import annotations

import json
import os

import pytest

from tests.e2e.outcome import refusals
from tests.e2e.rows import slow
from tests.e2e.settings import write_configuration
from tests.kit.index import LocalIndex
from tests.kit.workspace import Workspace

INSTALL = ("install", "--dry-run")


@pytest.mark.parametrize(
    ("path", "role"),
    [
        pytest.param(".config/pip/pip.conf", "configuration", id="configuration"),
        pytest.param("bin", "PATH", id="folder-of-path"),
        slow(".config/pip-guard/policy.toml", "policy", id="policy"),
        slow(".netrc", "passwords", id="netrc"),
        slow("_netrc", "passwords", id="other-netrc"),
        slow("r.txt", "requirements", id="requirements"),
        pytest.param("more/r.txt", "requirements", id="nested-requirements"),
        slow(".cache/pip", "cache", id="cache"),
        slow(".cache/pip/http-v2", "cache", id="folder-of-the-cache"),
        slow("ca.pem", "certificates", id="certificates"),
    ],
)
def test_file_that_others_can_write_is_not_obeyed(path: str, role: str, place: Workspace) -> None:
    target = place.home / path
    if role in ("cache", "PATH"):
        target.mkdir(parents=True)
        place.give(place.home)
    elif not target.exists():
        certificate = place.index.ca_path.read_text(encoding="utf-8")
        place.write(target, {"requirements": "harmless\n", "certificates": certificate}.get(role, ""))
    place.write(place.home / "all.txt", "-r more/r.txt\n")
    search_path = f"{place.home / 'bin'}:{place.venv.scripts}:{place.environ['PATH']}"
    env = {"PIP_CONFIG_FILE": None, "PATH": search_path}
    file = place.home / "all.txt" if path.startswith("more/") else target
    certificates = ("--cert", target) if role == "certificates" else ()
    arguments = (*INSTALL, *certificates, *(("-r", file) if role == "requirements" else ("harmless",)))
    place.guard(*arguments, env=env).check()
    target.chmod(target.stat().st_mode | 0o002)
    ended = place.guard(*arguments, env=env)
    assert refusals(ended) == ("writable-configuration",)
    assert f"pip would obey {target} ({role}), which others can write." in ended.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files to another user")
def test_file_in_a_folder_of_another_user_is_not_obeyed(place: Workspace) -> None:
    path = place.write("theirs/r.txt", "harmless\n")
    place.guard(*INSTALL, "-r", path).check()
    os.chown(path.parent, 12345, 12345)
    ended = place.guard(*INSTALL, "-r", path)
    assert refusals(ended) == ("writable-configuration",)
    assert "which another user (12345) can replace, because its folder is theirs." in ended.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files to another user")
def test_file_of_another_user_is_not_obeyed(place: Workspace) -> None:
    path = write_configuration(place, "[global]\ntimeout = 10\n")
    os.chown(path, 12345, 12345)
    ended = place.guard(*INSTALL, "harmless", env={"PIP_CONFIG_FILE": None})
    assert refusals(ended) == ("writable-configuration",)
    assert "which belongs to another user (12345)." in ended.stderr


@pytest.mark.parametrize(
    ("key", "value"),
    [
        pytest.param("global.index-url", "{rogue}", id="index-url"),
        pytest.param("global.extra-index-url", "{index} {rogue}", id="extra-index-url"),
        pytest.param("global.trusted-host", "localhost", id="trusted-host"),
        pytest.param("global.python", "/bin/true", id="python"),
        slow("install.pypi-url", "{rogue}", id="old-name"),
        slow("global.find-links", "{rogue}links.html", id="find-links"),
        slow("global.target", "/tmp/x", id="target"),
        slow("install.user", "true", id="user"),
        slow("global.break-system-packages", "1", id="break-system-packages"),
        slow("global.proxy", "http://127.0.0.1:1", id="proxy"),
        slow(":env:.index-url", "{rogue}", id="environment-section"),
    ],
)
def test_refused_value_is_not_written(key: str, value: str, place: Workspace, rogue: LocalIndex) -> None:
    filled = value.format(rogue=rogue.url, index=place.index.url)
    arguments = ("config", "--user", "set", key, filled)
    path = place.home / ".config" / "pip" / "pip.conf"
    assert refusals(place.guard(*arguments, env={"PIP_CONFIG_FILE": None})) == ("configuration-change",)
    assert not path.exists()
    place.pip(*arguments, env={"PIP_CONFIG_FILE": None}).check()
    assert path.exists()


@pytest.mark.parametrize(
    ("key", "value"), [("global.index-url", "{index}"), ("global.timeout", "10"), ("install.user", "false")]
)
def test_harmless_value_is_written(key: str, value: str, place: Workspace) -> None:
    ended = place.guard(
        "config", "--user", "set", key, value.format(index=place.index.url), env={"PIP_CONFIG_FILE": None}
    )
    assert ended.check().stdout == f"Writing to {place.home}/.config/pip/pip.conf\n"
    assert (place.home / ".config" / "pip" / "pip.conf").exists()


def test_editor_of_setting_is_not_started(place: Workspace) -> None:
    editor = place.write(place.home / "editor", f"#!/bin/sh\n: > {place.sentinel()}\n")
    editor.chmod(0o755)
    write_configuration(place, f"[config]\neditor = {editor}\n")
    arguments = ("config", "--user", "edit")
    place.pip(*arguments, env={"PIP_CONFIG_FILE": None}).check()
    assert place.sentinel().exists()
    place.sentinel().unlink()
    assert refusals(place.guard(*arguments, env={"PIP_CONFIG_FILE": None})) == ("configuration-change",)
    assert not place.sentinel().exists()
    place.guard(*arguments, "--editor", editor, env={"PIP_CONFIG_FILE": None}).check()
    assert place.sentinel().exists()


def test_what_an_editor_leaves_is_judged(place: Workspace, rogue: LocalIndex) -> None:
    text = "[global]\ntimeout = 10\n"
    path = write_configuration(place, text)
    editor = place.write(place.home / "editor", f"#!/bin/sh\necho 'index-url = {rogue.url}' >> \"$1\"\n")
    editor.chmod(0o755)
    env = {"PIP_CONFIG_FILE": None, "EDITOR": str(editor)}
    ended = place.guard("config", "--user", "edit", env=env)
    assert refusals(ended) == ("configuration-change",)
    assert path.read_text(encoding="utf-8") == text
    assert rogue.url in path.with_name("pip.conf.refused").read_text(encoding="utf-8")
    editor.write_text("#!/bin/sh\necho 'retries = 3' >> \"$1\"\n", encoding="utf-8")
    place.guard("config", "--user", "edit", env=env).check()
    assert path.read_text(encoding="utf-8") == f"{text}retries = 3\n"


def test_settings_are_shown_with_their_places(place: Workspace, rogue: LocalIndex) -> None:
    secret = rogue.url.replace("https://", "https://user:open-sesame@")
    path = write_configuration(place, f"[global]\nextra-index-url =\n    {place.index.url}\n    {secret}\n")
    place.write("r.txt", "-r more.txt\n")
    place.write("more.txt", f"harmless\n--trusted-host {rogue.origin.removeprefix('https://')}\n")
    env = {"PIP_CONFIG_FILE": None, "PIP_PYTHON": "/usr/bin/python3"}
    ended = place.guard("guard", "config", "--", "install", "-r", "r.txt", "--index-url", secret, env=env).check()
    for value, origin, state in (
        (f"extra-index-url = {place.index.url}", f"[global] extra-index-url, line 3 of {path}", "used"),
        ("extra-index-url = https://user:****@", f"[global] extra-index-url, line 4 of {path}", "unapproved-index"),
        ("trusted-host = localhost", f"line 2 of {place.cwd / 'more.txt'}", "refused: trusted-host"),
        ("python = /usr/bin/python3", "PIP_PYTHON in the environment", "refused: foreign-module"),
    ):
        after = ended.stdout.partition(f"\n  {origin}\n")
        assert after[0].splitlines()[-1].startswith(value)
        assert after[2].partition("\n")[0].endswith(state)
    as_json = place.guard("guard", "config", "--json", "--", "install", "-i", secret, env=env).check().stdout
    assert {row["option"]: row["state"] for row in json.loads(as_json)["settings"]}["index-url"] == "refused"
    assert "open-sesame" not in ended.output + as_json
    assert rogue.requests == []
