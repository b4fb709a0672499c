"""Test which options of a command are told, as pip merges them."""

from __future__ import annotations

import copy
import importlib
import os
from optparse import Values
from pathlib import Path

import pytest
from pip._internal.cli.parser import ConfigOptionParser

from pip_guard.facts.command import CommandOptions
from pip_guard.facts.origin import Origin, OriginKind, Setting
from pip_guard.frozen import replace
from pip_guard.pip_adapter.options.origins import OptionOrigins
from pip_guard.pip_adapter.options.values import AUTHORITY_VARIABLES, command_options, own_bundle

CLASSES = {
    "install": "InstallCommand",
    "uninstall": "UninstallCommand",
    "download": "DownloadCommand",
    "wheel": "WheelCommand",
    "lock": "LockCommand",
    "list": "ListCommand",
}


@pytest.fixture(autouse=True)
def without_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    for name in (*AUTHORITY_VARIABLES, "PIP_CERT"):
        monkeypatch.delenv(name, raising=False)


def parse(command: str, *arguments: str, reads_only: bool = False) -> CommandOptions:
    """Parse with the parser of pip's own command, whatever is registered now."""
    command_class = getattr(importlib.import_module(f"pip._internal.commands.{command}"), CLASSES[command])
    parser: ConfigOptionParser = command_class(command, "").parser
    # NOTE: options that collect values add them to a default that all parsers of the process share.
    parser.defaults = copy.deepcopy(parser.defaults)
    origins = OptionOrigins(parser)
    options: Values = parser.parse_args(["--no-cache-dir", *arguments])[0]
    return command_options(command, options, origins, reads_only=reads_only)


def parse_without_bundles(command: str, *arguments: str, reads_only: bool = False) -> CommandOptions:
    return replace(parse(command, *arguments, reads_only=reads_only), bundles=())


def on_command_line(text: str) -> Origin:
    return Origin(kind=OriginKind.COMMAND_LINE, text=f"{text} on the command line")


@pytest.mark.parametrize(
    ("arguments", "options"),
    [
        pytest.param(["install", "demo"], CommandOptions(command="install", writes=True), id="install"),
        pytest.param(["uninstall", "demo"], CommandOptions(command="uninstall", writes=True), id="uninstall"),
        pytest.param(["install", "--dry-run", "demo"], CommandOptions(command="install"), id="dry-run"),
        pytest.param(["download", "demo"], CommandOptions(command="download"), id="download"),
        pytest.param(["wheel", "demo"], CommandOptions(command="wheel"), id="wheel"),
        pytest.param(["lock", "demo"], CommandOptions(command="lock"), id="lock"),
        pytest.param(["list"], CommandOptions(command="list"), id="list"),
        pytest.param(
            ["install", "--target", "a"],
            CommandOptions(
                command="install", writes=True, target=Setting(value="a", origin=on_command_line("--target a"))
            ),
            id="target",
        ),
        pytest.param(
            ["install", "--prefix=a", "--root", "b"],
            CommandOptions(
                command="install",
                writes=True,
                prefix=Setting(value="a", origin=on_command_line("--prefix a")),
                root=Setting(value="b", origin=on_command_line("--root b")),
            ),
            id="prefix-and-root",
        ),
        pytest.param(
            ["install", "--user"],
            CommandOptions(command="install", writes=True, user=on_command_line("--user")),
            id="user",
        ),
        pytest.param(["install", "--no-user"], CommandOptions(command="install", writes=True), id="no-user"),
        pytest.param(
            ["uninstall", "--break-system-packages", "demo"],
            CommandOptions(
                command="uninstall", writes=True, break_system_packages=on_command_line("--break-system-packages")
            ),
            id="break-system-packages",
        ),
        pytest.param(["install", "--target", ""], CommandOptions(command="install", writes=True), id="empty-target"),
        pytest.param(
            [
                *("install", "-r", "a.txt", "-c", "b.txt", "-r", "https://h.example/c.txt"),
                *(
                    "--build-constraint",
                    "d.txt",
                    "--requirements-from-script",
                    "e.py",
                    "--group",
                    "f/pyproject.toml:dev",
                ),
            ],
            CommandOptions(
                command="install",
                writes=True,
                files=(
                    ("a.txt", "requirements"),
                    ("https://h.example/c.txt", "requirements"),
                    ("b.txt", "requirements"),
                    ("d.txt", "requirements"),
                    ("e.py", "requirements"),
                    ("f/pyproject.toml", "requirements"),
                ),
            ),
            id="files-of-requirements",
        ),
    ],
)
def test_tells_what_the_command_line_says(arguments: list[str], options: CommandOptions) -> None:
    assert parse_without_bundles(*arguments) == options


