"""What the engine is told, and what is looked at before it starts, so that a failure has a sentence and a setting."""

from __future__ import annotations

import asyncio
import errno
import ipaddress
import json
import os
import re
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from klausur.media.nodes import ApiKey, EngineNotStartedError

OLDEST_VERSION: Final = (1, 13, 5)
_CODECS: Final = ("audio/opus", "video/VP8", "video/VP9", "video/H264", "video/rtx")
"""No AV1, which livekit-client's end-to-end encryption cannot take apart; no H265, which few browsers have; no RED,
which repeats sound in a way that the encryption breaks."""
_NOBODY: Final = "127.0.0.1:9"
"""An empty list of STUN servers would mean Google's and Twilio's, for the engine and for every browser."""


@dataclass(frozen=True, slots=True)
class EngineSettings:
    binary: Path
    addresses: Sequence[str]
    """MEDIA_ADDRESS: where browsers reach us, one IPv4 or IPv6 address or one of each."""
    udp_port: int
    tcp_port: int
    """0 for none."""
    local_only: bool
    """Without PUBLIC_URL: no socket of the engine is reachable from another machine."""
    max_participants: int

    @property
    def executable(self) -> str:
        return str(self.binary.absolute())


# --- configuration ----------------------------------------------------------------------------------------------------


def configuration(settings: EngineSettings, key: ApiKey, port: int, webhook_url: str | None) -> str:
    """YAML in its JSON subset."""
    told: dict[str, Any] = {
        "port": port,
        "bind_addresses": ["127.0.0.1"],
        "keys": {key.name: key.secret},
        "rtc": _rtc(settings),
        "room": {
            "auto_create": False,
            "max_participants": settings.max_participants,
            "enable_remote_unmute": False,
            "enabled_codecs": [{"mime": mime} for mime in _CODECS],
        },
        "limit": {
            "max_metadata_size": 1,
            "max_attributes_size": 1,
            "max_room_name_length": 64,
            "max_participant_identity_length": 64,
            "max_participant_name_length": 1,
        },
        # Lines of level info hold participants' addresses.
        "logging": {"json": True, "level": "warn", "pion_level": "error"},
        "enable_data_tracks": False,
        "enable_participant_data_blob": False,
    }
    if webhook_url is not None:
        told["webhook"] = {"api_key": key.name, "urls": [webhook_url]}
    return json.dumps(told)


def _rtc(settings: EngineSettings) -> dict[str, Any]:
    told: dict[str, Any] = {
        "udp_port": settings.udp_port,
        # The TCP listener ignores bind_addresses.
        "tcp_port": 0 if settings.local_only else settings.tcp_port,
        "node_ip": ",".join(settings.addresses),
        "use_external_ip": False,
        "stun_servers": [_NOBODY],
        "congestion_control": {"enabled": True, "allow_pause": True},
    }
    if settings.local_only:
        told["interfaces"] = {"includes": ["lo", "lo0"]}
    if any(ipaddress.ip_address(address).is_loopback for address in settings.addresses):
        told["enable_loopback_candidate"] = True
    return told


# --- checks -----------------------------------------------------------------------------------------------------------


async def check(settings: EngineSettings) -> None:
    """Raises EngineNotStartedError for the first thing that is wrong."""
    check_addresses(settings.addresses)
    check_ports(settings)
    check_file(settings.binary)
    await check_version(settings.executable)


def check_addresses(addresses: Sequence[str]) -> None:
    try:
        families = [ipaddress.ip_address(address).version for address in addresses]
    except ValueError:
        families = []
    if not families or len(set(families)) != len(families):
        raise EngineNotStartedError(
            "MEDIA_ADDRESS",
            "MEDIA_ADDRESS must be the IPv4 or IPv6 address (or one of each, with a comma) at which browsers reach "
            "this machine's media ports.",
        )


def check_ports(settings: EngineSettings) -> None:
    host = "127.0.0.1" if settings.local_only else ""
    _check_port("MEDIA_UDP_PORT", socket.SOCK_DGRAM, host, settings.udp_port)
    if settings.tcp_port and not settings.local_only:
        _check_port("MEDIA_TCP_PORT", socket.SOCK_STREAM, "", settings.tcp_port)


