"""What happens on the way to a source: certificates, redirects, proxies and passwords."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest

from tests.e2e.outcome import refusals
from tests.e2e.rows import slow
from tests.e2e.settings import approve, write_configuration
from tests.kit.index import LocalIndex
from tests.kit.wheels import make_wheel
from tests.kit.workspace import Workspace

HOST = ("unapproved-host",)
INSTALL = ("install", "--dry-run")
PASSWORD = "open-sesame"


# certificates


@pytest.mark.parametrize(
    ("arguments", "env", "text", "origin"),
    [
        pytest.param(
            ("--trusted-host", "localhost", "harmless"),
            {},
            "",
            "--trusted-host localhost on the command line",
            id="command-line",
        ),
        pytest.param(
            ("harmless",), {"PIP_TRUSTED_HOST": "localhost"}, "", "PIP_TRUSTED_HOST in the environment", id="variable"
        ),
        pytest.param(
            ("harmless",),
            {"PIP_CONFIG_FILE": "file"},
            "[global]\n\ntrusted-host = localhost\n",
            "[global] trusted-host, line 3 of file",
            id="configuration",
        ),
        pytest.param(("-r", "file"), {}, "harmless\n--trusted-host localhost\n", "line 2 of file", id="file"),
    ],
)
def test_certificates_are_always_verified(
    arguments: tuple[str, ...], env: Mapping[str, str], text: str, origin: str, place: Workspace
) -> None:
    place.write("file", text)
    ended = place.guard(*INSTALL, *arguments, env=env)
    assert refusals(ended) == ("trusted-host",)
    assert f"\n  set by {origin}\n" in ended.stderr
    assert place.index.requests == []


def test_index_without_tls_is_refused_even_if_approved(place: Workspace) -> None:
    policy = "[indexes]\napproved = ['http://index.example.invalid/simple/']\n"
    ended = place.guard(*INSTALL, "-i", "http://index.example.invalid/simple/", "harmless", policy=policy)
    assert refusals(ended) == ("insecure-transport",)


def test_loopback_needs_no_tls(place: Workspace) -> None:
    with LocalIndex(tls=False) as plain:
        plain.publish(make_wheel("harmless"))
        place.guard(*INSTALL, "-i", plain.url, "harmless", policy=approve(plain)).check()


def test_unknown_certificate_is_not_believed(place: Workspace) -> None:
    ended = place.guard(*INSTALL, "harmless", env={"PIP_CERT": None, "SSL_CERT_FILE": None})
    assert ended.returncode == 1
    assert place.index.requests == []


# redirects, and links to elsewhere


@pytest.mark.parametrize("status", [302, *(slow(status) for status in (301, 307, 308))])
@pytest.mark.parametrize("path", ["/simple/harmless/", "/files/harmless-1.0-py3-none-any.whl"], ids=["page", "file"])
def test_redirect_to_elsewhere_is_not_followed(path: str, status: int, place: Workspace, rogue: LocalIndex) -> None:
    place.index.redirect(path, f"{rogue.origin}{path}", status=status)
    ended = place.guard("download", "--dest", "files", "harmless")
    assert refusals(ended) == HOST
    assert f"pip would follow a redirect to {rogue.origin}{path}" in ended.stderr
    assert rogue.requests == []


def test_version_check_that_is_led_elsewhere_stops_nothing(place: Workspace, rogue: LocalIndex) -> None:
    place.index.redirect("/simple/pip/", f"{rogue.url}pip/")
    env = {"PIP_DISABLE_PIP_VERSION_CHECK": None}
    assert "error checking the latest version" not in place.pip(*INSTALL, "harmless", env=env).stderr
    assert rogue.paths == ["/simple/pip/"]
    ended = place.guard(*INSTALL, "harmless", env=env).check()
    assert ended.stderr == ""
    assert rogue.paths == ["/simple/pip/"]


def test_redirect_within_approved_host_is_followed(place: Workspace) -> None:
    place.index.redirect("/simple/harmless/", f"{place.index.origin}/simple/other/")
    place.index.publish(make_wheel("harmless", "2.0"), project="other")
    ended = place.guard(*INSTALL, "harmless").check()
    assert ended.stdout.endswith("Would install harmless-2.0\n")


def test_redirect_to_file_is_not_followed(place: Workspace) -> None:
    place.index.redirect("/simple/harmless/", (place.cwd / "harmless").as_uri())
    assert place.guard(*INSTALL, "harmless").returncode in (1, 40)


@pytest.mark.parametrize("metadata", [True, False], ids=["metadata", "wheel"])
@pytest.mark.parametrize("html", [True, False], ids=["html", "json"])
def test_file_elsewhere_is_not_fetched(metadata: bool, html: bool, place: Workspace, rogue: LocalIndex) -> None:
    place.index.html_only = html
    url = rogue.publish(make_wheel("remote"))
    place.index.publish(make_wheel("remote"), url=url, metadata=metadata)
    ended = place.guard(*INSTALL, "remote", policy=f'[rules]\nrecent-release = "off"\n{approve(place.index)}')
    assert refusals(ended) == HOST
    assert f"pip would fetch {url}, which is not under an approved file host" in " ".join(ended.stderr.split())
    assert rogue.requests == []


@pytest.mark.parametrize("metadata", [True, False], ids=["metadata", "wheel"])
def test_file_elsewhere_on_the_host_is_not_fetched(metadata: bool, place: Workspace) -> None:
    url = f"{place.index.origin}/files-of-others/remote-1.0-py3-none-any.whl"
    place.index.publish(make_wheel("remote"), url=url, metadata=metadata)
    ended = place.guard(*INSTALL, "remote")
    assert refusals(ended) == HOST
    assert place.index.paths == ["/simple/remote/"]


# proxies


PROXIES = [
    pytest.param(("--proxy", "{proxy}"), {}, "--proxy {proxy} on the command line", id="command-line"),
    slow((), {"PIP_PROXY": "{proxy}"}, "PIP_PROXY in the environment", id="pip-variable"),
    pytest.param((), {"HTTPS_PROXY": "{proxy}", "NO_PROXY": None}, "HTTPS_PROXY in the environment", id="variable"),
    slow((), {"all_proxy": "{proxy}", "NO_PROXY": None}, "all_proxy in the environment", id="all-proxy"),
]


@pytest.mark.parametrize(("arguments", "env", "origin"), PROXIES)
def test_unapproved_proxy_with_private_authority_is_not_asked(
    arguments: tuple[str, ...], env: Mapping[str, str | None], origin: str, place: Workspace
) -> None:
    with listening() as (proxy, server):
        environ = {name: value and value.format(proxy=proxy) for name, value in env.items()}
        options = [argument.format(proxy=proxy) for argument in arguments]
        ended = place.guard(*INSTALL, *options, "harmless", env=environ)
        assert refusals(ended) == HOST
        assert f"\n  set by {origin.format(proxy=proxy)}\n" in ended.stderr
        assert was_not_asked(server)


@pytest.mark.parametrize(("arguments", "env", "origin"), PROXIES)
def test_approved_proxy_is_asked(
    arguments: tuple[str, ...], env: Mapping[str, str | None], origin: str, place: Workspace
) -> None:
    with listening() as (proxy, server):
        environ = {name: value and value.format(proxy=proxy) for name, value in env.items()}
        options = [argument.format(proxy=proxy) for argument in arguments]
        policy = f"{place.approval}proxies = ['{proxy}']\n"
        ended = place.guard(*INSTALL, "--timeout=1", *options, "harmless", env=environ, policy=policy)
        assert ended.returncode == 1, str(ended)
        assert not was_not_asked(server)


@pytest.mark.parametrize("approved", [True, False])
def test_files_may_go_through_another_proxy_than_the_index(approved: bool, place: Workspace) -> None:
    with LocalIndex(host="127.0.0.1") as files, listening() as (proxy, server):
        url = files.publish(make_wheel("remote"))
        place.index.publish(make_wheel("remote"), url=url, metadata=False)
        policy = f"{approve(place.index, files)}{f'proxies = [{proxy!r}]' if approved else ''}\n"
        env = {"HTTPS_PROXY": proxy, "NO_PROXY": "localhost"}
        ended = place.guard("download", "--dest=files", "--timeout=1", "remote", env=env, policy=policy)
        assert was_not_asked(server) is not approved
        if approved:
            assert ended.returncode == 1
        else:
            assert refusals(ended) == HOST
            assert f"pip would ask {url} through {proxy}, which could change the response." in ended.stderr


@contextmanager
def listening() -> Iterator[tuple[str, socket.socket]]:
    """Listen on a port and answer nobody."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}", server


