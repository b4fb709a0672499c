"""Test which index a link comes from, and which others offer the project."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest
from pip._internal.models.link import Link
from pip._internal.req.constructors import install_req_from_line

from pip_guard.pip_adapter.candidates import DIRECT, Listing
from pip_guard.pip_adapter.listings import find_listing

PYPI, OWN, BELOW = "https://pypi.example/simple", "https://own.example/", "https://own.example/team/"


@dataclass(frozen=True, kw_only=True, slots=True)
class Offer:
    """A candidate, as far as it is looked at."""

    link: Link


@dataclass(frozen=True, kw_only=True, slots=True)
class Finder:
    """Stands in for pip's finder: it has found what it is given."""

    index_urls: list[str] = field(default_factory=list)
    find_links: list[str] = field(default_factory=list)
    pages: tuple[str, ...] = ()

    def find_all_candidates(self, project_name: str) -> list[Offer]:
        assert project_name == "demo-x"
        return [Offer(link=make_link(page)) for page in self.pages] + [Offer(link=Link("file:///srv/demo.whl"))]


def make_link(page: str | None, url: str = "https://files.example/demo_x-1.0-py3-none-any.whl") -> Link:
    return Link(url, comes_from=page)


def listing(finder: Finder, link: Link, *, requirement: str = "Demo_X", failed: tuple[str, ...] = ()) -> Listing:
    return find_listing(install_req_from_line(requirement), link, finder, failed)  # type: ignore[arg-type]


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
            Listing(),
            id="find-links-page",
        ),
        pytest.param(
            Finder(index_urls=[PYPI], find_links=["https://links.example/page"]),
            "https://links.example/page",
            Listing(),
            id="find-links-page-without-a-slash",
        ),
        pytest.param(
            Finder(index_urls=[PYPI], find_links=["https://links.example/page"]),
            "https://links.example/page/below.html",
            Listing(),
            id="page-below-find-links",
        ),
        pytest.param(
            Finder(index_urls=[PYPI], find_links=["https://links.example/page"]),
            "https://links.example/page2",
            Listing(index="https://links.example/page2"),
            id="page-that-begins-like-find-links",
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
