"""Test the settings that are put into the configuration of pip and of uv."""

from __future__ import annotations

import configparser
import re
from pathlib import Path
from types import ModuleType

import pytest
from pip._internal.configuration import Configuration
from pip._internal.exceptions import ConfigurationFileCouldNotBeLoaded

from pip_guard.errors import GuardError
from pip_guard.integrations import pip_config, uv_config
from pip_guard.integrations.integration import Integration, UserContext
from pip_guard.policy.toml import parse_toml
from tests.unit.integrations.factories import disable, enable, make_context, snapshot

INDEX = "https://pypi.acme.example/simple/"
PIP = "# What pip does where pip-guard does not run. To undo: pip-guard guard disable --pip-config\n"
UV = "# What uv may do. To undo: pip-guard guard disable --uv-config\n"


def write(home: Path, name: str, text: str) -> Path:
    path = home / ".config" / name
    path.parent.mkdir(parents=True)
    path.write_bytes(text.encode())
    return path


@pytest.fixture
def here(tmp_path: Path) -> UserContext:
    """Describe a home on a machine with uv."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "uv").touch(mode=0o755)
    return make_context(tmp_path, PATH=str(tmp_path / "bin"), index=INDEX)


BLOCK = "# >>> pip-guard >>>{joined}\n{comment}{body}# <<< pip-guard <<<\n"
SETTINGS = f"only-binary = :all:\nrequire-virtualenv = true\nindex-url = {INDEX}\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            None,
            BLOCK.format(joined=" (this file was made for it)", comment=PIP, body="[global]\n" + SETTINGS),
            id="missing",
        ),
        pytest.param("", BLOCK.format(joined="", comment=PIP, body="[global]\n" + SETTINGS), id="empty"),
        pytest.param(
            "[install]\nno-deps = true\n",
            "[install]\nno-deps = true\n" + BLOCK.format(joined="", comment=PIP, body="[global]\n" + SETTINGS),
            id="other-section",
        ),
        pytest.param(
            "[global]\ntimeout = 3\n[install]\nno-deps = true",
            "[global]\n"
            + BLOCK.format(joined="", comment=PIP, body=SETTINGS)
            + "timeout = 3\n[install]\nno-deps = true",
            id="section-is-there",
        ),
        pytest.param(
            "[global]",
            "[global]\n" + BLOCK.format(joined=" (the line above had no end)", comment=PIP, body=SETTINGS),
            id="section-is-the-last-line",
        ),
        pytest.param(
            "[global]\nrequire_virtualenv = True\nindex-url = " + INDEX + "\n",
            "[global]\n"
            + BLOCK.format(joined="", comment=PIP, body="only-binary = :all:\n")
            + "require_virtualenv = True\nindex-url = "
            + INDEX
            + "\n",
            id="some-are-there",
        ),
    ],
)
def test_pip_gets_what_its_file_lacks(here: UserContext, before: str | None, after: str) -> None:
    path = here.home / ".config" / "pip" / "pip.conf"
    if before is not None:
        write(here.home, "pip/pip.conf", before)
    first = snapshot(here.home)
    assert enable(pip_config.INTEGRATION, here) == ["pip.conf"]
    assert path.read_bytes().decode() == after
    parser = configparser.RawConfigParser()
    parser.read(path)
    assert parser["global"]["only-binary"] == ":all:"
    assert enable(pip_config.INTEGRATION, here) == []
    assert pip_config.INTEGRATION.states(here)[0].works
    assert disable(pip_config.INTEGRATION, here) == ["pip.conf"]
    assert snapshot(here.home) == first
    assert disable(pip_config.INTEGRATION, here) == []
    assert not pip_config.INTEGRATION.states(here)[0].enabled


def pip_reads(path: Path) -> dict[str, dict[str, str]]:
    """Return what pip's own reader makes of a file."""
    parser = Configuration(isolated=False)._construct_parser(str(path))
    return {section: dict(parser.items(section)) for section in parser.sections()}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("  [global]\ntimeout = 3\n", id="indented-section"),
        pytest.param("  [global]\n  timeout = 3\n  retries = 2\n", id="indented-section-and-settings"),
        pytest.param("[global]\n    timeout = 3\n    retries = 2\n", id="indented-settings"),
        pytest.param("[global]\n\ttimeout = 3\n\t[install]\n\tno-deps = true\n", id="tabs"),
        pytest.param("[global]\n# why\n\n   ; and\n    timeout = 3\n", id="comments-before-settings"),
        pytest.param("[install]\nno-deps = true\n   [global]\n", id="header-that-continues-a-value"),
        pytest.param("[global]\nextra-index-url =\n    https://a/\n    [global]\n", id="value-like-a-header"),
        pytest.param("[global]\r\n  timeout = 3\r\n", id="crlf"),
        pytest.param("[global]\rtimeout = 3\r", id="carriage-returns"),
        pytest.param("[DEFAULT]\ntimeout = 3\n[global]\n", id="default-section"),
        pytest.param("[global] ; why\ntimeout: 3\n", id="text-after-the-header"),
    ],
)
def test_pip_reads_all_that_it_read_before_and_the_settings(here: UserContext, text: str) -> None:
    path = write(here.home, "pip/pip.conf", text)
    before = pip_reads(path)
    assert enable(pip_config.INTEGRATION, here) == ["pip.conf"]
    wanted = {"only-binary": ":all:", "require-virtualenv": "true", "index-url": INDEX}
    defaults = {"timeout": "3"} if "DEFAULT" in text else {}
    assert pip_reads(path) == {**before, "global": {**before.get("global", defaults), **wanted}}
    assert pip_config.INTEGRATION.states(here)[0].works
    disable(pip_config.INTEGRATION, here)
    assert path.read_bytes() == text.encode()


