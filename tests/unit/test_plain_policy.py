"""Test that what has the plain form is read as the parser would read it, and the rest left to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from unittest.mock import ANY

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pip_guard.plain_policy import Plain, take_plain
from pip_guard.policy import parser
from pip_guard.policy.exceptions import PolicyException
from pip_guard.policy.layer import Layer, Trust
from pip_guard.policy.parser import PolicyTextError, parse_layer
from pip_guard.policy.toml import parse_toml
from pip_guard.urls.location import Location

RULES = ("some-rule", "other-rule", "known-malicious")
TIE = '"acme-*" = "https://pypi.acme.example/simple/"\n'
TIES = f"[indexes.projects]\n{TIE}"
ENTRY = '[[exceptions]]\nrule = "some-rule"\nproject = "Demo_x"\nreason = "known"\n'
DIGEST = "ab" * 32


def read(text: str) -> tuple[PolicyException, ...]:
    return take_plain(text, rules=RULES, source="p.toml").exceptions


def read_ties(text: str) -> Mapping[str, Location] | None:
    return take_plain(text, rules=RULES, source="p.toml").ties


def outcome(parse: Callable[[], Layer]) -> object:
    try:
        return parse()
    except PolicyTextError as error:
        return error.problems


def same_without(text: str) -> bool:
    """Tell whether a text comes to the same if everything is left to the parser."""
    with pytest.MonkeyPatch.context() as patch:
        fast = outcome(lambda: parse_layer(text, trust=Trust.USER, source="p.toml", rules=RULES))
        patch.setattr(parser, "take_plain", lambda text, **options: Plain(text=text))
        slow = outcome(lambda: parse_layer(text, trust=Trust.USER, source="p.toml", rules=RULES))
    return fast == slow


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(ENTRY, id="one"),
        pytest.param(f"{ENTRY}\n# a comment\n  \n{ENTRY}", id="several"),
        pytest.param(
            '[[exceptions]]\nrule = "some-rule"\nproject = "acme-*"\nversion = "==1.0"\n'
            f'hash = "sha256:{DIGEST}"\nurl = "https://a.example/"\nreason = "ä # b"\nexpires = 2027-01-31\n',
            id="all-keys",
        ),
        pytest.param('[[exceptions]]\nrule = "other-rule"\nreason = "known"\n', id="fewest-keys"),
        pytest.param(f'[rules]\nsome-rule = "off"\n{ENTRY}', id="after-a-table"),
        pytest.param(f'{ENTRY}[rules]\nsome-rule = "off"\n', id="before-a-table"),
        pytest.param('[[exceptions]]\nreason = "known"\nrule = "some-rule"\n', id="in-another-order"),
        pytest.param(ENTRY.replace("rule = ", "rule    =\t"), id="aligned"),
        pytest.param(ENTRY.replace("\n", "\r\n"), id="lines-of-windows"),
        pytest.param(ENTRY.rstrip(), id="no-end-of-the-line"),
        pytest.param(f'advisory-message = """\nask us"""\n{ENTRY}', id="after-a-long-text"),
    ],
)
def test_reads_the_plain_form(text: str) -> None:
    assert read(text)
    assert same_without(text)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"{ENTRY}more = 1\n", id="more-keys"),
        pytest.param(f"{ENTRY} [rules]\n", id="indented-tables-after-them"),
        pytest.param(f'{ENTRY}rule = "some-rule"\n', id="key-given-twice"),
        pytest.param(ENTRY.replace("reason", 'version = "==1.0"\nversion'), id="key-given-twice-in-the-middle"),
        pytest.param('[[exceptions]]\nproject = "demo"\nreason = "x"\n', id="no-rule"),
        pytest.param('[[exceptions]]\nrule = "some-rule"\n', id="no-reason"),
        pytest.param("[[exceptions]]\n", id="no-key"),
        pytest.param(ENTRY.replace("known", "\u3000"), id="blank-reason-of-another-script"),
        pytest.param(ENTRY.replace("\n", "\r"), id="lines-of-old-macs"),
        pytest.param(ENTRY.replace("some", "sum"), id="unknown-rule"),
        pytest.param(ENTRY.replace("some-rule", "known-malicious"), id="exact-rule"),
        pytest.param(ENTRY.replace("known", " "), id="blank-reason"),
        pytest.param(ENTRY.replace("known", "kno\\u0077n"), id="escape"),
        pytest.param(ENTRY.replace("known", "kno\x01wn"), id="control-character"),
        pytest.param(f"{ENTRY}expires = 2027-02-30\n", id="no-date"),
        pytest.param(f"{ENTRY}# \x07\n", id="control-character-in-a-comment"),
        pytest.param(ENTRY.replace("reason", 'url = "acme"\nreason'), id="no-place"),
        pytest.param(ENTRY.replace("reason", 'version = "1.0"\nreason'), id="no-version"),
        pytest.param(ENTRY.replace("reason", 'hash = "md5:0"\nreason'), id="no-hash"),
    ],
)
def test_leaves_the_rest_to_the_parser(text: str) -> None:
    assert not read(text)
    assert same_without(text)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f'advisory-message = """\n{ENTRY}"""\n', id="inside-of-a-text"),
        pytest.param(f'advisory-message = """\n{ENTRY}', id="inside-of-a-text-without-end"),
        pytest.param(f"[indexes]\napproved = [\n{ENTRY}", id="inside-of-an-array"),
        pytest.param(f'exceptions = [{{rule = "some-rule", reason = "x"}}]\n{ENTRY}', id="after-an-array-of-them"),
        pytest.param(f'mode = "enforce\n{ENTRY}', id="after-an-error"),
        pytest.param(f"mode = 1\n{ENTRY}", id="after-a-problem"),
        pytest.param(f"[[exceptions.x]]\n{ENTRY}", id="after-a-table-of-that-name"),
        pytest.param(f' [[exceptions]]\nrule = "some-rule"\nreason = "x"\n{ENTRY}', id="after-one-that-is-indented"),
    ],
)
def test_what_only_looks_like_them_is_none(text: str) -> None:
    assert same_without(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(TIES, {"acme-*": "https://pypi.acme.example/simple"}, id="one"),
        pytest.param(
            f'{TIES}Demo_x = "https://a.example/"\n', {"acme-*": ANY, "demo-x": "https://a.example/"}, id="two"
        ),
        pytest.param(f"# x\n{TIES}\n  # ours\n", {"acme-*": ANY}, id="among-comments"),
        pytest.param(f"{TIES[:-1]} # ours\n", {"acme-*": ANY}, id="before-a-comment"),
        pytest.param(f"{TIES}{ENTRY}", {"acme-*": ANY}, id="before-exceptions"),
        pytest.param(f"{ENTRY}{TIES}", {"acme-*": ANY}, id="after-exceptions"),
        pytest.param("[indexes.projects]\n", {}, id="none"),
        pytest.param("[indexes.projects]", {}, id="none-and-no-end-of-the-line"),
        pytest.param(f"[indexes.projects]\n{ENTRY}", {}, id="none-before-exceptions"),
        pytest.param(
            f'{TIES}[indexes]\nproxies = ["https://a.example/"]\n', {"acme-*": ANY}, id="before-its-own-table"
        ),
        pytest.param(f"advisory-message = '''\nask us'''\n{TIES}", {"acme-*": ANY}, id="after-a-long-text"),
    ],
)
def test_reads_ties(text: str, expected: Mapping[str, str]) -> None:
    ties = read_ties(text)
    assert ties is not None
    assert {name: str(place) for name, place in ties.items()} == expected
    assert same_without(text)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"{TIES}acme = 1\n", id="no-text"),
        pytest.param(f"{TIES}{TIE}", id="name-given-twice"),
        pytest.param(f'{TIES}acme.web = "https://a.example/"\n', id="dotted"),
        pytest.param(f'{TIES}acme = "a.example"\n', id="no-place"),
        pytest.param(f'{TIES}acme = "https://a.example/?x"\n', id="no-index"),
        pytest.param(f'{TIES}acme = ""\n', id="empty"),
        pytest.param(f'{TIES}"[ab]" = "https://a.example/"\n', id="set-of-characters"),
        pytest.param(f"{TIES}# \x07\n", id="control-character-in-a-comment"),
        pytest.param(f'{TIES}acme = """\n[a]\n"""\n', id="long-text"),
        pytest.param("[indexes]\nprojects = {}\n", id="inline-table"),
    ],
)
def test_leaves_other_ties_to_the_parser(text: str) -> None:
    assert read_ties(text) is None
    assert same_without(text)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f'{TIES}[indexes.projects.acme]\nx = "y"\n', id="before-a-table-of-theirs"),
        pytest.param(f'indexes.projects.acme = "https://a.example/"\n{TIES}', id="after-dotted-ones"),
        pytest.param(f"[indexes]\nprojects = {{}}\n{TIES}", id="after-an-inline-table"),
        pytest.param(f"{TIES}{TIES}", id="twice"),
        pytest.param(f"indexes = 1\n{TIES}", id="after-what-is-no-table"),
        pytest.param(f"x = '''\n{TIES}'''\n", id="inside-of-a-text"),
        pytest.param(f"x = '''\n{TIES}'''\n{TIES}", id="inside-of-a-text-and-after-it"),
        pytest.param(f"x = '''\n{TIES}y = '''\n[indexes.projects]\n", id="text-that-ends-in-them"),
        pytest.param(f"x = [\n{TIES}]\n", id="inside-of-an-array"),
        pytest.param(f"{TIES}[[exceptions]]\nrule = 1\n", id="before-a-broken-exception"),
        pytest.param(f'{TIES}"acme-2" = "https://a.example/"\nx\n', id="before-junk"),
    ],
)
def test_what_only_looks_like_ties_is_none(text: str) -> None:
    assert same_without(text)


