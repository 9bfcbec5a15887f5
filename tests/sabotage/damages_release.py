"""Damage to what a release is made of: its components, the media engine's settings, and what browsers get."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from tests.sabotage.damage import Damage, Edit

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


def _client(release: Path) -> Path:
    return release / "web" / "dist"


def _first_script(release: Path) -> Path:
    (found,) = (_client(release) / "assets").glob("index-*.js")
    return found


def scripted(line: str, release: Path) -> None:
    """At the beginning of the first script of all pages."""
    script = _first_script(release)
    script.write_text(f"{line}\n{script.read_text('utf-8')}", "utf-8")
    script.with_name(f"{script.name}.gz").unlink(missing_ok=True)


def _altered_script(release: Path, _data: Path) -> None:
    scripted("/* */", release)


def _one_file_more(release: Path, _data: Path) -> None:
    (_client(release) / "assets" / "extra.js").write_text("0", "utf-8")


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
        tls=True,
    ),
    Damage(
        "Suites that encrypt before they authenticate",
        ("tls.suites",),
        (Edit(_SERVER, '"ECDHE+AESGCM:ECDHE+CHACHA20"', '"ECDHE+AES:ECDHE+AESGCM"'),),
        tls=True,
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
        tls=True,
    ),
    Damage(
        "Browsers are not told to insist on encryption",
        ("tls.redirect",),
        (Edit(_HEADERS, "*([UNDER_TLS] if tls else [])", "*([UNDER_TLS] if not tls else [])"),),
        tls=True,
    ),
)

# -- in a browser -----------------------------------------------------------------------------------------------------


def _with_script(line: str) -> Callable[[Path, Path], None]:
    return partial(_scripted, line)


def _scripted(line: str, release: Path, _data: Path) -> None:
    scripted(line, release)


def _worker(release: Path, _data: Path) -> None:
    """Neither seals nor opens: pictures and sound go as they are."""
    (worker,) = (_client(release) / "assets").glob("e2ee.worker-*.js")
    plain = "crypto.subtle.encrypt=async(way,key,data)=>data;crypto.subtle.decrypt=async(way,key,data)=>data;"
    worker.write_text(f"{plain}\n{worker.read_text('utf-8')}", "utf-8")


def _pale(release: Path, _data: Path) -> None:
    (style,) = (_client(release) / "assets").glob("index-*.css")
    style.write_text(f"{style.read_text('utf-8')}\nbody *{{color:#999!important;background:#aaa!important}}", "utf-8")


_CAMERA_ON: Final = (
    "new MutationObserver(()=>{for(const its of document.querySelectorAll('[role=switch][aria-checked=false]'))"
    "if(/^Camera$/.test(its.getAttribute('aria-label')??its.innerText.trim())&&!window.switched)"
    "{window.switched=true;its.click()}}).observe(document,{subtree:true,childList:true});"
)

BROWSER: Final = (
    Damage("Tracks are not encrypted", ("e2ee.frames",), meddle=_worker, browser=True),
    Damage("The camera is on by default", ("web.devices-off",), meddle=_with_script(_CAMERA_ON), browser=True),
    Damage(
        "The page asks for the camera before anybody clicks",
        ("web.permission-on-click",),
        meddle=_with_script("navigator.mediaDevices?.getUserMedia({video:true}).catch(()=>{});"),
        browser=True,
    ),
    Damage(
        "Visitors are known again by what is stored in their browser",
        ("web.storage",),
        meddle=_with_script('localStorage.setItem("visitor",crypto.randomUUID());'),
        browser=True,
    ),
    Damage(
        "A picture counts visits elsewhere",
        ("web.third-parties",),
        (Edit(_HEADERS, "\"img-src 'self'\"", '"img-src *"'),),
        meddle=_with_script('new Image().src="http://statistics.example/visit.gif";'),
        browser=True,
    ),
    Damage("Text can hardly be told from what is behind it", ("web.accessibility",), meddle=_pale, browser=True),
)
