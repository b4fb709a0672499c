"""Generate the code that shells run instead of pip.

It calls pip-guard's console script by its absolute path. If that is gone, it runs nothing, and says what to do. Python starts without
PYTHONPATH and PYTHONPYCACHEPREFIX, since a `sitecustomize` or bytecode from there would run before pip-guard, which obeys the former later.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable
from pathlib import Path

from pip_guard.environment.module_origins import HIDDEN_PYTHON_PATH
from pip_guard.integrations.file_edits import BEGIN, END

# The minor versions of Python 3 that pip-guard may support; commands of older ones are left alone.
MINORS = range(10, 16)
REFUSED = 40
_GONE = (
    "error: pip-guard is no longer at {launcher}, so pip was not run.",
    "hint: Install pip-guard-shim again. Or {how}:",
)
# The startup files that have lines of pip-guard, for a shell in which `pip-guard guard disable` is gone.
_DELETE = f'delete the lines from "{BEGIN}" to "{END}" in these files, and start a new shell'
_CONFIG = '"${XDG_CONFIG_HOME:-$HOME/.config}"'
_FIND = " ".join(
    [
        f"grep -ls '^{BEGIN}'",
        *(f'"$HOME"/{name}' for name in (".bashrc", ".bash_profile", ".bash_login", ".profile", ".zshenv", ".zshrc")),
        *(f'"${{ZDOTDIR:-$HOME}}"/{name}' for name in (".zshenv", ".zshrc")),
        f"{_CONFIG}/fish/conf.d/pip-guard.fish {_CONFIG}/fish/config.fish | sort -u",
    ]
)


def commands() -> dict[str, str]:
    """Return the names of pip, each with the environment that it selects."""
    return {"pip": "active", "pip3": "active"} | {f"pip3.{minor}": f"3.{minor}" for minor in MINORS}


def shim(launcher: Path, environment: str, *, disable: str, path: Path | None = None, kept: str = "") -> str:
    """Return the program that replaces a name of pip on PATH, without its first line.

    `path` is its own, unless startup files of a shell put its folder on PATH; `kept` is what had its name before.
    """
    complaint = _complain(launcher, indent="")
    if path is not None:
        lines = " ".join(_sh(line) for line in _gone(launcher, "remove this program"))
        before = path.with_name(kept)
        complaint = (
            f"printf '%s\\n' {lines} >&2\n"
            f"if [ -e {_sh(before)} ]; then\n  printf '%s\\n' {_sh(f'      mv {_sh(before)} {_sh(path)}')} >&2\n"
            f"else\n  printf '%s\\n' {_sh(f'      rm {_sh(path)}')} >&2\nfi"
        )
    return f"""\
# This runs pip-guard instead of pip. To undo: {_comment(disable)}
if [ -x {_sh(launcher)} ]; then
  {HIDDEN_PYTHON_PATH}="${{PYTHONPATH-}}"
  export {HIDDEN_PYTHON_PATH}
  unset PYTHONPATH PYTHONPYCACHEPREFIX
  exec {_sh(launcher)} --guard-environment={environment} "$@"
fi
{complaint}
exit {REFUSED}
"""


def source(file: Path, *, again: str) -> str:
    """Return the lines that make a POSIX shell source one of our files."""
    return f"""\
# pip runs pip-guard here. To undo: {_comment(again.replace(" enable ", " disable "))}
if [ -r {_sh(file)} ]; then
  . {_sh(file)}
else
  printf '%s\\n' {_sh(f"pip-guard: {file} is missing, so pip is not guarded. To create it again: {again}")} >&2
fi
"""


def posix_start(shims: Path, functions: Path, bash_env: Path, *, disable: str) -> str:
    """Return what every POSIX shell sources on start: it puts the shims first on PATH, now and at each prompt.

    Child processes inherit PATH. Scripts of bash get the functions too, which an activated environment does not hide.
    """
    return f"""\
# Written by pip-guard for POSIX shells. To undo: {_comment(disable)}
_pip_guard_path() {{
  case "$PATH" in
    {_sh(shims)}:*) ;;
    *) PATH={_sh(shims)}:"$PATH" ;;
  esac
}}
_pip_guard_path
export PATH
if [ "${{BASH_ENV-}}" != {_sh(bash_env)} ]; then
  if [ -n "${{BASH_ENV-}}" ]; then
    PIP_GUARD_BASH_ENV="$BASH_ENV"
    export PIP_GUARD_BASH_ENV
  fi
  BASH_ENV={_sh(bash_env)}
  export BASH_ENV
fi
case "${{ZSH_VERSION:+yes}}${{BASH_VERSION:+yes}}:${{SHELLOPTS-}}:" in
  *:posix:*) ;;
  yes:*) . {_sh(functions)} ;;
esac
"""


def posix_functions(launcher: Path, *, disable: str) -> str:
    """Return the functions of bash and zsh, also for scripts of bash.

    Other POSIX shells cannot parse them: they allow no function names such as pip3.12. NOTE: long because it is one template.
    """
    names = commands()
    lines = "\n".join(
        f'function {name} {{ _pip_guard --guard-environment={environment} "$@"; }}'
        for name, environment in names.items()
    )
    return f"""\
