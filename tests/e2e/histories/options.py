"""Make up the options that are given, and written into settings and files; names in angle brackets are filled in."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st


@dataclass(frozen=True, kw_only=True, slots=True)
class Option:
    """An option of pip's, with its value or none."""

    name: str
    value: str | None = None

    def text(self, cut: int = 0) -> str:
        """The option as on a command line, without some letters at its end: pip takes what can mean nothing else."""
        name = self.name[: max(len(self.name) - cut, 3)]
        return f"--{name}" if self.value is None else f"--{name}={self.value}"


PLAIN_OPTIONS = tuple(
    Option(name=name)
    for name in ("upgrade", "force-reinstall", "no-deps", "pre", "prefer-binary", "no-compile", "quiet", "no-index")
)
OTHER_OPTIONS = (
    Option(name="no-binary", value=":all:"),
    Option(name="no-binary", value="sourceonly"),
    Option(name="only-binary", value=":none:"),
    Option(name="index-url", value="<rogue>"),
    Option(name="pypi-url", value="<rogue>"),
    Option(name="extra-index-url", value="<rogue>"),
    Option(name="find-links", value="<rogue>harmless/"),
    Option(name="find-links", value="<folder>"),
    Option(name="trusted-host", value="<rogue-host>"),
    Option(name="proxy", value="<rogue-origin>"),
    Option(name="use-feature", value="inprocess-build-deps"),
    Option(name="use-feature", value="fast-deps"),
    Option(name="use-deprecated", value="legacy-resolver"),
    Option(name="uploaded-prior-to", value="2030-01-01"),
    Option(name="config-settings", value="key=value"),
    Option(name="requirement", value="requirements.txt"),
    Option(name="constraint", value="constraints.txt"),
    Option(name="editable", value="<project>"),
    Option(name="group", value="dev"),
    Option(name="target", value="elsewhere"),
    Option(name="prefix", value="elsewhere"),
    Option(name="root", value="elsewhere"),
    Option(name="src", value="elsewhere"),
    Option(name="cache-dir", value="cache"),
    Option(name="keyring-provider", value="import"),
    *(
        Option(name=name)
        for name in (
            "user",
            "dry-run",
            "ignore-installed",
            "break-system-packages",
            "no-build-isolation",
            "check-build-dependencies",
            "isolated",
            "require-hashes",
            "no-require-hashes",
            "ignore-requires-python",
            "no-cache-dir",
        )
    ),
)
# What says where things come from, which matters most.
SOURCES = tuple(option for option in OTHER_OPTIONS if option.name in ("index-url", "extra-index-url", "find-links"))
# What only one command has.
OF_INSTALL = frozenset(
    {
        "break-system-packages",
        "dry-run",
        "force-reinstall",
        "ignore-installed",
        "no-compile",
        "prefix",
        "root",
        "target",
        "upgrade",
        "user",
    }
)
# What a file of requirements may set.
IN_FILES = frozenset(
    {
        "extra-index-url",
        "find-links",
        "index-url",
        "no-binary",
        "no-index",
        "no-require-hashes",
        "only-binary",
        "pre",
        "prefer-binary",
        "pypi-url",
        "require-hashes",
        "trusted-host",
        "use-feature",
    }
)


def cut(option: Option) -> st.SearchStrategy[str]:
    """Write an option, sometimes abbreviated."""
    return st.sampled_from([0, 0, 0, 1, 2, 4, 6]).map(option.text)


def options_of(verb: str, options: tuple[Option, ...]) -> st.SearchStrategy[Option]:
    """Choose among the options that a command has."""
    return st.sampled_from([option for option in options if verb == "install" or option.name not in OF_INSTALL])


options = st.one_of(st.sampled_from(SOURCES), st.sampled_from(PLAIN_OPTIONS + OTHER_OPTIONS))
file_options = st.one_of(
    st.sampled_from(SOURCES),
    st.sampled_from([option for option in PLAIN_OPTIONS + OTHER_OPTIONS if option.name in IN_FILES]),
)
