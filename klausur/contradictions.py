"""What single settings do not show: values that do not go together, each with a sentence that says what to do."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from klausur.settings import Settings


def contradictions(its: Settings) -> Iterator[tuple[str, str]]:
    """Name of a setting, and the sentence."""
    if its.host is not None and not is_address(its.host):
        yield "HOST", f"HOST must be an IP address, not {its.host!r}."
    for address in its.media_address:
        if not is_address(address):
            yield "MEDIA_ADDRESS", f"MEDIA_ADDRESS must be an IP address, not {address!r}."
    if its.local and its.host is not None and not is_loopback(its.host):
        yield (
            "HOST",
            f"HOST is {its.host}, so others could reach this installation; set PUBLIC_URL to the https:// address at "
            "which they do, or leave HOST away.",
        )
    if (its.tls_cert is None) != (its.tls_key is None):
        missing = "TLS_KEY" if its.tls_key is None else "TLS_CERT"
        yield missing, f"{missing} is missing: TLS_CERT and TLS_KEY belong together."
    for name, path in (("TLS_CERT", its.tls_cert), ("TLS_KEY", its.tls_key)):
        if path is not None and not os.access(path, os.R_OK):
            yield name, f"{name} names a file that is not there or may not be read: {path}."
    if its.own_tls and its.public_url and its.site.scheme != "https":
        yield "PUBLIC_URL", "PUBLIC_URL begins with http:// although TLS_CERT is set; please write https://."
    yield from _tls_contradictions(its)
    yield from _engine_contradictions(its)
    yield from _provider_contradictions(its)
    yield from _stamp_contradictions(its)


def _tls_contradictions(its: Settings) -> Iterator[tuple[str, str]]:
    if its.local:
        return
    if its.site.scheme != "https":
        yield (
            "PUBLIC_URL",
            f"PUBLIC_URL is {its.public_url}, but browsers give camera and microphone to https:// pages only; please "
            "write https:// and set TLS_CERT and TLS_KEY, or TRUSTED_PROXIES.",
        )
    if not its.own_tls and not its.trusted_proxies:
        yield (
            "TLS_CERT",
            "PUBLIC_URL is set, but nothing provides TLS: set TLS_CERT and TLS_KEY, or name the reverse proxy that "
            "does in TRUSTED_PROXIES.",
        )


def _engine_contradictions(its: Settings) -> Iterator[tuple[str, str]]:
    for name in ("engine_key", "engine_secret"):
        given = getattr(its, name) is not None
        if its.embedded and given:
            yield (
                name.upper(),
                f"{name.upper()} is only for outside nodes; remove it, or set ENGINE to their addresses.",
            )
        if not its.embedded and not given:
            yield name.upper(), f"{name.upper()} is missing: ENGINE names outside nodes; set the API key they know."


def _provider_contradictions(its: Settings) -> Iterator[tuple[str, str]]:
    for name in ("oidc_client_id", "oidc_client_secret"):
        given = getattr(its, name) is not None
        if its.oidc_issuer is None and given:
            yield name.upper(), f"{name.upper()} is only for an identity provider; remove it, or set OIDC_ISSUER."
        if its.oidc_issuer is not None and not given:
            yield name.upper(), f"{name.upper()} is missing: OIDC_ISSUER names an identity provider; it gives you one."


def _stamp_contradictions(its: Settings) -> Iterator[tuple[str, str]]:
    if its.tsa_url is not None and its.tsa_certificate is None:
        yield "TSA_CERTIFICATE", "TSA_CERTIFICATE is missing: what TSA_URL answers has to be held against something."
    if its.tsa_certificate is not None and not os.access(its.tsa_certificate, os.R_OK):
        told = f"TSA_CERTIFICATE names a file that is not there or may not be read: {its.tsa_certificate}."
        yield "TSA_CERTIFICATE", told


def is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def is_loopback(name: str) -> bool:
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
