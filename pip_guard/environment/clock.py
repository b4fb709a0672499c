"""Convert times to the time zone of this machine."""

from __future__ import annotations

from datetime import datetime, timezone


def in_local_time(moment: datetime) -> datetime:
    """Convert a time to the local zone, or to UTC if that is unknown: TZ may hold anything."""
    try:
        return moment.astimezone()
    except (OSError, OverflowError, ValueError):
        return moment.astimezone(timezone.utc)


def local_now() -> datetime:
    """Return the current time in the local zone."""
    return in_local_time(datetime.now(timezone.utc))
