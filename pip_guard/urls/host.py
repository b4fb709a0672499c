"""Parse the host of a URL strictly, and refuse any that two clients could read differently."""

from __future__ import annotations

import contextlib
import re

_NAME = re.compile(r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*")
# The URL standard calls a host an IPv4 address if its last label is a number: https://url.spec.whatwg.org/#ends-in-a-number-checker
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
IPV4 = re.compile(rf"{_OCTET}(?:\.{_OCTET}){{3}}")
_MAX_HOST = 253


class DoubtError(Exception):
    """Say why a part of a URL is refused; `urls.location` adds the URL."""


def read_host(text: str) -> str:
    """Return a host as a name of A-labels, an IPv4 address, or an IPv6 address without its brackets. Raises `DoubtError`."""
    if text.startswith("["):
        return _read_ipv6(text[1:-1])
    if len(text) > _MAX_HOST + 1:
        raise DoubtError("its host is too long.")
    absolute = ".".join(_read_label(label) for label in text.split("."))
    host = absolute.removesuffix(".")
    if len(host) > _MAX_HOST or not _NAME.fullmatch(host):
        raise DoubtError("its host is not a valid host name.")
    # NOTE: to a resolver 127.1, 0x7f.1 and 2130706433 are addresses, to other readers they are names.
    if _NUMBER.fullmatch(host.rpartition(".")[2]) and not IPV4.fullmatch(absolute):
        raise DoubtError("its host looks like an IPv4 address, but is not four decimal numbers.")
    return host


def _read_label(label: str) -> str:
    """Return the A-label of a label, if it is the same by IDNA 2003, IDNA 2008 and UTS 46.

    So none of them may map the label to another one: full-width letters and dots, "ß" and capitals are refused. Characters newer
    than Unicode 3.2 are, too: the codec of Python implements IDNA 2003, which does not know how they are mapped.
    """
    lower = "".join(char.lower() if char.isascii() else char for char in label)
    if lower.isascii():
        return lower
    from unicodedata import ucd_3_2_0

    known = all(ucd_3_2_0.category(char) != "Cn" for char in lower)
    with contextlib.suppress(UnicodeError):
        encoded = lower.encode("idna")
        if known and encoded.decode("idna") == lower == lower.casefold():
            return encoded.decode("ascii")
    raise DoubtError('clients disagree about its internationalised host; write it in its "xn--" form.')


def _read_ipv6(text: str) -> str:
    from ipaddress import AddressValueError, IPv6Address

    try:
        address = IPv6Address(text)
    except AddressValueError:
        raise DoubtError("the text in its brackets is not an IPv6 address.") from None
    if "%" in text or address.ipv4_mapped is not None:
        raise DoubtError("its IPv6 address has a zone, or is an IPv4-mapped address.")
    return address.compressed
