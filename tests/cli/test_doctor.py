"""What the doctor says: wrong where a start would fail, and nowhere else."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.x509.oid import NameOID

from klausur import build
from klausur.account_key import keep
from klausur.doctor import Finding, Probes, run
from klausur.settings import read
from tests.accounts import person
from tests.cli.test_commands import STAND_IN, free_port, status
from tests.house import house

DAY = timedelta(days=1)
BEHIND_A_PROXY = {"KLAUSUR_PUBLIC_URL": "https://meet.example.org", "KLAUSUR_TRUSTED_PROXIES": "10.0.0.1"}
OUTSIDE = {
    "KLAUSUR_ENGINE": "http://10.0.0.7:7880",
    "KLAUSUR_ENGINE_KEY": "key",
    "KLAUSUR_ENGINE_SECRET": "s" * 32,
}


Wrong = Callable[..., dict[str, str]]


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

    return {each.check: each for each in run(read({}, environment).settings, Probes(fine, fine, fine, fine))}


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


def test_a_key_must_be_the_certificates_own(tmp_path: Path) -> None:
    environment = settings_with(tmp_path, ["meet.example.org"], -DAY, 90 * DAY)
    certificate = (tmp_path / "cert").read_bytes()
    settings_with(tmp_path, ["meet.example.org"], -DAY, 90 * DAY)
    (tmp_path / "cert").write_bytes(certificate)
    found = findings(environment)["certificate"]
    assert not found.ok
    assert "TLS_CERT and TLS_KEY" in found.says


def test_a_data_folder_that_others_can_read_is_told(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    assert "chmod 700" in findings({"KLAUSUR_DATA": str(tmp_path)})["data folder"].says
    tmp_path.chmod(0o700)
    assert findings({"KLAUSUR_DATA": str(tmp_path)})["data folder"].ok
    assert [left.name for left in tmp_path.iterdir()] == ["livekit-server"]


# -- by the command ---------------------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def _a_sound_installation(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Whatever a test changes about it is what is wrong. The public name resolves."""
    engine = tmp_path / "livekit-server"
    engine.write_text(STAND_IN)
    engine.chmod(0o755)
    settings = {"ENGINE_BINARY": str(engine), "DATA": str(tmp_path / "data")}
    ports = {name: str(free_port()) for name in ("PORT", "MEDIA_UDP_PORT", "MEDIA_TCP_PORT")}
    for name, value in (settings | ports).items():
        monkeypatch.setenv(f"KLAUSUR_{name}", value)
    resolves_to("203.0.113.5", monkeypatch)


