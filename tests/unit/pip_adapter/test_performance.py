"""Test that what pip is spared changes nothing of what it finds."""

from __future__ import annotations

import gc
import importlib
from collections.abc import Callable, Iterator
from importlib.metadata import Distribution
from pathlib import Path
from types import FunctionType

import pytest
from pip._internal.index.package_finder import CandidateEvaluator
from pip._internal.models import target_python
from pip._internal.models.format_control import FormatControl
from pip._internal.models.target_python import TargetPython
from pip._internal.req import req_file
from pip._internal.req.req_file import get_line_parser
from pip._internal.resolution.resolvelib import factory
from pip._internal.utils import compatibility_tags
from pip._internal.utils.hashes import Hashes
from pip._vendor.packaging.specifiers import SpecifierSet

from pip_guard.names.popular import popular_names
from pip_guard.pip_adapter import performance
from pip_guard.pip_adapter.hooks import Hook, install_hooks
from pip_guard.pip_adapter.performance import (
    ECONOMIES,
    GC_THRESHOLD,
    LineParser,
    build_parser,
    make_evaluator,
    parse_metadata_once,
    set_loaded_aside,
)
from tests.unit.pip_adapter.guarded_pip import GuardedPip

MAKE, BUILD = CandidateEvaluator.__init__, req_file.build_parser


