"""Whom the check believes that they are who they say."""

from __future__ import annotations

import asyncio
import ssl
from typing import Final

import certifi

_ANSWERS_WITHIN_SECONDS: Final = 10.0


def trusting() -> ssl.SSLContext:
    """As browsers here do: the authorities of this machine, an organisation's own among them, and Mozilla's."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


async def certificate_of(name: str, port: int, context: ssl.SSLContext) -> bytes:
    """As it is shown there, DER; empty where none is. Raises OSError, and as one of them whatever ``context`` objects
    to."""
    async with asyncio.timeout(_ANSWERS_WITHIN_SECONDS):
        _, writer = await asyncio.open_connection(name, port, ssl=context, server_hostname=name)
    try:
        shown: bytes | None = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    finally:
        writer.transport.abort()
    return shown or b""