def was_not_asked(server: socket.socket) -> bool:
    server.settimeout(0.05)
    try:
        server.accept()[0].close()
    except TimeoutError:
        return True
    return False


# passwords


def require_password(place: Workspace) -> None:
    place.index.credentials = ("user", PASSWORD)


def write_netrc(place: Workspace) -> None:
    netrc = place.write(place.home / ".netrc", f"machine localhost login user password {PASSWORD}\n")
    netrc.chmod(0o600)


@pytest.mark.parametrize("verbose", [slow((), id="quiet"), pytest.param(("-vvv",), id="verbose")])
@pytest.mark.parametrize("where", ["option", "variable", "configuration", "file", "netrc"])
def test_password_is_sent_and_never_shown(where: str, verbose: tuple[str, ...], place: Workspace) -> None:
    require_password(place)
    url = place.index.url_with_credentials
    env: dict[str, str | None] = {"PIP_INDEX_URL": None}
    arguments: tuple[str, ...] = ("harmless",)
    match where:
        case "option":
            arguments = ("-i", url, "harmless")
        case "variable":
            env = {"PIP_INDEX_URL": url}
        case "configuration":
            write_configuration(place, f"[global]\nindex-url = {url}\n")
            env["PIP_CONFIG_FILE"] = None
        case "file":
            place.write("r.txt", f"-i {url}\nharmless\n")
            arguments, env = ("-r", "r.txt"), {}
        case _:
            write_netrc(place)
            env = {}
    ended = place.guard(*verbose, *INSTALL, *arguments, env=env).check()
    assert PASSWORD not in ended.output
    assert place.index.requests[-1].authorization is not None


