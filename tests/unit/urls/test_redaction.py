"""No text that is shown or kept holds a credential."""

from __future__ import annotations

import json
import shlex
import string
import time
from urllib.parse import quote

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pip._internal.utils.misc import redact_auth_from_url

from pip_guard.urls.redaction import redact
from tests.unit.urls.strategies import PIECES, USERINFO


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("https://me:pw@h/", "https://me:****@h/", id="password"),
        pytest.param("https://t0ken@h/", "https://****@h/", id="token"),
        pytest.param("https://:pw@h/", "https://:****@h/", id="password-without-user"),
        pytest.param("https://t0ken:@h/", "https://****:****@h/", id="token-with-empty-password"),
        pytest.param("https://t0ken:x-oauth-basic@h/", "https://****:****@h/", id="github-token"),
        pytest.param("https://@h/", "https://****@h/", id="empty-userinfo"),
        pytest.param("https://a%40b:p%40w%3A@h/", "https://a%40b:****@h/", id="encoded-characters"),
        pytest.param("https://a:b:c@h/", "https://a:****@h/", id="colon-in-password"),
        pytest.param("https://a:b@c@h/", "https://a:****@h/", id="at-in-password"),
        pytest.param("https://a:b'c@h/", "https://a:****@h/", id="quote-in-password"),
        pytest.param("https://o'a:pw@h/", "https://o'a:****@h/", id="quote-in-user"),
        pytest.param('https://a:b"c@h/', "https://a:****@h/", id="double-quote-in-password"),
        pytest.param("https://a:b\\c@h/", "https://a:****@h/", id="backslash-in-password"),
        pytest.param("https://a:b/c@h/x@v1", "https://a:****@h/x@v1", id="slash-in-password"),
        pytest.param("https://a:b#c@h/", "https://a:****@h/", id="hash-in-password"),
        pytest.param("https://a:b?c@d@h/", "https://a:****@h/", id="question-mark-and-at-in-password"),
        pytest.param("https://a:b c@h/", "https://a:****@h/", id="blank-in-password"),
        pytest.param("https://a:pw%40h/", "https://a:****%40h/", id="encoded-at"),
        pytest.param("https://${USER}:${PASSWORD}@h/", "https://${USER}:****@h/", id="variables"),
        pytest.param("https://me:pw@[::1]:80/", "https://me:****@[::1]:80/", id="ipv6"),
        pytest.param("git+ssh://git:pw@h/r@v1", "git+ssh://git:****@h/r@v1", id="vcs"),
        pytest.param("x @ git+https://t0ken@h/r.git@v1", "x @ git+https://****@h/r.git@v1", id="requirement"),
        pytest.param("https://a:b@h,https://c:d@i", "https://a:****@h,https://c:****@i", id="several"),
        pytest.param("a https://a:b@h b\nhttps://c@i c", "a https://a:****@h b\nhttps://****@i c", id="several-lines"),
        pytest.param("--index-url=https://a:b@h/", "--index-url=https://a:****@h/", id="option"),
        pytest.param("['-i', 'https://a:b@h/']", "['-i', 'https://a:****@h/']", id="repr"),
        pytest.param('["-i","https://a:b@h/"]', '["-i","https://a:****@h/"]', id="json"),
        pytest.param(r'"https:\/\/a:b@h\/"', r'"https:\/\/a:****@h\/"', id="json-with-escaped-slashes"),
        pytest.param("/u=https%3A%2F%2Fa%3Ab%40h%2F", "/u=https%3A%2F%2Fa%3A****%40h%2F", id="encoded-url"),
        pytest.param("/u=https%3a%2f%2fa:b@h", "/u=https%3a%2f%2fa:****@h", id="partly-encoded-url"),
        pytest.param("https%3A%2F%2Fa%3Ab%2540c%252F%40h", "https%3A%2F%2Fa%3A****%40h", id="encoded-url-and-password"),
        pytest.param("https%253A%252F%252Fa%253Ab%2540h", "https%253A%252F%252Fa%253A****%2540h", id="encoded-twice"),
        pytest.param("--proxy me:pw@h:3128 x", "--proxy me:****@h:3128 x", id="proxy"),
        pytest.param("'--prox', 'me:pw@h'", "'--prox', 'me:****@h'", id="proxy-in-repr"),
        pytest.param("PIP_PROXY=me:pw@h", "PIP_PROXY=me:****@h", id="proxy-in-environment"),
        pytest.param("proxy = http://me:pw@h", "proxy = http://me:****@h", id="proxy-in-configuration"),
        pytest.param("https://h/?token=abc", "https://h/?token=****", id="token-parameter"),
        pytest.param(
            "https://h/?a=1&access_token=abc&b=2", "https://h/?a=****&access_token=****&b=****", id="access-token"
        ),
        pytest.param("https://h/x?sv=1&sig=a%2Bb%3D#f", "https://h/x?sv=****&sig=****#f", id="azure"),
        pytest.param(
            "https://h/x?X-Amz-Credential=AK%2F1&X-Amz-Date=2&X-Amz-Security-Token=3&X-Amz-Signature=4",
            "https://h/x?X-Amz-Credential=****&X-Amz-Date=****&X-Amz-Security-Token=****&X-Amz-Signature=****",
            id="aws",
        ),
        pytest.param(
            "https://h/?AWSAccessKeyId=1&Signature=2", "https://h/?AWSAccessKeyId=****&Signature=****", id="s3"
        ),
        pytest.param("?x-goog-signature=1&PRIVATE-TOKEN=2", "?x-goog-signature=****&PRIVATE-TOKEN=****", id="others"),
        pytest.param("?apiKey=1&amp;api_key=2", "?apiKey=****&amp;api_key=****", id="html"),
        pytest.param("https://h/?authorization=abc", "https://h/?authorization=****", id="authorization"),
        pytest.param("https://h/?a=1&passphrase=abc", "https://h/?a=****&passphrase=****", id="passphrase"),
        pytest.param("https://h/?anything=abc&other[]=d%26e", "https://h/?anything=****&other[]=****", id="any-name"),
        pytest.param("?filter%5Bname%5D=abc", "?filter%5Bname%5D=****", id="name-with-escapes"),
        pytest.param("--trusted-host t0ken@h:1 x", "--trusted-host ****@h:1 x", id="trusted-host"),
        pytest.param("PIP_TRUSTED_HOST=me:pw@h", "PIP_TRUSTED_HOST=me:****@h", id="trusted-host-in-environment"),
        pytest.param("https://h/#access_token=1", "https://h/#access_token=****", id="fragment"),
        pytest.param("/u=https%3A%2F%2Fh%3Fany%3Da%252Bb%26c", "/u=https%3A%2F%2Fh%3Fany%3D****%26c", id="encoded"),
        pytest.param("(https://h/?token=abc). x", "(https://h/?token=****). x", id="punctuation-after-value"),
        pytest.param("https://h/?token=).,", "https://h/?token=****", id="value-of-punctuation"),
        pytest.param("'https://h/?token=abc'", "'https://h/?token=****'", id="quote-after-value"),
    ],
)
def test_redacts(text: str, expected: str) -> None:
    assert redact(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("https://pypi.org/simple/", id="url"),
        pytest.param("https://h:8080/@a", id="at-in-path"),
        pytest.param("git+https://h/r.git@v1", id="revision"),
        pytest.param("git+https://h:8443/r.git@v1", id="revision-and-port"),
        pytest.param("https://h?@y", id="at-in-query"),
        pytest.param('x; python_version == "3.11" and a&&b', id="marker"),
        pytest.param("https://[::1]/x@v1", id="ipv6"),
        pytest.param("see https://h:8080, or write to a@b", id="port-before-comma"),
        pytest.param("https://h: write to a@b", id="colon-after-host"),
        pytest.param("https://h:port", id="not-a-port"),
        pytest.param("https://h:port/ and\na@b", id="not-a-port-and-at-in-next-line"),
        pytest.param("https://h:port @ b@ ", id="not-a-port-and-no-host"),
        pytest.param('["https://h","a@b"]', id="json"),
        pytest.param("['https://h:80', 'a@b']", id="repr"),
        pytest.param('<a href="https://h">a@b</a>', id="html"),
        pytest.param("a@b", id="mail"),
        pytest.param("git@h:r.git", id="scp"),
        pytest.param("10:30 a:b@c", id="no-url"),
        pytest.param("the proxy a@b is down", id="word-proxy"),
        pytest.param("https://h/#tokens=1&x;monkey=2", id="other-parameters"),
        pytest.param("token=1", id="no-query"),
        pytest.param("https://h/x.whl#sha256=abc", id="hash"),
    ],
)
def test_does_not_touch(text: str) -> None:
    assert redact(text) == text


