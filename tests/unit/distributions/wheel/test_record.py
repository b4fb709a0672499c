"""Test the comparison of a wheel with its RECORD."""

from __future__ import annotations

import pytest

from pip_guard.distributions.wheel.contents import Member
from pip_guard.distributions.wheel.record import Row, UnreadableRecordError, algorithms, compare, parse_record

FOLDER = "demo-1.0.dist-info"
RECORD = Member(f"{FOLDER}/RECORD", 100, "sha256=own")
OWN_ROW = Row(f"{FOLDER}/RECORD", "", "")
FILE = Member("a.py", 5, "sha256=abc")
ROW = Row("a.py", "sha256=abc", "5")


def defects(members: list[Member], rows: list[Row]) -> list[str]:
    return list(compare([RECORD, *members], [OWN_ROW, *rows], FOLDER))


HEXADECIMAL = "CvCvCvCvCvCvCvCvCvCvCvCvCvCvCvCvCvCvCvCvCv8"  # the same digest in base64


@pytest.mark.parametrize(
    ("content", "rows"),
    [
        pytest.param(b"a.py,sha256=abc,5\nR,,\n", (ROW, Row("R", "", "")), id="plain"),
        pytest.param(b"a.py,sha256=abc==,5\r\n\r\n", (ROW,), id="padding-and-line-ends"),
        pytest.param(b'"a,b.py",md5=abc,5', (Row("a,b.py", "md5=abc", "5"),), id="quoted"),
        pytest.param(
            f"a.py,sha256={'0aF' * 21}f,5".encode(), (Row("a.py", f"sha256={HEXADECIMAL}", "5"),), id="hexadecimal"
        ),
        pytest.param(f"a.py,sha256={'x' * 64},5".encode(), (Row("a.py", f"sha256={'x' * 64}", "5"),), id="too-long"),
        pytest.param(b"a.py,nonsense,5", (Row("a.py", "", "5"),), id="no-hash"),
        pytest.param(b"", (), id="empty"),
    ],
)
def test_parses(content: bytes, rows: tuple[Row, ...]) -> None:
    assert parse_record(content) == rows


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        pytest.param(b"\xff,,", "cannot be read", id="no-utf-8"),
        pytest.param(b"a" * 200_000 + b",,", "cannot be read", id="field-too-large"),
        pytest.param(b"a.py,sha256=abc", "lines that are not", id="two-fields"),
        pytest.param(b"a.py,sha256=abc,5,6", "lines that are not", id="four-fields"),
    ],
)
def test_refuses_what_it_cannot_parse(content: bytes, problem: str) -> None:
    with pytest.raises(UnreadableRecordError, match=problem):
        parse_record(content)


def test_names_the_strong_algorithms_that_are_not_the_usual_one() -> None:
    rows = [ROW, Row("b", "sha512=x", ""), Row("c", "md5=x", ""), Row("d", "", ""), Row("e", "blake2b=x", "")]
    assert algorithms(rows) == {"b": "sha512", "e": "blake2b"}


@pytest.mark.parametrize(
    ("members", "rows"),
    [
        pytest.param([FILE], [ROW], id="listed"),
        pytest.param([FILE], [ROW, ROW], id="listed-twice-alike"),
        pytest.param([FILE], [Row("a.py", "sha256=abc", "")], id="no-size"),
        pytest.param(
            [FILE, Member("pkg/sub/b.py", 5, "")],
            [ROW, Row("pkg/sub/b.py", "", ""), Row("pkg/sub/", "", ""), Row("pkg/", "", "")],
            id="folders",
        ),
        pytest.param([FILE, Member(f"{FOLDER}/RECORD.jws", 3, "sha256=x")], [ROW], id="signature-not-listed"),
        pytest.param(
            [FILE, Member(f"{FOLDER}/RECORD.p7s", 3, "sha256=x")],
            [ROW, Row(f"{FOLDER}/RECORD.p7s", "", "")],
            id="signature",
        ),
        pytest.param([FILE], [ROW, Row(f"{FOLDER}/RECORD.jws", "", "")], id="signature-removed"),
        pytest.param([Member("a.py", 5, "")], [ROW], id="could-not-be-read"),
    ],
)
def test_finds_nothing_wrong(members: list[Member], rows: list[Row]) -> None:
    assert defects(members, rows) == []


@pytest.mark.parametrize(
    ("members", "rows", "defect"),
    [
        pytest.param([FILE], [], "RECORD does not list a.py", id="not-listed"),
        pytest.param([], [ROW], "RECORD lists a.py, which is not there", id="not-there"),
        pytest.param(
            [FILE], [Row("a.py", "sha256=xyz", "5")], "a.py has another content than RECORD says", id="other-content"
        ),
        pytest.param([FILE], [Row("a.py", "sha256=abc", "6")], "a.py has 5 bytes, and 6 by RECORD", id="other-size"),
        pytest.param([FILE], [Row("a.py", "", "5")], "RECORD has no hash of a.py that can be read", id="no-hash"),
        pytest.param([FILE], [Row("a.py", "md5=abc", "5")], "RECORD has only a weak hash of a.py, md5", id="md5"),
        pytest.param([FILE], [Row("a.py", "sha1=abc", "5")], "RECORD has only a weak hash of a.py, sha1", id="sha1"),
        pytest.param(
            [FILE],
            [ROW, Row("a.py", "sha256=xyz", "5")],
            "RECORD lists a.py twice, and differently",
            id="listed-twice",
        ),
        pytest.param([FILE], [ROW, Row("../x", "", "")], "RECORD lists ../x, which is not there", id="elsewhere"),
        pytest.param(
            [FILE], [ROW, Row("../x/", "", "")], "RECORD lists ../x/, which is not there", id="folder-elsewhere"
        ),
        pytest.param([FILE], [ROW, Row("./", "", "")], "RECORD lists ./, which is not there", id="folder-of-all"),
        pytest.param(
            [FILE], [ROW, Row("a.py/", "", "")], "RECORD lists a.py/, which is not there", id="file-as-folder"
        ),
        pytest.param(
            [FILE, Member("RECORD", 3, "sha256=x")], [ROW], "RECORD does not list RECORD", id="record-of-another-folder"
        ),
    ],
)
def test_finds_differences(members: list[Member], rows: list[Row], defect: str) -> None:
    assert defects(members, rows) == [defect]