def test_password_in_refused_url_is_not_shown(place: Workspace, rogue: LocalIndex) -> None:
    url = rogue.url.replace("https://", f"https://user:{PASSWORD}@")
    place.write("r.txt", f"{url}harmless-1.0-py3-none-any.whl\n")
    place.write("trusting.txt", f"harmless\n--trusted-host user:{PASSWORD}@localhost\n")
    attempts: list[tuple[tuple[str, ...], dict[str, str]]] = [
        (("-i", url, "harmless"), {}),
        (("harmless",), {"PIP_EXTRA_INDEX_URL": url}),
        (("--find-links", url, "harmless"), {}),
        (("--proxy", f"http://user:{PASSWORD}@127.0.0.1:1", "harmless"), {}),
        (("-r", url), {}),
        (("-r", "r.txt"), {}),
        ((f"git+{url}x.git",), {}),
        (("--trusted-host", f"{PASSWORD}@localhost", "harmless"), {}),
        (("-r", "trusting.txt"), {}),
        (("-i", f"{rogue.url}?any={PASSWORD}", "-C", f"any={PASSWORD}", "harmless"), {}),
    ]
    for output in ("text", "json"):
        for arguments, env in attempts:
            ended = place.guard(f"--guard-format={output}", *INSTALL, *arguments, env=env)
            assert ended.returncode == 40, str(ended)
            # pip itself tells of the line in the file
            in_file = "trusting.txt" in arguments
            assert PASSWORD not in (ended.stderr if in_file else ended.output), str(ended)
            assert "****" in ended.stderr or in_file, str(ended)
    journal = place.home / ".local" / "state" / "pip-guard" / "log" / "journal.jsonl"
    assert PASSWORD not in journal.read_text(encoding="utf-8")
    assert rogue.requests == []


def test_password_stays_with_its_index(place: Workspace, rogue: LocalIndex) -> None:
    require_password(place)
    write_netrc(place)
    place.index.redirect("/simple/harmless/", f"{rogue.origin}/simple/harmless/")
    assert refusals(place.guard(*INSTALL, "harmless")) == HOST
    assert rogue.requests == []


def test_missing_password_is_not_asked_of_programs(place: Workspace) -> None:
    require_password(place)
    scripts = place.home / "bin"
    keyring = place.write(scripts / "keyring", f"#!/bin/sh\n: > {place.sentinel()}\n")
    keyring.chmod(0o755)
    env = {"PATH": f"{scripts}:{place.environ['PATH']}", "PIP_KEYRING_PROVIDER": "subprocess", "PIP_NO_INPUT": None}
    place.pip(*INSTALL, "harmless", env=env)
    assert place.sentinel().exists()
    place.sentinel().unlink()
    ended = place.guard(*INSTALL, "harmless", "--keyring-provider=subprocess", env=env)
    assert ended.returncode == 1
    assert "ERROR: pip asked for input, and there is none." in ended.stderr
    assert "Traceback" not in ended.output
    assert not place.sentinel().exists()
    note = "WARNING: localhost wants a password, and pip-guard asks no keyring (keyring-provider is set by %s):"
    assert ended.stderr.count(note % "--keyring-provider subprocess on the command line") == 1
    assert ended.stderr.index("WARNING") < ended.stderr.index("ERROR")
    without_input = place.guard(*INSTALL, "harmless", env={**env, "PIP_NO_INPUT": "1"})
    assert without_input.stderr.count(note % "PIP_KEYRING_PROVIDER in the environment") == 1
    write_netrc(place)
    assert "keyring" not in place.guard(*INSTALL, "harmless", env=env).check().stderr
