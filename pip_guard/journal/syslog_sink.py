"""Send one short line per command to syslog, which Windows does not have."""

from __future__ import annotations

import syslog
from collections.abc import Mapping

# Characters; a datagram to syslog may be cut at 1,024 bytes.
LONGEST = 900


def send(record: Mapping[str, object]) -> None:
    """Send one line about a record."""
    priority = syslog.LOG_INFO if record["verdict"] in ("allowed", "begun") else syslog.LOG_WARNING
    syslog.openlog("pip-guard", syslog.LOG_PID, syslog.LOG_USER)
    syslog.syslog(priority, summary(record))


def summary(record: Mapping[str, object]) -> str:
    """Return one line of printable characters about a record."""
    findings, argv = record["findings"], record["argv"]
    rules = [str(finding["rule"]) for finding in findings] if isinstance(findings, list) else []
    words = " ".join(map(str, argv)) if isinstance(argv, list) else ""
    text = f"{record['verdict']} user={record['user']} id={record['id']} rules={','.join(dict.fromkeys(rules)) or '-'}: {words}"
    return "".join(character if character.isprintable() else "?" for character in text)[:LONGEST]
