"""Test where an option has its value from, against what pip's own parser makes of the same settings."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from optparse import Values
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pip._internal import configuration
from pip._internal.cli.parser import ConfigOptionParser
from pip._internal.commands.install import InstallCommand

from pip_guard.facts.origin import Origin, OriginKind, Setting
from pip_guard.pip_adapter.options.origins import OptionOrigins, find_line

DEFAULT = Origin(kind=OriginKind.DEFAULT, text="pip's default")


def on_command_line(text: str) -> Origin:
    return Origin(kind=OriginKind.COMMAND_LINE, text=f"{text} on the command line")


def in_environment(variable: str) -> Origin:
    return Origin(kind=OriginKind.ENVIRONMENT, text=f"{variable} in the environment")


def in_file(text: str) -> Origin:
    return Origin(kind=OriginKind.CONFIGURATION, text=text)


@dataclass(frozen=True, kw_only=True, slots=True)
class Places:
    """The folder that pip's configuration files are in, by the words that pip has for them."""

    folder: Path

    def path(self, kind: str) -> Path:
        return self.folder / f"{kind}.conf"

    def write(self, kind: str, text: str) -> Path:
        self.path(kind).write_text(text, encoding="utf-8")
        return self.path(kind)


@contextmanager
def settings_of_nobody(folder: Path) -> Iterator[tuple[Places, pytest.MonkeyPatch]]:
    """Let pip find its configuration files in a folder, and no variable."""
    places = Places(folder=folder)
    files = {
        "global": [str(places.path("global")), str(places.path("global2"))],
        "user": [str(places.path("legacy")), str(places.path("user"))],
        "site": [str(places.path("site"))],
    }
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("PIP_")]:
            patch.delenv(name)
        patch.setattr(configuration, "get_configuration_files", lambda: files)
        yield places, patch


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Places]:
    with settings_of_nobody(tmp_path) as (places, _):
        yield places


def parse(*arguments: str, isolated: bool = False) -> tuple[OptionOrigins, Values]:
    """Parse as pip does, under observation."""
    parser: ConfigOptionParser = InstallCommand("install", "Install.", isolated=isolated).parser
    origins = OptionOrigins(parser)
    options, _ = parser.parse_args(list(arguments))
    return origins, options


@pytest.mark.parametrize(
    ("arguments", "dest", "origin"),
    [
        pytest.param([], "index_url", DEFAULT, id="nothing"),
        pytest.param(["--index-url", "x"], "index_url", on_command_line("--index-url x"), id="long"),
        pytest.param(["--index-url=x"], "index_url", on_command_line("--index-url x"), id="long-with-equals"),
        pytest.param(["--index", "x"], "index_url", on_command_line("--index-url x"), id="abbreviation"),
        pytest.param(["--pypi=x"], "index_url", on_command_line("--pypi-url x"), id="abbreviated-alias"),
        pytest.param(["-i", "x"], "index_url", on_command_line("-i x"), id="short"),
        pytest.param(["-ix"], "index_url", on_command_line("-i x"), id="short-without-a-blank"),
        pytest.param(["-i", "x", "--index-url=y"], "index_url", on_command_line("--index-url y"), id="last"),
        pytest.param(["demo", "--user"], "use_user_site", on_command_line("--user"), id="flag"),
        pytest.param(["-vUi", "x"], "index_url", on_command_line("-i x"), id="after-flags"),
        pytest.param(["-vUi", "x"], "upgrade", on_command_line("-U"), id="flag-among-flags"),
        pytest.param(["--", "--index-url=x"], "index_url", DEFAULT, id="after-two-dashes"),
        pytest.param(["--no-bin", "x"], "format_control", on_command_line("--no-binary x"), id="callback"),
    ],
)
def test_finds_origin_on_the_command_line(places: Places, arguments: list[str], dest: str, origin: Origin) -> None:
    origins, _ = parse(*arguments)
    assert origins.origin(dest) == origin