def _check_port(setting: str, kind: socket.SocketKind, host: str, port: int) -> None:
    with socket.socket(socket.AF_INET, kind) as probe:
        if kind is socket.SOCK_STREAM:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the engine will
        try:
            probe.bind((host, port))
        except OSError as error:
            raise EngineNotStartedError(setting, _port_sentence(setting, kind, port, error)) from error


def _port_sentence(setting: str, kind: socket.SocketKind, port: int, error: OSError) -> str:
    name = f"{'UDP' if kind is socket.SOCK_DGRAM else 'TCP'} port {port}"
    if error.errno == errno.EADDRINUSE:
        return f"The media engine's {name} is taken by another program; stop that, or set {setting} to a free port."
    if error.errno == errno.EACCES:
        return f"This user may not open the media engine's {name}; set {setting} to a port above 1023."
    return f"The media engine's {name} cannot be opened ({error.strerror}); see {setting}."


def check_file(binary: Path) -> None:
    if not binary.is_file():
        raise EngineNotStartedError(
            "ENGINE_BINARY",
            f"There is no media engine at {binary}; run script/setup, or set ENGINE_BINARY to a livekit-server.",
        )
    if not os.access(binary, os.X_OK):
        raise EngineNotStartedError(
            "ENGINE_BINARY", f"The media engine {binary} may not be executed; chmod +x it, or set ENGINE_BINARY."
        )


async def check_version(executable: str) -> None:
    version = await _version(executable)
    if version is None or version < OLDEST_VERSION:
        told = "is not a livekit-server that runs here" if version is None else f"is version {_dotted(version)}"
        raise EngineNotStartedError(
            "ENGINE_BINARY",
            f"{executable} {told}; Klausur needs LiveKit {_dotted(OLDEST_VERSION)} or newer: set ENGINE_BINARY to one.",
        )


async def version_of(executable: str) -> str | None:
    """None where there is nothing that could say."""
    version = await _version(executable)
    return None if version is None else _dotted(version)


async def _version(executable: str) -> tuple[int, ...] | None:
    try:
        process = await asyncio.create_subprocess_exec(
            executable,
            "--version",
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={},
        )
    except OSError:
        return None
    try:
        async with asyncio.timeout(5):
            said, _ = await process.communicate()
    except TimeoutError:
        return None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    found = re.search(rb"livekit-server version (\d+)\.(\d+)\.(\d+)", said)
    return tuple(int(part) for part in found.groups()) if found else None


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))


def explain(settings: EngineSettings, last_words: str) -> EngineNotStartedError:
    """For an engine that passed the checks and did not come up all the same."""
    if "address already in use" in last_words:
        return EngineNotStartedError(
            "MEDIA_UDP_PORT",
            f"One of the media engine's ports (UDP {settings.udp_port}, TCP {settings.tcp_port}) is taken by another "
            "program; stop that, or set MEDIA_UDP_PORT and MEDIA_TCP_PORT to free ones.",
        )
    said = f" and said: {last_words}" if last_words else ""
    sentence = f"The media engine {settings.binary} did not come up{said}; see ENGINE_BINARY."
    return EngineNotStartedError("ENGINE_BINARY", sentence)


# --- where we are -----------------------------------------------------------------------------------------------------


def free_loopback_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def addresses_of(host: str) -> list[str]:
    """MEDIA_ADDRESS's default: what the public name resolves to, one address a family. Raises EngineNotStartedError."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_DGRAM)
    except OSError as error:
        raise EngineNotStartedError(
            "MEDIA_ADDRESS",
            f"The name {host} of PUBLIC_URL does not resolve here; set MEDIA_ADDRESS to this machine's address.",
        ) from error
    first = {family: str(where[0]) for family, _, _, _, where in reversed(found)}
    addresses = [first[family] for family in (socket.AF_INET, socket.AF_INET6) if family in first]
    if any(ipaddress.ip_address(each.partition("%")[0]).is_loopback for each in addresses) and host != "localhost":
        # Debian writes a machine's own name into /etc/hosts as 127.0.1.1.
        raise EngineNotStartedError(
            "MEDIA_ADDRESS",
            f"The name {host} of PUBLIC_URL resolves to a loopback address here, at which nobody else can send "
            "pictures and sound; set MEDIA_ADDRESS to the address at which others reach this machine.",
        )
    return addresses
