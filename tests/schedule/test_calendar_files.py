"""Calendar files as the client writes them, read by libraries that are not the client's: every date of every story.

``calendars.json`` is held to what the client's code makes by web/src/schedule/calendar-file.test.ts.
"""

from __future__ import annotations

import hashlib
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import icalendar
import pytest
import recurring_ical_events  # type: ignore[import-untyped]

STORIES: dict[str, dict[str, Any]] = json.loads((Path(__file__).parent / "calendars.json").read_text(encoding="utf-8"))
SKIPPED_HOUR = "daily in the hour that is skipped"
stories = pytest.mark.parametrize("story", STORIES.values(), ids=STORIES)


def event_in(calendar: icalendar.Component) -> Any:
    (event,) = calendar.walk("VEVENT")
    return event


def starts_in(file: str, until: datetime) -> list[str]:
    calendar = icalendar.Calendar.from_ical(file)
    found = recurring_ical_events.of(calendar).between(datetime(2025, 1, 1, tzinfo=UTC), until)
    return sorted(moment(event.start) for event in found)


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def moment(when: datetime) -> str:
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def expected(story: dict[str, Any]) -> tuple[list[str], datetime]:
    starts = [start for start, _ in story["dates"]]
    return starts, instant(starts[-1]) + timedelta(hours=1)


def test_the_stories_are_there() -> None:
    """The five zones, and as many dates as make the comparison worth something."""
    text = " ".join(story["file"] for story in STORIES.values())
    for zone in ("Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Apia"):
        assert f"TZID:{zone}" in text
    assert sum(len(story["dates"]) for story in STORIES.values()) > 400


@stories
def test_every_date_is_what_the_zones_of_this_machine_say(story: dict[str, Any]) -> None:
    starts, until = expected(story)
    assert starts_in(story["file"], until) == starts


@pytest.mark.parametrize("name", sorted(set(STORIES) - {SKIPPED_HOUR}))
def test_every_date_is_what_the_files_own_zone_says(name: str) -> None:
    """Under a name that nobody knows, a reader has nothing but the VTIMEZONE. In a skipped hour this reader takes the
    offset from after the gap, against RFC 5545, 3.3.5; there the zones of the machine are compared alone."""
    story = STORIES[name]
    # Another one for each story: the library remembers zones by name.
    nobodys = f"Nowhere/{hashlib.sha256(story['file'].encode()).hexdigest()[:12]}"
    renamed = re.sub(r"(TZID[:=])[A-Za-z/_]+", rf"\g<1>{nobodys}", story["file"])
    assert renamed.count(nobodys) == 2
    starts, until = expected(story)
    assert starts_in(renamed, until) == starts


@stories
def test_nothing_follows_the_last_date_of_a_series_that_ends(story: dict[str, Any]) -> None:
    starts, until = expected(story)
    rule = event_in(icalendar.Calendar.from_ical(story["file"])).get("RRULE", {"COUNT": [1]})
    far = starts_in(story["file"], until + timedelta(days=900))
    assert (far == starts) == bool({"COUNT", "UNTIL"} & set(rule))


@stories
def test_it_is_one_event_with_a_name_a_number_and_no_addresses_of_people(story: dict[str, Any]) -> None:
    calendar = icalendar.Calendar.from_ical(story["file"])
    event = event_in(calendar)
    assert [component.name for component in calendar.subcomponents] == ["VTIMEZONE", "VEVENT"]
    assert event["UID"] == story["uid"]
    assert event["DTSTAMP"].dt == datetime(2026, 11, 22, 12, tzinfo=UTC)
    assert calendar["METHOD"] == ("CANCEL" if event["STATUS"] == "CANCELLED" else "PUBLISH")
    assert not {"ATTENDEE", "ORGANIZER", "CONTACT"} & set(event)
    assert event["URL"] == event["LOCATION"]
    # Exact, also across a change of the clock (RFC 5545, 3.3.6); the library that expands series adds it to wall time.
    assert event["DURATION"].dt == timedelta(minutes=story["minutes"])
    assert {instant(end) - instant(start) for start, end in story["dates"]} == {event["DURATION"].dt}
    assert event["URL"].startswith("https://meet.example/m/")


def test_a_title_with_line_breaks_and_markup_stays_a_title() -> None:
    event = event_in(icalendar.Calendar.from_ical(STORIES["cancelled, with a title that would be more"]["file"]))
    assert event["SUMMARY"] == ('Budget, 2027; "draft" ATTENDEE:mailto:otto@outside.example END:VEVENT <b>\\n</b>')
    assert event["DESCRIPTION"] == "One\nTwo\nATTENDEE:mailto:otto@outside.example\nThree, four; five\\n"
    assert (event["SEQUENCE"], event["STATUS"]) == (3, "CANCELLED")
