"""What of the engine's output reaches our log."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klausur.media.redactor import MAX_LINE_CHARACTERS, Line, redact

ADDRESSES = st.one_of(st.ip_addresses(v=4).map(str), st.ip_addresses(v=6).map(str))


@given(address=ADDRESSES, before=st.text(max_size=20), port=st.integers(1, 65535))
def test_no_address_survives(address: str, before: str, port: int) -> None:
    for raw in (
        f"{before} {address} x",
        f"[{address}]:{port}",
        json.dumps({"level": "warn", "msg": f"from {address}"}),
    ):
        line = redact(raw)
        assert line is None or (address not in line.text and not re.search(r"\d+\.\d+\.\d+\.\d+", line.text))


@pytest.mark.parametrize(
    "raw",
    [
        '{"level":"warn","msg":"failed to add ICE candidate","candidate":"candidate:1 1 udp 1 203.0.113.7 9 typ host"}',
        '{"level":"error","msg":"x","error":"bad remoteAddr"}',
        "a=ice-ufrag:x",
        '{"level":"info","msg":"x","userAgent":"Hanna\'s browser"}',
        "",
        "   \n",
    ],
)
def test_lines_about_people_and_empty_ones_are_dropped(raw: str) -> None:
    assert redact(raw) is None


def test_tokens_identities_and_rooms_are_masked() -> None:
    token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJoYW5uYSJ9.c2lnbmF0dXJl"
    told = {
        "level": "error",
        "msg": f"invalid token: {token}",
        "error": "no HannaHannaHannaHannaHa in k-RoomRoomRoomRoom",
    }
    assert redact(json.dumps(told)) == Line("error", "invalid token: <token>: no <id> in <id>")


def test_fields_that_nobody_asked_for_are_left_out() -> None:
    assert redact('{"level":"warn","msg":"slow","participant":"Hanna","ts":1}') == Line("warn", "slow")


@pytest.mark.parametrize("raw", ["[1]", '"x"', "3", "null", '{"level":7}', '{"msg":[]}'])
def test_json_that_is_no_log_line_harms_nothing(raw: str) -> None:
    line = redact(raw)
    assert line is not None
    assert line.level == "error"


def test_its_last_words_are_kept_because_they_say_why_it_died() -> None:
    said = "listen udp 127.0.0.1:7882: bind: address already in use"
    assert redact(said) == Line("error", "listen udp <address>: bind: address already in use")


def test_a_long_line_is_cut_and_control_characters_do_not_pass() -> None:
    line = redact("\x1b[31m" + "word " * 1000)
    assert line is not None
    assert len(line.text) <= MAX_LINE_CHARACTERS
    assert line.text.isprintable()
