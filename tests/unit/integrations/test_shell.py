"""Test that the files of a shell get what is needed, and get back to what they were."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pip_guard.errors import GuardError, UsageError
from pip_guard.integrations import shell_templates
from pip_guard.integrations.file_edits import BEGIN, END, has_block
from pip_guard.integrations.integration import IntegrationState
from pip_guard.integrations.shell import INTEGRATION
from pip_guard.integrations.shell_files import SHELLS, login_shell, own_files, start_files
from tests.unit.integrations.factories import disable, enable, make_context, make_request, snapshot

FILES = (".bashrc", ".bash_profile", ".profile", ".zshenv", ".zshrc", ".config/fish/config.fish")
CONDA = b"# >>> conda initialize >>>\n. /opt/conda/etc/profile.d/conda.sh\n# <<< conda initialize <<<\n"


def content(text: bytes, mode: int = 0o644) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        path.write_bytes(text)
        path.chmod(mode)

    return make


def linked(text: bytes, *, through: int = 1) -> Callable[[Path], None]:
    """Let a dotfile be a link into another folder, over some other links."""

    def make(path: Path) -> None:
        folder = path.parent / f"dotfiles-{path.name.strip('.')}"
        folder.mkdir()
        (folder / "0").write_bytes(text)
        for number in range(1, through):
            (folder / str(number)).symlink_to(str(number - 1))
        path.symlink_to(f"{folder.name}/{through - 1}")

    return make


def dangling(path: Path) -> None:
    """Let every dotfile be a link to one file that is not there."""
    path.symlink_to("not-there-yet")


def hard_linked(path: Path) -> None:
    """Let a dotfile have a twin, as some tools that manage them make it."""
    path.write_bytes(b"export A=1\n")
    (path.parent / f"twin-of-{path.name}").hardlink_to(path)


def missing(path: Path) -> None:
    """Make nothing."""


KINDS = {
    "missing": missing,
    "empty": content(b""),
    "one-newline": content(b"\n"),
    "blank-lines": content(b"\n\n\n"),
    "plain": content(b"export A=1\n"),
    "no-final-newline": content(b"export A=1"),
    "only-spaces": content(b"   "),
    "crlf": content(b"export A=1\r\nexport B=2\r\n"),
    "crlf-without-a-final-one": content(b"export A=1\r\nexport B=2"),
    "mixed-line-ends": content(b"a\r\nb\nc\n"),
    "lone-carriage-return": content(b"a\rb\r"),
    "read-only": content(b"export A=1\n", 0o444),
    "private": content(b"export A=1\n", 0o600),
    "executable": content(b"#!/bin/bash\nexport A=1\n", 0o755),
    "linked": linked(b"export A=1\n"),
    "linked-twice-without-a-final-newline": linked(b"export A=1", through=3),
    "dangling-link": dangling,
    "block-of-another-tool": content(b"export A=1\n" + CONDA),
    "block-of-another-tool-at-the-end": content(CONDA.rstrip(b"\n")),
    "not-utf-8": content(b"export NAME='\xff\xfe\xe4'\n"),
    "byte-order-mark": content(b"\xef\xbb\xbfexport A=1\n"),
    "null-bytes": content(b"a\0b\n"),
    "ends-early": content(b"case $- in *i*) ;; *) return;; esac\nexport A=1\n"),
    "beginning-of-a-block-alone": content(f"{BEGIN}\nexport A=1\n".encode()),
    "end-of-a-block-alone": content(f"export A=1\n{END}\n".encode()),
    "mark-inside-a-line": content(f"echo '{BEGIN}'\n{END}\n".encode()),
    "hard-link": hard_linked,
    "two-megabytes": content((b"export A=" + b"1" * 990 + b"\n") * 2_100),
    "form-feed": content(b"a\x0cb\x85\xe2\x80\xa8\n"),
}


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("make", [pytest.param(make, id=name) for name, make in KINDS.items()])
def test_every_file_is_afterwards_what_it_was(tmp_path: Path, make: Callable[[Path], None], shell: str) -> None:
    for name in FILES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        make(tmp_path / name)
    before = snapshot(tmp_path)
    context = make_context(tmp_path)
    assert enable(INTEGRATION, context, shell=shell)
    enabled = snapshot(tmp_path)
    assert enabled != before
    assert enable(INTEGRATION, context, shell=shell) == []
    assert snapshot(tmp_path) == enabled
    assert disable(INTEGRATION, context, shell=shell)
    assert snapshot(tmp_path) == before
    assert disable(INTEGRATION, context, shell=shell) == []


def test_hard_link_stays_one_while_the_shell_is_enabled(tmp_path: Path) -> None:
    hard_linked(tmp_path / ".bashrc")
    enable(INTEGRATION, make_context(tmp_path))
    assert has_block((tmp_path / "twin-of-.bashrc").read_bytes())
    assert (tmp_path / ".bashrc").samefile(tmp_path / "twin-of-.bashrc")


def pipe(path: Path) -> None:
    os.mkfifo(path)


def device(path: Path) -> None:
    try:
        os.mknod(path, stat.S_IFCHR | 0o600, os.makedev(1, 3))
    except PermissionError:
        pytest.skip("only root may make a device")


def link_to_a_device(path: Path) -> None:
    device(path.with_name("device"))
    path.symlink_to("device")


def endless_device(path: Path) -> None:
    path.symlink_to("/dev/zero")


@pytest.fixture
def _alarm() -> Iterator[None]:
    """End the process that hangs."""
    signal.alarm(30)
    yield
    signal.alarm(0)


@pytest.mark.usefixtures("_alarm")
@pytest.mark.parametrize("make", [pipe, device, link_to_a_device, endless_device, Path.mkdir])
@pytest.mark.parametrize("action", [enable, disable])
def test_refuses_what_is_no_regular_file(
    tmp_path: Path, make: Callable[[Path], None], action: Callable[..., list[str]]
) -> None:
    make(tmp_path / ".bash_profile")
    before = (tmp_path / ".bash_profile").stat()
    (tmp_path / ".bashrc").write_bytes(b"export A=1\n")
    with pytest.raises(OSError, match="it is not a regular file") as caught:
        action(INTEGRATION, make_context(tmp_path), shell="bash")
    assert caught.value.filename == str(tmp_path / ".bash_profile")
    after = (tmp_path / ".bash_profile").stat()
    assert (after.st_mode, after.st_ino, after.st_rdev) == (before.st_mode, before.st_ino, before.st_rdev)
    assert (tmp_path / ".bashrc").read_bytes() == b"export A=1\n"


@pytest.mark.usefixtures("_alarm")
def test_state_names_what_is_no_regular_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / ".bashrc")
    (state,) = INTEGRATION.states(make_context(tmp_path))
    assert (state.enabled, state.problems) == (
        False,
        ((f"{tmp_path / '.bashrc'} cannot be read: it is not a regular file", "Look at that file."),),
    )


@pytest.mark.parametrize("exists", [True, False])
def test_files_that_are_one_file_are_edited_once(tmp_path: Path, exists: bool) -> None:
    if exists:
        (tmp_path / ".bashrc").write_text("x\n", encoding="utf-8")
    (tmp_path / ".bash_profile").symlink_to(".bashrc")
    before = snapshot(tmp_path)
    assert enable(INTEGRATION, make_context(tmp_path))[-1] == ".bashrc"
    assert enable(INTEGRATION, make_context(tmp_path)) == []
    assert INTEGRATION.states(make_context(tmp_path))[0].works
    disable(INTEGRATION, make_context(tmp_path))
    assert snapshot(tmp_path) == before


def test_keeps_what_is_added_later(tmp_path: Path) -> None:
    context = make_context(tmp_path)
    (tmp_path / ".bashrc").write_bytes(b"before")
    enable(INTEGRATION, context)
    with (tmp_path / ".bashrc").open("ab") as file:
        file.write(b"after\n")
    disable(INTEGRATION, context)
    assert (tmp_path / ".bashrc").read_bytes() == b"before\nafter\n"


def test_changes_nothing_by_planning(tmp_path: Path) -> None:
    (tmp_path / ".bashrc").write_bytes(b"x\n")
    before = snapshot(tmp_path)
    assert INTEGRATION.plan_enable(make_request(shell=True), make_context(tmp_path))
    assert snapshot(tmp_path) == before


@pytest.mark.parametrize(
    ("shell", "present", "variables", "expected"),
    [
        pytest.param("bash", (), {}, [".bashrc", ".profile"], id="bash"),
        pytest.param("bash", (".profile",), {}, [".bashrc", ".profile"], id="bash-with-a-profile"),
        pytest.param("bash", (".bash_login",), {}, [".bashrc", ".bash_login"], id="bash-with-a-login-file"),
        pytest.param(
            "bash",
            (".bash_profile", ".profile"),
            {},
            [".bashrc", ".bash_profile", ".profile"],
            id="bash-with-two-login-files",
        ),
        pytest.param("zsh", (), {}, [".zshenv"], id="zsh"),
        pytest.param("zsh", (".zshrc",), {}, [".zshenv", ".zshrc"], id="zsh-with-an-rc-file"),
        pytest.param(
            "zsh",
            (".zshrc", "zsh/.zshrc"),
            {"ZDOTDIR": "{home}/zsh"},
            [".zshenv", ".zshrc", "zsh/.zshenv", "zsh/.zshrc"],
            id="zsh-elsewhere",
        ),
        pytest.param("zsh", (), {"ZDOTDIR": "relative"}, [".zshenv"], id="zsh-in-a-relative-folder"),
        pytest.param("fish", (), {}, [".config/fish/conf.d/pip-guard.fish"], id="fish"),
        pytest.param(
            "fish",
            ("xdg/fish/config.fish",),
            {"XDG_CONFIG_HOME": "{home}/xdg"},
            ["xdg/fish/conf.d/pip-guard.fish", "xdg/fish/config.fish"],
            id="fish-elsewhere",
        ),
        pytest.param("powershell", (), {}, [".config/powershell/profile.ps1"], id="powershell"),
    ],
)
def test_edits_the_files_that_a_shell_reads(
    tmp_path: Path, shell: str, present: tuple[str, ...], variables: dict[str, str], expected: list[str]
) -> None:
    for name in present:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("# mine\n", encoding="utf-8")
    environ = {name: value.format(home=tmp_path) for name, value in variables.items()}
    enable(INTEGRATION, make_context(tmp_path, **environ), shell=shell)  # type: ignore[arg-type]
    own = own_files(make_context(tmp_path)).folder
    edited = [name for name in snapshot(tmp_path) if not (tmp_path / name).is_relative_to(own)]
    assert sorted(edited) == sorted(expected)
    assert all(has_block((tmp_path / name).read_bytes()) for name in edited)


def test_powershell_has_two_profiles_on_windows(tmp_path: Path) -> None:
    context = make_context(tmp_path, platform="win32")
    assert login_shell(context) == "powershell"
    assert enable(INTEGRATION, context) == ["profile.ps1", "profile.ps1"]
    assert sorted(snapshot(tmp_path)) == [
        "Documents/PowerShell/profile.ps1",
        "Documents/WindowsPowerShell/profile.ps1",
    ]


@pytest.mark.parametrize(
    ("variable", "expected"),
    [
        pytest.param("/bin/bash", "bash", id="bash"),
        pytest.param("/usr/local/bin/zsh", "zsh", id="zsh"),
        pytest.param("/usr/bin/fish", "fish", id="fish"),
        pytest.param("/usr/bin/pwsh", "powershell", id="powershell"),
        pytest.param("/bin/dash", "bash", id="shell-that-reads-the-profile"),
        pytest.param("/bin/tcsh", None, id="unknown"),
        pytest.param("", None, id="none"),
    ],
)
def test_knows_the_login_shell(tmp_path: Path, variable: str, expected: str | None) -> None:
    assert login_shell(make_context(tmp_path, SHELL=variable)) == expected


@pytest.mark.parametrize(
    ("variables", "options", "message"),
    [
        pytest.param(
            {"SHELL": "/bin/tcsh"}, {"shell": True}, "pip-guard does not know your shell (/bin/tcsh).", id="unknown"
        ),
        pytest.param(
            {"SHELL": ""}, {"shell": True}, "pip-guard does not know your shell (SHELL is not set).", id="not-known"
        ),
        pytest.param({}, {"shell": "tcsh"}, "pip-guard does not know the shell tcsh.", id="named"),
    ],
)
def test_refuses_other_shells(
    tmp_path: Path, variables: dict[str, str], options: dict[str, str | bool], message: str
) -> None:
    with pytest.raises(UsageError) as caught:
        enable(INTEGRATION, make_context(tmp_path, **variables), **options)  # type: ignore[arg-type]
    assert caught.value.message.startswith(message)
    assert snapshot(tmp_path) == {}


def test_root_does_not_write_the_files_of_a_person(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context = make_context(tmp_path, as_root=True, SUDO_USER="dev")
    for act in (enable, disable):
        with pytest.raises(GuardError) as caught:
            act(INTEGRATION, context)
        assert caught.value.message == f"This runs as root, and {tmp_path} or this session belongs to another user."
    assert snapshot(tmp_path) == {}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away, or own one")
def test_root_writes_its_own_files_alone(tmp_path: Path) -> None:
    assert enable(INTEGRATION, make_context(tmp_path, as_root=True, SUDO_USER="root"))
    (tmp_path / "home").mkdir()
    os.chown(tmp_path / "home", 12345, 12345)
    with pytest.raises(GuardError):
        enable(INTEGRATION, make_context(tmp_path / "home", as_root=True))


def test_does_not_write_over_a_file_of_somebody_elses(tmp_path: Path) -> None:
    context = make_context(tmp_path)
    start = own_files(context).start
    start.parent.mkdir(parents=True)
    start.write_text("mine\n", encoding="utf-8")
    with pytest.raises(GuardError) as caught:
        enable(INTEGRATION, context)
    assert (caught.value.message, caught.value.hint) == (
        f"{start} was not written by pip-guard.",
        "Look at it, and move it away.",
    )
    assert disable(INTEGRATION, context) == []


def test_what_shells_share_stays_as_long_as_one_needs_it(tmp_path: Path) -> None:
    context = make_context(tmp_path)
    enable(INTEGRATION, context, shell="bash")
    enable(INTEGRATION, context, shell="zsh")
    assert disable(INTEGRATION, context, shell="bash") == [".bashrc", ".profile"]
    assert own_files(context).start.exists()
    assert disable(INTEGRATION, context, shell="zsh")[0] == ".zshenv"
    assert snapshot(tmp_path) == {}


def test_every_shell_is_disabled_at_once(tmp_path: Path) -> None:
    context = make_context(tmp_path)
    for shell in SHELLS:
        enable(INTEGRATION, context, shell=shell)
    disable(INTEGRATION, context, shell=True)
    assert snapshot(tmp_path) == {}


def test_data_folder_is_that_of_the_user(tmp_path: Path) -> None:
    context = make_context(tmp_path, XDG_DATA_HOME=str(tmp_path / "data"))
    assert own_files(context).folder == tmp_path / "data" / "pip-guard" / "shell"


# State


def states(tmp_path: Path, **variables: str) -> tuple[IntegrationState, ...]:
    return INTEGRATION.states(make_context(tmp_path, **variables))  # type: ignore[arg-type]


def test_state_before_and_after(tmp_path: Path) -> None:
    (state,) = states(tmp_path)
    assert (state.place, state.enabled, state.works, state.files) == ("bash", False, False, ())
    enable(INTEGRATION, make_context(tmp_path))
    (state,) = states(tmp_path, SHELL="/bin/zsh")
    assert (state.place, state.works, state.problems) == ("bash", True, ())
    assert state.files == (tmp_path / ".bashrc", tmp_path / ".profile")


def test_state_of_an_unknown_shell_is_that_of_bash(tmp_path: Path) -> None:
    assert [state.place for state in states(tmp_path, SHELL="/bin/tcsh")] == ["bash"]


def test_state_of_powershell(tmp_path: Path) -> None:
    enable(INTEGRATION, make_context(tmp_path), shell="powershell")
    (state,) = states(tmp_path)
    assert (state.place, state.works) == ("powershell", True)


def test_state_names_what_is_wrong(tmp_path: Path) -> None:
    context = make_context(tmp_path)
    enable(INTEGRATION, context)
    own = own_files(context)
    own.functions.write_text("changed", encoding="utf-8")
    (tmp_path / ".bash_profile").write_text("new\n", encoding="utf-8")
    (tmp_path / ".profile").write_text(f"{BEGIN}\nold\n{END}\n", encoding="utf-8")
    (state,) = states(tmp_path)
    again = "pip-guard guard enable --shell bash"
    assert not state.works
    assert state.problems == (
        (f"{tmp_path / '.bash_profile'} lacks pip-guard's lines", again),
        (f"{tmp_path / '.profile'} was written by another installation or version of pip-guard", again),
        (f"{own.functions} is missing or was changed", again),
    )
    own.functions.unlink()
    (tmp_path / ".bash_profile").unlink()
    enable(INTEGRATION, context)
    assert states(tmp_path)[0].works


LATER = {"fish": ".config/fish/config.fish", "zsh": ".zshrc"}


@pytest.mark.parametrize("shell", LATER)
@pytest.mark.parametrize(
    ("text", "works"),
    [
        pytest.param("", True, id="empty"),
        pytest.param(
            "if status is-interactive\n    # Commands, such as pip, can go here\nend\n", True, id="made-by-fish"
        ),
        pytest.param("set -gx PATH /usr/local/bin $PATH\n", True, id="path"),
        pytest.param("set -g greeting 1.0 ..\n", True, id="dots"),
        pytest.param("alias pip=/usr/bin/pip\n", False, id="alias"),
        pytest.param("alias x '#'; alias pip3 /usr/bin/pip3\n", False, id="alias-behind-what-is-no-comment"),
        pytest.param("source ~/.aliases\n", False, id="other-file"),
        pytest.param("test -r x; . ~/.aliases\n", False, id="other-file-by-a-dot"),
        pytest.param("tool init | source\n", False, id="output-of-a-tool"),
        pytest.param("eval (tool init)\n", False, id="evaluated"),
        pytest.param("precmd_functions=()\n", False, id="prompt"),
        pytest.param("set -gx BASH_ENV ~/.mine\n", False, id="what-scripts-of-bash-read"),
    ],
)
def test_file_that_has_come_later_matters_where_it_may_undo_it(
    tmp_path: Path, shell: str, text: str, works: bool
) -> None:
    enable(INTEGRATION, make_context(tmp_path), shell=shell)
    path = tmp_path / LATER[shell]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    (state,) = states(tmp_path)
    assert state.works is works
    assert state.problems == (
        () if works else ((f"{path} lacks pip-guard's lines", f"pip-guard guard enable --shell {shell}"),)
    )


# Code

STRANGE = Path('/a b/it\'s $HOME `x` \\ "q"/pip-guard')


@pytest.mark.parametrize("shell", ["sh", "dash", "bash", "zsh"])
def test_paths_may_have_any_name(tmp_path: Path, shell: str) -> None:
    folder = tmp_path / "a b" / 'it\'s $HOME `x` \\ "q" ;'
    folder.mkdir(parents=True)
    guard = folder / "pip-guard"
    guard.write_text("#!/bin/sh\nprintf '%s\\n' \"$@\"\n", encoding="utf-8")
    guard.chmod(0o755)
    enable(INTEGRATION, make_context(folder, launcher=guard))
    start = own_files(make_context(folder)).start
    try:
        ended = subprocess.run(
            [shell, "-c", 'set -eu; . "$0"; pip "a b" ""; pip3.12 x', start],
            capture_output=True,
            text=True,
            check=False,
            env={"PATH": "/usr/bin:/bin"},
        )
    except FileNotFoundError:
        pytest.skip(f"there is no {shell}")
    assert (ended.stdout, ended.stderr, ended.returncode) == (
        "--guard-environment=active\na b\n\n--guard-environment=3.12\nx\n",
        "",
        0,
    )


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_python_starts_without_the_folders_of_others(tmp_path: Path, shell: str) -> None:
    guard = tmp_path / "pip-guard"
    guard.write_text("#!/bin/sh\nenv | grep PYTHON | sort", encoding="utf-8")
    guard.chmod(0o755)
    enable(INTEGRATION, make_context(tmp_path, launcher=guard))
    environ = {"PATH": "/usr/bin:/bin", "PYTHONPATH": "/a b:/c", "PYTHONPYCACHEPREFIX": "/tmp/cache"}
    code = 'set -eu; . "$0"; pip; echo "$PYTHONPATH"'
    try:
        ended = subprocess.run(
            [shell, "-c", code, own_files(make_context(tmp_path)).start],
            capture_output=True,
            text=True,
            check=True,
            env=environ,
        )
    except FileNotFoundError:
        pytest.skip(f"there is no {shell}")
    hidden, *emptied = "_PIP_GUARD_PYTHONPATH=/a b:/c", "PYTHONPATH=", "PYTHONPYCACHEPREFIX="
    assert ended.stdout.splitlines() == [*sorted([hidden, *emptied]), "/a b:/c"]


def test_fish_starts_python_without_the_folders_of_others(tmp_path: Path) -> None:
    fish = shutil.which("fish")
    if fish is None:
        pytest.skip("there is no fish")
    guard = tmp_path / "pip-guard"
    guard.write_text("#!/bin/sh\nenv | grep PYTHON | sort; exit 7", encoding="utf-8")
    guard.chmod(0o755)
    code = shell_templates.fish(guard, Path("/shims"), Path("/env"), disable="x")
    environ = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(tmp_path),
        "PYTHONPATH": "/a b:/c",
        "PYTHONPYCACHEPREFIX": "/tmp/cache",
    }
    ended = subprocess.run(
        [fish, "--no-config", "-c", code + '\npip\necho $status "$PYTHONPATH"'],
        env=environ,
        capture_output=True,
        text=True,
        check=True,
    )
    hidden, *emptied = "_PIP_GUARD_PYTHONPATH=/a b:/c", "PYTHONPATH=", "PYTHONPYCACHEPREFIX="
    assert ended.stdout.splitlines() == [*sorted([hidden, *emptied]), "7 /a b:/c"]


def test_fish_quotes_paths() -> None:
    code = shell_templates.fish(STRANGE, Path("/shims"), Path("/env"), disable="x")
    assert "test -x '/a b/it\\'s $HOME `x` \\\\ \"q\"/pip-guard'" in code


@pytest.mark.parametrize(
    "path",
    [Path("C:/Program Files/pip-guard.exe"), Path("/a'b\u2019c $x `y/pip-guard"), Path("/opt/pip-guard")],
    ids=["windows", "quotes", "plain"],
)
def test_code_of_powershell_is_valid(path: Path) -> None:
    tree_sitter = pytest.importorskip("tree_sitter")
    grammar = pytest.importorskip("tree_sitter_powershell")
    parser = tree_sitter.Parser(tree_sitter.Language(grammar.language()))
    code = shell_templates.powershell(
        path, [Path("/profile.ps1")], disable="pip-guard guard disable --shell powershell"
    )
    tree = parser.parse(code.encode())
    assert not tree.root_node.has_error
    assert "function global:pip3.12 { _PipGuard '3.12' $args }" in code
    assert "'" + str(path).replace("'", "''").replace("\u2019", "\u2019\u2019") + "'" in code


def test_other_code_of_powershell_is_not() -> None:
    tree_sitter = pytest.importorskip("tree_sitter")
    grammar = pytest.importorskip("tree_sitter_powershell")
    parser = tree_sitter.Parser(tree_sitter.Language(grammar.language()))
    assert parser.parse(b"function global:pip { 'it's }").root_node.has_error


def test_windows_has_two_files_of_its_own(tmp_path: Path) -> None:
    files = start_files("powershell", make_context(tmp_path, platform="win32"))
    assert [file.path.parent.name for file in files] == ["PowerShell", "WindowsPowerShell"]


def test_lines_stay_lines() -> None:
    code = shell_templates.shim(Path("/opt/pip-guard"), "active", disable="a\nb")
    assert "To undo: a b\n" in code