@pytest.mark.parametrize(
    ("variables", "dest", "origin"),
    [
        pytest.param({"PIP_INDEX_URL": "x"}, "index_url", in_environment("PIP_INDEX_URL"), id="name"),
        pytest.param({"PIP_Index_Url": "x"}, "index_url", in_environment("PIP_Index_Url"), id="odd-case"),
        pytest.param({"PIP_INDEX-URL": "x"}, "index_url", in_environment("PIP_INDEX-URL"), id="dash"),
        pytest.param({"PIP___INDEX_URL": "x"}, "index_url", in_environment("PIP___INDEX_URL"), id="leading-dashes"),
        pytest.param({"PIP_PYPI_URL": "x"}, "index_url", in_environment("PIP_PYPI_URL"), id="alias"),
        pytest.param({"PIP_NO_USER": "1"}, "use_user_site", in_environment("PIP_NO_USER"), id="negation"),
        pytest.param(
            {"PIP_INDEX_URL": "x", "PIP_index_url": "y"},
            "index_url",
            in_environment("PIP_index_url"),
            id="two-spellings",
        ),
        pytest.param(
            {"PIP_INDEX_URL": "x", "PIP_PYPI_URL": "y"}, "index_url", in_environment("PIP_PYPI_URL"), id="two-names"
        ),
        pytest.param(
            {"PIP_PYPI_URL": "y", "PIP_INDEX_URL": "x"}, "index_url", in_environment("PIP_INDEX_URL"), id="other-order"
        ),
        pytest.param({"PIP_INDEX_URL": ""}, "index_url", DEFAULT, id="empty"),
        pytest.param({"pip_index_url": "x"}, "index_url", DEFAULT, id="lower-prefix"),
        pytest.param({"PIP_INDEX": "x"}, "index_url", DEFAULT, id="abbreviation-counts-on-the-command-line-only"),
        pytest.param({"PIP_I": "x"}, "index_url", DEFAULT, id="short-counts-on-the-command-line-only"),
    ],
)
def test_finds_origin_in_the_environment(
    places: Places, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], dest: str, origin: Origin
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    origins, _ = parse()
    assert origins.origin(dest) == origin


@pytest.mark.parametrize(
    ("files", "origin"),
    [
        pytest.param({"global": "[global]\nindex-url = x\n"}, "[global] index-url, line 2 of {global}", id="global"),
        pytest.param(
            {"user": "[install]\n\n# mine\nindex-url: x\n"}, "[install] index-url, line 4 of {user}", id="command"
        ),
        pytest.param(
            {"site": "[:env:]\nindex-url=x\n"}, "[:env:] index-url, line 2 of {site}", id="section-of-the-environment"
        ),
        pytest.param({"user": "[global]\nIndex_URL = x\n"}, "[global] index-url, line 2 of {user}", id="odd-spelling"),
        pytest.param(
            {"user": "[global]\n--index-url = x\n"}, "[global] index-url, line 2 of {user}", id="leading-dashes"
        ),
        pytest.param({"user": "[global]\npypi-url = x\n"}, "[global] pypi-url, line 2 of {user}", id="alias"),
        pytest.param(
            {"user": "[DEFAULT]\nindex-url = x\n[install]\n"},
            "[install] index-url, line 2 of {user}",
            id="default-of-all-sections",
        ),
        pytest.param(
            {"global": "[install]\nindex-url = x\n", "user": "[global]\nindex-url = y\n"},
            "[install] index-url, line 2 of {global}",
            id="section-comes-before-file",
        ),
        pytest.param(
            {"global": "[global]\nindex-url = x\n", "user": "[global]\nindex-url = y\n"},
            "[global] index-url, line 2 of {user}",
            id="last-file",
        ),
        pytest.param(
            {"global": "[global]\nindex-url = x\npypi-url = y\n", "user": "[global]\nindex-url = z\n"},
            "[global] pypi-url, line 3 of {global}",
            id="place-of-the-first",
        ),
        pytest.param(
            {"global": "[global]\nindex-url = x\n", "user": "[global]\nindex-url =\n"},
            None,
            id="removed-by-an-empty-one",
        ),
        pytest.param({"user": "[download]\nindex-url = x\n"}, None, id="other-command"),
        pytest.param({"user": "[global]\nindex-url =\n"}, None, id="empty"),
        pytest.param(
            {"user": "[global.x]\ny = 1\n[global]\na.b = 1\nindex-url = x\n"},
            "[global] index-url, line 5 of {user}",
            id="dots-in-names",
        ),
    ],
)
def test_finds_origin_in_a_file(places: Places, files: dict[str, str], origin: str | None) -> None:
    paths = {kind: places.write(kind, text) for kind, text in files.items()}
    origins, _ = parse()
    assert origins.origin("index_url") == (DEFAULT if origin is None else in_file(origin.format_map(paths)))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        pytest.param("find-links = a b", 2, id="one-line"),
        pytest.param("find-links =\n  a\n\n# b\n  # b\n\tb", 7, id="below"),
        pytest.param("find-links = a\n ;b\n b", 4, id="some-below"),
        pytest.param("find-links = a\n  b\n[other]\n", 3, id="before-a-header"),
    ],
)
def test_value_among_others_has_its_own_line(places: Places, text: str, line: int) -> None:
    path = places.write("user", f"[global]\n{text}\n")
    origins, options = parse()
    assert options.find_links == ["a", "b"]
    assert origins.locate("find_links", "b") == in_file(f"[global] find-links, line {line} of {path}")