@pytest.fixture
def spared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the economies in place for one test."""
    for hook in ECONOMIES:
        monkeypatch.setattr(_owner(hook), hook.name, _method(hook))
    monkeypatch.setattr(Distribution, "metadata", Distribution.metadata)
    install_hooks(ECONOMIES)


# The ranks of tags


def make_pips_evaluator(*arguments: object, **options: object) -> dict[str, object]:
    evaluator = CandidateEvaluator.__new__(CandidateEvaluator)
    MAKE(evaluator, *arguments, **options)  # type: ignore[arg-type]
    return vars(evaluator)


@pytest.mark.usefixtures("spared")
def test_evaluator_is_as_pip_makes_it() -> None:
    tags, specifier, hashes = TargetPython().get_sorted_tags(), SpecifierSet(">1"), Hashes({"sha256": ["ab"]})
    assert vars(CandidateEvaluator("demo", tags, specifier)) == make_pips_evaluator("demo", tags, specifier)
    options = {"prefer_binary": True, "hashes": hashes}
    evaluator = CandidateEvaluator(project_name="demo", supported_tags=tags, specifier=specifier, **options)  # type: ignore[arg-type]
    assert vars(evaluator) == make_pips_evaluator("demo", tags, specifier, **options)


@pytest.mark.usefixtures("spared")
def test_tags_are_ranked_once_for_each_list() -> None:
    tags = TargetPython().get_sorted_tags()
    first, second = (CandidateEvaluator(name, tags, SpecifierSet()) for name in ("demo", "other"))
    assert first._wheel_tag_preferences is second._wheel_tag_preferences
    fewer = CandidateEvaluator("demo", tags[:3], SpecifierSet())
    assert fewer._wheel_tag_preferences == {tag: rank for rank, tag in enumerate(tags[:3])}
    assert CandidateEvaluator("demo", tags, SpecifierSet())._wheel_tag_preferences == first._wheel_tag_preferences


def test_evaluator_that_keeps_no_ranks_is_made_by_pip_alone() -> None:
    made: list[object] = []

    def method(*arguments: object) -> None:
        made.append(arguments)

    assert isinstance(method, FunctionType)
    evaluator = CandidateEvaluator.__new__(CandidateEvaluator)
    tags, specifier = TargetPython().get_sorted_tags(), SpecifierSet()
    make_evaluator(method, evaluator, "demo", tags, specifier, hashes=None)
    assert made == [(evaluator, "demo", tags, specifier, False, None, None)]
    assert vars(evaluator) == {}


@pytest.mark.usefixtures("spared")
def test_tags_are_listed_once_for_each_interpreter() -> None:
    theirs = compatibility_tags.get_supported()
    listed = TargetPython().get_sorted_tags()
    assert listed == theirs
    assert [module.get_supported() is listed for module in (target_python, factory)] == [True, True]
    options = {"platforms": ["manylinux_2_17_x86_64"], "abis": ["cp312"], "implementation": "cp"}
    other = TargetPython(py_version_info=(3, 12), **options)  # type: ignore[arg-type]
    assert other.get_sorted_tags() == compatibility_tags.get_supported(
        "312", ["manylinux_2_17_x86_64"], impl="cp", abis=["cp312"]
    )


# The parser of lines


LINES = (
    "--extra-index-url https://a/ --find-links b --trusted-host c --pre --no-binary demo",
    "demo --hash sha256:ab --config-settings x=y --config-settings x=z",
    "demo --hash sha256:cd --hash sha512:ef",
    "-c one -r two -e three --only-binary :all:",
    "--extra-index-url https://d/ --no-index --prefer-binary --require-hashes",
    "plain",
)


def parse_lines(build: Callable[[], object], monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, object]]]:
    monkeypatch.setattr(req_file, "build_parser", build)
    parse = get_line_parser(None)
    return [(text, vars(options)) for text, options in map(parse, LINES)]


def test_lines_are_parsed_as_if_each_had_a_parser_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    theirs = parse_lines(BUILD, monkeypatch)
    performance._line_parser.cache_clear()
    ours = parse_lines(lambda: build_parser(BUILD), monkeypatch)
    assert ours == theirs
    assert theirs[-1][1]["extra_index_urls"] == []
    assert performance._line_parser.cache_info().misses == 1


def test_error_of_a_line_is_pips(monkeypatch: pytest.MonkeyPatch) -> None:
    said = []
    for build in (BUILD, lambda: build_parser(BUILD)):
        monkeypatch.setattr(req_file, "build_parser", build)
        with pytest.raises(req_file.OptionParsingError) as raised:
            get_line_parser(None)("demo --nonsense")
        said.append(str(raised.value))
    assert said[0] == said[1]


def test_defaults_are_new_for_every_line() -> None:
    parser = LineParser(BUILD())
    control = parser.renew().defaults["format_control"]
    control.no_binary.add("demo")
    assert parser.renew().defaults["format_control"] == FormatControl()


# Metadata


@pytest.mark.usefixtures("spared")
def test_metadata_are_read_once_for_each_distribution(tmp_path: Path) -> None:
    parse_metadata_once()
    parse_metadata_once()
    file = tmp_path / "METADATA"
    file.write_text("Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n", encoding="utf-8")
    distribution = Distribution.at(tmp_path)
    assert (distribution.metadata["Name"], distribution.version) == ("demo", "1.0")
    file.write_text("Metadata-Version: 2.1\nName: other\nVersion: 2.0\n", encoding="utf-8")
    assert (distribution.metadata["Name"], distribution.version) == ("demo", "1.0")
    assert Distribution.at(tmp_path).metadata["Name"] == "other"


# Garbage


@pytest.fixture
def collector() -> Iterator[None]:
    """Leave the collector as it was."""
    before = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*before)


@pytest.mark.usefixtures("collector")
def test_what_is_loaded_is_set_aside() -> None:
    others = gc.get_threshold()[1:]
    set_loaded_aside()
    assert gc.get_freeze_count() > 1000
    assert gc.get_threshold() == (GC_THRESHOLD, *others)


# When


def test_command_that_resolves_is_spared_all_of_it(pip: GuardedPip, monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[str] = []
    monkeypatch.setattr(performance, "set_loaded_aside", lambda: called.append("aside"))
    assert pip.run("install", "--dry-run", "--no-index", "pip") == 0
    assert called == ["aside"]
    assert not isinstance(Distribution.metadata, property)
    assert [hasattr(_method(hook), "__wrapped__") for hook in ECONOMIES] == [True] * len(ECONOMIES)


def test_names_are_let_go_of_when_all_are_known(pip: GuardedPip) -> None:
    popular_names()
    assert pip.run("install", "--dry-run", "--no-index", "pip") == 0
    assert popular_names.cache_info().currsize == 0


def test_pip_without_what_is_spared_is_no_unsupported_one(pip: GuardedPip, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(req_file, "build_parser", lambda anew=False: BUILD())
    assert pip.run("install", "--dry-run", "--no-index", "pip") == 0
    assert [hook.name for hook in ECONOMIES if not hasattr(_method(hook), "__wrapped__")] == ["build_parser"]


def _owner(hook: Hook) -> object:
    module = importlib.import_module(hook.module)
    return module if hook.owner is None else getattr(module, hook.owner)


def _method(hook: Hook) -> object:
    return getattr(_owner(hook), hook.name)
