"""Test what the pages of an index say about their projects."""

from __future__ import annotations

import json

import pytest
from pip._internal.index.collector import IndexContent, parse_links
from pip._internal.models.link import Link

from pip_guard.facts.resolution import ProjectStatus
from pip_guard.pip_adapter.index.project_status import ProjectStates, StatedStatus
from tests.kit.simple_api import ProjectStatus as PublishedStatus
from tests.kit.simple_api import render_project_as_html, render_project_as_json

JSON = "application/vnd.pypi.simple.v1+json"
PAGE = "https://pypi.example/simple/demo/"


def states_of(content: str | bytes, content_type: str, url: str = PAGE) -> ProjectStates:
    states = ProjectStates()
    encoded = content if isinstance(content, bytes) else content.encode()
    states.note(IndexContent(encoded, content_type, encoding=None, url=url))
    return states


def state(content: str | bytes, content_type: str) -> StatedStatus | None:
    (link,) = parse_links(IndexContent(b'<a href="demo-1.0-py3-none-any.whl">', "text/html", None, PAGE))
    return states_of(content, content_type).of_link(link, "demo")


@pytest.mark.parametrize("reason", [None, "", 'see <other> & "this" {}}', "überholt"])
@pytest.mark.parametrize("status", [status.value for status in ProjectStatus])
def test_both_forms_of_a_page_say_the_same(status: str, reason: str | None) -> None:
    published = PublishedStatus(status=status, reason=reason)
    expected = StatedStatus(ProjectStatus(status), reason or "")
    assert state(render_project_as_json("demo", [], published), JSON) == expected
    assert state(render_project_as_html("demo", [], published), "text/html; charset=utf-8") == expected


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        pytest.param("", JSON, id="empty-json"),
        pytest.param("", "text/html", id="empty-html"),
        pytest.param('{"files": []}', JSON, id="no-status"),
        pytest.param('{"project-status": null}', JSON, id="null"),
        pytest.param('{"project-status": "archived"}', JSON, id="text"),
        pytest.param('{"project-status": {}}', JSON, id="empty-object"),
        pytest.param('{"project-status": {"status": "retired"}}', JSON, id="unknown-status"),
        pytest.param('{"project-status": {"status": 5}}', JSON, id="number"),
        pytest.param('{"project-status": {"status": "archived"', JSON, id="half"),
        pytest.param('{"project-status": {"status": "archived"}}', "text/html", id="json-called-html"),
        pytest.param(
            json.dumps({"files": [{"yanked": '"project-status": {"status": "archived"}'}]}), JSON, id="in-a-text"
        ),
        pytest.param('{"files": [{"yanked": "project-status"}]}', JSON, id="as-a-text"),
        pytest.param("<title>pypi:project-status</title>", "text/html", id="title"),
        pytest.param('<meta name="pypi:project-status">', "text/html", id="no-content"),
        pytest.param('<meta content="pypi:project-status">', "text/html", id="no-name"),
        pytest.param(
            '<p><a href="x">y</a><meta name="pypi:project-status" content="archived">', "text/html", id="below"
        ),
        pytest.param(b'<meta name="pypi:project-status" content="\xff">', "text/html", id="no-utf-8"),
    ],
)
def test_page_says_nothing(content: str | bytes, content_type: str) -> None:
    assert state(content, content_type) is None


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(
            '{"a": "project-status", "project-status" : {"status":"archived"}, "files": []}', id="after-a-text"
        ),
        pytest.param('{"project-status":{"reason":"}","status":"archived"}}', id="brace-in-a-text"),
        pytest.param('\n{\n"project-status"\n:\n{"status":"archived"}}', id="lines"),
    ],
)
def test_finds_the_status_wherever_it_stands(content: str) -> None:
    found = state(content, JSON)
    assert found is not None
    assert found.status is ProjectStatus.ARCHIVED


@pytest.mark.parametrize(
    ("url", "projects"),
    [
        pytest.param(PAGE, {"demo"}, id="with-slash"),
        pytest.param(PAGE.rstrip("/"), {"demo"}, id="without-slash"),
        pytest.param("https://pypi.example/simple/My.Demo%5Fx/", {"my-demo-x"}, id="normalised"),
    ],
)
def test_page_is_that_of_a_project(url: str, projects: set[str]) -> None:
    states = states_of('{"project-status": {"status": "quarantined"}}', JSON, url)
    found = {project for project in ("demo", "my-demo-x", "simple") if list(states.of_project(project))}
    assert found == projects


def test_link_that_stands_on_no_page_has_the_state_of_its_project() -> None:
    states = states_of('{"project-status": {"status": "quarantined"}}', JSON)
    link = Link("https://pypi.example/files/demo-1.0-py3-none-any.whl")
    quarantined = StatedStatus(ProjectStatus.QUARANTINED, "")
    assert (states.of_link(link, "demo"), states.of_link(link, "other")) == (quarantined, None)
    active = states_of('{"project-status": {"status": "active"}}', JSON)
    assert active.of_link(link, "demo") is None
