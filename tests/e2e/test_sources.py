"""Where distributions may come from: whoever is not approved is not even asked."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.e2e.outcome import DOCS, refusals, told
from tests.e2e.rows import slow
from tests.kit.index import LocalIndex
from tests.kit.run import Completed
from tests.kit.wheels import make_wheel
from tests.kit.workspace import Workspace

INDEX = ("unapproved-index",)
HOST = ("unapproved-host",)
DIRECT = ("direct-url",)
INSTALL = ("install", "--dry-run")


# Every way to name an index: arguments, environment, files, the rule, and where the value comes from.
NAMED = [
    pytest.param(("-i", "{url}", "harmless"), {}, {}, "-i {url} on the command line", id="index-url"),
    slow(("--pypi-url={url}", "harmless"), {}, {}, "--pypi-url {url} on the command line", id="old-name"),
    slow(("--extra={url}", "harmless"), {}, {}, "--extra-index-url {url} on the command line", id="abbreviated"),
    pytest.param(("harmless",), {"PIP_INDEX_URL": "{url}"}, {}, "PIP_INDEX_URL in the environment", id="variable"),
    slow(("harmless",), {"PIP_PYPI_URL": "{url}"}, {}, "PIP_PYPI_URL in the environment", id="old-variable"),
    slow(
        ("harmless",),
        {"PIP_EXTRA_INDEX_URL": "{index} {url}"},
        {},
        "PIP_EXTRA_INDEX_URL in the environment",
        id="extra-variable",
    ),
    pytest.param(
        ("harmless",),
        {"PIP_CONFIG_FILE": None, "PIP_INDEX_URL": None},
        {".config/pip/pip.conf": "[global]\nindex-url = {url}\n"},
        "[global] index-url, line 2 of <home>/.config/pip/pip.conf",
        id="configuration",
    ),
    pytest.param(
        ("harmless",),
        {"PIP_CONFIG_FILE": "{home}/named.conf"},
        {"named.conf": "[global]\ntimeout = 5\n[install]\nextra-index-url =\n    {index}\n    {url}\n"},
        "[install] extra-index-url, line 6 of <home>/named.conf",
        id="extra-configuration",
    ),
    slow(
        ("harmless",),
        {"PIP_CONFIG_FILE": None},
        {"../etc/pip/pip.conf": "[:env:]\nextra_index_url = {url}\n"},
        "[:env:] extra-index-url, line 2 of <folder>/etc/pip/pip.conf",
        id="global-configuration",
    ),
    pytest.param(("-r", "{home}/r.txt"), {}, {"r.txt": "harmless\n\n-i {url}\n"}, "line 3 of <home>/r.txt", id="file"),
    pytest.param(
        ("-r", "{home}/r.txt"),
        {},
        {"r.txt": "-r base.txt\n", "base.txt": "--extra-index {url}\nharmless\n"},
        "line 1 of <home>/base.txt",
        id="nested-file",
    ),
    slow(
        ("harmless", "-c", "{home}/c.txt"),
        {},
        {"c.txt": "# limits\n--extra-index-url {url}\n"},
        "line 2 of <home>/c.txt",
        id="constraints",
    ),
]


def fill(place: Workspace, rogue: LocalIndex, text: str) -> str:
    return text.format(url=rogue.url, index=place.index.url, home=place.home)


def install_from(
    place: Workspace,
    rogue: LocalIndex,
    arguments: tuple[str, ...],
    env: Mapping[str, str | None],
    files: Mapping[str, str],
    *,
    plain: bool = False,
) -> Completed:
    for name, text in files.items():
        place.write((place.home / name).resolve(), fill(place, rogue, text))
    environ = {name: value and fill(place, rogue, value) for name, value in env.items()}
    command = place.pip if plain else place.guard
    return command(*INSTALL, *(fill(place, rogue, argument) for argument in arguments), env=environ)


@pytest.mark.parametrize(("arguments", "env", "files", "origin"), NAMED)
def test_plain_pip_asks_any_index(
    arguments: tuple[str, ...],
    env: Mapping[str, str | None],
    files: Mapping[str, str],
    origin: str,
    place: Workspace,
    rogue: LocalIndex,
) -> None:
    ended = install_from(place, rogue, arguments, env, files, plain=True)
    assert ended.check().stdout.endswith("Would install harmless-9.0\n")


@pytest.mark.parametrize(("arguments", "env", "files", "origin"), NAMED)
def test_unapproved_index_is_not_asked(
    arguments: tuple[str, ...],
    env: Mapping[str, str | None],
    files: Mapping[str, str],
    origin: str,
    place: Workspace,
    rogue: LocalIndex,
) -> None:
    ended = install_from(place, rogue, arguments, env, files)
    assert refusals(ended) == INDEX
    assert f"\n  set by {origin.format(url=rogue.url)}\n" in told(place, ended)
    assert rogue.requests == []


def test_message_names_index_and_origin(place: Workspace, rogue: LocalIndex) -> None:
    ended = place.guard(*INSTALL, "harmless", env={"PIP_INDEX_URL": rogue.url})
    assert told(place, ended) == (
        f"""error: unapproved-index