def resolves_to(address: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    def resolve(*_: object, **__: object) -> list[object]:
        if address is None:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [(socket.AF_INET, socket.SOCK_DGRAM, 17, "", (address, 0))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)


@pytest.fixture
def wrong(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Wrong:
    """Runs the doctor both ways, on settings added to the sound ones: what is wrong, and what it says to that."""

    def ask(**settings: object) -> dict[str, str]:
        for name, value in settings.items():
            monkeypatch.setenv(name, str(value))
        code, out, _ = status(capsys, "doctor", "--json")
        found = {each["check"]: each["says"] for each in json.loads(out) if not each["ok"]}
        assert code == bool(found)
        table_code, table, _ = status(capsys, "doctor")
        assert (table_code, table.count("WRONG")) == (code, len(found))
        for sentence in found.values():
            assert sentence in table
            assert "\n" not in sentence
        return found

    return ask


def test_a_sound_installation_is_fine(wrong: Wrong) -> None:
    assert not wrong()


def test_a_database_that_is_none_is_told(wrong: Wrong, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir(mode=0o700)
    (tmp_path / "data/klausur.db").write_text("not SQLite at all " * 100)
    found = wrong()
    assert list(found) == ["database"]
    assert "file is not a database" in found["database"]


@pytest.mark.parametrize("place", ["missing/klausur.db", "file/klausur.db", "folder"])
def test_a_database_in_a_place_where_none_can_be_is_told(wrong: Wrong, tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "folder").mkdir()
    found = wrong(KLAUSUR_DATABASE_URL=f"sqlite:///{tmp_path / place}")
    assert list(found) == ["database"]
    assert "DATABASE_URL" in found["database"]


def test_a_database_elsewhere_is_not_made_by_looking(wrong: Wrong, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere.db"
    assert not wrong(KLAUSUR_DATABASE_URL=f"sqlite:///{elsewhere}")
    assert not elsewhere.exists()


@pytest.mark.parametrize("place", ["file", "file/data", "nowhere/data", "/proc/klausur/data"])
def test_a_data_folder_that_cannot_be_made_is_told(wrong: Wrong, tmp_path: Path, place: str) -> None:
    """Not even root can make anything in /proc; where there is none, users cannot in /."""
    (tmp_path / "file").write_text("")
    (tmp_path / "nowhere").symlink_to(tmp_path / "gone")
    found = wrong(KLAUSUR_DATA=tmp_path / place)
    assert set(found) - {"disk"} == {"data folder", "database"}
    assert "set DATA to another" in found["data folder"]


def test_a_lock_that_is_somebody_elses_is_told(wrong: Wrong, tmp_path: Path) -> None:
    (tmp_path / "data/lock").mkdir(parents=True, mode=0o700)
    (tmp_path / "data").chmod(0o700)
    assert list(wrong()) == ["data folder"]


@pytest.mark.parametrize("name", ["PORT", "METRICS_PORT", "MEDIA_TCP_PORT"])
def test_a_taken_port_is_told_with_its_setting(wrong: Wrong, name: str) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen(1)
        port = other.getsockname()[1]
        found = wrong(**BEHIND_A_PROXY, **{f"KLAUSUR_{name}": port})
    assert list(found) == [f"port {port}"]
    assert f"set {name} to a free port" in found[f"port {port}"]


def test_a_taken_media_port_is_told(wrong: Wrong) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]
        assert "set MEDIA_UDP_PORT" in wrong(KLAUSUR_MEDIA_UDP_PORT=port)[f"port {port}"]


def test_one_port_for_two_things_is_told(wrong: Wrong) -> None:
    port = free_port()
    assert "set METRICS_PORT" in wrong(KLAUSUR_PORT=port, KLAUSUR_METRICS_PORT=port)[f"port {port}"]


def test_with_outside_nodes_nothing_is_asked_of_this_machines_media_ports(
    wrong: Wrong, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KLAUSUR_ENGINE_BINARY")
    monkeypatch.setattr(build, "answers", lambda *_: True)
    assert not wrong(**BEHIND_A_PROXY, **OUTSIDE)


def test_a_name_that_leads_nowhere_is_told_whatever_the_media_address(
    wrong: Wrong, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not wrong(**BEHIND_A_PROXY)
    resolves_to(None, monkeypatch)
    assert list(wrong()) == ["name", "media address"]
    found = wrong(KLAUSUR_MEDIA_ADDRESS="203.0.113.5")
    assert list(found) == ["name"]
    assert "PUBLIC_URL" in found["name"]


def test_a_media_address_that_others_cannot_use_is_told(wrong: Wrong, monkeypatch: pytest.MonkeyPatch) -> None:
    resolves_to("127.0.1.1", monkeypatch)
    assert list(wrong(**BEHIND_A_PROXY)) == ["media address"]
    assert not wrong(KLAUSUR_MEDIA_ADDRESS="203.0.113.5")
    assert list(wrong(KLAUSUR_MEDIA_ADDRESS="203.0.113.5,203.0.113.6")) == ["media address"]


def test_a_key_that_is_lost_or_anothers_is_told_and_no_new_one_is_made(wrong: Wrong, tmp_path: Path) -> None:
    file = tmp_path / "data/account-key"
    file.parent.mkdir(mode=0o700)

    async def hanna_comes() -> None:
        async with house(file.parent) as its:
            await keep(its.settings, its.built.database)
            async with person(its, "Hanna"):
                pass

    asyncio.run(hanna_comes())
    assert not wrong()
    file.write_text("z" * 43)
    assert "is not the key of the accounts" in wrong()["account key"]
    file.unlink()
    assert "the key to them is lost" in wrong()["account key"]
    assert not file.exists()