@pytest.mark.parametrize("text", ["[global]\ntimeout = 3\n[global]\n", "\ufeff[global]\n", "[global\n", "a = \xe4\n"])
def test_refuses_what_pip_cannot_read(here: UserContext, text: str) -> None:
    path = write(here.home, "pip/pip.conf", text)
    with pytest.raises(ConfigurationFileCouldNotBeLoaded):
        pip_reads(path)
    with pytest.raises(GuardError) as caught:
        enable(pip_config.INTEGRATION, here)
    assert caught.value.message.startswith(f"pip cannot read {path}: ")
    (state,) = pip_config.INTEGRATION.states(here)
    assert (state.enabled, state.problems) == (False, ((caught.value.message, "Correct that file first."),))


def test_refuses_where_it_would_change_what_pip_reads(here: UserContext, monkeypatch: pytest.MonkeyPatch) -> None:
    write(here.home, "pip/pip.conf", "[global]\n    timeout = 3\n")
    monkeypatch.setattr(pip_config, "_HEADER", re.compile(rb"^\[global\](?P<indent>)\n", re.MULTILINE))
    with pytest.raises(GuardError) as caught:
        enable(pip_config.INTEGRATION, here)
    assert caught.value.message == f"pip-guard cannot add settings to [global] in {here.home}/.config/pip/pip.conf."
    assert caught.value.hint == "Add these lines to it:\n" + SETTINGS.rstrip()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param(
            "[install]\nno-binary = :all:\n", "[install] in {} sets no-binary, so pip builds sdists again", id="install"
        ),
        pytest.param(
            "[:env:]\nno-binary = x\n", "[:env:] in {} sets no-binary, so pip builds sdists again", id="variables"
        ),
        pytest.param(
            "[wheel]\nonly_binary = x\n", "[wheel] in {} already sets only-binary to another value", id="only-binary"
        ),
        pytest.param(
            "[install]\nrequire-virtualenv = 0\n",
            "[install] in {} already sets require-virtualenv to another value",
            id="virtual-environment",
        ),
    ],
)
def test_every_section_counts(here: UserContext, text: str, problem: str) -> None:
    path = write(here.home, "pip/pip.conf", text)
    with pytest.raises(GuardError) as caught:
        enable(pip_config.INTEGRATION, here)
    assert caught.value.message == f"{problem.format(path)}."
    path.unlink()
    enable(pip_config.INTEGRATION, here)
    with path.open("a", encoding="utf-8") as file:
        file.write(text)
    (state,) = pip_config.INTEGRATION.states(here)
    assert (state.enabled, state.problems) == (True, ((problem.format(path), "Remove that setting."),))


@pytest.mark.parametrize("text", ["[install]\nno-binary = :none:\n", "[install]\nrequire-virtualenv = yes\n"])
def test_settings_that_mean_the_same_are_no_conflict(here: UserContext, text: str) -> None:
    write(here.home, "pip/pip.conf", text)
    enable(pip_config.INTEGRATION, here)
    assert pip_config.INTEGRATION.states(here)[0].works