@pytest.mark.parametrize(
    ("variable", "value", "options"),
    [
        pytest.param("PIP_TARGET", "a", {"target": "a"}, id="target"),
        pytest.param("PIP_PREFIX", "a", {"prefix": "a"}, id="prefix"),
        pytest.param("PIP_ROOT", "a", {"root": "a"}, id="root"),
        pytest.param("PIP_USER", "yes", {"user": None}, id="user"),
        pytest.param("PIP_USER", "no", {}, id="no-user"),
        pytest.param("PIP_BREAK_SYSTEM_PACKAGES", "1", {"break_system_packages": None}, id="break-system-packages"),
        pytest.param("PIP_BREAK_SYSTEM_PACKAGES", "0", {}, id="break-no-system-packages"),
    ],
)
def test_tells_what_a_variable_says(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, options: dict[str, str | None]
) -> None:
    monkeypatch.setenv(variable, value)
    origin = Origin(kind=OriginKind.ENVIRONMENT, text=f"{variable} in the environment")
    changes = {
        name: origin if setting is None else Setting(value=setting, origin=origin) for name, setting in options.items()
    }
    assert parse_without_bundles("install") == CommandOptions(command="install", writes=True, **changes)  # type: ignore[arg-type]


def test_tells_which_files_are_believed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PIP_CONFIG_FILE", f"{tmp_path}/pip.conf")
    files = {kind: [f"{tmp_path}/{kind}.conf"] for kind in ("global", "user", "site")}
    monkeypatch.setattr("pip._internal.configuration.get_configuration_files", lambda: files)
    monkeypatch.setenv("SSL_CERT_DIR", "/certificates")
    options = parse("download", "--cache-dir", "/cache", "-r", "a.txt", "--cert", "ca.pem", "--client-cert", "me.pem")
    assert options.files == (
        (f"{tmp_path}/global.conf", "configuration"),
        (f"{tmp_path}/user.conf", "configuration"),
        (f"{tmp_path}/site.conf", "configuration"),
        (f"{tmp_path}/pip.conf", "configuration"),
        ("/cache", "cache"),
        (f"/cache{os.sep}http-v2", "cache"),
        (f"/cache{os.sep}wheels", "cache"),
        ("ca.pem", "certificates"),
        ("me.pem", "certificates"),
        ("/certificates", "certificates"),
        ("a.txt", "requirements"),
    )


def test_tells_whether_the_command_only_reads() -> None:
    assert parse_without_bundles("list", reads_only=True) == CommandOptions(command="list", reads_only=True)


@pytest.mark.parametrize(
    ("place", "foreign"),
    [
        pytest.param("user", False, id="own-file"),
        pytest.param("global", False, id="file-of-the-machine"),
        pytest.param("site", True, id="file-of-the-environment"),
        pytest.param("named", True, id="named-file"),
    ],
)
def test_tells_outputs_that_others_may_have_chosen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str, foreign: bool
) -> None:
    path = tmp_path / "pip.conf"
    path.write_text("[global]\nlog = out.txt\n", encoding="utf-8")
    monkeypatch.delenv("PIP_CONFIG_FILE")
    if place == "named":
        monkeypatch.setenv("PIP_CONFIG_FILE", str(path))
    files = {kind: [str(path)] if kind == place else [] for kind in ("user", "global", "site")}
    monkeypatch.setattr("pip._internal.configuration.get_configuration_files", lambda: files)
    (*_, text) = (setting.origin.text for setting in parse("install", "demo").outputs) if foreign else ("",)
    assert text == (f"[global] log, line 2 of {path}" if foreign else "")
    assert parse("install", "demo", "--log=mine").outputs == ()


def test_tells_outputs_that_a_variable_chose(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_LOG", "log.txt")
    monkeypatch.setenv("PIP_REPORT", "-")
    environment = [
        Origin(kind=OriginKind.ENVIRONMENT, text=f"{name} in the environment") for name in ("PIP_LOG", "PIP_REPORT")
    ]
    assert parse("install", "demo").outputs == (Setting(value="log.txt", origin=environment[0]),)
    monkeypatch.setenv("PIP_REPORT", "report.json")
    assert parse("install", "demo").outputs[1:] == (Setting(value="report.json", origin=environment[1]),)
    assert parse("install", "demo", "--report=mine", "--log=log").outputs == ()
    monkeypatch.setenv("PIP_LOG", os.devnull)
    assert parse("install", "demo", "--report=mine").outputs == ()


@pytest.mark.parametrize(
    ("arguments", "environ", "bundles"),
    [
        pytest.param(["install", "demo"], {}, ["pip's"], id="pips-own"),
        pytest.param(["uninstall", "demo"], {}, [], id="asks-no-index"),
        pytest.param(["install", "--cert", "ca.pem", "demo"], {}, ["ca.pem"], id="option"),
        pytest.param(["install", "demo"], {"PIP_CERT": "ca.pem"}, ["ca.pem"], id="variable-of-pip"),
        pytest.param(["install", "--cert=ca.pem", "demo"], {"CURL_CA_BUNDLE": "b"}, ["b"], id="variable-comes-first"),
        pytest.param(["install", "demo"], {"SSL_CERT_FILE": "b"}, ["pip's", "b"], id="beside-pips-own"),
        pytest.param(
            ["install", "--cert=ca.pem", "demo"], {"SSL_CERT_FILE": "b"}, ["ca.pem"], id="in-place-of-openssls"
        ),
        pytest.param(
            ["install", "demo"], {"SSL_CERT_FILE": "/etc/ssl/certs/ca-certificates.crt"}, ["pip's"], id="systems"
        ),
    ],
)
def test_bundles_that_the_command_uses_are_told(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str], environ: dict[str, str], bundles: list[str]
) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    assert parse(*arguments).bundles == tuple(own_bundle() if path == "pip's" else path for path in bundles)
