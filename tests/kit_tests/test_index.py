"""The index speaks the simple API, remembers what it was asked, and fails on demand."""

from __future__ import annotations

import json
import urllib.error
from datetime import datetime, timezone
from http.client import IncompleteRead

import pytest

from tests.kit.http_server import FaultKind
from tests.kit.index import LocalIndex
from tests.kit.simple_api import HTML_TYPE, JSON_TYPE, sha256
from tests.kit.wheels import make_wheel
from tests.kit.workspace import Workspace
from tests.kit_tests.conftest import Fetch

JSON = {"Accept": JSON_TYPE}
DEMO = make_wheel("demo", requires_python=">=3.8")


def test_json_page_describes_file(index: LocalIndex, fetch: Fetch) -> None:
    uploaded = datetime(2024, 5, 6, 7, 8, 9, 123, tzinfo=timezone.utc)
    url = index.publish(DEMO, upload_time=uploaded, yanked="broken", project_status="archived")
    page = fetch(f"{index.url}demo/", JSON)
    assert page.content_type == JSON_TYPE
    assert json.loads(page.body) == {
        "meta": {"api-version": "1.4"},
        "name": "demo",
        "versions": ["1.0"],
        "files": [
            {
                "filename": "demo-1.0-py3-none-any.whl",
                "url": url,
                "hashes": {"sha256": sha256(DEMO.content)},
                "requires-python": ">=3.8",
                "core-metadata": {"sha256": sha256(DEMO.metadata)},
                "size": len(DEMO.content),
                "upload-time": "2024-05-06T07:08:09.000123Z",
                "yanked": "broken",
            }
        ],
        "project-status": {"status": "archived"},
    }


def test_html_page_describes_file(index: LocalIndex, fetch: Fetch) -> None:
    url = index.publish(DEMO, yanked=True, project_status="quarantined", project_status_reason="malware & co")
    page = fetch(f"{index.url}demo/", {"Accept": "text/html"})
    metadata = f"sha256={sha256(DEMO.metadata)}"
    assert page.content_type == HTML_TYPE
    anchor = (
        f'<a href="{url}#sha256={sha256(DEMO.content)}" data-requires-python="&gt;=3.8" '
        f'data-core-metadata="{metadata}" data-dist-info-metadata="{metadata}" data-yanked="">'
        "demo-1.0-py3-none-any.whl</a><br>"
    )
    assert page.text.splitlines() == [
        "<!DOCTYPE html>",
        "<html>",
        "<head>",
        '<meta name="pypi:repository-version" content="1.4">',
        "<title>Links for demo</title>",
        '<meta name="pypi:project-status" content="quarantined">',
        '<meta name="pypi:project-status-reason" content="malware &amp; co">',
        "</head>",
        "<body>",
        anchor,
        "</body>",
        "</html>",
    ]


def test_page_says_only_what_was_asked_for(index: LocalIndex, fetch: Fetch) -> None:
    index.publish(make_wheel("demo"), upload_time=None, metadata=False, hashes=False, url="https://else.example/x.whl")
    (file,) = json.loads(fetch(f"{index.url}demo/", JSON).body)["files"]
    assert file == {
        "filename": "demo-1.0-py3-none-any.whl",
        "url": "https://else.example/x.whl",
        "hashes": {},
        "size": file["size"],
    }
    assert fetch(f"{index.files_url}demo-1.0-py3-none-any.whl").status == 404


def test_page_can_lie(index: LocalIndex, fetch: Fetch) -> None:
    url = index.publish(DEMO, hashes="0" * 64, metadata=b"Name: other\n", requires_python=">=99", project="other")
    (file,) = json.loads(fetch(f"{index.url}other/", JSON).body)["files"]
    assert file["hashes"] == {"sha256": "0" * 64}
    assert file["requires-python"] == ">=99"
    assert file["core-metadata"] == {"sha256": sha256(b"Name: other\n")}
    assert fetch(f"{url}.metadata").body == b"Name: other\n"


def test_status_alone_makes_project(index: LocalIndex, fetch: Fetch) -> None:
    index.set_status("Gone.Project", "quarantined", reason="malware")
    page = json.loads(fetch(f"{index.url}gone-project/", JSON).body)
    assert (page["files"], page["project-status"]) == ([], {"status": "quarantined", "reason": "malware"})


