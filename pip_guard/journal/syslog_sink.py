"""Send one short line per command to syslog, which Windows does not have."""

from __future__ import annotations

import socket
import sys
import syslog
from collections.abc import Mapping

from pip_guard.journal.files import NO_SYSLOG, UnwritableError

# Characters; a datagram to syslog may be cut at 1,024 bytes.
LONGEST = 900
# The socket of syslog on Linux; elsewhere, the log need not be a socket.
SOCKET = "/dev/log"


def send(record: Mapping[str, object]) -> None:
    """Send one line about a record. Raises `UnwritableError` if there is no syslog."""
    # NOTE: the C library says nothing about a log that is not there.
    if sys.platform == "linux" and not _is_there():
        raise UnwritableError(NO_SYSLOG)
    priority = syslog.LOG_INFO if record["verdict"] in ("allowed", "begun") else syslog.LOG_WARNING
    syslog.openlog("pip-guard", syslog.LOG_PID, syslog.LOG_USER)
    syslog.syslog(priority, summary(record))


def _is_there() -> bool:
    for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
        with socket.socket(socket.AF_UNIX, kind) as connection:
            connection.settimeout(1)
            if connection.connect_ex(SOCKET) == 0:
                return True
    return False


def summary(record: Mapping[str, object]) -> str:
    """Return one line of printable characters about a record."""
    findings, argv = record["findings"], record["argv"]
    rules = [str(finding["rule"]) for finding in findings] if isinstance(findings, list) else []
    words = " ".join(map(str, argv)) if isinstance(argv, list) else ""
    text = f"{record['verdict']} user={record['user']} id={record['id']} rules={','.join(dict.fromkeys(rules)) or '-'}: {words}"
    return "".join(character if character.isprintable() else "?" for character in text)[:LONGEST]
