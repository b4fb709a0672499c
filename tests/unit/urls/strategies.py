"""Write URLs as attackers do."""

from __future__ import annotations

import string

from hypothesis import strategies as st

PIECES = [
    "pypi.org", "evil.example", "@", ":", "/", "//", "?", "#", "\\", "[", "]", "[::1]", "::", "%", "%40", "%2f", "%2e",
    "%5c", "%00", "%25", "%C3%BC", "..", ".", "./", "/../", ";", ",", "&", "=", "+", "*", "_", "-", "|", "{", "^", '"',
    "<", "'", "!", "~", "0", "1", "80", "443", "0443", "127.1", "0x7f", "localhost", "user", "simple", "packages", "xn--",
    "ü", "ß", "ς", "İ", "\u212a", "。", "\uff0e", "\uff50", "\uff20", "\uff0f", "\uff1a", "\uff1f", "\uff11", "²", "\u0456", "\u200d", "\u0308", "℀", " ",
    "\t", "\n", "\r", "\x00", "\x7f", "\u00a0", "\U0001f40d",
]  # fmt: skip
# What RFC 3986 lets stand in userinfo, apart from escapes.
USERINFO = string.ascii_letters + string.digits + "-._~!$&'()*+,;=:"


@st.composite
def hostile_urls(draw: st.DrawFn) -> str:
    """Return an ordinary URL into which a few dangerous characters have fallen."""
    scheme = draw(st.sampled_from(["https", "http", "HTTPS", "ftp", "ssh", "git+https"]))
    user = draw(st.sampled_from(["", "user@", "user:pass@", "pypi.org@", "pypi.org:443@"]))
    host = draw(st.sampled_from(["pypi.org", "PyPI.org.", "evil.example", "127.0.0.1", "[::1]", "bücher.example", "h"]))
    port = draw(st.sampled_from(["", ":", ":443", ":80", ":8443"]))
    path = draw(st.lists(st.sampled_from(["simple", "x", "..", ".", "", "%2e%2e", "a%2Bb", "ü", "a@b"]), max_size=5))
    url = f"{scheme}://{user}{host}{port}{'/' if path else ''}{'/'.join(path)}"
    for piece in draw(st.lists(st.sampled_from(PIECES) | st.characters(), max_size=3)):
        position = draw(st.integers(0, len(url)))
        url = url[:position] + piece + url[position:]
    return url