FORMATS = [
    "https://{userinfo}@h.example/simple",
    "git+https://{userinfo}@[::1]:80/r.git@v1#egg=r",
    "Looking in indexes: https://{userinfo}@h.example/simple, https://pypi.org/simple",
    "--extra-index-url=http://a:b@h --extra-index-url=http://{userinfo}@h:80",
    "--proxy {userinfo}@proxy:3128",
]


def quote_all(text: str) -> str:
    return quote(text, safe="")


@given(
    st.sampled_from(FORMATS),
    st.sampled_from(["{password}", "user:{password}", "us%40er:{password}"]),
    st.text(USERINFO + "@%", min_size=6) | st.text(min_size=4).map(quote_all),
    st.sampled_from([str, repr, json.dumps, shlex.quote, quote_all, lambda text: quote_all(quote_all(text))]),
)
def test_no_password_is_left(template: str, form: str, password: str, write: object) -> None:
    assert callable(write)
    assume(len(password) >= 6 and "*" not in password and password not in template + form)
    assume(":" not in password or ":" in form)
    assume("proxy" not in template or "%" not in write(" "))
    text = write(template.format(userinfo=form.format(password=password)))
    shown = redact(text)
    assert password not in shown
    assert quote_all(password) not in shown
    assert quote_all(quote_all(password)) not in shown