def test_settings_that_were_removed_are_a_problem(here: UserContext) -> None:
    enable(pip_config.INTEGRATION, here)
    path = here.home / ".config" / "pip" / "pip.conf"
    path.write_text(path.read_text(encoding="utf-8").replace("only-binary = :all:\n", ""), encoding="utf-8")
    problem = (f"[global] in {path} no longer sets only-binary", "pip-guard guard enable --pip-config")
    assert pip_config.INTEGRATION.states(here)[0].problems == (problem,)


def test_pip_needs_nothing_where_all_is_set(here: UserContext) -> None:
    write(here.home, "pip/pip.conf", "[global]\n" + SETTINGS)
    assert enable(pip_config.INTEGRATION, here) == []


def test_index_of_pip_follows_the_policy(here: UserContext) -> None:
    enable(pip_config.INTEGRATION, make_context(here.home))
    path = here.home / ".config" / "pip" / "pip.conf"
    assert "index-url" not in path.read_text(encoding="utf-8")
    assert enable(pip_config.INTEGRATION, here) == ["pip.conf"]
    assert INDEX in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("[global]\nonly-binary = numpy\n", "already sets only-binary to another value", id="other-value"),
        pytest.param("[global]\nindex_url = https://x/\n", "already sets index-url to another value", id="index"),
        pytest.param("timeout = 3\n", "pip.conf: File contains no", id="invalid"),
    ],
)
def test_refuses_a_file_of_pips_that_says_otherwise(here: UserContext, text: str, message: str) -> None:
    path = write(here.home, "pip/pip.conf", text)
    with pytest.raises(GuardError) as caught:
        enable(pip_config.INTEGRATION, here)
    assert message in caught.value.message
    assert path.read_text(encoding="utf-8") == text


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            None,
            BLOCK.format(
                joined=" (this file was made for it)", comment=UV, body=f'no-build = true\nindex-url = "{INDEX}"\n'
            ),
            id="missing",
        ),
        pytest.param(
            "[pip]\nstrict = true",
            BLOCK.format(joined="", comment=UV, body=f'no-build = true\nindex-url = "{INDEX}"\n')
            + "[pip]\nstrict = true",
            id="goes-before-tables",
        ),
        pytest.param(
            f'index-url = "{INDEX[:-1]}"\n',
            BLOCK.format(joined="", comment=UV, body="no-build = true\n") + f'index-url = "{INDEX[:-1]}"\n',
            id="index-is-there",
        ),
        pytest.param(
            "no-build = true\n",
            BLOCK.format(joined="", comment=UV, body=f'index-url = "{INDEX}"\n') + "no-build = true\n",
            id="no-build-is-there",
        ),
        pytest.param(
            "\ufeff[pip]\n",
            "\ufeff"
            + BLOCK.format(joined="", comment=UV, body=f'no-build = true\nindex-url = "{INDEX}"\n')
            + "[pip]\n",
            id="byte-order-mark",
        ),
    ],
)
def test_uv_gets_what_its_file_lacks(here: UserContext, before: str | None, after: str) -> None:
    path = here.home / ".config" / "uv" / "uv.toml"
    if before is not None:
        write(here.home, "uv/uv.toml", before)
    first = snapshot(here.home)
    assert enable(uv_config.INTEGRATION, here) == ["uv.toml"]
    assert path.read_bytes().decode() == after
    assert parse_toml(path.read_text(encoding="utf-8-sig"))["no-build"] is True
    assert enable(uv_config.INTEGRATION, here) == []
    assert uv_config.INTEGRATION.states(here)[0].works
    assert disable(uv_config.INTEGRATION, here) == ["uv.toml"]
    assert snapshot(here.home) == first
    assert disable(uv_config.INTEGRATION, here) == []


def test_uv_needs_nothing_where_all_is_set(here: UserContext) -> None:
    write(here.home, "uv/uv.toml", "no-build = true\n")
    assert enable(uv_config.INTEGRATION, make_context(here.home, PATH=here.environ["PATH"])) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("no-build = false\n", "lets uv build: it sets no-build to false.", id="builds"),
        pytest.param("[pip]\nno-build = false\n", "lets uv build: it sets pip.no-build to false.", id="pip-builds"),
        pytest.param('[[index]]\nurl = "https://x"\n', "names indexes already: index.", id="index"),
        pytest.param('index-url = "https://x"\n', "names indexes already: index-url.", id="other-index"),
        pytest.param("no-build =\n", "uv cannot read its own configuration: ", id="invalid"),
        pytest.param("\udcff", "uv cannot read its own configuration: ", id="not-utf-8"),
    ],
)
def test_refuses_a_file_of_uvs_that_says_otherwise(here: UserContext, text: str, message: str) -> None:
    path = write(here.home, "uv/uv.toml", "")
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(GuardError) as caught:
        enable(uv_config.INTEGRATION, here)
    assert message in caught.value.message
    assert path.read_bytes() == text.encode("utf-8", "surrogateescape")


