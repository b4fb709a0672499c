"""Test the rule against code that runs whenever Python starts."""

from __future__ import annotations

import pytest

from pip_guard.facts.violation import Allow
from pip_guard.facts.wheel import StartupFile
from pip_guard.policy.model import Policy
from pip_guard.rules.startup_code import RULE
from tests.unit.rules.wheels import make_wheel_facts, make_wheel_violation

SPACES = frozenset({"zope", "google", "google.cloud", "urllib"})
REMEDY = (
    "Do not install this release. If you have read the file and need it, allow it:",
    Allow("demo", "1.0"),
)
_PLACE = "p = os.path.join(sys._getframe(1).f_locals['sitedir'], *{parts});"
_END = "mp = (m or []) and m.__dict__.setdefault('__path__',[]);(p not in mp) and mp.append(p)"
_SPEC = "importlib.util.module_from_spec(importlib.machinery.PathFinder.find_spec('{name}', [os.path.dirname(p)]))"
# As wheels on pypi.org have them: protobuf 3.0.0, google-cloud-core 0.21.0, google-auth 2.17.0, zope.proxy 6.1.
FORMS = {
    "2012": "import sys, types, os;" + _PLACE + "ie = os.path.exists(os.path.join(p,'__init__.py'));"
    "m = not ie and sys.modules.setdefault('{name}', types.ModuleType('{name}'));" + _END,
    "28.7": "import sys, types, os;pep420 = sys.version_info > (3, 3);"
    + _PLACE
    + "ie = os.path.exists(os.path.join(p,'__init__.py'));"
    "m = not ie and not pep420 and sys.modules.setdefault('{name}', types.ModuleType('{name}'));" + _END,
    "31": "import sys, types, os;has_mfs = sys.version_info > (3, 5);"
    + _PLACE
    + "importlib = has_mfs and __import__('importlib.util');has_mfs and __import__('importlib.machinery');"
    "m = has_mfs and sys.modules.setdefault('{name}', " + _SPEC + ");"
    "m = m or sys.modules.setdefault('{name}', types.ModuleType('{name}'));" + _END,
    "69": "import sys, types, os;"
    + _PLACE
    + "importlib = __import__('importlib.util');__import__('importlib.machinery');"
    "m = sys.modules.setdefault('{name}', " + _SPEC + ");"
    "m = m or sys.modules.setdefault('{name}', types.ModuleType('{name}'));" + _END,
}

SWITCHES_OFF = "keeps Python 3.15 from running the import lines of a .pth file of that name"


def namespace(form: str, name: str) -> bytes:
    """Write the line of setuptools for a namespace."""
    parts = repr(tuple(name.split(".")))
    parent, _, child = name.rpartition(".")
    ending = f";m and setattr(sys.modules['{parent}'], '{child}', m)" if parent else ""
    return f"{FORMS[form].format(name=name, parts=parts)}{ending}\n".encode()


def findings(path: str, content: bytes | None, *, known: bool = False) -> list[str]:
    facts = make_wheel_facts(startup_files=(StartupFile(path=path, content=content, known=known),), packages=SPACES)
    return [violation.message for violation in RULE.check(facts, Policy())]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"folder\nother/folder\n", id="folders-of-its-own"),
        pytest.param(b"win32\r\nwin32\\lib\r\n", id="folders-as-on-windows"),
        pytest.param(b"# import os\n\n   \nfolder\n", id="comment"),
        pytest.param(b"importer\nimports/x\nimport\n", id="folder-that-begins-so"),
        pytest.param(b"folder # import os\n", id="later-in-the-line"),
        pytest.param(b"folder/../other\n", id="detour"),
        *(pytest.param(namespace(form, "zope"), id=f"namespace-{form}") for form in FORMS),
        *(
            pytest.param(namespace(form, "google") * 2 + namespace(form, "google.cloud"), id=f"namespaces-{form}")
            for form in FORMS
        ),
    ],
)
def test_lets_harmless_pth_files_pass(content: bytes) -> None:
    assert findings("x.pth", content) == []


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"import os", id="import"),
        pytest.param(b" import os\n", id="space-before-it"),
        pytest.param(b"demo\n\t\x0bimport os\n", id="tab-before-it"),
        pytest.param("\N{NO-BREAK SPACE}\N{EM SPACE}import os\n".encode(), id="wide-space-before-it"),
        pytest.param(b"import\tos", id="tab"),
        pytest.param(b"folder\nimport os", id="second-line"),
        pytest.param(b"folder\r\nimport os", id="windows-line-end"),
        pytest.param(b"folder\rimport os", id="old-line-end"),
        pytest.param(b"\xef\xbb\xbfimport os", id="byte-order-mark"),
        pytest.param(b"# \x0bimport os", id="vertical-tab-in-a-comment"),
        pytest.param(b"# \x0cimport os", id="form-feed-in-a-comment"),
        pytest.param(b"# \x1cimport os", id="file-separator-in-a-comment"),
        pytest.param(b"# \x1dimport os", id="group-separator-in-a-comment"),
        pytest.param(b"# \x1eimport os", id="record-separator-in-a-comment"),
        pytest.param("# \x85import os".encode(), id="next-line-in-a-comment"),
        pytest.param(b"\xff\x85import os", id="next-line-in-latin-1"),
        pytest.param("# \u2028import os".encode(), id="line-separator-in-a-comment"),
        pytest.param("# \u2029import os".encode(), id="paragraph-separator-in-a-comment"),
        pytest.param(namespace("31", "other"), id="namespace-that-is-not-in-the-wheel"),
        pytest.param(namespace("31", "urllib"), id="namespace-called-like-the-library"),
        pytest.param(namespace("31", "zope") + b"import os", id="namespace-and-more"),
        pytest.param(namespace("31", "zope")[:-1] + b";import os", id="namespace-with-more"),
        pytest.param(namespace("31", "zope").replace(b"('zope',)", b"('..',)"), id="namespace-elsewhere"),
        pytest.param(b"import zope # setdefault('zope'", id="looks-like-a-namespace"),
    ],
)
def test_finds_pth_files_that_run_code(content: bytes) -> None:
    (message,) = findings("x.pth", content)
    assert message.startswith("demo 1.0 would run code whenever Python starts: x.pth has the line ")