# Written by pip-guard for bash and zsh. To undo: {_comment(disable)}
_pip_guard() {{
  if [ -x {_sh(launcher)} ]; then
    {HIDDEN_PYTHON_PATH}="${{PYTHONPATH-}}" PYTHONPATH= PYTHONPYCACHEPREFIX= {_sh(launcher)} "$@"
  else
{_complain(launcher, indent="    ")}
    return {REFUSED}
  fi
}}
unalias {" ".join(names)} 2>/dev/null || :
{lines}
if [ -n "${{ZSH_VERSION-}}" ]; then
  eval 'typeset -ga precmd_functions; precmd_functions=(${{precmd_functions:#_pip_guard_prompt}} _pip_guard_prompt)'
  _pip_guard_prompt() {{ _pip_guard_path; }}
else
  case "$-" in
    *i*)
      _pip_guard_prompt() {{
        set -- "$?"
        _pip_guard_path
        return "$1"
      }}
      case "${{PROMPT_COMMAND-}}" in
        *_pip_guard_prompt*) ;;
        *) PROMPT_COMMAND="_pip_guard_prompt${{PROMPT_COMMAND:+; $PROMPT_COMMAND}}" ;;
      esac
      ;;
  esac
fi
"""


def bash_environment(functions: Path, *, disable: str) -> str:
    """Return what bash sources before a script (BASH_ENV), which sources what that named before."""
    return f"""\
# Written by pip-guard for scripts of bash. To undo: {_comment(disable)}
if [ -n "${{PIP_GUARD_BASH_ENV-}}" ] && [ -r "$PIP_GUARD_BASH_ENV" ]; then
  . "$PIP_GUARD_BASH_ENV"
fi
if [ -r {_sh(functions)} ]; then
  . {_sh(functions)}
fi
"""


def fish(launcher: Path, shims: Path, bash_env: Path, *, disable: str) -> str:
    """Return what fish sources on start."""
    wrapped = "\n".join(
        f"function {name} --description 'pip, under guard'\n    _pip_guard --guard-environment={environment} $argv\nend"
        for name, environment in commands().items()
    )
    message = "\n".join(f"        echo {_fish(line)} >&2" for line in _gone(launcher, _DELETE))
    message += f"\n        /bin/sh -c {_fish(_FIND)} >&2"
    return f"""\
# pip runs pip-guard here. To undo: {_comment(disable)}
function _pip_guard_path --on-variable PATH
    if test "$PATH[1]" != {_fish(shims)}
        set -gx PATH {_fish(shims)} $PATH
    end
end
_pip_guard_path
if test "$BASH_ENV" != {_fish(bash_env)}
    if test -n "$BASH_ENV"
        set -gx PIP_GUARD_BASH_ENV $BASH_ENV
    end
    set -gx BASH_ENV {_fish(bash_env)}
end
function _pip_guard
    if test -x {_fish(launcher)}
        set -lx {HIDDEN_PYTHON_PATH} "$PYTHONPATH"
        set -lx PYTHONPATH
        set -lx PYTHONPYCACHEPREFIX
        {_fish(launcher)} $argv
    else
{message}
        return {REFUSED}
    end
end
{wrapped}
"""


def powershell(launcher: Path, files: Iterable[Path], *, disable: str) -> str:
    """Return what PowerShell sources on start."""
    gone = [*_gone(launcher, _DELETE), *map(str, files)]
    message = "\n".join(f"        [Console]::Error.WriteLine({_ps(line)})" for line in gone)
    wrapped = "\n".join(
        f"function global:{name} {{ _PipGuard '{environment}' $args }}" for name, environment in commands().items()
    )
    aliases = ", ".join(f"'Alias:{name}'" for name in commands())
    return f"""\
# pip runs pip-guard here. To undo: {_comment(disable)}
function global:_PipGuard {{
    param([string] $Environment, [object[]] $Arguments)
    if (Test-Path -LiteralPath {_ps(launcher)} -PathType Leaf) {{
        & {_ps(launcher)} "--guard-environment=$Environment" @Arguments
    }} else {{
{message}
        $global:LASTEXITCODE = {REFUSED}
    }}
}}
Remove-Item -Path {aliases} -Force -ErrorAction Ignore
{wrapped}
"""


def _gone(launcher: Path, how: str) -> list[str]:
    return [_comment(line.format(launcher=launcher, how=how)) for line in _GONE]


def _complain(launcher: Path, *, indent: str) -> str:
    lines = " ".join(_sh(line) for line in _gone(launcher, _DELETE))
    return f"{indent}printf '%s\\n' {lines} >&2\n{indent}{_FIND} >&2"


def _comment(text: str) -> str:
    """Return the text on one line."""
    return " ".join(text.splitlines())


def _sh(value: Path | str) -> str:
    return shlex.quote(os.fspath(value))


def _fish(value: Path | str) -> str:
    text = os.fspath(value).replace("\\", "\\\\").replace("'", "\\'")
    return f"'{text}'"


def _ps(value: Path | str) -> str:
    text = os.fspath(value)
    for quote in "'\u2018\u2019\u201a\u201b":
        text = text.replace(quote, quote * 2)
    return f"'{text}'"
