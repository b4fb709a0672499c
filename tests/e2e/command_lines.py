"""The command lines that pip and pip-guard are compared by: a row is one or more, one after the other, joined by `&&`.

How a row is read stands in `tests.kit.twins`. What each finds is published and written by the functions below.
"""

from __future__ import annotations

import os
from pathlib import Path

from tests.kit.index import LocalIndex
from tests.kit.simple_api import sha256
from tests.kit.sources import make_sdist, make_setuptools_stub, make_source_tree
from tests.kit.wheels import make_wheel
from tests.kit.workspace import Workspace

# A build leaves its mark here, which is no mark: what is built must be the same for both.
NOWHERE = Path(os.devnull)

KEYRING = """
from pathlib import Path


def get_credential(*arguments):
    with Path("~/keyring.log").expanduser().open("a") as log:
        print(*arguments, file=log)
"""

# What every rule lets pass: pip-guard must do exactly as pip, and say exactly as much.
FAST = (
    "--version",
    "list",
    "list --format=json",
    "freeze --all",
    "show --files platformdirs",
    "show nothing-there",
    "check",
    "help install",
    "uninstall --help",
    "completion --bash",
    "config list",
    "config debug",
    "cache dir",
    "hash file.txt",
    "inspect --local",
    "index versions demo",
    "install",
    "install --dry-run demo",
    "install --dry-run --quiet --report=- demo[all]",
    "install --dry-run nothing-there",
    "install --dry-run demo>=2 conflicting",
    "install demo===",
    "install --no-such-option demo",
    "install --timeout=soon demo",
    "PIP_TIMEOUT=soon install demo",
    "PIP_CONFIG_FILE=broken.conf list",
    "uninstall",
    "uninstall --yes nothing-there",
    "nothing-there",
    "instal demo",
    "PIP_AUTO_COMPLETE=1 COMP_WORDS='pip in' COMP_CWORD=1",
    "PIP_AUTO_COMPLETE=1 COMP_WORDS='pip install --no' COMP_CWORD=2",
    "install demo==1.0 && install demo && install -U demo && freeze && uninstall -y demo harmless && uninstall -y demo",
    "install demo[all]==1.0 scripted && inspect --local && list --not-required && check && show -f scripted",
    "install --no-deps -r hashed.txt && install --no-deps --force-reinstall -r wrong-hash.txt && freeze",
    "download --dest files demo && wheel --wheel-dir wheels demo && install --no-index --find-links files demo",
    "install --target folder demo && install --target folder harmless && install --target folder --upgrade demo==1.0",
    "install --report report.json optional && lock demo",
    "config --user set global.timeout 7 && config list && config --user unset global.timeout",
    "install ./project && show project && uninstall -y project",
    "install --editable ./project && freeze && list --editable",
)