def test_nothing_is_to_be_done_without_uv(tmp_path: Path) -> None:
    context = make_context(tmp_path, PATH=str(tmp_path))
    with pytest.raises(GuardError, match=r"There is no uv on PATH\."):
        enable(uv_config.INTEGRATION, context)
    assert uv_config.INTEGRATION.states(context) == ()


@pytest.mark.parametrize(
    ("integration", "name"),
    [pytest.param(pip_config, "pip/pip.conf", id="pip"), pytest.param(uv_config, "uv/uv.toml", id="uv")],
)
def test_state_names_a_file_that_cannot_be_read(here: UserContext, integration: ModuleType, name: str) -> None:
    path = write(here.home, name, "")
    path.unlink()
    path.symlink_to("/dev/zero")
    (state,) = integration.INTEGRATION.states(here)
    problem = (f"{path} cannot be read: it is not a regular file", "Look at that file.")
    assert (state.enabled, state.place, state.problems) == (False, str(path), (problem,))


def test_state_without_its_block(here: UserContext) -> None:
    (state,) = uv_config.INTEGRATION.states(here)
    assert (state.enabled, state.files) == (False, ())


@pytest.mark.parametrize(
    ("integration", "as_root", "platform", "variables", "expected"),
    [
        pytest.param(pip_config, False, "linux", {}, "{home}/.config/pip/pip.conf", id="pip"),
        pytest.param(pip_config, True, "linux", {}, "/etc/pip.conf", id="pip-of-root"),
        pytest.param(
            pip_config, False, "linux", {"XDG_CONFIG_HOME": "/x"}, "/x/pip/pip.conf", id="pip-in-another-folder"
        ),
        pytest.param(
            pip_config, False, "linux", {"XDG_CONFIG_HOME": "x"}, "{home}/.config/pip/pip.conf", id="pip-relative"
        ),
        pytest.param(pip_config, False, "darwin", {}, "{home}/.config/pip/pip.conf", id="pip-on-macos"),
        pytest.param(pip_config, False, "win32", {"APPDATA": "/a"}, "/a/pip/pip.ini", id="pip-on-windows"),
        pytest.param(pip_config, True, "win32", {"PROGRAMDATA": "/p"}, "/p/pip/pip.ini", id="pip-elevated"),
        pytest.param(uv_config, False, "linux", {}, "{home}/.config/uv/uv.toml", id="uv"),
        pytest.param(uv_config, True, "linux", {}, "/etc/uv/uv.toml", id="uv-of-root"),
        pytest.param(uv_config, False, "linux", {"XDG_CONFIG_HOME": "/x"}, "/x/uv/uv.toml", id="uv-in-another-folder"),
        pytest.param(uv_config, False, "win32", {"APPDATA": "/a"}, "/a/uv/uv.toml", id="uv-on-windows"),
        pytest.param(uv_config, True, "win32", {"PROGRAMDATA": "/p"}, "/p/uv/uv.toml", id="uv-elevated"),
    ],
)
def test_finds_the_file(
    tmp_path: Path, integration: object, as_root: bool, platform: str, variables: dict[str, str], expected: str
) -> None:
    context = make_context(tmp_path, as_root=as_root, platform=platform, **variables)  # type: ignore[arg-type]
    found = integration.configuration_file(context)  # type: ignore[attr-defined]
    assert str(found) == expected.format(home=tmp_path)


def test_pip_on_macos_has_another_folder_if_that_exists(tmp_path: Path) -> None:
    folder = tmp_path / "Library" / "Application Support" / "pip"
    folder.mkdir(parents=True)
    assert pip_config.configuration_file(make_context(tmp_path, platform="darwin")) == folder / "pip.conf"


BOTH = pytest.mark.parametrize(
    ("integration", "name", "line"),
    [
        pytest.param(pip_config.INTEGRATION, "pip/pip.conf", "uploaded-prior-to = P{}D\n", id="pip"),
        pytest.param(uv_config.INTEGRATION, "uv/uv.toml", 'exclude-newer = "P{}D"\n', id="uv"),
    ],
)


def with_age(here: UserContext, days: int) -> UserContext:
    """Describe the same home under a policy with a minimum age."""
    return make_context(here.home, PATH=here.environ["PATH"], minimum_age=days, index=INDEX)