@pytest.mark.parametrize(
    ("content", "shown"),
    [
        pytest.param(b"import os; os.system('x')\n", "\"import os; os.system('x')\"", id="quoted"),
        pytest.param(b"/srv\n  import os\r\nimport sys", "'import os'", id="first"),
        pytest.param(namespace("31", "zope") + b"\nimport os", "'import os'", id="not-the-harmless-one"),
        pytest.param(b"import os # " + b"x" * 200, f"'import os # {'x' * 88}...'", id="cut"),
        pytest.param("import os # \u202e\x1b[2J\u00e9".encode(), r"'import os # \u202e\x1b[2J\xe9'", id="escaped"),
        pytest.param(b"import os\rimport sys", r"'import os\rimport sys'", id="two-lines-for-some"),
        pytest.param(b"\xef\xbb\xbfimport os \xff", r"'import os \ufffd'", id="no-utf-8"),
        pytest.param(namespace("31", "email"), None, id="namespace-alone"),
    ],
)
def test_shows_the_line_that_python_would_run(content: bytes, shown: str | None) -> None:
    (message,) = findings("x.pth", content)
    expected = ascii(f"{content.decode()[:100]}...") if shown is None else shown
    assert message == f"demo 1.0 would run code whenever Python starts: x.pth has the line {expected}."


@pytest.mark.parametrize(
    "folder",
    [
        pytest.param("/tmp/x", id="absolute"),
        pytest.param("../../x", id="parent"),
        pytest.param("..", id="parent-itself"),
        pytest.param("a/../../x", id="parent-by-detour"),
        pytest.param("..\\x", id="parent-on-windows"),
        pytest.param("C:\\x", id="drive"),
        pytest.param("\\\\server\\x", id="network"),
    ],
)
def test_finds_pth_files_that_lead_outside(folder: str) -> None:
    message = f"demo 1.0 would run code whenever Python starts: x.pth has Python import from {folder}."
    assert findings("x.pth", f"inside\n{folder}\n".encode()) == [message]


def test_finds_pth_files_that_name_what_is_no_folder() -> None:
    files = (StartupFile(path="x.pth", content=b"sub\nsub.zip\n", strange=("sub.zip",)),)
    violations = RULE.check(make_wheel_facts(startup_files=files), Policy())
    effect = "x.pth has Python import from sub.zip, which is no folder of it"
    assert [violation.message for violation in violations] == [
        f"demo 1.0 would run code whenever Python starts: {effect}."
    ]


@pytest.mark.parametrize(
    ("path", "content", "effect"),
    [
        pytest.param("x.PTH", b"import os", "x.PTH has the line 'import os'", id="other-case"),
        pytest.param(".x.pth", b"import os", ".x.pth has the line 'import os'", id="hidden"),
        pytest.param("x.pth", None, "x.pth is too large, or cannot be read", id="unread-pth"),
        pytest.param("x.start", b"# none\nx:main\n", "x.start names functions to call", id="start"),
        pytest.param("x.start", b"# \x0bx:main\n", "x.start names functions to call", id="start-hidden-in-a-comment"),
        pytest.param("x.start", b"", f"x.start {SWITCHES_OFF}", id="empty-start"),
        pytest.param("x.start", b"# nothing\n\n", f"x.start {SWITCHES_OFF}", id="start-of-comments"),
        pytest.param("x.start", None, "x.start is too large, or cannot be read", id="unread-start"),
        pytest.param("sitecustomize.py", None, "Python imports sitecustomize.py by itself", id="sitecustomize"),
        pytest.param(
            "usercustomize/__init__.so", None, "Python imports usercustomize/__init__.so by itself", id="usercustomize"
        ),
    ],
)
def test_finds_startup_files(path: str, content: bytes | None, effect: str) -> None:
    assert findings(path, content) == [f"demo 1.0 would run code whenever Python starts: {effect}."]


def test_names_the_file_that_imports_a_module() -> None:
    file = StartupFile(path="acme.py", imported_by="/venv/lib/acme.pth")
    (violation,) = RULE.check(make_wheel_facts(startup_files=(file,)), Policy())
    assert violation.message == ("demo 1.0 would run code whenever Python starts: /venv/lib/acme.pth imports acme.py.")


def test_lets_known_files_pass() -> None:
    assert findings("x.pth", b"import os", known=True) == []


def test_lets_a_directory_pass_that_the_user_asked_for() -> None:
    facts = make_wheel_facts(
        startup_files=(StartupFile(path="x.pth", content=b"import os"),), built_from_directory=True
    )
    assert list(RULE.check(facts, Policy())) == []


def test_says_how_to_allow_it() -> None:
    facts = make_wheel_facts(startup_files=(StartupFile(path="x.pth", content=b"import os"),))
    message = "demo 1.0 would run code whenever Python starts: x.pth has the line 'import os'."
    assert list(RULE.check(facts, Policy())) == [make_wheel_violation(message, REMEDY)]