# More of the same kinds.
SLOW_READING = (
    "-V",
    "--no-such-option",
    "list --format=freeze --not-required",
    "list --format=columns --verbose",
    "list --exclude pip --exclude packaging",
    "list --path <cwd>",
    "list --user",
    "list --pre --format=json",
    "list --not-required --editable",
    "-q list",
    "-qq list",
    "-v list",
    "-vv list",
    "--isolated list",
    "--no-color list",
    "--log=log.txt list",
    "--debug list",
    "list --debug",
    "--no-input --timeout=5 list",
    "freeze",
    "freeze --exclude pip",
    "freeze --path <cwd>",
    "freeze -r requirements.txt",
    "freeze -r nothing-there.txt",
    "freeze --local --user",
    "show pip",
    "show pip packaging platformdirs",
    "show -v pip",
    "show",
    "check extra-argument",
    "help config",
    "help nothing-there",
    "help instal",
    "help help",
    "download -h",
    "wheel --help",
    "lock --help",
    "cache --help",
    "inspect --help",
    "search --help",
    "index --help",
    "hash --help",
    "debug --help",
    "completion --zsh",
    "completion --fish",
    "completion --powershell",
    "completion",
    "config get global.nothing",
    "config get",
    "config nothing-there",
    "config --user list",
    "config --site set global.timeout",
    "config --global --user list",
    "config --editor=true edit",
    "config set timeout 7",
    "PIP_CONFIG_FILE=settings.conf config list",
    "PIP_CONFIG_FILE=settings.conf config debug",
    "PIP_CONFIG_FILE=settings.conf list",
    "PIP_CONFIG_FILE=settings.conf install",
    "PIP_CONFIG_FILE=nothing-there.conf list",
    "PIP_CONFIG_FILE=<cwd> list",
    "cache info",
    "cache list",
    "cache list --format=abspath demo",
    "cache remove nothing-there",
    "cache purge",
    "cache nothing-there",
    "PIP_NO_CACHE_DIR=1 cache info",
    "hash nothing-there",
    "hash -a sha512 file.txt",
    "hash -a md5 file.txt",
    "hash",
    "inspect",
    "inspect --path <cwd>",
    "debug",
    "debug --verbose --platform win_amd64",
    "index versions nothing-there",
    "index versions demo --pre",
    "index versions demo --json",
    "index versions",
    "index nothing-there",
    "list --outdated",
    "list --outdated --format=json",
    "list --uptodate",
    "--python <venv> list",
    "--python <venv>/bin/python list",
    "--python <venv> install --no-such-option",
    "--python <venv> list --help",
    "list --python <venv>",
    "--python",
    "PIP_AUTO_COMPLETE=1 COMP_WORDS='pip show pl' COMP_CWORD=2",
    "PIP_AUTO_COMPLETE=1 COMP_WORDS='pip config s' COMP_CWORD=2",
    "PIP_AUTO_COMPLETE=1 COMP_WORDS='pip install ./pro' COMP_CWORD=2",
    "PIP_AUTO_COMPLETE=1 COMP_WORDS='pip uninstall p' COMP_CWORD=2",
    "PIP_AUTO_COMPLETE=1 COMP_WORDS='pip help ' COMP_CWORD=2",
    "PIP_AUTO_COMPLETE=1 COMP_WORDS='pip --' COMP_CWORD=1",
    "PIP_NO_SUCH_OPTION=1 list",
    "PIP_REQUIRE_VIRTUALENV=1 list",
    "PIP_VERBOSE=2 list",
    "PIP_VERBOSE=much list",
    "PIP_FORMAT=json list",
    "PIP_DISABLE_PIP_VERSION_CHECK= list",
    "PIP_INDEX_URL= PIP_NO_INDEX=1 index versions demo",
)