@BOTH
def test_minimum_age_is_set_if_wanted(here: UserContext, integration: Integration, name: str, line: str) -> None:
    path = here.home / ".config" / name
    enable(integration, with_age(here, 3))
    assert line.format(3) not in path.read_text(encoding="utf-8")
    assert enable(integration, with_age(here, 3), minimum_age=True) == [path.name]
    assert line.format(3) in path.read_text(encoding="utf-8")
    assert integration.states(here)[0].works
    assert disable(integration, here) == [path.name]
    assert not path.exists()


@BOTH
def test_minimum_age_stays_and_follows_the_policy(
    here: UserContext, integration: Integration, name: str, line: str
) -> None:
    path = here.home / ".config" / name
    enable(integration, with_age(here, 3), minimum_age=True)
    assert enable(integration, with_age(here, 3)) == []
    assert enable(integration, with_age(here, 7)) == [path.name]
    text = path.read_text(encoding="utf-8")
    assert line.format(7) in text
    assert line.format(3) not in text


@BOTH
@pytest.mark.parametrize("days", [3, 30])
def test_stricter_age_that_is_there_is_kept(
    here: UserContext, integration: Integration, name: str, line: str, days: int
) -> None:
    path = write(here.home, name, ("[global]\n" if integration is pip_config.INTEGRATION else "") + line.format(days))
    assert enable(integration, with_age(here, 3), minimum_age=True) == [path.name]
    assert path.read_text(encoding="utf-8").count(line.split(maxsplit=1)[0]) == 1
    assert integration.states(here)[0].works


@BOTH
def test_age_needs_a_policy_with_one(here: UserContext, integration: Integration, name: str, line: str) -> None:
    with pytest.raises(GuardError, match=r"The policy has no minimum age\."):
        enable(integration, with_age(here, 0), minimum_age=True)
    assert not (here.home / ".config" / name).exists()


@pytest.mark.parametrize(
    ("integration", "name", "text", "message"),
    [
        pytest.param(
            pip_config.INTEGRATION,
            "pip/pip.conf",
            "[install]\nuploaded-prior-to = P1D\n",
            "[install] in {} already sets uploaded-prior-to to P1D, which may be newer.",
            id="pip-shorter",
        ),
        pytest.param(
            pip_config.INTEGRATION,
            "pip/pip.conf",
            "[global]\nuploaded-prior-to = 2026-01-01\n",
            "[global] in {} already sets uploaded-prior-to to 2026-01-01, which may be newer.",
            id="pip-date",
        ),
        pytest.param(
            uv_config.INTEGRATION,
            "uv/uv.toml",
            'exclude-newer = "1 day"\n',
            "{} already sets exclude-newer to 1 day, which may be newer.",
            id="uv-other-duration",
        ),
        pytest.param(
            uv_config.INTEGRATION,
            "uv/uv.toml",
            '[pip]\nexclude-newer = "P2D"\n',
            "{} already sets pip.exclude-newer to P2D, which may be newer.",
            id="uv-pip",
        ),
    ],
)
def test_refuses_an_age_that_lets_newer_files_pass(
    here: UserContext, integration: Integration, name: str, text: str, message: str
) -> None:
    path = write(here.home, name, text)
    with pytest.raises(GuardError) as caught:
        enable(integration, with_age(here, 3), minimum_age=True)
    assert caught.value.message == message.format(path)
    assert path.read_text(encoding="utf-8") == text
    assert enable(integration, with_age(here, 3)) == [path.name]


def test_shorter_age_that_was_added_later_is_a_problem(here: UserContext) -> None:
    enable(pip_config.INTEGRATION, with_age(here, 3), minimum_age=True)
    path = here.home / ".config" / "pip" / "pip.conf"
    with path.open("a", encoding="utf-8") as file:
        file.write("[install]\nuploaded-prior-to = P0D\n")
    problem = (f"[install] in {path} already sets uploaded-prior-to to P0D, which may be newer", "Remove that setting.")
    assert pip_config.INTEGRATION.states(here)[0].problems == (problem,)


@pytest.mark.parametrize("integration", [pip_config.INTEGRATION, uv_config.INTEGRATION], ids=["pip", "uv"])
def test_keeps_what_is_added_later(here: UserContext, integration: Integration) -> None:
    enable(integration, here)
    (name,) = (str(file) for file in integration.states(here)[0].files)
    with Path(name).open("a", encoding="utf-8") as file:
        file.write("# mine\n")
    disable(integration, here)
    assert Path(name).read_text(encoding="utf-8") == "# mine\n"
