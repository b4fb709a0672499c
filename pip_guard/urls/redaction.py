"""Hide the credentials in text that is shown or recorded."""

from __future__ import annotations

import functools
import re

HIDDEN = "****"


def redact(text: str) -> str:
    """Hide the credentials of every URL in any text: ``user:****@host``, ``****@host``, ``?name=****``.

    This is pip's notation. The user is hidden, too, where it is the secret: with an empty password, or with GitHub's
    ``x-oauth-basic``. The value of every query parameter is hidden, since any may be a secret, and that of a fragment with a telling
    name. URLs are also found inside other URLs (percent-encoded) and inside JSON, and hosts without a scheme after the options and
    settings that take them. Of a broken URL, too much is hidden rather than too little.
    """
    if not _may_hold_secret(text):
        return text
    hidden = []
    done = 0
    openers = list(re.finditer(_OPENER, text))
    bounds = [opener.start() for opener in openers] + [len(text)]
    for opener, end in zip(openers, bounds[1:], strict=True):
        hidden += [text[done : opener.end()], _hide_userinfo(text[opener.end() : end], opener[1] or "")]
        done = end
    return _parameter().sub(_hide_value, "".join(hidden) + text[done:])


def _may_hold_secret(text: str) -> bool:
    """Tell whether a text has the end of a userinfo or the start of a parameter: a closer look takes milliseconds."""
    return "@" in text or "%" in text or ("=" in text and any(mark in text for mark in "?&#;"))


# The text may be an attacker's, so every pattern below, and every use of one, takes linear time. They are texts, which `re` compiles
# when they are first used: most commands print no URL.

# What comes before an authority; group 1 is how a URL inside another one writes "%", and empty elsewhere.
_OPENER = (
    r"(?i)(?::|%(?:25){0,3}3a)(?:(?:\\?/){2}|(%(?:25){0,3})2f%(?:25){0,3}2f)"
    r"""|(?:--(?:prox[a-z]*|trusted(?:-h[a-z]*)?)(?:=|["']?,?\s+)|(?:proxy|trusted[_-]host)\s*=\s*)["']?"""
)
_AT = "@|%(?:25){0,3}40"


@functools.cache
def _authority(percent: str) -> re.Pattern[str]:
    # A quote belongs to a URL unless it is a closing one, with punctuation (JSON) or a space (shell, repr) after it.
    quote_inside = r"""'(?![,;:)\]}]*(?:\s|\Z))|["`](?![\s,;:)\]}>]|\Z)"""
    if not percent:
        return re.compile(rf"""(?:[^\s/?#"'<>`]+|{quote_inside})*""")
    escape_inside = rf"%(?!{percent[1:]}(?:2f|3f|23))"
    return re.compile(rf"""(?:[^\s/?#&%"'<>`]+|{escape_inside}|{quote_inside})*""", re.IGNORECASE)


def _find_colon(text: str, percent: str) -> re.Match[str] | None:
    return re.search("(?i):|%(?:25){0,3}3a" if percent else ":", text)


@functools.cache
def _parameter() -> re.Pattern[str]:
    """Match a parameter that may be secret: the part before its value, and the value, in a URL or in a URL inside another one.

    What follows "?" or "&" is one whatever its name; after "#" and ";" the name must tell, as ``#sha256=`` is none.
    """
    words = "token|secret|password|passwd|passphrase|signature|credential|authorization|key"
    joined = "(?:access|api|auth|bearer|id|private|refresh|session)(?:token|key)|awsaccesskeyid|auth|jwt|pass|pwd|sig"
    name = rf"(?:(?:[\w.-]*[_-])?(?:{words})|{joined})"
    # no name is longer, and a text of names alone takes linear time
    any_name = r"""(?:[^\s?&#;=%"'<>`]|%(?!(?:25){0,3}(?:3d|26|23|3f|3b))){1,200}"""
    plain = rf"""((?:[?&](?:amp;)?{any_name}|[?&#;]{name})=)([^\s&#"'<>`]+)"""
    escaped = rf"""(%(?:25){{0,3}}(?:(?:3f|26){any_name}|(?:3f|26|23|3b){name})%(?:25){{0,3}}3d)"""
    value = r"""((?:[^\s&#%"'<>`]+|%(?!(?:25){0,3}(?:26|23)))+)"""
    return re.compile(f"{plain}|{escaped}{value}", re.IGNORECASE)


def _hide_userinfo(text: str, percent: str) -> str:
    """Hide the userinfo at the start of a text, if there is one."""
    match = _authority(percent).match(text)
    authority = match[0] if match else ""
    end = _end_of_userinfo(authority, percent)
    if end is None:
        end = _end_of_broken_userinfo(text, authority, percent)
    return text if end is None else _hide(text[:end], percent) + text[end:]


def _end_of_userinfo(authority: str, percent: str) -> int | None:
    end = authority.rfind("@")
    if end >= 0 and not percent:
        return end
    return max((match.start() for match in re.finditer(_AT, authority)), default=None)


def _end_of_broken_userinfo(text: str, authority: str, percent: str) -> int | None:
    """Return the end of a userinfo whose password has an unencoded "/", "?", "#", quote or space.

    It has one if the text in the place of the port is not a port, and an "@" follows on the line.
    """
    colon = _find_colon(authority, percent)
    if colon is None or authority.startswith("[") or re.fullmatch(r"[0-9]*\W*", authority[colon.end() :]):
        return None
    line = text.partition("\n")[0]
    ats = [match for match in re.finditer(_AT, line) if match.start() >= colon.end()]
    bounds = [match.start() for match in ats] + [len(line)]
    for match, end in zip(ats, bounds[1:], strict=True):
        host = line[match.end() : end]
        if host[:1].strip() and (end == len(line) or re.search(r"[\s/?#]", host)):
            return match.start()
    return None


def _hide(userinfo: str, percent: str) -> str:
    colon = _find_colon(userinfo, percent)
    if colon is None:
        return HIDDEN
    user, password = userinfo[: colon.start()], userinfo[colon.end() :]
    if user and password.lower() in ("", "x-oauth-basic"):
        user = HIDDEN
    return f"{user}{colon[0]}{HIDDEN}"


def _hide_value(match: re.Match[str]) -> str:
    before, value = match[1] or match[3], match[2] or match[4]
    # The punctuation of the sentence around a URL is not part of the value.
    end = len(value.rstrip("),.;:!?]}"))
    return f"{before}{HIDDEN}{value[end:] if end else ''}"