SLOW_FINDING = (
    "install --dry-run demo[all]",
    "install --dry-run demo[nothing-there]",
    "install --dry-run --no-deps demo",
    "install --dry-run demo==9",
    "install --dry-run 'demo!=2.0'",
    "install --dry-run --pre demo",
    "install --dry-run demo==3.0b1",
    "install --dry-run --only-final :all: --pre demo",
    "install --dry-run --all-releases demo demo",
    "install --dry-run picky",
    "install --dry-run --ignore-requires-python picky",
    "install --dry-run withdrawn",
    "install --dry-run --no-index demo",
    "install --dry-run --no-index --find-links nothing-there demo",
    "install --dry-run --no-index --find-links wheels.d harmless",
    "install --dry-run native",
    "install --dry-run --platform win_amd64 --only-binary=:all: --target x native",
    "install --dry-run needs-missing",
    "install --dry-run circular-a",
    "install --dry-run picks",
    "install --dry-run 'demo; python_version < \"3\"'",
    "install --dry-run 'demo; no_such_marker == \"3\"'",
    "install --dry-run demo demo==1.0",
    "install --dry-run demo==1.0 demo==2.0",
    "install --dry-run -c limits.txt demo",
    "install --dry-run -c limits.txt 'demo>=2'",
    "install --dry-run -c nothing-there.txt demo",
    "install --dry-run -r requirements.txt",
    "install --dry-run -r nested.txt",
    "install --dry-run -r empty.txt",
    "install --dry-run -r with-options.txt",
    "install --dry-run -r variables.txt",
    "NAME=demo install --dry-run -r variables.txt",
    "install --dry-run -r bad.txt",
    "install --dry-run -r nothing-there.txt",
    "install --dry-run -r requirements.txt -r requirements.txt",
    "install --dry-run --group dev",
    "install --dry-run --group pyproject.toml:all",
    "install --dry-run --group nothing-there",
    "install --dry-run --group nothing-there.toml:dev",
    "install --dry-run --requirements-from-script script.py",
    "install --dry-run --requirements-from-script file.txt",
    "install --dry-run --require-hashes demo",
    "install --dry-run --require-hashes -r hashed.txt",
    "install --dry-run -r unpinned-hash.txt",
    "install --dry-run --use-deprecated=legacy-resolver demo conflicting",
    "install --dry-run --use-deprecated=nothing-there demo",
    "install --dry-run --use-feature=fast-deps demo",
    "install --dry-run --use-feature=nothing-there demo",
    "install --dry-run --progress-bar=off -v demo",
    "install --dry-run --progress-bar=raw demo",
    "install --dry-run --prefer-binary --no-build-isolation demo",
    "install --dry-run --uploaded-prior-to=2019-01-01 demo",
    "install --dry-run --uploaded-prior-to=2021-01-01 demo",
    "install --dry-run --uploaded-prior-to=soon demo",
    "install --dry-run --index-url <index> --extra-index-url <index> demo",
    "install --dry-run --trusted-host",
    "install --dry-run --re demo",
    "install --dry-run --upgr demo",
    "install --dry-run ./nothing-there",
    "install --dry-run ./empty",
    "install --dry-run ./harmless-1.0-py3-none-any.whl",
    "install --dry-run ./bad-1.0-py3-none-any.whl",
    "install --dry-run ./native-1.0-cp311-cp311-win_amd64.whl",
    "install --dry-run not-a-wheel.whl",
    "install --dry-run <files>harmless-1.0-py3-none-any.whl",
    "install --dry-run <files>nothing-there-1.0-py3-none-any.whl",
    "install --dry-run 'harmless @ <files>harmless-1.0-py3-none-any.whl'",
    "install --dry-run 'demo @ <files>harmless-1.0-py3-none-any.whl'",
    "install --dry-run no-such-scheme://x/y",
    "install --dry-run -e demo",
    "install --dry-run -e ./empty",
    "install --dry-run ./project[extra]",
    "install --dry-run --target=x --user demo",
    "install --target=x --prefix=y demo",
    "install --dry-run --python-version 3.99 demo",
    "install --dry-run --python-version 3.99 --only-binary=:all: --target x demo",
    "install --dry-run ''",
    "install --dry-run ' demo '",
    "install --dry-run Demo",
    "install --dry-run d",
    "install --dry-run -- demo",
    "install --dry-run --config-settings nothing ./project",
    "download --dest files --dry demo",
    "download",
    "wheel",
    "lock",
    "lock --output - demo",
    "lock --output - -r requirements.txt",
    "uninstall --yes -r nothing-there.txt",
    "uninstall --yes ./project",
    "search",
)

