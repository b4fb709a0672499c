"""Test what is left out of a comparison, and that no more is."""

from __future__ import annotations

import pytest

from tests.kit.twins import comparable_record, is_own, normalized

HASH = "0123456789abcdef0123456789abcdef0123456789abcdef01"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("Collecting demo", "Collecting demo", id="nothing"),
        pytest.param("/tmp/pip-install-ab_12xyz/demo", "/tmp/<random>/demo", id="temporary-folder"),
        pytest.param("pip-installer", "pip-installer", id="name-like-one"),
        pytest.param(f"/wheels/ab/cd/ef/{HASH}", "/wheels/<hash>", id="wheel-cache"),
        pytest.param(f"demo_{'0' * 32}/x", "demo_<hash>/x", id="build-folder"),
        pytest.param(f"size=964 sha256={'0' * 64}", "size=<hash>", id="built-wheel"),
        pytest.param("2026-11-22T10:00:00,123 pip", "<time> pip", id="time"),
        pytest.param("demo 1.2.3", "demo 1.2.3", id="version"),
        pytest.param(
            '  File "/x/pip/a.py", line 1, in f\n    g()\n'
            '  File "/x/pip_guard/b.py", line 2, in g\n    h()\n    ^^^\n'
            '  File "/x/pip/c.py", line 3, in h\n',
            '  File "/x/pip/a.py", line 1, in f\n    g()\n  File "/x/pip/c.py", line 3, in h\n',
            id="own-frames",
        ),
    ],
)
def test_leaves_out_what_differs_from_run_to_run(text: str, expected: str) -> None:
    assert normalized(text) == expected


def test_record_keeps_hashes_of_what_does_not_name_a_folder() -> None:
    text = "demo.py,sha256=a,1\n../../../bin/demo,sha256=b,2\ndemo.dist-info/direct_url.json,sha256=c,3\nx.pth,sha256=d,4\n"
    assert comparable_record(text) == (
        "demo.py,sha256=a,1\n../../../bin/demo,<hash>,\ndemo.dist-info/direct_url.json,<hash>,\nx.pth,<hash>,"
    )


@pytest.mark.parametrize(
    ("path", "own"),
    [
        ("home/.cache/pip-guard/advisories/x", True),
        ("home/.cache", True),
        ("home/tmp/x", True),
        ("home/.cache/pip", False),
        ("venv/lib", False),
    ],
)
def test_knows_what_is_none_of_pips(path: str, own: bool) -> None:
    assert is_own(path) is own
