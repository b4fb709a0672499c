"""Test what is read of files of requirements without asking anybody."""

from __future__ import annotations

from pathlib import Path

import pytest
from pip._internal.exceptions import InstallationError, RequirementsFileParseError

from pip_guard.facts.origin import Origin, OriginKind, Setting
from pip_guard.pip_adapter.options.requirements_file import LineOption, read_options


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write(name: str, *lines: str) -> str:
    Path(name).write_text("\n".join(lines), encoding="utf-8")
    return name


def option(dest: str, name: str, value: str, line: int, file: str = "all.txt") -> LineOption:
    origin = Origin(kind=OriginKind.FILE_OPTION, text=f"line {line} of {file}")
    return LineOption(dest, name, Setting(value=value, origin=origin), file)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param("-i https://a/", [option("index_url", "index-url", "https://a/", 1)], id="index"),
        pytest.param(
            "--extra-index-url https://a/ --no-index",
            [
                option("extra_index_urls", "extra-index-url", "https://a/", 1),
                option("no_index", "no-index", "", 1),
            ],
            id="several",
        ),
        pytest.param("-f ./links", [option("find_links", "find-links", "./links", 1)], id="find-links"),
        pytest.param("--trusted-host a", [option("trusted_hosts", "trusted-host", "a", 1)], id="trusted-host"),
        pytest.param("--no-require-hashes", [option("no_require_hashes", "no-require-hashes", "", 1)], id="no-hashes"),
        pytest.param("--use-feature fast-deps", [option("features_enabled", "use-feature", "fast-deps", 1)], id="use"),
        pytest.param("-e ./demo", [option("editables", "editable", "./demo", 1)], id="editable"),
        pytest.param(
            "--no-binary b,a --only-binary c",
            [
                option("format_control", "no-binary", "a", 1),
                option("format_control", "no-binary", "b", 1),
                option("format_control", "only-binary", "c", 1),
            ],
            id="formats",
        ),
        pytest.param("--only-final a", [option("release_control", "only-final", "a", 1)], id="releases"),
        pytest.param("demo==1.0 --hash=sha256:00", [], id="requirement"),
        pytest.param("-r https://a/r.txt", [option("requirements", "requirement", "https://a/r.txt", 1)], id="remote"),
    ],
)
def test_reads_what_a_line_sets(line: str, expected: list[LineOption]) -> None:
    assert read_options(write("all.txt", line), constraint=False) == expected


def test_every_line_sets_its_own_features() -> None:
    for _ in range(2):
        found = read_options(write("all.txt", "--use-feature fast-deps", "", "--pre"), constraint=False)
        assert found == [option("features_enabled", "use-feature", "fast-deps", 1), option("pre", "pre", "", 3)]


def test_reads_the_files_that_a_file_names(tmp_path: Path) -> None:
    write("all.txt", "-c limits.txt", "--pre")
    write("limits.txt", "", "--prefer-binary")
    assert read_options("all.txt", constraint=False) == [
        option("constraints", "constraint", "limits.txt", 1),
        option("prefer_binary", "prefer-binary", "", 2, str(tmp_path / "limits.txt")),
        option("pre", "pre", "", 2),
    ]


def test_reads_neither_lock_files_nor_other_machines() -> None:
    assert read_options("pylock.toml", constraint=False) == []
    assert read_options("https://a/r.txt", constraint=True) == []


@pytest.mark.parametrize(
    ("text", "error"),
    [
        pytest.param("--no-such", RequirementsFileParseError, id="option"),
        pytest.param("-r missing.txt", InstallationError, id="missing"),
    ],
)
def test_what_pip_cannot_read_is_an_error(text: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        read_options(write("all.txt", text), constraint=False)
