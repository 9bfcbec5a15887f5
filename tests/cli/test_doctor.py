"""What the doctor says about certificates."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.x509.oid import NameOID

from klausur.doctor import Finding, Probes, run
from klausur.settings import read

DAY = timedelta(days=1)


def settings_with(folder: Path, names: list[str], begins: timedelta, ends: timedelta) -> dict[str, str]:
    key = Ed25519PrivateKey.generate()
    now = datetime.now(UTC)
    alternative = [_name(name) for name in names]
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "klausur")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now + begins)
        .not_valid_after(now + ends)
        .add_extension(x509.SubjectAlternativeName(alternative), critical=False)
        .sign(key, None)
    )
    (folder / "cert").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "key").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return {
        "KLAUSUR_PUBLIC_URL": "https://meet.example.org",
        "KLAUSUR_TLS_CERT": str(folder / "cert"),
        "KLAUSUR_TLS_KEY": str(folder / "key"),
        "KLAUSUR_DATA": str(folder),
    }


def _name(text: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(text))
    except ValueError:
        return x509.DNSName(text)


def findings(environment: dict[str, str]) -> dict[str, Finding]:
    async def fine() -> None:
        return None

    return {each.check: each for each in run(read({}, environment).settings, Probes(fine, fine, fine))}


@pytest.mark.parametrize(
    ("names", "begins", "ends", "ok", "word"),
    [
        (["meet.example.org"], -DAY, 90 * DAY, True, "good for"),
        (["*.example.org"], -DAY, 90 * DAY, True, "good for"),
        (["example.org", "127.0.0.1"], -DAY, 90 * DAY, False, "is not for meet.example.org"),
        (["meet.example.org"], -90 * DAY, -DAY, False, "has run out"),
        (["meet.example.org"], -90 * DAY, 5 * DAY, False, "runs out in"),
        (["meet.example.org"], DAY, 90 * DAY, False, "not valid yet"),
    ],
)
def test_a_certificate_is_for_the_name_and_for_now(
    tmp_path: Path, names: list[str], begins: timedelta, ends: timedelta, ok: bool, word: str
) -> None:
    found = findings(settings_with(tmp_path, names, begins, ends))["certificate"]
    assert found.ok is ok
    assert word in found.says


def test_a_data_folder_that_others_can_read_is_told(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    assert "chmod 700" in findings({"KLAUSUR_DATA": str(tmp_path)})["data folder"].says
    tmp_path.chmod(0o700)
    assert "data folder" not in findings({"KLAUSUR_DATA": str(tmp_path)})