@given(st.sampled_from(["token", "sig", "X-Amz-Signature"]), st.text(string.ascii_letters + "+/-_.~%", min_size=12))
def test_no_secret_parameter_is_left(name: str, secret: str) -> None:
    assert redact(f"https://h/x?a=1&{name}={secret}&b=2").count(secret) == 0


@given(st.text(string.ascii_lowercase, min_size=1), st.text(string.ascii_lowercase, min_size=1))
def test_writes_what_pip_writes(user: str, password: str) -> None:
    for url in (f"https://{user}:{password}@h/x?y#z", f"https://{user}@h/x", "https://h/x"):
        assert redact(url) == redact_auth_from_url(url)


@given(st.text())
def test_keeps_text_without_urls(text: str) -> None:
    assume("://" not in text and "%" not in text and "=" not in text)
    assert redact(text) == text


@given(st.text(string.printable), st.text(string.printable))
def test_keeps_text_around_urls(before: str, after: str) -> None:
    assume(not any(mark in before + after for mark in (":", "%", "=")))
    assert redact(f"{before} https://me:pw@h/ {after}") == f"{before} https://me:****@h/ {after}"


@given(st.lists(st.sampled_from([*PIECES, "https://", "?token=", "--proxy ", "%3A%2F%2F"])).map("".join))
def test_redacts_once_for_all(text: str) -> None:
    assert redact(redact(text)) == redact(text)


@pytest.mark.parametrize(
    "unit",
    [
        "://",
        "a",
        "@",
        "%40",
        "%25",
        "%",
        "'",
        '"',
        "',",
        "?a-",
        "&token",
        "proxy ",
        "--prox",
        "://a:b@",
        "://a:b ",
        ".-_",
        "\\",
    ],
)
@pytest.mark.parametrize("head", ["", "://", "://u:x", "%3a%2f%2f", "?token=", "%3ftoken%3d", "--proxy"])
@pytest.mark.parametrize("tail", ["", "/ @@ @ "])
def test_takes_linear_time(head: str, unit: str, tail: str) -> None:
    text = head + unit * 20_000 + tail
    began = time.process_time()
    redact(text)
    assert time.process_time() - began < 5
