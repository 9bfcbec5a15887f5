"""The system's own Chromium, if there is one and the optional package that drives it."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
from base64 import b64encode
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import load_der_x509_certificate

from klausur.compliance.target import CannotLook
from klausur.compliance.trust import certificate_of, trusting
from klausur.compliance.words import Text

if TYPE_CHECKING:
    from playwright.async_api import Browser

PACKAGE: Final = "playwright"
_NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

_NO_PACKAGE: Final = Text(
    de="Dazu fehlt das Python-Paket playwright (Klausur mit dem Zusatz „browser“ installieren).",
    en='The Python package playwright is missing for it (install Klausur with its extra "browser").',
)
_NO_BROWSER: Final = Text(
    de="Dazu fehlt auf diesem Rechner ein Browser: Chromium oder Google Chrome.",
    en="A browser is missing on this machine for it: Chromium or Google Chrome.",
)
_NOT_STARTED: Final = Text(de="Der Browser ließ sich nicht starten.", en="The browser could not be started.")

FLAGS: Final[Sequence[str]] = (
    "--use-fake-device-for-media-stream=fps=6",
    "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
    "--disable-features=Translate,OptimizationHints,MediaRouter,WebRtcHideLocalIpsWithMdns",
    "--allow-loopback-in-peer-connection",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-proxy-server",
)
"""Cameras and microphones of its own making, slow ones because two cores have to do, and nothing of the browser's own
business."""


def found() -> str:
    """Its path. Raises CannotLook."""
    if importlib.util.find_spec(PACKAGE) is None:
        raise CannotLook(_NO_PACKAGE)
    for name in _NAMES:
        if path := shutil.which(name):
            return path
    raise CannotLook(_NO_BROWSER)


async def vouched_for(url: str) -> str:
    """Of the installation's certificate, where this machine trusts it: Chromium has a list of authorities of its own,
    in which an organisation's own are not. SHA-256 of its key (RFC 7469), empty where there is none or nobody vouches
    for it: then the browser says so, too."""
    where = urlsplit(url)
    if where.scheme != "https" or where.hostname is None:
        return ""
    try:
        certificate = await certificate_of(where.hostname, where.port or 443, trusting())
    except OSError:
        return ""
    key = load_der_x509_certificate(certificate).public_key()
    info = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return b64encode(hashlib.sha256(info).digest()).decode()


@asynccontextmanager
async def started(url: str) -> AsyncIterator[Browser]:
    """One that can find nobody but the installation at ``url``, whatever its pages ask for. Raises CannotLook."""
    path = found()
    from playwright.async_api import Error, async_playwright  # noqa: PLC0415

    host = urlsplit(url).hostname or ""
    flags = [*FLAGS, f"--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE {host}, EXCLUDE 127.0.0.1"]
    if vouched := await vouched_for(url):
        flags.append(f"--ignore-certificate-errors-spki-list={vouched}")
    if os.geteuid() == 0:
        flags.append("--no-sandbox")  # Chromium has none for root.
    async with async_playwright() as driver:
        try:
            browser = await driver.chromium.launch(executable_path=path, headless=True, args=flags)
        except Error as error:
            raise CannotLook(_NOT_STARTED) from error
        try:
            yield browser
        finally:
            await browser.close()
