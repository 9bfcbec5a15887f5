"""What the engine is told, and the sentences for what is wrong before it starts."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

import pytest

from klausur.media.nodes import ApiKey, EngineNotStartedError
from klausur.media.preflight import EngineSettings, addresses_of, check, configuration, explain

KEY = ApiKey("key", "the secret")


def settings(**changes: Any) -> EngineSettings:
    told: dict[str, Any] = {
        "binary": Path("/nowhere/livekit-server"),
        "addresses": ["203.0.113.1"],
        "udp_port": free(socket.SOCK_DGRAM),
        "tcp_port": free(socket.SOCK_STREAM),
        "local_only": False,
        "max_participants": 200,
    }
    return EngineSettings(**{**told, **changes})


def free(kind: socket.SocketKind) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def told(**changes: Any) -> Any:
    return json.loads(configuration(settings(**changes), KEY, 4711, "http://127.0.0.1:1/"))


async def complaint(**changes: Any) -> EngineNotStartedError:
    with pytest.raises(EngineNotStartedError) as refused:
        await check(settings(**changes))
    assert refused.value.setting in refused.value.sentence
    return refused.value


# --- configuration ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("local_only", [True, False])
def test_nobody_is_asked_for_an_address_and_only_loopback_is_listened_on(local_only: bool) -> None:
    config = told(local_only=local_only)
    assert config["bind_addresses"] == ["127.0.0.1"]
    assert config["rtc"]["use_external_ip"] is False
    assert config["rtc"]["node_ip"] == "203.0.113.1"
    # An empty list would mean Google's and Twilio's.
    (server,) = config["rtc"]["stun_servers"]
    assert server.startswith("127.0.0.1:")
    assert "turn_servers" not in config["rtc"]


def test_rooms_are_never_made_by_entering_them_and_codecs_are_those_that_can_be_encrypted() -> None:
    config = told()
    assert config["room"]["auto_create"] is False
    codecs = {each["mime"] for each in config["room"]["enabled_codecs"]}
    assert codecs == {"audio/opus", "video/VP8", "video/VP9", "video/H264", "video/rtx"}


def test_nobody_can_switch_on_the_microphone_of_another() -> None:
    assert told()["room"]["enable_remote_unmute"] is False


def test_its_log_is_kept_above_the_lines_that_hold_addresses() -> None:
    assert told()["logging"] == {"json": True, "level": "warn", "pion_level": "error"}


def test_without_a_public_url_media_stay_on_this_machine() -> None:
    rtc = told(local_only=True, addresses=["127.0.0.1"])["rtc"]
    assert rtc["tcp_port"] == 0
    assert "lo" in rtc["interfaces"]["includes"]
    assert rtc["enable_loopback_candidate"] is True


def test_with_one_both_media_ports_are_open() -> None:
    rtc = told(addresses=["203.0.113.1", "2001:db8::1"])["rtc"]
    assert rtc["tcp_port"] > 0
    assert rtc["node_ip"] == "203.0.113.1,2001:db8::1"
    assert "interfaces" not in rtc


# --- what is wrong ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("addresses", [[], ["meet.example"], ["1.2.3"], ["203.0.113.1", "203.0.113.2"]])
async def test_a_media_address_must_be_one(addresses: list[str]) -> None:
    assert (await complaint(addresses=addresses)).setting == "MEDIA_ADDRESS"


async def test_a_taken_media_port_is_named() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        for local_only in (True, False):
            error = await complaint(udp_port=port, local_only=local_only)
            assert error.setting == "MEDIA_UDP_PORT"
            assert f"UDP port {port} is taken" in error.sentence


async def test_so_is_the_tcp_port() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        error = await complaint(tcp_port=port)
        assert error.setting == "MEDIA_TCP_PORT"
        assert f"TCP port {port} is taken" in error.sentence


async def test_a_missing_engine_is_named(tmp_path: Path) -> None:
    assert "no media engine at" in (await complaint(binary=tmp_path / "x")).sentence
    assert (await complaint(binary=tmp_path)).setting == "ENGINE_BINARY"


async def test_so_is_one_that_may_not_be_executed(tmp_path: Path) -> None:
    binary = tmp_path / "livekit-server"
    binary.touch(0o644)
    assert "may not be executed" in (await complaint(binary=binary)).sentence


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("#!/bin/sh\necho livekit-server version 1.9.0\n", "is version 1.9.0"),
        ("#!/bin/sh\necho something else\n", "is not a livekit-server"),
        ("#!/bin/sh\nexit 1\n", "is not a livekit-server"),
        ("no program at all", "is not a livekit-server"),
    ],
    ids=["too old", "another program", "fails", "no program"],
)
async def test_so_is_one_that_is_none(tmp_path: Path, script: str, said: str) -> None:
    binary = tmp_path / "livekit-server"
    binary.write_text(script)
    binary.chmod(0o755)
    assert said in (await complaint(binary=binary)).sentence


@pytest.mark.parametrize("last_words", ["", "cannot go on", "listen udp :7882: bind: address already in use"])
def test_whatever_an_engine_dies_of_the_sentence_names_the_setting(last_words: str) -> None:
    error = explain(settings(), last_words)
    assert error.setting in error.sentence
    assert error.sentence.endswith(".")


# --- where we are -----------------------------------------------------------------------------------------------------


async def test_the_public_name_says_where_we_are() -> None:
    assert await addresses_of("203.0.113.1") == ["203.0.113.1"]
    assert "127.0.0.1" in await addresses_of("localhost")


async def test_a_name_that_means_only_this_machine_is_no_address_for_others() -> None:
    with pytest.raises(EngineNotStartedError, match="loopback") as refused:
        await addresses_of("127.0.1.1")
    assert refused.value.setting == "MEDIA_ADDRESS"
