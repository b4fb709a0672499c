"""Test which index a link comes from, and which others offer the project."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest
from pip._internal.index.package_finder import LinkEvaluator, LinkType
from pip._internal.models.link import Link
from pip._internal.models.target_python import TargetPython
from pip._internal.req.constructors import install_req_from_line
from pip._vendor.packaging.utils import canonicalize_name

from pip_guard.pip_adapter.index.listings import DIRECT, Listing, Offers, find_listing

PYPI, OWN, BELOW = "https://pypi.example/simple", "https://own.example/", "https://own.example/team/"


@dataclass(frozen=True, kw_only=True, slots=True)
class Finder:
    """Stands in for pip's finder: it has found what it is given."""

    index_urls: list[str] = field(default_factory=list)
    find_links: list[str] = field(default_factory=list)
    # the pages on which it has seen files of the project
    pages: tuple[str, ...] = ()


def make_link(page: str | None, url: str = "https://files.example/demo_x-1.0-py3-none-any.whl") -> Link:
    return Link(url, comes_from=page)


def listing(finder: Finder, link: Link, *, requirement: str = "Demo_X", failed: tuple[str, ...] = ()) -> Listing:
    offers = Offers()
    for page in finder.pages:
        offers.note(evaluator("demo-x"), make_link(page), LinkType.candidate)
    asked = install_req_from_line(requirement)
    return find_listing(asked, link, finder, offers=offers, failed_requests=failed)  # type: ignore[arg-type]


def evaluator(project: str) -> LinkEvaluator:
    return LinkEvaluator(project, canonicalize_name(project), frozenset({"binary"}), TargetPython(), allow_yanked=True)


@pytest.mark.parametrize(
    ("finder", "page", "expected"),
    [
        pytest.param(Finder(index_urls=[PYPI]), f"{PYPI}/demo-x/", Listing(index=PYPI), id="only-index"),
        pytest.param(Finder(index_urls=[BELOW]), f"{BELOW}demo-x/", Listing(index=BELOW), id="index-with-a-slash"),
        pytest.param(
            Finder(index_urls=[PYPI, OWN], pages=(f"{OWN}demo-x/",)),
            f"{OWN}demo-x/",
            Listing(index=OWN, offering=frozenset({OWN})),
            id="one-of-two",
        ),
        pytest.param(
            Finder(index_urls=[PYPI, OWN], pages=(f"{OWN}demo-x/", f"{PYPI}/demo-x/", f"{PYPI}/demo-x/")),
            f"{PYPI}/demo-x/",
            Listing(index=PYPI, offering=frozenset({PYPI, OWN})),
            id="both",
        ),
        pytest.param(
            Finder(index_urls=[OWN, BELOW], pages=(f"{BELOW}demo-x/",)),
            f"{BELOW}demo-x/",
            Listing(index=BELOW, offering=frozenset({BELOW})),
            id="most-specific-index",
        ),
        pytest.param(
            Finder(index_urls=[PYPI], find_links=["https://links.example/"]),
            "https://links.example/",
            Listing(index="https://links.example/"),
            id="find-links-page",
        ),
        pytest.param(
            Finder(index_urls=[PYPI]),
            "https://pypi.example/simple2/demo-x/",
            Listing(index="https://pypi.example/simple2/demo-x/"),
            id="page-of-no-index",
        ),
        pytest.param(Finder(index_urls=[PYPI]), "reqs.txt", Listing(direct=True, index="reqs.txt"), id="no-page"),
    ],
)
def test_finds_the_index_of_a_page(finder: Finder, page: str, expected: Listing) -> None:
    assert listing(finder, make_link(page)) == expected


@pytest.mark.parametrize(
    "spelling",
    [
        pytest.param("https://me:secret@own.example/team", id="password"),
        pytest.param("HTTPS://Own.Example:443/team/", id="capitals-and-port"),
        pytest.param("https://own.example/other/../%74eam/", id="path"),
    ],
)
def test_index_is_known_however_it_is_spelled(spelling: str) -> None:
    shown = spelling.replace("secret", "****")
    both = Finder(index_urls=[PYPI, spelling], pages=(f"{PYPI}/demo-x/", f"{BELOW}demo-x/"))
    page = f"{BELOW}demo-x/"
    assert listing(both, make_link(page)) == Listing(index=shown, offering=frozenset({PYPI, shown}))
    down = Finder(index_urls=[PYPI, spelling], pages=(f"{PYPI}/demo-x/",))
    found = listing(down, make_link(f"{PYPI}/demo-x/"), failed=(page,))
    assert found == Listing(index=PYPI, offering=frozenset({PYPI}), silent=frozenset({shown}))
    # the more specific one counts, whichever is spelled at greater length
    outer = Finder(index_urls=["https://me:a-long-password@own.example/", spelling])
    assert listing(outer, make_link(page)) == Listing(index=shown)


def test_one_index_in_two_spellings_is_one() -> None:
    finder = Finder(index_urls=[PYPI, f"{PYPI}/"], pages=(f"{PYPI}/demo-x/",))
    assert listing(finder, make_link(f"{PYPI}/demo-x/")) == Listing(index=PYPI, offering=frozenset({PYPI}))