SLOW_CHANGING = (
    "install demo==1.0 && install --upgrade --upgrade-strategy=eager demo && install --force-reinstall --no-deps demo",
    "install demo==2.0 && install demo==1.0 && install 'demo>1'",
    "install demo -c limits.txt && install -r requirements.txt && uninstall --yes -r requirements.txt",
    "install demo && uninstall demo",
    "install demo && uninstall --yes demo demo Demo",
    "install --ignore-installed --no-deps harmless && install --ignore-installed --no-deps harmless",
    "install --no-compile demo && install --force-reinstall --compile demo",
    "install --no-warn-script-location --no-warn-conflicts demo conflicting",
    "install demo==2.0 && install --no-deps conflicting && check && install harmless",
    "install --prefix folder demo && list --path folder/lib/python3.11/site-packages",
    "install --root folder demo",
    "install --target folder --no-deps demo && list --path folder && freeze --path folder && inspect --path folder",
    "install --report report.json --dry-run demo && install --report report.json demo[all]",
    "install --report nothing-there/report.json demo",
    "install --quiet demo && install -qq optional",
    "install -v demo",
    "install ./harmless-1.0-py3-none-any.whl && freeze && inspect --local",
    "install <files>harmless-1.0-py3-none-any.whl && freeze",
    "install 'harmless @ <files>harmless-1.0-py3-none-any.whl' && list",
    "install --no-index --find-links wheels.d harmless && show -f harmless",
    "install --group dev && uninstall -y demo optional",
    "install --requirements-from-script script.py && freeze",
    "install demo && cache list && cache info && cache purge && cache info",
    "install --no-cache-dir demo && cache info",
    "install --cache-dir cache demo && --cache-dir cache cache info",
    "download demo && download --no-deps demo==1.0 && download demo",
    "download --dest files --platform win_amd64 --only-binary=:all: native",
    "download --dest files -r requirements.txt -c limits.txt",
    "download --dest files --no-deps ./harmless-1.0-py3-none-any.whl",
    "download nothing-there",
    "wheel --wheel-dir wheels -r requirements.txt && wheel --no-deps ./harmless-1.0-py3-none-any.whl",
    "wheel --wheel-dir wheels ./project && install --no-index --find-links wheels project",
    "lock -r requirements.txt && lock ./project && lock --output locks/pylock.toml demo",
    "install ./project && install ./project && install --upgrade ./project && install --no-deps -e ./project && freeze",
    "install --no-build-isolation ./project && list",
    "install ./project -v",
    "install --config-settings key=value ./project",
    "install './project[extra]' && check",
    "config --user set global.timeout 7 && config list && config get global.timeout && config debug",
    "config --user set install.no-compile true && install harmless && config --user unset install.no-compile",
    "config --site set global.timeout 9 && config --site list && list && config --site unset global.timeout",
    "config --user unset global.timeout",
    "config --user set global.no-such-option 7 && list",
    "install scripted && uninstall -y scripted && install scripted --target folder && install scripted -t folder",
    "uninstall --yes platformdirs && check && freeze",
    "PIP_REQUIREMENT=requirements.txt install && freeze",
    "PIP_NO_DEPS=1 install demo && check",
    "PIP_CONSTRAINT=limits.txt install demo",
    "PIP_CONFIG_FILE=settings.conf install demo",
    "PIP_DISABLE_PIP_VERSION_CHECK= install harmless && PIP_DISABLE_PIP_VERSION_CHECK= list",
    "PIP_NO_COLOR=1 FORCE_COLOR=1 install harmless",
    "PYTHONWARNINGS=error install harmless",
    # without modules that are compiled in another way, which an uninstallation in another row would leave behind
    "PYTHONOPTIMIZE=2 PYTHONDONTWRITEBYTECODE=1 install harmless",
    "PYTHONDONTWRITEBYTECODE=1 install harmless",
    "PYTHONUTF8=0 LANG=C LC_ALL=C install harmless",
    "LANG= HOME= list",
    "TMPDIR=<cwd> install demo",
    "TMPDIR=<cwd>/nothing-there install demo",
)

