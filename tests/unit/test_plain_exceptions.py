"""Test that exceptions of the plain form are read as the parser would read them, and others left to it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from pip_guard import policy_parser
from pip_guard.allowance import Allowance
from pip_guard.plain_exceptions import find_exceptions, read_exceptions
from pip_guard.policy_layer import Layer, Trust
from pip_guard.policy_parser import PolicyTextError, parse_layer

# A machine that is busy with other things is no reason to fail.
PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

RULES = ("some-rule", "other-rule", "known-malicious")
ENTRY = '[[exceptions]]\nrule = "some-rule"\nproject = "Demo_x"\nreason = "known"\n'
DIGEST = "ab" * 32


def read(text: str) -> tuple[Allowance, ...] | None:
    return read_exceptions(text, find_exceptions(text), rules=RULES, source="p.toml")


def outcome(parse: Callable[[], Layer]) -> object:
    try:
        return parse()
    except PolicyTextError as error:
        return error.problems


def same_without(text: str) -> bool:
    """Tell whether a text comes to the same if everything is left to the parser."""
    with pytest.MonkeyPatch.context() as patch:
        fast = outcome(lambda: parse_layer(text, trust=Trust.USER, source="p.toml", rules=RULES))
        patch.setattr(policy_parser, "read_exceptions", lambda *arguments, **options: ())
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
    ],
)
def test_reads_the_plain_form(text: str) -> None:
    assert read(text)
    assert same_without(text)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"{ENTRY}more = 1\n", id="more-keys"),
        pytest.param(f"{ENTRY}[rules]\n", id="tables-after-them"),
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
        pytest.param(ENTRY.replace("\n", "\r\n"), id="lines-of-windows"),
        pytest.param(ENTRY.rstrip(), id="no-end-of-the-line"),
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


WORDS = st.sampled_from(
    [
        ENTRY,
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


@PATIENT
@given(st.lists(WORDS, max_size=10).map("".join))
@example(f'x = """\n{ENTRY}')
def test_reads_as_the_parser_would(text: str) -> None:
    assert same_without(text)


def test_long_list_of_them_is_read_without_the_parser() -> None:
    text = '[rules]\nsome-rule = "off"\n' + ENTRY * 1000
    assert len(read(text) or ()) == 1000
    layer = parse_layer(text, trust=Trust.USER, source="p.toml", rules=RULES)
    assert len(layer.exceptions) == 1000
    assert layer.lines()["exceptions", 999] == 3 + 999 * 4
