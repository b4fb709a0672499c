"""Test what is made of pip's requirements and links."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path

import pytest
from pip._internal.models.link import Link
from pip._internal.network.session import PipSession
from pip._internal.req.constructors import (
    install_req_from_editable,
    install_req_from_line,
    install_req_from_parsed_requirement,
)
from pip._internal.req.req_file import parse_requirements
from pip._internal.req.req_install import InstallRequirement

from pip_guard.facts.candidate import CandidateFacts, CandidateKind
from pip_guard.facts.origin import Origin, OriginKind
from pip_guard.pip_adapter.index.listings import DIRECT, Listing
from pip_guard.pip_adapter.resolution.candidates import (
    COMMAND_LINE,
    Provenance,
    candidate_facts,
)

GOOD = "a" * 64
BAD = "b" * 64


def make_project(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "pyproject.toml").write_text("[build-system]\nrequires = []\n", encoding="utf-8")
    return folder


def describe(
    requirement: InstallRequirement, provenance: Provenance | None = None, *, link: str | None = None
) -> CandidateFacts:
    chosen = requirement.link if link is None else Link(link)
    assert chosen is not None
    return candidate_facts(requirement, chosen, provenance or Provenance(), DIRECT if link is None else Listing())


def facts(kind: CandidateKind, url: str, filename: str, **more: object) -> CandidateFacts:
    return CandidateFacts(kind=kind, url=url, filename=filename, origin=COMMAND_LINE, direct=True, **more)  # type: ignore[arg-type]


# What it is


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param(
            "https://h.example/demo-1.0-py3-none-any.whl",
            facts(
                CandidateKind.WHEEL,
                "https://h.example/demo-1.0-py3-none-any.whl",
                "demo-1.0-py3-none-any.whl",
                project="demo",
            ),
            id="wheel",
        ),
        pytest.param(
            "Demo_X @ https://h.example/demo-1.0-py3-none-any.whl",
            facts(
                CandidateKind.WHEEL,
                "https://h.example/demo-1.0-py3-none-any.whl",
                "demo-1.0-py3-none-any.whl",
                project="demo-x",
            ),
            id="named-wheel",
        ),
        pytest.param(
            "https://h.example/Demo.X-1.0.tar.gz",
            facts(
                CandidateKind.SOURCE_ARCHIVE,
                "https://h.example/Demo.X-1.0.tar.gz",
                "Demo.X-1.0.tar.gz",
                project="demo-x",
                version="1.0",
            ),
            id="sdist",
        ),
        pytest.param(
            "other @ https://h.example/demo-1.0.zip",
            facts(
                CandidateKind.SOURCE_ARCHIVE,
                "https://h.example/demo-1.0.zip",
                "demo-1.0.zip",
                project=None,
            ),
            id="archive-under-another-name",
        ),
        pytest.param(
            "https://h.example/archive/main.zip#egg=demo",
            facts(
                CandidateKind.SOURCE_ARCHIVE,
                "https://h.example/archive/main.zip#egg=demo",
                "main.zip",
                project="demo",
            ),
            id="archive-without-a-version",
        ),
        pytest.param(
            "https://h.example/download",
            facts(CandidateKind.SOURCE_ARCHIVE, "https://h.example/download", "download"),
            id="url-without-extension",
        ),
        pytest.param(
            "https://h.example/?file=demo-1.0-py3-none-any.whl",
            facts(CandidateKind.SOURCE_ARCHIVE, "https://h.example/?file=demo-1.0-py3-none-any.whl", ""),
            id="wheel-in-the-query",
        ),
        pytest.param(
            "https://h.example/demo-1.0.tar.gz#/demo-1.0-py3-none-any.whl",
            facts(
                CandidateKind.SOURCE_ARCHIVE,
                "https://h.example/demo-1.0.tar.gz#/demo-1.0-py3-none-any.whl",
                "demo-1.0.tar.gz",
                project="demo",
                version="1.0",
            ),
            id="wheel-in-the-fragment",
        ),
        pytest.param(
            "demo @ https://h.example/demo-1.0-py3-none-any.WHL",
            facts(
                CandidateKind.SOURCE_ARCHIVE,
                "https://h.example/demo-1.0-py3-none-any.WHL",
                "demo-1.0-py3-none-any.WHL",
                project="demo",
            ),
            id="extension-in-capitals-is-no-wheel-for-pip",
        ),
        pytest.param(
            "demo @ git+https://h.example/demo.git@main",
            facts(CandidateKind.VCS, "git+https://h.example/demo.git@main", "demo.git@main", project="demo"),
            id="repository",
        ),
        pytest.param(
            "demo @ git+https://h.example/demo/",
            facts(CandidateKind.VCS, "git+https://h.example/demo/", "demo", project="demo"),
            id="repository-with-a-slash",
        ),
        pytest.param(
            "demo @ git+https://h.example/demo-1.0-py3-none-any.whl",
            facts(
                CandidateKind.VCS,
                "git+https://h.example/demo-1.0-py3-none-any.whl",
                "demo-1.0-py3-none-any.whl",
                project="demo",
            ),
            id="repository-called-like-a-wheel",
        ),
        *(
            pytest.param(
                f"demo @ {scheme}://h.example/demo",
                facts(CandidateKind.VCS, f"{scheme}://h.example/demo", "demo", project="demo"),
                id=scheme,
            )
            for scheme in ("hg+https", "svn+ssh", "bzr+http", "git+ssh", "git+file")
        ),
        pytest.param(
            "https://me:secret@h.example/demo-1.0.tar.gz",
            facts(
                CandidateKind.SOURCE_ARCHIVE,
                "https://me:****@h.example/demo-1.0.tar.gz",
                "demo-1.0.tar.gz",
                project="demo",
                version="1.0",
            ),
            id="credentials",
        ),
        pytest.param(
            "https://h.example/de%6do-1.0.tar.gz",
            facts(
                CandidateKind.SOURCE_ARCHIVE,
                "https://h.example/de%6do-1.0.tar.gz",
                "demo-1.0.tar.gz",
                project="demo",
                version="1.0",
            ),
            id="encoded-name",
        ),
    ],
)
def test_describes_what_an_address_stands_for(line: str, expected: CandidateFacts) -> None:
    assert describe(install_req_from_line(line)) == expected


def test_directory_is_one_whatever_it_is_called(tmp_path: Path) -> None:
    folder = make_project(tmp_path / "demo-1.0-py3-none-any.whl")
    expected = facts(CandidateKind.DIRECTORY, folder.as_uri(), str(folder), project="demo")
    assert describe(install_req_from_line(str(folder))) == expected
    assert describe(install_req_from_line(f"demo @ {folder.as_uri()}")) == expected


def test_describes_an_editable_directory(tmp_path: Path) -> None:
    folder = make_project(tmp_path / "demo")
    expected = facts(CandidateKind.DIRECTORY, folder.as_uri(), str(folder), editable=True)
    assert describe(install_req_from_editable(str(folder))) == expected


def test_describes_an_editable_repository() -> None:
    requirement = install_req_from_editable("git+https://h.example/demo.git#egg=Demo")
    expected = facts(
        CandidateKind.VCS, "git+https://h.example/demo.git#egg=Demo", "demo.git", project="demo", editable=True
    )
    assert describe(requirement) == expected


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        pytest.param("demo-1.0-py3-none-any.whl", CandidateKind.WHEEL, id="wheel"),
        pytest.param("demo-1.0.tar.gz", CandidateKind.SOURCE_ARCHIVE, id="sdist"),
    ],
)
def test_describes_a_local_file(tmp_path: Path, name: str, kind: CandidateKind) -> None:
    path = tmp_path / name
    path.touch()
    found = describe(install_req_from_line(str(path)))
    assert (found.kind, found.url, found.filename, found.project) == (kind, path.as_uri(), name, "demo")


def test_describes_how_pip_came_to_it() -> None:
    listing = Listing(
        index="https://pypi.org/simple/", offering=frozenset({"https://pypi.org/simple/"}), silent=frozenset({"x"})
    )
    link = Link("https://files.example/demo-1.0.tar.gz")
    found = candidate_facts(install_req_from_line("demo"), link, Provenance(), listing)
    assert (found.direct, found.index, found.offering_indexes, found.silent_indexes) == (
        False,
        "https://pypi.org/simple/",
        frozenset({"https://pypi.org/simple/"}),
        frozenset({"x"}),
    )


# Which file it is


@pytest.mark.parametrize(
    ("line", "options", "hashes"),
    [
        pytest.param("demo @ https://h.example/demo-1.0.tar.gz", {}, [], id="none"),
        pytest.param(f"demo @ https://h.example/demo-1.0.tar.gz#sha256={GOOD}", {}, [f"sha256:{GOOD}"], id="url"),
        pytest.param("demo @ https://h.example/demo-1.0.tar.gz", {"sha256": [GOOD]}, [f"sha256:{GOOD}"], id="option"),
        pytest.param("demo @ https://h.example/demo-1.0.tar.gz", {"sha256": [GOOD, BAD]}, [], id="two-options"),
        pytest.param(
            "demo @ https://h.example/demo-1.0.tar.gz", {"sha256": [GOOD], "sha512": [BAD]}, [], id="two-algorithms"
        ),
        pytest.param(
            f"demo @ https://h.example/demo-1.0.tar.gz#sha256={BAD}", {"sha256": [GOOD]}, [], id="url-and-option"
        ),
        pytest.param(
            f"demo @ https://h.example/demo-1.0.tar.gz#sha256={GOOD}",
            {"sha256": [GOOD]},
            [f"sha256:{GOOD}"],
            id="url-and-option-agree",
        ),
    ],
)
def test_hash_is_the_only_one_that_pip_accepts(line: str, options: dict[str, list[str]], hashes: list[str]) -> None:
    requirement = install_req_from_line(line, hash_options=options, user_supplied=True)
    assert describe(requirement).hashes == frozenset(hashes)
    accepted = requirement.hashes(trust_internet=not requirement.has_hash_options)
    for digest in (GOOD, BAD):
        named = f"sha256:{digest}" in hashes
        assert not named or (accepted.digest_count >= 1 and accepted.is_hash_allowed("sha256", digest))


def test_hash_of_the_user_pins_and_that_of_an_index_does_not() -> None:
    pinned = install_req_from_line("demo", hash_options={"sha256": [GOOD, BAD]}, user_supplied=True)
    for requirement, expected in ((pinned, True), (install_req_from_line("demo", user_supplied=True), False)):
        described = describe(requirement, link=f"https://h.example/demo-1.0-py3-none-any.whl#sha256={GOOD}")
        assert described.pinned is expected


@pytest.mark.parametrize(
    ("options", "hashes"),
    [
        pytest.param({}, [f"sha256:{BAD}"], id="index-alone"),
        pytest.param({"sha256": [GOOD]}, [f"sha256:{GOOD}"], id="option-beats-index"),
    ],
)
def test_hash_of_an_index_counts_where_the_user_gave_none(options: dict[str, list[str]], hashes: list[str]) -> None:
    requirement = install_req_from_line("demo", hash_options=options, user_supplied=True)
    link = f"https://h.example/demo-1.0.tar.gz#sha256={BAD}"
    assert describe(requirement, link=link).hashes == frozenset(hashes)


# Where it comes from


def dependency_of(parent: InstallRequirement) -> InstallRequirement:
    return install_req_from_line("demo", comes_from=parent)


class Installed:
    """A distribution, as far as it is shown."""

    version = "3.1"

    @property
    def raw_name(self) -> str:
        return "Flask"


def test_requirement_comes_from_the_command_line_unless_something_else_is_known() -> None:
    assert Provenance().origin(install_req_from_line("demo")) == COMMAND_LINE
    assert str(COMMAND_LINE) == "required by the command line"


@pytest.mark.parametrize(
    ("comes_from", "origin"),
    [
        pytest.param(
            "-r reqs/dev.txt (line 4)",
            Origin(kind=OriginKind.REQUIREMENTS, text="line 4 of reqs/dev.txt"),
            id="requirements",
        ),
        pytest.param(
            "-c c (line 1).txt (line 12)",
            Origin(kind=OriginKind.REQUIREMENTS, text="line 12 of c (line 1).txt"),
            id="constraints",
        ),
        pytest.param(
            "-r a\nb.txt (line 1)", Origin(kind=OriginKind.REQUIREMENTS, text="line 1 of a\nb.txt"), id="odd-file"
        ),
        pytest.param("pylock.toml", Origin(kind=OriginKind.LOCK, text="pylock.toml"), id="lock"),
    ],
)
def test_file_of_a_requirement_is_what_pip_says(comes_from: str, origin: Origin) -> None:
    assert Provenance().origin(install_req_from_line("demo", comes_from=comes_from)) == origin


def test_line_of_a_requirements_file_is_the_one_that_pip_counts(tmp_path: Path) -> None:
    path = tmp_path / "reqs.txt"
    path.write_text("# mine\nfirst\n\nsecond\\\n  >=1\n", encoding="utf-8")
    with PipSession() as session:
        parsed = [install_req_from_parsed_requirement(line) for line in parse_requirements(str(path), session)]
    assert [Provenance().origin(requirement).text for requirement in parsed] == [
        f"line 2 of {path}",
        f"line 4 of {path}",
    ]


def test_dependency_names_what_asks_for_it() -> None:
    parent = install_req_from_line("flask")
    assert Provenance().origin(dependency_of(parent)) == Origin(kind=OriginKind.DEPENDENCY, text="flask")
    parent.satisfied_by = Installed()  # type: ignore[assignment]
    assert Provenance().origin(dependency_of(parent)) == Origin(kind=OriginKind.DEPENDENCY, text="Flask 3.1")
    parent.satisfied_by = None
    parent._distribution = Installed()  # type: ignore[assignment]
    assert Provenance().origin(dependency_of(parent)) == Origin(kind=OriginKind.DEPENDENCY, text="Flask 3.1")


def test_metadata_is_looked_at_once_for_all_dependencies_of_a_requirement() -> None:
    looked_at = []

    class Counting(Installed):
        @property
        def raw_name(self) -> str:
            looked_at.append(self)
            return "Flask"

    parent = install_req_from_line("flask")
    parent.satisfied_by = Counting()  # type: ignore[assignment]
    provenance = Provenance()
    origins = [provenance.origin(install_req_from_line(name, comes_from=parent)) for name in ("demo", "other")]
    assert origins == 2 * [Origin(kind=OriginKind.DEPENDENCY, text="Flask 3.1")]
    assert len(looked_at) == 1


def test_dependency_of_a_nameless_requirement_names_its_address() -> None:
    parent = install_req_from_line("https://h.example/download")
    assert Provenance().origin(dependency_of(parent)) == Origin(
        kind=OriginKind.DEPENDENCY, text="https://h.example/download"
    )


GROUP = Origin(kind=OriginKind.GROUP, text="group dev of pyproject.toml")


@pytest.mark.parametrize(
    ("noted", "asked", "origin"),
    [
        pytest.param("demo", "demo", GROUP, id="name"),
        pytest.param("Demo_X", "demo-x", GROUP, id="name-is-normalised"),
        pytest.param("demo", "other", COMMAND_LINE, id="other-name"),
        pytest.param("demo @ https://h.example/x.zip", "demo @ https://h.example/x.zip", GROUP, id="address"),
        pytest.param(
            "demo @ https://h.example/x.zip", "demo @ https://h.example/y.zip", COMMAND_LINE, id="other-address"
        ),
        pytest.param("demo", "demo @ https://h.example/x.zip", COMMAND_LINE, id="name-is-no-address"),
    ],
)
def test_remembers_an_origin_that_pip_does_not(noted: str, asked: str, origin: Origin) -> None:
    provenance = Provenance()
    provenance.note(install_req_from_line(noted), GROUP)
    assert provenance.origin(install_req_from_line(asked)) == origin


def test_origin_stays_when_pip_has_chosen_a_file() -> None:
    provenance = Provenance()
    requirement = install_req_from_line("demo>=1", user_supplied=True)
    provenance.note(requirement, GROUP)
    # what pip's resolver makes of a requirement for which an index has a file
    chosen = install_req_from_line("demo>=1", user_supplied=True, comes_from=requirement.comes_from)
    chosen.original_link = requirement.original_link
    chosen.link = Link("https://files.example/demo-1.0-py3-none-any.whl")
    assert provenance.origin(chosen) == GROUP


def test_origin_of_a_file_is_more_than_what_was_noted() -> None:
    provenance = Provenance()
    provenance.note(install_req_from_line("demo"), GROUP)
    requirement = install_req_from_line("demo", comes_from="-r reqs.txt (line 1)")
    assert provenance.origin(requirement) == Origin(kind=OriginKind.REQUIREMENTS, text="line 1 of reqs.txt")


def test_requirements_of_a_build_come_from_that_build() -> None:
    provenance = Provenance()
    requirement = install_req_from_line("setuptools")
    with provenance.building("demo"):
        inside = provenance.origin(requirement)
        with provenance.building(None):
            nested = provenance.origin(requirement)
    with pytest.raises(RuntimeError), provenance.building("broken"):
        raise RuntimeError
    expected = Origin(kind=OriginKind.DEPENDENCY, text="the build of demo")
    assert (inside, nested, provenance.origin(requirement)) == (expected, expected, COMMAND_LINE)


# What the command line consents to


@pytest.mark.parametrize(
    ("argument", "editable"),
    [
        pytest.param(str, None, id="absolute"),
        pytest.param(lambda path: "./demo", None, id="dot"),
        pytest.param(lambda path: "./demo[extra]", None, id="extra"),
        pytest.param(lambda path: "./other/../demo/", None, id="dots"),
        pytest.param(lambda path: path.as_uri(), None, id="file-url"),
        pytest.param(lambda path: f"demo @ {path.as_uri()}", None, id="named"),
        pytest.param(lambda path: "./link", None, id="link"),
        pytest.param(None, str, id="editable"),
        pytest.param(None, lambda path: "demo", id="editable-name-of-folder"),
        pytest.param(None, lambda path: "./link[extra]", id="editable-link"),
        pytest.param(None, lambda path: path.as_uri(), id="editable-url"),
    ],
)
def test_naming_a_directory_is_consent(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    argument: Callable[[Path], str] | None,
    editable: Callable[[Path], str] | None,
) -> None:
    folder = make_project(tmp_path / "demo")
    (tmp_path / "link").symlink_to(folder)
    (tmp_path / "other").mkdir()
    monkeypatch.chdir(tmp_path)
    provenance = Provenance()
    provenance.name_directories([argument(folder)] if argument else [], [editable(folder)] if editable else [])
    requirement = install_req_from_line(f"x @ {folder.as_uri()}", comes_from="-r reqs.txt (line 1)")
    assert describe(requirement, provenance).named_on_command_line
    through_link = install_req_from_line(f"x @ {(tmp_path / 'link').as_uri()}")
    assert describe(through_link, provenance).named_on_command_line


def test_consent_is_for_that_directory_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = make_project(tmp_path / "demo")
    others = [make_project(tmp_path / "demo2"), make_project(folder / "vendor"), tmp_path]
    make_project(tmp_path / "parent" / "x")
    (tmp_path / "pyproject.toml").touch()
    monkeypatch.chdir(tmp_path)
    provenance = Provenance()
    provenance.name_directories(["./demo"], [])
    for other in others:
        assert not describe(install_req_from_line(f"x @ {other.as_uri()}"), provenance).named_on_command_line


@pytest.mark.parametrize(
    ("argument", "editable"),
    [
        pytest.param("demo", None, id="name-that-is-also-a-folder"),
        pytest.param("./missing", None, id="missing"),
        pytest.param("./empty", None, id="no-project"),
        pytest.param("https://h.example/demo.zip", None, id="url"),
        pytest.param("git+file:///demo", None, id="repository"),
        pytest.param("./demo.whl", None, id="no-wheel-name"),
        pytest.param(">>", None, id="nonsense"),
        pytest.param("", None, id="empty"),
        pytest.param(None, "missing", id="editable-missing"),
        pytest.param(None, "https://h.example/demo.zip", id="editable-url"),
        pytest.param(None, "git+https://h.example/demo#egg=demo", id="editable-repository"),
        pytest.param(None, "git+https://h.example/demo#egg=?", id="editable-nonsense"),
    ],
)
def test_other_arguments_consent_to_no_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, argument: str | None, editable: str | None
) -> None:
    make_project(tmp_path / "demo")
    (tmp_path / "empty").mkdir()
    (tmp_path / "demo.whl").touch()
    monkeypatch.chdir(tmp_path)
    provenance = Provenance()
    provenance.name_directories([argument] if argument is not None else [], [editable] if editable else [])
    assert provenance.named_directories == frozenset()


def test_what_arguments_stand_for_is_found_out_without_a_word(caplog: pytest.LogCaptureFixture) -> None:
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        Provenance().name_directories(["missing.tar.gz", "git+https://h.example/demo#egg=demo[x]"], [])
    assert (caplog.messages, warned) == ([], [])
    install_req_from_line("missing.tar.gz")
    assert caplog.messages == ["Requirement 'missing.tar.gz' looks like a filename, but the file does not exist"]


def test_consent_is_for_no_file_or_repository_below(tmp_path: Path) -> None:
    folder = make_project(tmp_path / "demo")
    provenance = Provenance()
    provenance.name_directories([str(folder)], [])
    repository = install_req_from_line(f"x @ git+{folder.as_uri()}")
    assert not describe(repository, provenance).named_on_command_line
