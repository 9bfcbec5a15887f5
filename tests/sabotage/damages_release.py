"""Damage to what a release is made of: its components, the media engine's settings, and how it encrypts."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric import rsa

from tests.compliance.probes.tls import identity
from tests.sabotage.beside import advisory, harmless_advisories
from tests.sabotage.client import client, scripted
from tests.sabotage.damage import Damage, Edit, Kind

_PREFLIGHT: Final = "klausur/media/preflight.py"
_HEADERS: Final = "klausur/api/headers.py"
_SERVER: Final = "klausur/api/server.py"
_OLD_TLS: Final = """_SUITES: Final = "ALL:@SECLEVEL=0"


def _old(*given: Any, **named: Any) -> Any:
    context = _made(*given, **named)
    context.minimum_version = 0x0301
    return context


_made, uvicorn.config.create_ssl_context = uvicorn.config.create_ssl_context, _old
"""


def _altered_script(release: Path, _data: Path) -> None:
    scripted("/* */", release)


def _one_file_more(release: Path, _data: Path) -> None:
    (client(release) / "assets" / "extra.js").write_text("0", "utf-8")


def _reporting_script(release: Path, _data: Path) -> None:
    scripted('addEventListener("load",()=>navigator.sendBeacon("https://statistics.example/visit"));', release)


def _relisted(release: Path, old: str, new: str) -> None:
    """In the lock file that says of what Python packages the server is made."""
    lock = release / "requirements.lock"
    text = lock.read_text("utf-8")
    begins = next(line for line in text.splitlines() if line.startswith(old))
    lock.unlink()
    lock.write_text(text.replace(begins, new, 1), "utf-8")


def _other_version(release: Path, _data: Path) -> None:
    _relisted(release, "uvicorn==", "uvicorn==0.1.0 \\")


def _unlisted(release: Path, _data: Path) -> None:
    _relisted(release, "uvicorn==", "uvicorn-but-not-this==0.1.0 \\")


def _known_to_be_vulnerable(release: Path, _data: Path) -> None:
    ranges = [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "99.0.0"}]}]
    harmless_advisories(release.parent, advisory("GHSA-1", "npm", "svelte", ranges=ranges))


def _expired(release: Path, _data: Path) -> None:
    identity(release.parent, days=-1)


def _of_another(release: Path, _data: Path) -> None:
    identity(release.parent, name="elsewhere.example")


def _short(release: Path, _data: Path) -> None:
    identity(release.parent, key=rsa.generate_private_key(65537, 2048))


SUPPLY: Final = (
    Damage("A script is not the one that was built", ("supply.assets",), meddle=_altered_script, quick=True),
    Damage("There is a file that nobody built", ("supply.assets",), meddle=_one_file_more),
    Damage("A script reports visits", ("supply.no-telemetry", "supply.assets"), meddle=_reporting_script),
    Damage(
        "Browsers are asked to report",
        ("supply.no-telemetry",),
        (
            Edit(
                _HEADERS,
                '    (b"x-content-type-options", b"nosniff"),\n',
                '    (b"x-content-type-options", b"nosniff"),\n'
                '    (b"reporting-endpoints", b\'all="https://reports.example/"\'),\n',
            ),
        ),
    ),
    Damage("A component runs in another version than listed", ("supply.sbom",), meddle=_other_version),
    Damage("A component runs that is not listed", ("supply.sbom",), meddle=_unlisted),
    Damage(
        "A component is one that is known to be vulnerable",
        ("supply.advisories",),
        meddle=_known_to_be_vulnerable,
    ),
    Damage(
        "Whoever joins may record, by the media engine",
        ("recording.impossible",),
        (Edit("klausur/media/livekit.py", '"recorder": False,', '"recorder": True,'),),
    ),
    Damage(
        "Whoever joins does so unseen, by the media engine",
        ("streaming.absent",),
        (Edit("klausur/media/livekit.py", '"hidden": False,', '"hidden": True,'),),
    ),
    Damage(
        "The server keeps a line to somebody who counts",
        ("egress.deny",),
        (
            Edit(
                "klausur/jobs/sweep.py",
                "from __future__ import annotations\n",
                "from __future__ import annotations\nimport socket\n"
                '(line := socket.socket(type=socket.SOCK_DGRAM)).connect(("203.0.113.9", 8125))\n',
            ),
        ),
        names=("203.0.113.9:8125",),
    ),
    Damage(
        "Who joins is sent to Google's STUN",
        ("media.ice-servers",),
        (Edit(_PREFLIGHT, '"stun_servers": [_NOBODY]', '"stun_servers": ["stun.l.google.com:19302"]'),),
        quick=True,
    ),
    Damage(
        "Who joins is sent to a relay of somebody else's",
        ("media.ice-servers",),
        (
            Edit(
                _PREFLIGHT,
                '        "stun_servers": [_NOBODY],\n',
                '        "stun_servers": [_NOBODY],\n'
                '        "turn_servers": [{"host": "turn.example", "port": 3478, "protocol": "udp", '
                '"username": "u", "credential": "p"}],\n',
            ),
        ),
    ),
)

TLS: Final = (
    Damage(
        "TLS as old as there is",
        ("tls.versions", "tls.suites"),
        (Edit(_SERVER, '_SUITES: Final = "ECDHE+AESGCM:ECDHE+CHACHA20"\n', _OLD_TLS),),
        kind=Kind.TLS,
    ),
    Damage(
        "Suites that encrypt before they authenticate",
        ("tls.suites",),
        (Edit(_SERVER, '"ECDHE+AESGCM:ECDHE+CHACHA20"', '"ECDHE+AES:ECDHE+AESGCM"'),),
        kind=Kind.TLS,
    ),
    Damage(
        "The session's cookie goes without encryption, too",
        ("http.cookies",),
        (
            Edit(
                "klausur/api/people/here.py",
                'max_age=_KEPT_SECONDS, path="/", secure=its.secure, httponly',
                'max_age=_KEPT_SECONDS, path="/", secure=False, httponly',
            ),
        ),
        kind=Kind.TLS,
    ),
    Damage(
        "Browsers are not told to insist on encryption",
        ("tls.redirect",),
        (Edit(_HEADERS, "*([UNDER_TLS] if tls else [])", "*([UNDER_TLS] if not tls else [])"),),
        kind=Kind.TLS,
    ),
    Damage("The certificate has expired", ("tls.certificate",), meddle=_expired, kind=Kind.TLS),
    Damage("The certificate is somebody else's", ("tls.certificate",), meddle=_of_another, kind=Kind.TLS),
    Damage("The certificate's key is a short one", ("tls.certificate",), meddle=_short, kind=Kind.TLS),
)
