"""Make up what is written on command lines and in settings and files; names in angle brackets are filled in."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

SECTIONS = ("global", "install", "download", "wheel", "lock", ":env:")
PROJECTS = ("harmless", "demo", "sourceonly", "needs-source", "reqeusts", "not-on-the-index", "rogue")
# What the approved index has a wheel of that nothing is wrong with, and that no command asks for by its address.
HARMLESS = ("harmless", "demo")

# What pip-guard has nothing against, whatever the index has.
PLAIN_REQUIREMENTS = (
    "harmless",
    "demo",
    "harmless>=2",
    "harmless<2",
    "demo==1.0",
    "demo==2.0",
    "demo==3.0",
    "needs-source",
    "sourceonly",
    "nothing-there",
    "<project>",
    "harmless==1.0",
)
OTHER_REQUIREMENTS = (
    "demo[extra]",
    "sourceonly==1.0",
    "harmless==9.5",
    "needs-url",
    "needs-repository",
    "reqeusts",
    "not-on-the-index",
    "rogue",
    "<sdist-url>",
    "sourceonly @ <sdist-url>",
    "<rogue-wheel-url>",
    "harmless @ <rogue-wheel-url>",
    "<folder>/sourceonly-3.7.tar.gz",
    "<folder>/harmless-3.7-py3-none-any.whl",
    "<project>[extra]",
    "project @ file://<project>",
    "<repository>",
    "cloned @ <repository>",
)
DEPENDENCIES = (
    "harmless",
    "harmless>=2",
    "sourceonly",
    "reqeusts",
    "sourceonly @ <sdist-url>",
    "harmless @ <rogue-wheel-url>",
    "cloned @ <repository>",
    "project @ file://<project>",
)
HASHED = (
    "harmless==1.0 --hash=sha256:<harmless-hash>",
    "harmless==1.0 --hash=sha256:<sdist-hash>",
    "sourceonly==1.0 --hash=sha256:<sdist-hash>",
    "harmless --hash=sha256:<rogue-wheel-hash>",
)
EDITABLE = ("<project>", "<project>[extra]", "<repository>#egg=cloned")


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
# What other commands leave for an installation: how they are told to, and how it is.
RESULTS = {
    "download": (("download", "--dest=files"), ("install", "--no-index", "--find-links=files")),
    "wheel": (("wheel", "--wheel-dir=files"), ("install", "--no-index", "--find-links=files")),
    "lock": (("lock",), ("install", "-r", "pylock.toml")),
}
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
# What a file can be called in, and how a command asks for it.
FILES = {
    "requirements.txt": ("-r", "requirements.txt"),
    "nested/more.txt": ("-r", "nested/more.txt"),
    "constraints.txt": ("-c", "constraints.txt"),
    "pyproject.toml": ("--group", "dev"),
    "script.py": ("--requirements-from-script", "script.py"),
    "pylock.toml": ("-r", "pylock.toml"),
}
NESTED = (
    "-r <work>/requirements.txt",
    "-r <work>/nested/more.txt",
    "-c <work>/constraints.txt",
    "-r <work>/pylock.toml",
)
LOCKED = (
    '[[packages]]\nname = "sourceonly"\nversion = "1.0"\nsdist = { name = "sourceonly-1.0.tar.gz", url = "<sdist-url>", hashes = { sha256 = "<sdist-hash>" } }',
    '[[packages]]\nname = "harmless"\nversion = "9.5"\nwheels = [{ name = "harmless-9.5-py3-none-any.whl", url = "<rogue-wheel-url>", hashes = { sha256 = "<rogue-wheel-hash>" } }]',
    '[[packages]]\nname = "project"\ndirectory = { path = "<project>" }',
    '[[packages]]\nname = "sourceonly"\narchive = { url = "<sdist-url>", hashes = { sha256 = "<sdist-hash>" } }',
)

VERBS = ("install", "install", "install", "download", "wheel", "lock")
DESTINATIONS = {"install": ((), (), ("--target=elsewhere",)), "download": ((), ("--dest=files",))}


def cut(option: Option) -> st.SearchStrategy[str]:
    """Write an option, sometimes abbreviated."""
    return st.sampled_from([0, 0, 0, 1, 2, 4, 6]).map(option.text)


requirements = st.sampled_from(PLAIN_REQUIREMENTS + OTHER_REQUIREMENTS)
options = st.one_of(st.sampled_from(SOURCES), st.sampled_from(PLAIN_OPTIONS + OTHER_OPTIONS))
file_options = st.one_of(
    st.sampled_from(SOURCES),
    st.sampled_from([option for option in PLAIN_OPTIONS + OTHER_OPTIONS if option.name in IN_FILES]),
)
editable = st.sampled_from(EDITABLE).map(lambda text: f"-e {text}")
asking = st.one_of(
    requirements.map(lambda text: (text,)),
    requirements.map(lambda text: (text,)),
    st.sampled_from(list(FILES.values())),
    st.sampled_from(EDITABLE).map(lambda text: ("-e", text)),
)
hashed = st.sampled_from(HASHED)
lines = st.one_of(requirements, requirements, hashed, file_options.flatmap(cut), st.sampled_from(NESTED), editable)


@st.composite
def commands(draw: st.DrawFn) -> tuple[str, ...]:
    """Make up a command."""
    verb = draw(st.sampled_from(VERBS))
    given = [
        draw(cut(option)) for option in draw(st.lists(options_of(verb, PLAIN_OPTIONS + OTHER_OPTIONS), max_size=2))
    ]
    asked = draw(st.lists(asking, min_size=1, max_size=2))
    return (verb, *given, *(word for words in asked for word in words))


@st.composite
def plain_commands(draw: st.DrawFn) -> tuple[str, ...]:
    """Make up a command that asks for nothing that pip-guard must refuse, if only the releases are good."""
    verb = draw(st.sampled_from((*VERBS, "freeze")))
    if verb == "freeze":
        return (verb,)
    given = [draw(cut(option)) for option in draw(st.lists(options_of(verb, PLAIN_OPTIONS), max_size=2))]
    asked = draw(st.lists(st.sampled_from(PLAIN_REQUIREMENTS), min_size=1, max_size=2))
    return (verb, *draw(st.sampled_from(DESTINATIONS.get(verb, ((),)))), *given, *asked)


def options_of(verb: str, options: tuple[Option, ...]) -> st.SearchStrategy[Option]:
    """Choose among the options that a command has."""
    return st.sampled_from([option for option in options if verb == "install" or option.name not in OF_INSTALL])