WORDS = st.sampled_from(
    [
        ENTRY,
        TIES,
        TIE,
        "[indexes]\n",
        "[[exceptions]]\n",
        'rule = "some-rule"\n',
        'project = "demo"\n',
        'version = "==1.0"\n',
        'reason = "known"\n',
        "expires = 2027-01-31\n",
        "# x\n",
        "\n",
        '"""',
        "'''",
        "x = [\n",
        "]\n",
        "[rules]\n",
        'mode = "observe"\n',
        " ",
    ]
)


@given(st.lists(WORDS, max_size=10).map("".join))
@example(f'x = """\n{ENTRY}')
def test_reads_as_the_parser_would(text: str) -> None:
    assert same_without(text)


def test_long_policy_is_hardly_read_by_the_parser(monkeypatch: pytest.MonkeyPatch) -> None:
    head = '[rules]\nsome-rule = "off"\n'
    ties = "".join(f'"acme-{number}-*" = "https://a.example/"\n' for number in range(499))
    parsed = []

    def parse(text: str) -> dict[str, object]:
        parsed.append(text)
        return parse_toml(text)

    monkeypatch.setattr(parser, "parse_toml", parse)
    layer = parse_layer(head + ENTRY * 1000 + TIES + ties, trust=Trust.USER, source="p.toml", rules=RULES)
    assert parsed == [f"{head}[[exceptions]]\n[indexes.projects]\n"]
    assert len(layer.ties) == 500
    assert len(layer.exceptions) == 1000
    assert layer.lines()["exceptions", 999] == 3 + 999 * 4