@pytest.mark.parametrize(
    ("path", "status", "text"),
    [
        pytest.param("/simple/", 200, '<a href="demo/">demo</a><br>', id="root"),
        pytest.param("/simple/demo", 200, "Links for demo", id="redirect-to-slash"),
        pytest.param("/simple/DEMO/", 200, "Links for demo", id="redirect-to-normalized-name"),
        pytest.param("/simple/other/", 404, "Not found.", id="unknown-project"),
        pytest.param("/files/other.whl", 404, "Not found.", id="unknown-file"),
        pytest.param("/", 404, "Not found.", id="unknown-path"),
    ],
)
def test_path_is_answered(index: LocalIndex, fetch: Fetch, path: str, status: int, text: str) -> None:
    index.publish(DEMO)
    answer = fetch(index.origin + path)
    assert answer.status == status
    assert text in answer.text


def test_html_only_index_ignores_accept(index: LocalIndex, fetch: Fetch) -> None:
    index.publish(DEMO)
    index.html_only = True
    assert fetch(f"{index.url}demo/", JSON).content_type == HTML_TYPE
    assert fetch(index.url, JSON).content_type == HTML_TYPE


@pytest.mark.parametrize(
    ("wanted", "status", "body", "content_range"),
    [
        pytest.param("bytes=2-4", 206, b"234", "bytes 2-4/10", id="middle"),
        pytest.param("bytes=7-", 206, b"789", "bytes 7-9/10", id="from"),
        pytest.param("bytes=-2", 206, b"89", "bytes 8-9/10", id="last"),
        pytest.param("bytes=8-99", 206, b"89", "bytes 8-9/10", id="beyond-end"),
        pytest.param("bytes=10-", 416, b"", "bytes */10", id="unsatisfiable"),
        pytest.param("bytes=0-1,3-4", 200, b"0123456789", None, id="several"),
    ],
)
def test_range_is_served(
    index: LocalIndex, fetch: Fetch, wanted: str, status: int, body: bytes, content_range: str | None
) -> None:
    url = index.page("/ten", "0123456789")
    answer = fetch(url, {"Range": wanted})
    assert (answer.status, answer.body, answer.content_range) == (status, body, content_range)


def test_page_can_be_anything(index: LocalIndex, fetch: Fetch) -> None:
    answer = fetch(index.page("/status", b"<b>", "text/html", status=418))
    assert (answer.status, answer.content_type, answer.body) == (418, "text/html", b"<b>")


def test_page_can_depend_on_request(index: LocalIndex, fetch: Fetch) -> None:
    url = index.page("/echo", lambda request: request.method.encode() + request.body)
    assert fetch(url, body=b" me").text == "POST me"


def test_requests_are_remembered(index: LocalIndex, rogue_index: LocalIndex, fetch: Fetch) -> None:
    url = index.redirect("/old", rogue_index.page("/new", "here"))
    assert fetch(f"{url}?a=b", {"Authorization": "Bearer x"}).text == "here"
    host = index.origin.removeprefix("https://")
    assert [(r.method, r.path, r.host, r.authorization) for r in index.requests] == [
        ("GET", "/old?a=b", host, "Bearer x")
    ]
    assert rogue_index.paths == ["/new"]
    assert rogue_index.origin != index.origin


def test_index_forgets(index: LocalIndex, fetch: Fetch) -> None:
    index.publish(make_wheel("demo"))
    index.page("/page", "text")
    index.fail("/simple/demo/", FaultKind.SERVER_ERROR)
    fetch(f"{index.origin}/page")
    index.clear()
    assert index.requests == []
    assert [fetch(f"{index.origin}{path}").status for path in ("/page", "/simple/demo/")] == [404, 404]


def test_credentials_are_demanded(index: LocalIndex, fetch: Fetch) -> None:
    index.publish(DEMO)
    index.credentials = ("user", "p@ss")
    assert fetch(index.url).status == 401
    assert fetch(index.url, {"Authorization": "Basic dXNlcjpwQHNz"}).status == 200
    assert index.url_with_credentials == index.url.replace("https://", "https://user:p%40ss@")


def test_plain_http_index(fetch: Fetch) -> None:
    with LocalIndex(tls=False, host="127.0.0.1") as plain:
        plain.publish(DEMO)
        assert plain.url.startswith("http://127.0.0.1:")
        assert fetch(f"{plain.url}demo/").status == 200


def test_stopped_index_does_not_answer(fetch: Fetch) -> None:
    with LocalIndex() as stopped:
        pass
    with pytest.raises(urllib.error.URLError, match="refused"):
        fetch(stopped.url)


