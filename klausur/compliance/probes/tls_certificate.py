"""The server proves who it is: by a certificate that is trusted, is valid, and names it."""

from __future__ import annotations

import asyncio
import secrets
import ssl
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa

from klausur.compliance.grades import Grade
from klausur.compliance.probes.handshakes import UNREACHABLE, Place, place
from klausur.compliance.probes.saying import failed, passed, saw_nothing
from klausur.compliance.probing import Evidence, Judged, Params, Probe, Vantage
from klausur.compliance.target import CannotLook, Target
from klausur.compliance.trust import certificate_of, trusting
from klausur.compliance.words import Text

_RSA_BITS: Final = 3000
"""BSI TR-02102-2, 3.6: since 2024."""
_CURVE_BITS: Final = 250
_DIGESTS: Final = frozenset({"sha256", "sha384", "sha512", "sha3-256", "sha3-384", "sha3-512", "itself"})
_SOON: Final = timedelta(days=7)


async def collect(target: Target) -> Evidence:
    at = place(target)
    refusal = await _refusal(at)
    certificate = x509.load_der_x509_certificate(await _shown(at))
    return target.evidence(
        refusal=refusal,
        name=at.name,
        key=_key(certificate.public_key()),
        digest=certificate.signature_hash_algorithm.name if certificate.signature_hash_algorithm else "itself",
        not_after=certificate.not_valid_after_utc.isoformat(),
        issuer=certificate.issuer.rfc4514_string()[:200],
    )


async def _refusal(at: Place) -> str:
    """Why a browser would refuse it, in OpenSSL's words; empty where none would. Raises CannotLook."""
    try:
        await _connected(at, trusting())
    except ssl.SSLCertVerificationError as error:
        return error.verify_message
    return ""


async def _shown(at: Place) -> bytes:
    """The certificate itself, whatever it is worth. Raises CannotLook."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return await _connected(at, context)


async def _connected(at: Place, context: ssl.SSLContext) -> bytes:
    try:
        return await certificate_of(at.name, at.port, context)
    except ssl.SSLCertVerificationError:
        raise
    except OSError:
        raise CannotLook(UNREACHABLE) from None


def _key(key: Any) -> list[Any]:
    """Kind, and how strong it is in bits."""
    if isinstance(key, rsa.RSAPublicKey | dsa.DSAPublicKey):
        return ["RSA" if isinstance(key, rsa.RSAPublicKey) else "DSA", key.key_size]
    if isinstance(key, ec.EllipticCurvePublicKey):
        return ["EC", key.key_size]
    return [type(key).__name__.removesuffix("PublicKey"), 256]


def judge(evidence: Evidence, _params: Params) -> Judged:
    kind, bits = evidence["key"]
    faults = [evidence["refusal"]] if evidence["refusal"] else []
    if kind == "DSA" or bits < (_RSA_BITS if kind == "RSA" else _CURVE_BITS):
        faults.append(f"{kind} {bits}")
    if evidence["digest"] not in _DIGESTS:
        faults.append(evidence["digest"])
    if faults:
        return failed("Dem Zertifikat ist nicht zu trauen", "The certificate cannot be trusted", faults)
    if not evidence["name"]:
        return saw_nothing("Die Adresse nennt keinen Namen.", "The address has no name.")
    until = evidence["not_after"][:10]
    judged = passed(
        f"Das Zertifikat gilt für {evidence['name']}, ist vertrauenswürdig ({kind} {bits}) und läuft am {until} ab.",
        f"The certificate is valid for {evidence['name']}, is trusted ({kind} {bits}), and expires on {until}.",
    )
    return replace(judged, expires_at=datetime.fromisoformat(evidence["not_after"]))


@asynccontextmanager
async def twin(target: Target) -> AsyncIterator[Target]:
    """A server whose certificate nobody vouches for but itself, and which is for another name."""
    place(target)
    context = await asyncio.to_thread(_vouching_for_itself)

    async def end(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async with await asyncio.start_server(end, "127.0.0.1", 0, ssl=context) as server:
        port = server.sockets[0].getsockname()[1]
        yield replace(target, url=f"https://127.0.0.1:{port}", mark=secrets.token_urlsafe(9))


def _vouching_for_itself() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "identity.pem")
        file.write_bytes(_self_made())
        context.load_cert_chain(file)
    return context


def _self_made() -> bytes:
    """Key and certificate, as PEM."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "elsewhere.example")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number())
    certificate = builder.not_valid_before(now - _SOON).not_valid_after(now + _SOON).sign(key, hashes.SHA256())
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private + certificate.public_bytes(serialization.Encoding.PEM)


PROBE: Final = Probe(
    id="tls.certificate",
    version=1,
    proves=Text(
        de="Der Server weist sich mit einem Zertifikat aus, das für seinen Namen ausgestellt, gültig und auf eine "
        "Stelle zurückzuführen ist, der diese Maschine vertraut; Schlüssel und Unterschrift sind stark genug (BSI "
        "TR-02102-2).",
        en="The server proves itself by a certificate that was made out to its name, is valid, and leads to an "
        "authority that this machine trusts; its key and signature are strong enough (BSI TR-02102-2).",
    ),
    proves_not=Text(
        de="Dass jeder Browser denselben Stellen vertraut; dass das Zertifikat nicht widerrufen wurde; dass niemand "
        "sonst den Schlüssel hat.",
        en="That every browser trusts the same authorities; that the certificate has not been revoked; that nobody "
        "else has the key.",
    ),
    vantage=Vantage.OUTSIDE,
    grade=Grade.OBSERVED_OUTSIDE,
    collect=collect,
    judge=judge,
    twin=twin,
    depends_on=("public_url", "tls_cert"),
    seconds=40.0,
)