def test_index_that_means_nothing_is_told_by_its_text() -> None:
    broken, deeper = "https://own.example/?x=", "https://own.example/?x=/y"
    finder = Finder(index_urls=[PYPI, broken, deeper])
    assert listing(finder, make_link(f"{deeper}/demo-x/")) == Listing(index="https://own.example/?x=****")
    elsewhere = "https://elsewhere.example/demo-x/"
    assert listing(finder, make_link(elsewhere)) == Listing(index=elsewhere)


@pytest.mark.parametrize(
    ("filename", "verdict", "counts"),
    [
        pytest.param("demo_x-1.0-py3-none-any.whl", LinkType.candidate, True, id="good"),
        pytest.param("Demo.X-1.0.tar.gz", LinkType.format_unsupported, True, id="source-distribution"),
        pytest.param("demo_x-1.0-py3-none-win32.whl", LinkType.platform_mismatch, True, id="for-something-else"),
        pytest.param("demo_x-1.0-py3-none-any.whl", LinkType.upload_too_late, True, id="too-new"),
        pytest.param("archive.zip#egg=demo_x-1.0", LinkType.format_unsupported, True, id="by-fragment"),
        pytest.param("demo_x-1.0-py3-none-any.whl", LinkType.different_project, False, id="different-project"),
        pytest.param("other-1.0.tar.gz", LinkType.format_unsupported, False, id="other-name"),
        pytest.param("", LinkType.format_unsupported, False, id="parent-folder"),
    ],
)
@pytest.mark.filterwarnings("ignore")
def test_page_offers_a_project_whatever_becomes_of_its_files(filename: str, verdict: LinkType, counts: bool) -> None:
    offers = Offers()
    page = f"{PYPI}/demo-x/"
    offers.note(evaluator("Demo_X"), make_link(page, f"https://files.example/{filename}"), verdict)
    assert offers.pages("demo-x") == ({page} if counts else set())
    assert offers.pages("demo") == set()


def test_other_indexes_are_not_asked_about_a_nameless_requirement() -> None:
    finder = Finder(index_urls=[PYPI, OWN])
    found = listing(finder, make_link(f"{OWN}demo-x/"), requirement="https://files.example/download")
    assert found == Listing(index=OWN)


def test_knows_which_index_did_not_answer() -> None:
    finder = Finder(index_urls=[PYPI, OWN], pages=(f"{PYPI}/demo-x/",))
    failed = (f"{OWN}demo-x/", f"{PYPI}/other/", "https://elsewhere.example/demo-x/")
    assert listing(finder, make_link(f"{PYPI}/demo-x/"), failed=failed) == Listing(
        index=PYPI, offering=frozenset({PYPI}), silent=frozenset({OWN})
    )


@pytest.mark.parametrize(
    ("requirement", "link"),
    [
        pytest.param(
            "demo-x @ https://files.example/x.whl", make_link(None, "https://files.example/x.whl"), id="address"
        ),
        pytest.param("demo-x @ file:///srv/demo.whl", make_link(None, "file:///srv/demo.whl"), id="local-file"),
        pytest.param("demo-x", make_link(None), id="link-without-a-page"),
    ],
)
def test_address_is_direct(requirement: str, link: Link) -> None:
    assert listing(Finder(index_urls=[PYPI]), link, requirement=requirement) == DIRECT


def test_file_of_a_find_links_folder_belongs_to_no_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "wheels").mkdir()
    (tmp_path / "link").symlink_to("wheels")
    monkeypatch.chdir(tmp_path)
    link = make_link(None, (tmp_path / "wheels" / "demo_x-1.0-py3-none-any.whl").as_uri())
    for named in ("wheels", "link", str(tmp_path / "wheels"), (tmp_path / "wheels").as_uri()):
        assert listing(Finder(index_urls=[PYPI], find_links=[named]), link) == Listing()
    for other in ("wheels2", ".", "https://wheels/"):
        assert listing(Finder(index_urls=[PYPI], find_links=[other]), link) == Listing(index=link.url)


def test_folder_that_is_called_like_an_address_stands_in_for_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "https:" / "links.example").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    link = make_link(None, (tmp_path / "https:" / "links.example" / "x.whl").as_uri())
    found = listing(Finder(find_links=["https://links.example/"]), link)
    assert found == Listing(index=link.url)


def test_file_that_find_links_names_belongs_to_no_index(tmp_path: Path) -> None:
    link = make_link(None, (tmp_path / "demo_x-1.0-py3-none-any.whl").as_uri())
    assert listing(Finder(index_urls=[PYPI], find_links=[link.file_path]), link) == Listing()


@pytest.mark.parametrize("named", [pytest.param("links.html", id="page"), pytest.param(".", id="its-folder")])
def test_page_of_this_machine_vouches_for_local_files_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    monkeypatch.chdir(tmp_path)
    page = (tmp_path / "links.html").as_uri()
    finder = Finder(index_urls=[PYPI], find_links=[named])
    assert listing(finder, make_link(page, (tmp_path / "x" / "demo_x-1.0-py3-none-any.whl").as_uri())) == Listing()
    assert listing(finder, make_link(page)) == DIRECT
    assert listing(Finder(index_urls=[PYPI]), make_link(page)) == Listing(index=page)
