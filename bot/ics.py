"""An appointment as a calendar file (RFC 5545), for the calendar on one's own telephone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import icalendar

from bot.calendar import LOCAL

MEDIA_TYPE = "text/calendar"
LASTS = timedelta(minutes=30)
ALARMS = (timedelta(days=-1), timedelta(hours=-2))


def calendar_file(
    uid: str,
    revision: int,
    summary: str,
    where: tuple[str, str],
    at: datetime,
    made: datetime,
    *,
    all_day: bool,
    alarm: str,
) -> str:
    """The text of the file. Calendars that know the `uid` take a higher `revision` as the same event, changed.

    `where` is a place and a link to its map, which may be "".
    `at` and `made` are aware; with `all_day` only the day of `at` in Asia/Ho_Chi_Minh counts.
    """
    event = icalendar.Event()
    event.add("uid", f"{uid}@cam-tay")
    event.add("sequence", revision)
    event.add("dtstamp", made)
    # In UTC, which every calendar knows; a named zone would need its whole table of rules in the file.
    start: date | datetime = at.astimezone(LOCAL).date() if all_day else at.astimezone(UTC)
    event.add("dtstart", start)
    event.add("dtend", start + (timedelta(days=1) if all_day else LASTS))
    event.add("summary", summary)
    location, link = where
    event.add("location", location)
    if link:
        event.add("url", link)
    for before in ALARMS:
        reminder = icalendar.Alarm()
        reminder.add("action", "DISPLAY")
        reminder.add("description", alarm)
        reminder.add("trigger", before)
        event.add_component(reminder)
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//Cam Tay//Lich hen//VI")
    calendar.add("version", "2.0")
    calendar.add_component(event)
    text: bytes = calendar.to_ical()
    return text.decode()
