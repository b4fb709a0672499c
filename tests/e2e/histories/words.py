"""Make up what is asked for, on command lines and in files; names in angle brackets are filled in."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.e2e.histories.options import OTHER_OPTIONS, PLAIN_OPTIONS, cut, file_options, options_of

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


# How a release is asked for that is known to be a bad one.
WAYS = (
    ("install",),
    ("install", "--upgrade", "--use-deprecated=legacy-resolver"),
    ("install", "--target=elsewhere"),
    ("install", "--dry-run"),
    ("download", "--dest=files"),
    ("wheel", "--wheel-dir=files"),
    ("lock",),
)
# What other commands leave for an installation: how they are told to, and how it is.
RESULTS = {
    "download": (("download", "--dest=files"), ("install", "--no-index", "--find-links=files")),
    "wheel": (("wheel", "--wheel-dir=files"), ("install", "--no-index", "--find-links=files")),
    "lock": (("lock",), ("install", "-r", "pylock.toml")),
}
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


requirements = st.sampled_from(PLAIN_REQUIREMENTS + OTHER_REQUIREMENTS)
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