# What a rule refuses, and pip does: compared with every rule off, when pip-guard must do all of it.
UNGUARDED_FAST = (
    "install sourceonly && show -f sourceonly && freeze",
    "install git+file://<src>/repository && freeze && inspect --local",
    "install --no-binary :all: --no-deps sourceonly legacy && cache list",
    "PATH=<cwd>/bin:/usr/bin:/bin --keyring-provider=subprocess index versions private --index-url <origin>/private/",
)
UNGUARDED_SLOW = (
    "PIP_TARGET=folder install harmless && list",
    "install --dry-run --no-index --find-links pages/page.html harmless",
    "install --dry-run --no-clean demo",
    "install --dry-run nothing-there.tar.gz",
    "install --user demo",
    "--log log.txt install demo",
    "PIP_LOG=log.txt install harmless",
    "lock demo && install -r pylock.toml && lock --output pylock.dev.toml demo==1.0 && install -r pylock.dev.toml",
    "download --no-binary :all: --dest files sourceonly && wheel --no-index --find-links files sourceonly",
    "install ./sourceonly-1.0.tar.gz && uninstall -y sourceonly && install ./sourceonly-1.0.tar.gz && cache list",
    "install -e git+file://<src>/repository#egg=project && freeze && list --editable && uninstall -y project",
    "install 'project @ git+file://<src>/repository@v1' && show project",
    "install git+file://<src>/nothing-there",
    "install git+file://<src>/repository@no-such-tag",
    "lock git+file://<src>/repository && install -r pylock.toml",
    "install needs-source && freeze",
    "install legacy && show -f legacy",
    "install --no-build-isolation legacy",
    "install --use-feature=inprocess-build-deps legacy",
    "install broken-build",
    "install wrong-record && show -f wrong-record",
    "install starting && list",
    "install planted && uninstall -y planted",
    "install --pre demo && install -U demo --extra-index-url <index>",
    "install -r remote.txt",
    "install --no-require-hashes -r hashed.txt",
    "PIP_NO_BINARY=:all: install sourceonly && PIP_ONLY_BINARY=:all: install --force-reinstall sourceonly",
    "PIP_FIND_LINKS=wheels.d install harmless",
    "PIP_EXTRA_INDEX_URL=<index> install harmless",
    "PIP_TRUSTED_HOST=localhost install harmless",
    "PIP_PYTHON=<venv>/bin/python list && PIP_PYTHON=<venv> install harmless",
    "PIP_PYTHON=nothing-there list",
    "--python nothing-there list",
    "--python <cwd> list",
    "PIP_CACHE_DIR=cache install harmless && PIP_CACHE_DIR=cache cache info",
    "PIP_KEYRING_PROVIDER=import install harmless",
    "PYTHONPATH=modules --keyring-provider=import index versions private --index-url <origin>/private/",
    "PYTHONPATH=modules list && PYTHONPATH=modules install demo",
    "--proxy http://127.0.0.1:9 install --retries 0 demo",
    "install --index-url http://127.0.0.1:9/simple/ --retries 0 demo",
    "install demmo",
    "config --user set global.index-url https://evil.example/simple/ && config list",
    "config --user set global.trusted-host evil.example",
    "config --user --editor touch edit && config list",
    "install --user harmless",
    "install --break-system-packages harmless",
    "install fresh && freeze",
    "search demo",
    "search --index <index> demo",
    "install pip==26.2",
    "install --config-settings=--build-option=x legacy",
    "wheel ./project ./sourceonly-1.0.tar.gz",
)


