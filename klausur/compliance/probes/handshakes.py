"""Handshakes as no TLS library makes them any more: with what a server has to refuse.

cryptolyzer takes seconds to load, since it reads all certificate authorities there are; so it is loaded where somebody
looks, and there is TLS to look at.
"""

from __future__ import annotations

import asyncio
import secrets
import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import urlsplit

from klausur.compliance.target import CannotLook, Target
from klausur.compliance.words import Text

_ANSWERS_WITHIN_S: Final = 5.0
_TWIN_NOTICES_ITS_END_WITHIN_S: Final = 0.2
_TWIN_WAITS_S: Final = 600.0
_QUIET: Final = 100
"""Above all levels at which cryptolyzer tells people on the terminal what it does."""
_NO_TLS: Final = Text(
    de="Diese Installation ist nur unverschlüsselt und nur auf dieser Maschine zu erreichen; es gibt kein TLS, das zu "
    "prüfen wäre (PUBLIC_URL).",
    en="This installation can be reached without encryption and on this machine alone; there is no TLS to look at "
    "(PUBLIC_URL).",
)
UNREACHABLE: Final = Text(
    de="Unter der Adresse der Installation antwortet von hier aus niemand auf TLS.",
    en="From here nobody answers to TLS at the installation's address.",
)
LOADING_S: Final = 180.0
"""How long a probe is given that has to load it, on a small machine."""


@dataclass(frozen=True, slots=True)
class Place:
    name: str
    port: int


def place(target: Target) -> Place:
    """Where its TLS is. Raises CannotLook: there is none."""
    url = urlsplit(target.url)
    if url.scheme != "https" or not url.hostname:
        raise CannotLook(_NO_TLS)
    return Place(url.hostname, url.port or 443)


async def versions(at: Place) -> Sequence[str]:
    """Such as ``TLS 1.2``: those with which a handshake gets on. Raises CannotLook."""
    return await asyncio.to_thread(_versions, at)


async def suites(at: Place) -> dict[str, list[str]]:
    """Names of cipher suites by version, as IANA writes them, the server's favourites first. Raises CannotLook."""
    return await asyncio.to_thread(_suites, at)


def _versions(at: Place) -> list[str]:
    from cryptolyzer.tls.versions import AnalyzerVersions  # noqa: PLC0415 - see above

    return [str(each) for each in _analysed(AnalyzerVersions(), at, None).versions]


def _suites(at: Place) -> dict[str, list[str]]:
    from cryptolyzer.tls.ciphers import AnalyzerCipherSuites  # noqa: PLC0415 - see above
    from cryptolyzer.tls.versions import AnalyzerVersions  # noqa: PLC0415

    spoken = _analysed(AnalyzerVersions(), at, None).versions
    return {
        str(version): [suite.name for suite in _analysed(AnalyzerCipherSuites(), at, version).cipher_suites]
        for version in spoken
    }


def _analysed(analyser: Any, at: Place, version: Any) -> Any:
    from cryptolyzer.common.exception import NetworkError, SecurityError  # noqa: PLC0415 - see above
    from cryptolyzer.common.transfer import L4TransferSocketParams  # noqa: PLC0415
    from cryptolyzer.common.utils import LogSingleton  # noqa: PLC0415
    from cryptolyzer.tls.client import L7ClientTls  # noqa: PLC0415

    LogSingleton().setLevel(_QUIET)
    try:
        client = L7ClientTls(at.name, at.port, L4TransferSocketParams(timeout=_ANSWERS_WITHIN_S))
        return analyser.analyze(client, version)
    except (NetworkError, SecurityError, OSError):
        raise CannotLook(UNREACHABLE) from None


@asynccontextmanager
async def outdated(target: Target, version: str, *names: str) -> AsyncIterator[Target]:
    """The same target with a server in its place that gets on with ``version`` (such as ``TLS1``) to TLS 1.2, and
    accepts the cipher suites of these names. Raises CannotLook where the target has no TLS."""
    place(target)
    server = await asyncio.to_thread(_server, version, names)
    # It takes one after the other; so it has a thread, and ends when it looks up next.
    thread = threading.Thread(target=server.do_handshake, daemon=True)
    thread.start()
    try:
        url = f"https://127.0.0.1:{server.l4_transfer.bind_port}"
        yield replace(target, url=url, mark=secrets.token_urlsafe(9))
    finally:
        server.stopped = True
        await asyncio.to_thread(thread.join)


def _server(version: str, names: Sequence[str]) -> Any:
    from cryptolyzer.common.transfer import L4TransferSocketParams  # noqa: PLC0415 - see above
    from cryptolyzer.common.utils import LogSingleton  # noqa: PLC0415
    from cryptolyzer.tls.server import L7ServerTls, TlsServerConfiguration  # noqa: PLC0415
    from cryptoparser.tls.ciphersuite import TlsCipherSuite  # noqa: PLC0415
    from cryptoparser.tls.version import TlsProtocolVersion, TlsVersion  # noqa: PLC0415

    LogSingleton().setLevel(_QUIET)
    offers = TlsServerConfiguration(
        min_protocol_version=TlsProtocolVersion(TlsVersion[version]),
        max_protocol_version=TlsProtocolVersion(TlsVersion.TLS1_2),
        cipher_suites=[TlsCipherSuite[name] for name in names],
    )
    patience = L4TransferSocketParams(timeout=_TWIN_NOTICES_ITS_END_WITHIN_S)
    server = L7ServerTls("127.0.0.1", 0, patience, configuration=offers, max_idle_time=_TWIN_WAITS_S)
    server.init_connection()
    return server
