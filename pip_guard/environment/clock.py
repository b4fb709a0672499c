"""Tell times in the zone of this machine."""

from __future__ import annotations

from datetime import datetime, timezone


def in_local_time(moment: datetime) -> datetime:
    """Return a moment in the local zone, or in UTC where that is not known: TZ may hold anything."""
    try:
        return moment.astimezone()
    except (OSError, OverflowError, ValueError):
        return moment.astimezone(timezone.utc)


def local_now() -> datetime:
    """Return the present moment in the local zone."""
    return in_local_time(datetime.now(timezone.utc))
