"""Time stamps (RFC 3161): a time-stamping authority confirms that a checkpoint was there at a time. It learns a hash.

It is an anchor outside: whoever holds the ledger's key still cannot make a stamp of last year. What it answers is
believed only when it holds against the certificate that the operator was given by it; otherwise the checkpoint stands
without, and says why.

A limit: the library wants the certificates within an answer in the order of DER. An authority that packs several of
them in another order is not understood, and the checkpoint says that what came was no time stamp.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import httpx
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509 import Certificate
from rfc3161_client import (
    HashAlgorithm,
    TimeStampRequest,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from klausur.compliance.findings import Unstamped
from klausur.compliance.ledger import TIMESTAMP_BYTES, Checkpoint

CERTIFICATE_BYTES: Final = 256 * 1024
_ASK: Final = "application/timestamp-query"
_ANSWER: Final = "application/timestamp-reply"
_SECONDS: Final = 20.0


class NotStamped(Exception):
    """``reason``: see findings.Unstamped, which has the words."""

    def __init__(self, reason: Unstamped) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Authority:
    url: str
    certificates: Sequence[Certificate]


def read_certificates(file: Path) -> bytes:
    """Raises NotStamped where there is nothing to be read."""
    try:
        with file.open("rb") as opened:
            pem = opened.read(CERTIFICATE_BYTES + 1)
    except OSError as error:
        raise NotStamped(Unstamped.NO_CERTIFICATES) from error
    certificates_in(pem)
    return pem


def certificates_in(pem: bytes) -> Sequence[Certificate]:
    """Raises NotStamped."""
    if len(pem) > CERTIFICATE_BYTES:
        raise NotStamped(Unstamped.NO_CERTIFICATES)
    try:
        return x509.load_pem_x509_certificates(pem)
    except ValueError as error:
        raise NotStamped(Unstamped.NO_CERTIFICATES) from error


def stamper(url: str, certificate: Path) -> Callable[[Checkpoint], Awaitable[Checkpoint]]:
    """For ``Ledger.checkpoint``, of the settings TSA_URL and TSA_CERTIFICATE."""

    async def stamp(checkpoint: Checkpoint) -> Checkpoint:
        try:
            authority = Authority(url, certificates_in(read_certificates(certificate)))
        except NotStamped as refused:
            return replace(checkpoint, untimed=refused.reason.value)
        async with httpx.AsyncClient() as client:
            return await stamped(checkpoint, authority, client)

    return stamp


async def stamped(checkpoint: Checkpoint, authority: Authority, client: httpx.AsyncClient) -> Checkpoint:
    """With a time stamp, or with the reason why there is none. Never raises: the checkpoint stands in any case."""
    try:
        request = TimestampRequestBuilder().data(checkpoint.stamped()).hash_algorithm(HashAlgorithm.SHA256).build()
        answer = await _ask(request, authority.url, client)
        _check(answer, checkpoint.stamped(), authority.certificates, request)
    except NotStamped as refused:
        return replace(checkpoint, timestamp=None, untimed=refused.reason.value)
    return replace(checkpoint, timestamp=answer, untimed="")


async def _ask(request: TimeStampRequest, url: str, client: httpx.AsyncClient) -> bytes:
    headers = {"Content-Type": _ASK, "Accept": _ANSWER}
    try:
        async with client.stream(
            "POST", url, content=request.as_bytes(), headers=headers, timeout=_SECONDS, follow_redirects=False
        ) as answer:
            if answer.status_code != httpx.codes.OK:
                raise NotStamped(Unstamped.REFUSED)
            return await _limited(answer)
    except httpx.HTTPError as error:
        raise NotStamped(Unstamped.NO_ANSWER) from error


async def _limited(answer: httpx.Response) -> bytes:
    body = b""
    async for part in answer.aiter_bytes():
        body += part
        if len(body) > TIMESTAMP_BYTES:
            raise NotStamped(Unstamped.NONE)
    return body


def stamp_time(token: bytes, message: bytes, certificates: Sequence[Certificate]) -> datetime:
    """When ``message`` was there, as the authority of these certificates says. Raises NotStamped."""
    return _check(token, message, certificates, None)


def _check(
    token: bytes, message: bytes, certificates: Sequence[Certificate], request: TimeStampRequest | None
) -> datetime:
    if not certificates:
        raise NotStamped(Unstamped.NO_CERTIFICATES)
    if len(token) > TIMESTAMP_BYTES:
        raise NotStamped(Unstamped.NONE)
    try:
        response = decode_timestamp_response(token)
        _verify(response, message, certificates, request)
        return response.tst_info.gen_time.astimezone(UTC)
    except VerificationError as error:
        raise NotStamped(Unstamped.DOES_NOT_HOLD) from error
    except ValueError as error:
        raise NotStamped(Unstamped.NONE) from error


def _verify(
    response: TimeStampResponse, message: bytes, certificates: Sequence[Certificate], request: TimeStampRequest | None
) -> None:
    builder = VerifierBuilder() if request is None else VerifierBuilder.from_request(request)
    roots = [each for each in certificates if each.issuer == each.subject]
    for root in roots or certificates:
        builder = builder.add_root_certificate(root)
    for between in certificates if roots else ():
        if between not in roots:
            builder = builder.add_intermediate_certificate(between)
    if response.tst_info.message_imprint.message != hashlib.sha256(message).digest():
        raise NotStamped(Unstamped.OF_SOMETHING_ELSE)
    builder.build().verify_message(response, message)


def names(certificates: Sequence[Certificate]) -> str:
    """For people, who have to compare it with what the authority itself says."""
    return "; ".join(
        f"{each.subject.rfc4514_string()}, SHA-256 {each.fingerprint(SHA256()).hex()}" for each in certificates
    )