@pytest.mark.parametrize("text", ["k = a\nb\n", "k = a\n  c\n"])
def test_value_that_has_gone_since_is_where_its_option_is(tmp_path: Path, text: str) -> None:
    (tmp_path / "pip.conf").write_text(f"[global]\n{text}")
    assert find_line(str(tmp_path / "pip.conf"), "global", "k", "b") == 2


def test_command_line_beats_environment_and_that_beats_files(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    path = places.write("user", "[global]\nindex-url = file\n")
    monkeypatch.setenv("PIP_INDEX_URL", "variable")
    origins, options = parse("--index-url", "argument")
    assert options.index_url == "argument"
    assert origins.settings("index_url") == [
        Setting(value="file", origin=in_file(f"[global] index-url, line 2 of {path}")),
        Setting(value="variable", origin=in_environment("PIP_INDEX_URL")),
        Setting(value="argument", origin=on_command_line("--index-url argument")),
    ]
    assert origins.on_command_line("index_url") == [
        Setting(value="argument", origin=on_command_line("--index-url argument"))
    ]
    assert origins.on_command_line("target_dir") == []


def test_empty_value_is_no_setting(places: Places) -> None:
    places.write("global", "[global]\nindex-url =\n")
    path = places.write("user", "[global]\nindex-url = x\n")
    assert parse()[0].settings("index_url") == [
        Setting(value="x", origin=in_file(f"[global] index-url, line 2 of {path}"))
    ]


def test_file_that_has_vanished_has_no_lines(places: Places) -> None:
    path = places.write("user", "[global]\nindex-url = x\n")
    origins, _ = parse()
    path.unlink()
    assert origins.origin("index_url") == in_file(f"[global] index-url, {path}")


def test_isolated_command_has_nothing_from_environment_and_user(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = places.write("global", "[global]\nindex-url = global\n")
    places.write("user", "[install]\nindex-url = user\n")
    monkeypatch.setenv("PIP_INDEX_URL", "variable")
    origins, options = parse(isolated=True)
    assert options.index_url == "global"
    assert origins.settings("index_url") == [
        Setting(value="global", origin=in_file(f"[global] index-url, line 2 of {path}"))
    ]


def test_file_that_a_variable_names_replaces_the_users(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    places.write("user", "[install]\nindex-url = user\n")
    path = places.write("named", "[global]\nindex-url = named\n")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(path))
    origins, options = parse()
    assert (options.index_url, origins.origin("index_url")) == (
        "named",
        in_file(f"[global] index-url, line 2 of {path}"),
    )


def test_variable_that_names_no_file_switches_all_files_off(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    places.write("global", "[global]\nindex-url = x\n")
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    origins, _ = parse()
    assert (origins.origin("index_url"), origins.files()) == (DEFAULT, [])


@pytest.mark.parametrize(
    ("value", "origin"),
    [
        pytest.param("/argument", on_command_line("--find-links /argument"), id="argument"),
        pytest.param("/one", in_environment("PIP_FIND_LINKS"), id="one-of-a-variable"),
        pytest.param("/two", in_environment("PIP_FIND_LINKS"), id="another-of-a-variable"),
        pytest.param("/both", on_command_line("-f /both"), id="argument-and-variable"),
        pytest.param("/a", DEFAULT, id="part-of-an-argument"),
        pytest.param("/nowhere", DEFAULT, id="nowhere"),
    ],
)
def test_locates_one_of_the_values_that_an_option_collects(
    places: Places, monkeypatch: pytest.MonkeyPatch, value: str, origin: Origin
) -> None:
    monkeypatch.setenv("PIP_FIND_LINKS", "/one /both\n/two")
    origins, options = parse("--find-links", "/argument", "-f", "/both", "-f", "/a /b")
    assert options.find_links == ["/one", "/both", "/two", "/argument", "/both", "/a /b"]
    assert origins.locate("find_links", value) == origin


def test_names_the_options_that_settings_can_set(places: Places) -> None:
    names = parse()[0].names()
    assert names["index_url"] == ["--index-url", "--pypi-url"]
    assert names["format_control"] == ["--no-binary", "--only-binary"]
    assert names["target_dir"] == ["--target"]


def test_option_without_a_long_name_cannot_be_set(places: Places) -> None:
    parser = InstallCommand("install", "").parser
    parser.add_option("-x", dest="short", action="store_true")
    assert "short" not in OptionOrigins(parser).names()


def test_files_are_those_that_pip_looks_at(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_CONFIG_FILE", "missing.conf")
    kinds = ("global", "global2", "legacy", "user", "site")
    assert parse()[0].files() == [*(str(places.path(kind)) for kind in kinds), "missing.conf"]


# Lines of files


@pytest.mark.parametrize(
    ("text", "line"),
    [
        pytest.param("[global]\nindex-url = x\n", 2, id="plain"),
        pytest.param("[global]\n\n; index-url = x\n# index-url = x\nindex-url=x\n", 5, id="after-comments"),
        pytest.param("[install]\nindex-url = x\n[global]\nindex-url = x\n", 4, id="other-section-first"),
        pytest.param("[global]\nindex-url = x\n[install]\nindex-url = x\n", 2, id="other-section-last"),
        pytest.param("[global]\n  index-url = x\n  timeout = 5\n", 2, id="indented"),
        pytest.param("[global]\n  timeout = 5\n  index-url = x\n", 3, id="indented-alike"),
        pytest.param(
            "[global]\nfind-links =\n  index-url = y\nindex-url = x\n", 4, id="continuation-looks-like-an-option"
        ),
        pytest.param(
            "[install]\nfind-links =\n  [global]\n  index-url = y\n", None, id="continuation-looks-like-a-section"
        ),
        pytest.param("[global]\nfind-links =\n\n  index-url = y\nindex-url = x\n", 5, id="blank-line-in-a-value"),
        pytest.param("  [global]\nindex-url = x\n", 2, id="indented-section"),
        pytest.param("[global] # mine\nindex-url = x\n", 2, id="comment-after-section"),
        pytest.param("[global]\r\nindex-url = x\r\n", 2, id="lines-of-windows"),
        pytest.param("[global]\ntimeout = 5\x0c\x1c\u2028\nindex-url = x\n", 3, id="characters-that-are-no-line-ends"),
        pytest.param("[global]\nINDEX_URL : a=b\n", 2, id="colon"),
        pytest.param("[global]\nextra-index-url = x\n", None, id="longer-name"),
        pytest.param("[DEFAULT]\nindex-url = x\n[global]\n", 2, id="default"),
        pytest.param("[DEFAULT]\nindex-url = x\n[global]\nindex-url = y\n", 4, id="default-is-overridden"),
        pytest.param("[global]\nindex-url = y\n[DEFAULT]\nindex-url = x\n", 2, id="default-stands-last"),
        pytest.param("index-url = x\n", None, id="no-section"),
        pytest.param("", None, id="empty"),
    ],
)
def test_finds_the_line_of_a_key(tmp_path: Path, text: str, line: int | None) -> None:
    path = tmp_path / "pip.conf"
    path.write_bytes(text.encode())
    assert find_line(str(path), "global", "index-url") == line


def test_file_that_cannot_be_read_has_no_lines(tmp_path: Path) -> None:
    assert find_line(str(tmp_path / "missing"), "global", "index-url") is None


def test_file_that_is_no_text_has_lines(tmp_path: Path) -> None:
    (tmp_path / "pip.conf").write_bytes(b"[global]\ncert = \xe4\nindex-url = x\n")
    assert find_line(str(tmp_path / "pip.conf"), "global", "index-url") == 3


# Whatever is set, and wherever: every value is marked by a word of its own, by which the place that pip took it from is known.

SINGLE = {"index_url": ("index-url", "pypi-url"), "target_dir": ("target",), "proxy": ("proxy",)}
COLLECTING = {"extra_index_urls": ("extra-index-url",), "find_links": ("find-links",)}
KEYS = [key for keys in (*SINGLE.values(), *COLLECTING.values()) for key in keys]
ARGUMENTS = ("--index-url={}", "--pypi={}", "-i{}", "--targ={}", "-t{}", "--prox={}", "--extra={}", "-f{}", "--find={}")
KINDS = ("global", "global2", "legacy", "user", "site", "named")


@st.composite
def spellings(draw: st.DrawFn) -> str:
    key = draw(st.sampled_from(KEYS))
    return draw(
        st.sampled_from([key, key.replace("-", "_"), key.upper(), f"--{key}", key.replace("-", "_", 1).title()])
    )


CONTENTS = st.dictionaries(
    st.sampled_from(["global", "install", "download", ":env:", "DEFAULT"]),
    st.lists(
        st.tuples(spellings(), st.integers(0, 2)), unique_by=lambda item: item[0].lower().strip("-").replace("_", "-")
    ),
)


def words(count: int, serial: Iterator[int]) -> str:
    return " ".join(f"w{next(serial)}w" for _ in range(count))


def lines_of(content: dict[str, list[tuple[str, int]]], serial: Iterator[int]) -> Iterator[str]:
    for section, keys in content.items():
        yield f"[{section}]"
        for key, count in keys:
            yield f"{key} = {words(count, serial)}"


def numbers() -> Iterator[int]:
    number = 0
    while True:
        number += 1
        yield number


def shown(origin: Origin, variables: dict[str, str]) -> str:
    """Return what stands in the place that an origin names."""
    match origin.kind:
        case OriginKind.COMMAND_LINE:
            return origin.text
        case OriginKind.ENVIRONMENT:
            return variables[origin.text.removesuffix(" in the environment")]
        case OriginKind.CONFIGURATION:
            line, path = origin.text.rpartition(", line ")[2].split(" of ")
            return Path(path).read_text(encoding="utf-8").splitlines()[int(line) - 1]
        case _:
            return str(None)


@given(
    files=st.dictionaries(st.sampled_from(KINDS), CONTENTS),
    environment=st.lists(st.tuples(spellings(), st.integers(0, 2)), max_size=4),
    arguments=st.lists(st.sampled_from(ARGUMENTS), max_size=3),
    named=st.sampled_from([None, *KINDS]),
    isolated=st.booleans(),
)
def test_origin_is_the_place_that_pip_took_the_value_from(
    files: dict[str, dict[str, list[tuple[str, int]]]],
    environment: list[tuple[str, int]],
    arguments: list[str],
    named: str | None,
    isolated: bool,
) -> None:
    serial = numbers()
    with tempfile.TemporaryDirectory() as folder, settings_of_nobody(Path(folder)) as (places, patch):
        for kind, content in files.items():
            places.write(kind, "".join(f"{line}\n" for line in lines_of(content, serial)))
        variables = {f"PIP_{key}": words(count, serial) for key, count in environment}
        for name, value in variables.items():
            patch.setenv(name, value)
        if named is not None:
            patch.setenv("PIP_CONFIG_FILE", str(places.path(named)))
        origins, options = parse(*(argument.format(words(1, serial)) for argument in arguments), isolated=isolated)
        for dest in SINGLE:
            value = getattr(options, dest)
            origin = origins.origin(dest)
            if origin == DEFAULT:
                assert value is None or not value.startswith("w")
            else:
                assert value in shown(origin, variables)
                assert origins.settings(dest)[-1].value == value
        for dest in COLLECTING:
            for value in getattr(options, dest):
                assert value in shown(origins.locate(dest, value), variables)