def test_reset(index: LocalIndex, fetch: Fetch) -> None:
    index.fail(index.page("/x", "body"), FaultKind.RESET)
    with pytest.raises((ConnectionError, urllib.error.URLError)):
        fetch(f"{index.origin}/x")


def test_truncated_body(index: LocalIndex, fetch: Fetch) -> None:
    index.fail(index.page("/x", "0123456789"), FaultKind.TRUNCATED)
    with pytest.raises(IncompleteRead) as caught:
        fetch(f"{index.origin}/x")
    assert caught.value.partial == b"01234"


def test_server_error_happens_as_often_as_planned(index: LocalIndex, fetch: Fetch) -> None:
    url = index.page("/x", "body")
    index.fail("/x", FaultKind.SERVER_ERROR, times=1)
    assert [fetch(url).status, fetch(url).status] == [500, 200]


def test_wrong_bytes(index: LocalIndex, fetch: Fetch) -> None:
    url = index.publish(DEMO)
    index.fail(url, FaultKind.WRONG_BYTES)
    body = fetch(url).body
    assert len(body) == len(DEMO.content)
    assert body != DEMO.content


def test_slow_answer(index: LocalIndex, fetch: Fetch) -> None:
    index.fail(index.page("/x", "body"), FaultKind.SLOW, seconds=0.05)
    started = datetime.now(tz=timezone.utc)
    assert fetch(f"{index.origin}/x").text == "body"
    assert (datetime.now(tz=timezone.utc) - started).total_seconds() >= 0.05


@pytest.mark.parametrize("html_only", [pytest.param(False, id="json"), pytest.param(True, id="html")])
def test_pip_installs_over_tls(workspace: Workspace, index: LocalIndex, html_only: bool) -> None:
    index.html_only = html_only
    index.publish(make_wheel("demo", "1.0", requires=["dep[more]"]))
    index.publish(make_wheel("demo", "2.0"), yanked="broken")
    index.publish(make_wheel("demo", "3.0", requires_python="<3"))
    index.publish(make_wheel("dep", extras={"more": ["other"]}))
    index.publish(make_wheel("other"), metadata=False)
    workspace.pip("install", "demo").check()
    assert workspace.added() == {"demo==1.0", "dep==1.0", "other==1.0"}
    assert "/files/demo-1.0-py3-none-any.whl.metadata" in index.paths
    assert "/files/other-1.0-py3-none-any.whl.metadata" not in index.paths
    assert workspace.pip("install", "demo==2.0").check().stderr.startswith("WARNING: The candidate selected")


def test_pip_obeys_upload_time(workspace: Workspace, index: LocalIndex) -> None:
    index.publish(make_wheel("demo", "1.0"))
    index.publish(make_wheel("demo", "2.0"), upload_time=datetime.now(tz=timezone.utc))
    workspace.pip("install", "--uploaded-prior-to", "2024-01-01", "demo").check()
    assert workspace.added() == {"demo==1.0"}


def test_pip_sends_credentials(workspace: Workspace, index: LocalIndex) -> None:
    index.publish(DEMO)
    index.credentials = ("user", "secret")
    assert workspace.pip("install", "demo").returncode == 1
    index.requests.clear()
    workspace.pip("install", "demo", env={"PIP_INDEX_URL": index.url_with_credentials}).check()
    assert {request.authorization for request in index.requests} == {"Basic dXNlcjpzZWNyZXQ="}


def test_pip_follows_redirect_to_rogue_index(workspace: Workspace, index: LocalIndex, rogue_index: LocalIndex) -> None:
    url = rogue_index.publish(DEMO)
    index.redirect(index.publish(DEMO), url)
    workspace.pip("install", "demo").check()
    assert rogue_index.paths == ["/files/demo-1.0-py3-none-any.whl"]


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        pytest.param(FaultKind.WRONG_BYTES, "THESE PACKAGES DO NOT MATCH THE HASHES", id="wrong-bytes"),
        pytest.param(FaultKind.SERVER_ERROR, "500", id="server-error"),
        pytest.param(FaultKind.RESET, "connection", id="reset"),
        pytest.param(FaultKind.TRUNCATED, "incomplete", id="truncated"),
    ],
)
def test_pip_fails_on_fault(workspace: Workspace, index: LocalIndex, kind: FaultKind, message: str) -> None:
    index.fail(index.publish(DEMO), kind)
    failed = workspace.pip("install", "demo")
    assert failed.returncode != 0
    assert message in failed.output
    assert workspace.added() == set()