pip would look for distributions on {rogue.url}, which is not approved.
  set by PIP_INDEX_URL in the environment

hint: Remove it where it is set, or, if you trust it, approve it.
      In <home>/.config/pip-guard/policy.toml:
      [indexes]
      approved = ["{place.index.url.rstrip("/")}", "{rogue.url.rstrip("/")}"]
      file-hosts = ["{place.index.files_url.rstrip("/")}", "{rogue.origin}/"]
docs: {DOCS}/unapproved-index.html

Nothing was installed.
"""
    )


def test_all_findings_of_options_are_reported_at_once(place: Workspace, rogue: LocalIndex) -> None:
    options = ("-i", rogue.url, "--trusted-host", "localhost", "-r", f"{rogue.origin}/r.txt")
    ended = place.guard(*INSTALL, *options)
    assert refusals(ended) == ("unapproved-index", "trusted-host", "remote-requirements-file")
    assert rogue.requests == []


@pytest.mark.parametrize(
    "url",
    [
        slow("https://{host}/simple", id="no-slash"),
        pytest.param("HTTPS://LOCALHOST:{port}/simple/", id="upper-case"),
        pytest.param("https://user:password@{host}/simple/", id="credentials"),
    ],
)
def test_approved_index_may_be_spelt_otherwise(url: str, place: Workspace) -> None:
    place.guard(*INSTALL, "-i", spelt(url, place.index), "harmless").check()


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("https://{host}@evil.example/simple/", id="user"),
        pytest.param("https://{host}/simple/../other/", id="dots"),
        pytest.param("http://{host}/simple/", id="scheme"),
        slow("https://{host}/", id="above"),
        slow("https://{host}//simple/", id="double-slash"),
        slow("https://{host}/simple/x/", id="below"),
        slow("https://{host}.evil.example/simple/", id="longer-name"),
        slow("https://localhost/simple/", id="port"),
    ],
)
def test_place_that_resembles_approved_index_is_refused(url: str, place: Workspace) -> None:
    assert refusals(place.guard(*INSTALL, "-i", spelt(url, place.index), "harmless")) == INDEX
    assert place.index.requests == []


def spelt(url: str, index: LocalIndex) -> str:
    host = index.origin.partition("://")[2]
    return url.format(host=host, port=host.partition(":")[2])


# find-links


def write_links(place: Workspace) -> Path:
    wheel = make_wheel("linked")
    return place.write(f"links/{wheel.filename}", wheel.content).parent


@pytest.mark.parametrize("form", ["{folder}", "file://{folder}", "links"], ids=["path", "file-url", "relative"])
def test_folder_of_links_may_be_named_on_command_line(form: str, place: Workspace) -> None:
    folder = write_links(place)
    named = form.format(folder=folder)
    place.guard(*INSTALL, "--no-index", "--find-links", named, "linked").check()


@pytest.mark.parametrize(
    ("arguments", "env", "text", "origin"),
    [
        pytest.param(
            ("linked",), {"PIP_FIND_LINKS": "{folder}"}, "", "PIP_FIND_LINKS in the environment", id="variable"
        ),
        pytest.param(
            ("linked",),
            {"PIP_CONFIG_FILE": "{file}"},
            "[global]\nfind-links = {folder}\n",
            "[global] find-links, line 2 of <cwd>/file",
            id="configuration",
        ),
        pytest.param(("-r", "file"), {}, "linked\n--find-links {folder}\n", "line 2 of file", id="file"),
    ],
)
def test_folder_of_links_is_refused_where_nobody_named_it(
    arguments: tuple[str, ...], env: Mapping[str, str], text: str, origin: str, place: Workspace
) -> None:
    folder = write_links(place)
    file = place.write("file", text.format(folder=folder))
    environ = {name: value.format(folder=folder, file=file) for name, value in env.items()}
    ended = place.guard(*INSTALL, "--no-index", *arguments, env=environ)
    assert refusals(ended) == ("find-links",)
    assert f"\n  set by {origin}\n" in told(place, ended)


def test_policy_can_demand_approved_folders(place: Workspace) -> None:
    folder = write_links(place)
    arguments = (*INSTALL, "--no-index", "--find-links", folder, "linked")
    strict = 'local-find-links = "approved"\n'
    assert refusals(place.guard(*arguments, policy=f"[indexes]\n{strict}")) == ("find-links",)
    place.guard(*arguments, policy=f"[indexes]\napproved = ['{folder.as_uri()}']\n{strict}").check()


def test_unapproved_page_of_links_is_not_fetched(place: Workspace, rogue: LocalIndex) -> None:
    page = rogue.page("/links.html", "<a href='/files/harmless-9.0-py3-none-any.whl'>x</a>", "text/html")
    ended = place.guard(*INSTALL, "--find-links", page, "harmless")
    assert refusals(ended) == INDEX
    assert rogue.requests == []


# direct URLs


@pytest.mark.parametrize("form", ["{url}", "harmless @ {url}", "{path}", "file://{path}"])
def test_approved_direct_url_is_taken(form: str, place: Workspace) -> None:
    wheel = make_wheel("harmless")
    path = place.write(wheel.filename, wheel.content)
    wanted = form.format(url=place.index.publish(wheel), path=path)
    place.guard(*INSTALL, wanted).check()


UNAPPROVED_URLS = [
    pytest.param("{url}", id="url"),
    pytest.param("harmless @ {url}", id="named-url"),
    pytest.param("harmless @ {url}#sha256={digest}", id="hashed-url"),
]


@pytest.mark.parametrize("form", UNAPPROVED_URLS)
@pytest.mark.parametrize("where", ["command-line", "file", "dependency"])
def test_unapproved_direct_url_is_not_fetched(where: str, form: str, place: Workspace, rogue: LocalIndex) -> None:
    url = rogue.publish(make_wheel("harmless", "9.0"))
    wanted = form.format(url=url, digest="0" * 64)
    match where:
        case "command-line":
            arguments: tuple[str, ...] = (wanted,)
        case "file":
            place.write("r.txt", f"{wanted}\n")
            arguments = ("-r", "r.txt")
        case _:
            requirement = wanted if "@" in wanted else f"harmless @ {wanted}"
            place.index.publish(make_wheel("parent", requires=[requirement]))
            arguments = ("parent",)
    ended = place.guard(*INSTALL, *arguments)
    assert refusals(ended) == DIRECT
    assert rogue.requests == []


def test_local_wheel_of_requirements_file_is_refused(place: Workspace) -> None:
    wheel = make_wheel("harmless")
    place.write("r.txt", f"./{place.write(wheel.filename, wheel.content).name}\n")
    ended = place.guard(*INSTALL, "-r", "r.txt")
    assert refusals(ended) == DIRECT
    assert "\n  required by line 1 of r.txt\n" in ended.stderr


# requirements from elsewhere


@pytest.mark.parametrize("option", ["-r", "-c", "--build-constraint"])
def test_unapproved_remote_file_is_not_fetched(option: str, place: Workspace, rogue: LocalIndex) -> None:
    ended = place.guard(*INSTALL, "harmless", option, rogue.page("/reqs/r.txt", "harmless\n"))
    assert refusals(ended) == ("remote-requirements-file",)
    assert rogue.requests == []


@pytest.mark.parametrize("option", ["-r", "-c"])
def test_unapproved_remote_file_of_file_is_not_fetched(option: str, place: Workspace, rogue: LocalIndex) -> None:
    place.write("r.txt", f"{option} {rogue.page('/reqs/r.txt', '')}\n")
    ended = place.guard(*INSTALL, "harmless", "-r", "r.txt")
    assert refusals(ended) == ("remote-requirements-file",)
    assert "\n  set by a requirements file\n" in ended.stderr
    assert rogue.requests == []


def test_approved_remote_file_is_followed(place: Workspace) -> None:
    url = place.index.page("/files/r.txt", "harmless\n")
    place.guard(*INSTALL, "-r", url).check()


def test_unapproved_remote_lock_file_is_not_fetched(place: Workspace, rogue: LocalIndex) -> None:
    ended = place.guard(*INSTALL, "-r", rogue.page("/pylock.toml", ""))
    assert refusals(ended) == ("remote-requirements-file",)
    assert rogue.requests == []


def test_uninstall_does_not_fetch_unapproved_list(place: Workspace, rogue: LocalIndex) -> None:
    url = rogue.page("/reqs/r.txt", "platformdirs\n")
    place.pip("uninstall", "--yes", "-r", f"{rogue.origin}/reqs/none.txt")
    assert rogue.paths == ["/reqs/none.txt"]
    rogue.requests.clear()
    assert refusals(place.guard("uninstall", "--yes", "-r", url)) == ("remote-requirements-file",)
    assert rogue.requests == []


# commands that only ask


@pytest.mark.parametrize(
    "command",
    [("index", "versions", "harmless"), ("list", "--outdated"), ("list", "--uptodate")],
    ids=" ".join,
)
def test_command_that_asks_obeys_rules(command: tuple[str, ...], place: Workspace, rogue: LocalIndex) -> None:
    for name in ("pip", "packaging", "platformdirs", "pip-guard-shim"):
        rogue.publish(make_wheel(name, "99.0"))
    place.pip(*command, "-i", rogue.url).check()
    assert rogue.requests != []
    rogue.requests.clear()
    assert refusals(place.guard(*command, "-i", rogue.url)) == INDEX
    assert rogue.requests == []
    assert place.guard(*command).check().stdout == place.pip(*command).check().stdout


def test_redirect_of_command_that_asks_is_not_followed(place: Workspace, rogue: LocalIndex) -> None:
    place.index.redirect("/simple/harmless/", f"{rogue.origin}/simple/harmless/")
    assert refusals(place.guard("index", "versions", "harmless")) == HOST
    assert rogue.requests == []


def test_search_asks_only_approved_index(place: Workspace, rogue: LocalIndex) -> None:
    assert refusals(place.guard("search", "--index", f"{rogue.origin}/pypi", "harmless")) != ()
    assert rogue.requests == []
