"""Test how pip-guard's own options are separated from pip's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pip_guard.errors import UsageError
from pip_guard.options import FORMS, OwnOptions, named_interpreter, split_own_options, wants_json

HINT = "pip-guard's own options are --guard-allow=RULE[:PROJECT], --guard-environment=active|own|3.X, --guard-format=text|json, --guard-observe, --guard-policy=FILE."


def fields(own: OwnOptions) -> dict[str, object]:
    return {name: getattr(own, name) for name in OwnOptions.__slots__}


@pytest.mark.parametrize(
    ("argv", "own", "rest"),
    [
        pytest.param([], OwnOptions(), [], id="nothing"),
        pytest.param(["install", "-r", "x.txt"], OwnOptions(), ["install", "-r", "x.txt"], id="only-pip's"),
        pytest.param(
            ["--guard-allow=some-rule", "install", "x"],
            OwnOptions(allow=(("some-rule", None),)),
            ["install", "x"],
            id="allow-a-rule",
        ),
        pytest.param(
            ["install", "x", "--guard-allow=some-rule:Some_Project"],
            OwnOptions(allow=(("some-rule", "Some_Project"),)),
            ["install", "x"],
            id="allow-a-project-after-the-command",
        ),
        pytest.param(
            ["--guard-allow=some-rule:"], OwnOptions(allow=(("some-rule", None),)), [], id="allow-with-empty-project"
        ),
        pytest.param(
            ["--guard-allow=one:a", "install", "--guard-allow=two:b", "--guard-allow=one:c"],
            OwnOptions(allow=(("one", "a"), ("two", "b"), ("one", "c"))),
            ["install"],
            id="allow-is-repeated",
        ),
        pytest.param(
            ["--guard-allow=rule:a:b=c"], OwnOptions(allow=(("rule", "a:b=c"),)), [], id="value-keeps-colon-and-equals"
        ),
        pytest.param(["--guard-format=json", "list"], OwnOptions(format="json"), ["list"], id="json"),
        pytest.param(
            ["--guard-format=json", "--guard-format=text"], OwnOptions(format="text"), [], id="last-format-counts"
        ),
        pytest.param(
            ["--guard-policy=/a/b=c.toml", "list"], OwnOptions(policy="/a/b=c.toml"), ["list"], id="policy-with-equals"
        ),
        pytest.param(["install", "--guard-observe", "x"], OwnOptions(observe=True), ["install", "x"], id="observe"),
        pytest.param(["--guard-policy=a", "--guard-policy=b"], OwnOptions(policy="b"), [], id="last-policy-counts"),
        pytest.param(
            ["install", "--", "--guard-format=json"],
            OwnOptions(),
            ["install", "--", "--guard-format=json"],
            id="after-two-dashes",
        ),
        pytest.param(
            ["--guard-format=json", "install", "--", "--", "--guard-policy=x"],
            OwnOptions(format="json"),
            ["install", "--", "--", "--guard-policy=x"],
            id="first-two-dashes-end-them",
        ),
        pytest.param(
            ["--guard-environment=active", "list"], OwnOptions(environment="active"), ["list"], id="environment"
        ),
        pytest.param(["list", "--guard-environment=3.12"], OwnOptions(environment="3.12"), ["list"], id="version"),
        pytest.param(
            ["--guard-environment=own", "--guard-environment=active"],
            OwnOptions(environment="active"),
            [],
            id="last-environment-counts",
        ),
        pytest.param(
            ["--", "--guard-environment=own"],
            OwnOptions(),
            ["--", "--guard-environment=own"],
            id="environment-after-two-dashes",
        ),
        pytest.param(
            ["guard", "--guardian=x", "-guard-format=json", "--guard"],
            OwnOptions(),
            ["guard", "--guardian=x", "-guard-format=json", "--guard"],
            id="words-that-only-look-alike",
        ),
        pytest.param(["", " --guard-format=json"], OwnOptions(), ["", " --guard-format=json"], id="not-at-the-start"),
    ],
)
def test_splits(argv: list[str], own: OwnOptions, rest: list[str]) -> None:
    found, left = split_own_options(argv)
    assert left == rest
    assert fields(found) == fields(own)


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        pytest.param("--guard-allow", "--guard-allow needs a value.", id="allow-alone"),
        pytest.param("--guard-allow=", "--guard-allow needs a value.", id="allow-empty"),
        pytest.param("--guard-policy", "--guard-policy needs a value.", id="policy-alone"),
        pytest.param("--guard-policy=", "--guard-policy needs a value.", id="policy-empty"),
        pytest.param("--guard-format=", "--guard-format needs a value.", id="format-empty"),
        pytest.param("--guard-format=xml", "--guard-format is text or json, not xml.", id="format-unknown"),
        pytest.param("--guard-format=JSON", "--guard-format is text or json, not JSON.", id="format-in-capitals"),
        pytest.param("--guard-environment", "--guard-environment needs a value.", id="environment-alone"),
        pytest.param(
            "--guard-environment=x",
            "--guard-environment is active, own or a version such as 3.12, not x.",
            id="environment-unknown",
        ),
        pytest.param(
            "--guard-environment=3.1/../x",
            "--guard-environment is active, own or a version such as 3.12, not 3.1/../x.",
            id="environment-no-version",
        ),
        pytest.param(
            "--guard-environment=3.",
            "--guard-environment is active, own or a version such as 3.12, not 3..",
            id="environment-no-minor-version",
        ),
        pytest.param("--guard-environment=", "--guard-environment needs a value.", id="environment-empty"),
        pytest.param("--guard-pol=x", "There is no option --guard-pol.", id="abbreviation"),
        pytest.param("--guard-watch", "There is no option --guard-watch.", id="unknown-alone"),
        pytest.param("--guard-observe=yes", "--guard-observe takes no value.", id="observe-with-a-value"),
        pytest.param("--guard-observe=", "--guard-observe takes no value.", id="observe-with-an-empty-value"),
        pytest.param("--guard-=x", "There is no option --guard-.", id="no-name"),
        pytest.param("--guard-Allow=x", "There is no option --guard-Allow.", id="capital"),
    ],
)
def test_refuses(argument: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        split_own_options(["install", argument, "x"])
    assert (caught.value.message, caught.value.hint) == (message, HINT)


def test_hint_names_every_form() -> None:
    assert ", ".join(FORMS) in HINT


PIPS = st.lists(st.text().filter(lambda word: not word.startswith("--guard-") and word != "--"))
OWN = st.lists(
    st.one_of(
        st.builds("--guard-allow={}".format, st.text(min_size=1)),
        st.builds("--guard-policy={}".format, st.text(min_size=1)),
        st.sampled_from(["--guard-format=text", "--guard-format=json", "--guard-environment=own"]),
    )
)


@given(pips=PIPS, own=OWN, after=st.lists(st.text()), data=st.data())
def test_leaves_pips_arguments_as_they_are(
    pips: list[str], own: list[str], after: list[str], data: st.DataObject
) -> None:
    mixed = list(pips)
    for option in own:
        mixed.insert(data.draw(st.integers(0, len(mixed))), option)
    tail = ["--", *after]
    assert split_own_options([*mixed, *tail])[1] == [*pips, *tail]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        pytest.param(["--python", "x", "list"], "x", id="word"),
        pytest.param(["--python=x", "list"], "x", id="joined"),
        pytest.param(["--python=a=b"], "a=b", id="with-equals-sign"),
        pytest.param(["--guard-format=json", "--python", "x", "list"], "x", id="after-our-own"),
        pytest.param(["--python", "x", "--version"], "x", id="before-another"),
        pytest.param(["--python", "x", "download", "--python-version", "3.12", "y"], "x", id="of-the-command"),
        pytest.param([], None, id="nothing"),
        pytest.param(["--guard-format=json"], None, id="our-own-alone"),
        pytest.param(["list", "--python", "x"], None, id="not-first"),
        pytest.param(["-q", "--python", "x", "list"], None, id="after-another"),
        pytest.param(["--pyth", "x", "list"], None, id="abbreviated"),
        pytest.param(["--python-version", "x"], None, id="another-option"),
        pytest.param(["--python"], None, id="no-value"),
        pytest.param(["--python=", "list"], None, id="empty"),
        pytest.param(["--python", "", "list"], None, id="empty-word"),
        pytest.param(["--python", "--version"], None, id="option-for-a-value"),
        pytest.param(["--python", "x", "--python", "y", "list"], None, id="twice"),
        pytest.param(["--python=x", "-q", "--pyt=y", "list"], None, id="twice-and-abbreviated"),
    ],
)
def test_reads_an_interpreter_named_first_and_alone(arguments: list[str], expected: str | None) -> None:
    _, rest = split_own_options(arguments)
    assert named_interpreter(rest) == expected


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        pytest.param(["--guard-format=json", "--guard-x"], True, id="json"),
        pytest.param(["list"], False, id="text"),
    ],
)
def test_errors_of_the_options_are_json_where_that_is_asked_for(argv: list[str], expected: bool) -> None:
    assert wants_json(argv) is expected