def publish(index: LocalIndex) -> None:
    """Offer what the rows ask for."""
    for version in ("1.0", "2.0", "3.0b1"):
        demo = make_wheel(
            "demo",
            version,
            requires=["harmless"],
            extras={"all": ["optional"]},
            entry_points={"console_scripts": {"demo": "demo:main"}},
            files={"demo.py": f"def main():\n    print({version!r})\n"},
        )
        index.publish(demo)
    for version in ("1.0", "2.0", "3.0"):
        index.publish(
            make_wheel("picks", version, requires=["demo==1.0" if version == "1.0" else "demo==9", "harmless"])
        )
    data = {"scripts/hello": "#!python\nprint('hello')\n", "data/share/scripted/notes.txt": "notes\n"}
    index.publish(make_wheel("scripted", data=data, entry_points={"gui_scripts": {"shown": "scripted:main"}}))
    index.publish(make_wheel("harmless"))
    index.publish(make_wheel("optional"))
    index.publish(make_wheel("conflicting", requires=["demo<2"]))
    index.publish(make_wheel("picky", requires_python=">=4"))
    index.publish(make_wheel("withdrawn"), yanked="broken")
    index.publish(make_wheel("native", tag="cp311-cp311-win_amd64"))
    index.publish(make_wheel("needs-missing", requires=["nothing-there"]))
    index.publish(make_wheel("circular-a", requires=["circular-b"]))
    index.publish(make_wheel("circular-b", requires=["circular-a"]))
    index.publish(make_wheel("needs-source", requires=["sourceonly"]))
    index.publish(make_sdist("sourceonly", sentinel=NOWHERE))
    index.publish(make_sdist("legacy", sentinel=NOWHERE, style="setup.py"))
    index.publish(make_sdist("broken-build", sentinel=NOWHERE / "nothing"))
    index.publish(make_setuptools_stub())
    index.publish(make_wheel("wrong-record", misrecorded=["wrong_record.py"]))
    index.publish(make_wheel("starting", files={"starting.pth": "import sys\n"}))
    index.publish(make_wheel("planted", data={"scripts/uname": "#!python\n"}))
    index.page("/remote.txt", "harmless\n")
    index.page("/private/private/", "Whose?\n", status=401)


def prepare(workspace: Workspace) -> None:
    """Write what the rows name."""
    harmless = make_wheel("harmless")
    files = {
        "file.txt": "content\n",
        "broken.conf": "[global\n",
        "settings.conf": "[global]\ntimeout = 7\n[install]\nno-compile = true\n[list]\nformat = freeze\n",
        "limits.txt": "demo<2\n",
        "requirements.txt": "# what is needed\ndemo\noptional  # and more\n",
        "nested.txt": "-r requirements.txt\n-c limits.txt\n",
        "empty.txt": "",
        "with-options.txt": "--pre\n--prefer-binary\ndemo\n",
        "variables.txt": "${NAME}\n",
        "bad.txt": "demo ===\n",
        "remote.txt": f"-r {workspace.index.origin}/remote.txt\n",
        "hashed.txt": f"harmless==1.0 --hash=sha256:{sha256(harmless.content)}\n",
        "wrong-hash.txt": f"harmless==1.0 --hash=sha256:{'0' * 64}\n",
        "unpinned-hash.txt": f"harmless --hash=sha256:{sha256(harmless.content)}\noptional\n",
        "pyproject.toml": (
            '[dependency-groups]\ndev = ["demo", {include-group = "more"}]\nmore = ["optional"]\nall = ["harmless"]\n'
        ),
        "script.py": '# /// script\n# requires-python = ">=3.10"\n# dependencies = ["demo"]\n# ///\n',
        "empty/notes.txt": "",
        "pages/page.html": f'<a href="../wheels.d/{harmless.filename}">{harmless.filename}</a>\n',
        "bad-1.0-py3-none-any.whl": "no archive\n",
        "not-a-wheel.whl": "",
        "bin/keyring": '#!/bin/sh\necho "$@" >> "$HOME/keyring.log"\nexit 1\n',
        "modules/keyring.py": KEYRING,
    }
    for name, text in files.items():
        workspace.write(name, text)
    (workspace.cwd / "bin" / "keyring").chmod(0o755)
    native = make_wheel("native", tag="cp311-cp311-win_amd64")
    for wheel in (harmless, native):
        workspace.write(wheel.filename, wheel.content)
    workspace.write(f"wheels.d/{harmless.filename}", harmless.content)
    source = make_sdist("sourceonly", sentinel=NOWHERE)
    workspace.write(source.filename, source.content)
    tree = make_source_tree(None, "project", sentinel=NOWHERE, requires=["harmless"])
    for name, text in tree.items():
        workspace.write(f"project/{name}", text)
    workspace.write_git_repository("repository", tree, tag="v1")
