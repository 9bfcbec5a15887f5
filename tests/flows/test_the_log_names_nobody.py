"""Ada reads every line that a whole meeting leaves at the most talkative level."""

from __future__ import annotations

import io
import json
import logging

import pytest
import structlog

from klausur import log
from klausur.domain.encoding import encode
from tests.house import ADDRESS, USER_AGENT, House, Refused, open_socket
from tests.people import sealed

NAME = "Hanna Canary"
TITLE = "Canary: quarterly figures"


async def test_no_line_of_a_whole_meeting_names_anybody(
    the_house: House, lines: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = await the_house.open_meeting()
    hanna, gustav = await the_house.join(link, NAME), await the_house.join(link)
    news = sealed(NAME)
    async with the_house.attend(hanna) as socket:
        await socket.say({"type": "announce", "announcement": news})
        await the_house.tickets.redeem(gustav.ticket)
        await the_house.renew(gustav)
        await socket.say_text("garbage " + NAME)
        await socket.end()
    for query in (f"access_token={gustav.ticket}&join_request=AAAA", f"access_token={NAME}"):
        with pytest.raises(Refused):
            async with open_socket(the_house.built.app, "/rtc/v1", query=query):
                pass
    await the_house.browser.get(f"/m/{link.meeting}?title={TITLE}")
    await the_house.browser.post("/api/meetings", json={"title": TITLE}, headers={"origin": "https://" + ADDRESS})

    async def crash(*_: object) -> None:
        raise RuntimeError(f"{NAME} from {ADDRESS} with {gustav.ticket}")

    monkeypatch.setattr("klausur.api.meetings.look_up", crash)
    await the_house.browser.get(f"/api/meetings/{link.meeting}", headers=link.headers)
    await the_house.leave(gustav)
    await the_house.time_passes(hours=24)

    written = lines.getvalue()
    assert "request_crashed" in written
    secrets = [ADDRESS, NAME, "Hanna", TITLE, "Canary", USER_AGENT, "Mozilla", link.meeting, link.proof, news]
    secrets += [each for place in (hanna, gustav) for each in (place.pseudonym, place.secret, place.ticket)]
    for secret in secrets:
        assert secret not in written
    for line in written.splitlines():
        assert set(json.loads(line)) <= log.ALLOWED, line


@pytest.mark.parametrize(
    "line",
    [
        "203.0.113.77:50000 - 'WebSocket /rtc/v1?access_token=" + "t" * 43 + "' [accepted]",
        "[2001:db8::77]:50000 sent " + encode(bytes(32)),
        "mail to hanna@example.org",
        "/m/" + "M" * 22 + "#secret",
    ],
)
def test_what_libraries_say_is_masked(lines: io.StringIO, line: str) -> None:
    logging.getLogger("some.library").error(line)
    structlog.get_logger().error("seen", reason=line)
    for secret in ("203.0.113", "2001:db8", "t" * 20, "A" * 20, "hanna@", "M" * 20, "secret"):
        assert secret not in lines.getvalue()


def test_arguments_of_libraries_lines_are_dropped(lines: io.StringIO) -> None:
    logging.getLogger("some.library").warning("%s knocked as %s", ADDRESS, NAME)
    assert json.loads(lines.getvalue())["event"] == "%s knocked as %s"


@pytest.mark.parametrize("name", ["uvicorn.error", "websockets.server", "sqlalchemy.engine", "asyncio"])
def test_talkative_libraries_are_heard_from_warnings_up(lines: io.StringIO, name: str) -> None:
    logging.getLogger(name).info("a request")
    logging.getLogger(name).debug("a row")
    assert lines.getvalue() == ""


def test_keys_that_are_not_on_the_list_are_dropped(lines: io.StringIO) -> None:
    structlog.get_logger().info("joined", name=NAME, address=ADDRESS, user_agent=USER_AGENT, count=2)
    told = json.loads(lines.getvalue())
    assert {"event", "count", "level", "timestamp"} == set(told)


def fall(into: Exception, because: Exception) -> None:
    raise into from because


def test_a_failure_is_told_by_type_and_place(lines: io.StringIO) -> None:
    try:
        fall(RuntimeError(ADDRESS), because=ValueError(NAME))
    except RuntimeError:
        structlog.get_logger().exception("failed")
    told = json.loads(lines.getvalue())
    assert told["error"] == "RuntimeError from ValueError"
    assert "test_the_log_names_nobody.py" in told["location"]
