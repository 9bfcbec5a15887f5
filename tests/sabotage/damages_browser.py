"""Damage that it takes a meeting in a browser to notice: to the client's source, to what was built of it, and to what
the server tells it.

Rows with the same letter share a meeting; none of them keeps another from being seen. What cannot be had without
another media engine or another browser (media.transport) has no row.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from tests.sabotage.client import client, put, scripted
from tests.sabotage.damage import Damage, Edit, Kind

_HEADERS: Final = "klausur/api/headers.py"
_KEYS: Final = "web/src/call/keys.ts"
_OWN: Final = "web/src/call/own-media.ts"
_MEDIA_KEY: Final = "  return hkdfMaterial(await derive(secret, `klausur media v1|${pseudonym}|${salt}`, session))\n"
_NOSNIFF: Final = '    (b"x-content-type-options", b"nosniff"),\n'
_SILENCE: Final = """    this.enable(source, false)
    this.events.changed()
    await this.settle(source)
    if (source === 'camera') this.stopTrack('camera')
"""
_CAMERA_ON: Final = (
    "new MutationObserver(()=>{for(const its of document.querySelectorAll('[role=switch][aria-checked=false]'))"
    "if(/^Camera$/.test(its.getAttribute('aria-label')??its.innerText.trim())&&!window.switched)"
    "{window.switched=true;its.click()}}).observe(document,{subtree:true,childList:true});"
)
_DOWNLOAD: Final = (
    'addEventListener("load",()=>{const its=document.createElement("a");its.download="setup.exe";'
    'its.href=URL.createObjectURL(new Blob(["MZ"]));document.body.append(its);its.click()});'
)
_PREVIEW_SENT: Final = (
    "{const its=navigator.mediaDevices,open=its?.getUserMedia.bind(its);if(open)its.getUserMedia=async wanted=>{"
    'const stream=await open(wanted);if(wanted.video){const seen=document.createElement("video");seen.muted=true;'
    'seen.srcObject=stream.clone();seen.onloadeddata=()=>{const paper=document.createElement("canvas");'
    'paper.width=paper.height=100;const pen=paper.getContext("2d");pen.drawImage(seen,0,0);'
    'const body=pen.getImageData(0,0,100,100).data;fetch("/api/pictures",{method:"POST",body}).catch(()=>0)};'
    "seen.play()}return stream}}"
)

_NO_CIPHER: Final = "crypto.subtle.encrypt=async(way,key,data)=>data;crypto.subtle.decrypt=async(way,key,data)=>data;"
"""Neither seals nor opens: pictures and sound go as they are."""
_NO_CIPHER_FOR_SOUND: Final = (
    "{const its=crypto.subtle,seal=its.encrypt.bind(its),open=its.decrypt.bind(its);"
    "its.encrypt=async(way,key,data)=>"
    "way.additionalData?.byteLength===1&&data.byteLength>=16?data:seal(way,key,data);"
    "its.decrypt=async(way,key,data)=>open(way,key,data).catch(()=>data)}"
)
"""Of sound one byte is never encrypted, of pictures more (klausur/compliance/live/frames.py). What is shorter than a
tag would be noticed on its way out (hardening.ts)."""


def _with_script(line: str) -> Callable[[Path, Path], None]:
    return partial(_scripted, line)


def _scripted(line: str, release: Path, _data: Path) -> None:
    scripted(line, release)


def _with_worker(line: str) -> Callable[[Path, Path], None]:
    return partial(_worker, line)


def _worker(line: str, release: Path, _data: Path) -> None:
    (worker,) = (client(release) / "assets").glob("e2ee.worker-*.js")
    put(worker, f"{line}\n{worker.read_text('utf-8')}")


def _pale(release: Path, _data: Path) -> None:
    (style,) = (client(release) / "assets").glob("index-*.css")
    put(style, f"{style.read_text('utf-8')}\nbody *{{color:#999!important;background:#aaa!important}}")


def _damage(name: str, company: str, probes: tuple[str, ...], *names: str, **how: object) -> Damage:
    return Damage(name, probes, kind=Kind.BROWSER, company=company, names=names, **how)  # type: ignore[arg-type]


_OPEN: Final = (
    _damage("Tracks are not encrypted", "F", ("e2ee.frames",), meddle=_with_worker(_NO_CIPHER)),
    # By itself: whose sound is refused is told to be silent.
    _damage("Sound is not encrypted", "G", ("e2ee.frames",), "audio: ", meddle=_with_worker(_NO_CIPHER_FOR_SOUND)),
    _damage(
        "All meetings have the same keys",
        "A",
        ("e2ee.keys-differ",),
        edits=(Edit(_KEYS, _MEDIA_KEY, "  return hkdfMaterial(new Uint8Array(32).fill(1))\n"),),
    ),
    _damage(
        "Visitors are known again by what is stored in their browser",
        "A",
        ("web.storage",),
        "visitor",
        meddle=_with_script('localStorage.setItem("visitor",crypto.randomUUID());'),
    ),
    _damage(
        "Text can hardly be told from what is behind it", "A", ("web.accessibility",), "color-contrast", meddle=_pale
    ),
    _damage(
        "What happens is shown, and announced to nobody",
        "A",
        ("web.indicators",),
        "not announced",
        edits=(Edit("web/src/pages/call/NewsLines.svelte", ' role="status" aria-atomic="false"', ""),),
    ),
    _damage(
        "A program is to be installed first", "A", ("web.standard-browser",), "download", meddle=_with_script(_DOWNLOAD)
    ),
)

_UNASKED: Final = (
    _damage(
        "Everything is encrypted with a key of zeros",
        "B",
        ("e2ee.wrong-key",),
        edits=(Edit(_KEYS, _MEDIA_KEY, "  return hkdfMaterial(new Uint8Array(32))\n"),),
    ),
    _damage("The camera is on by default", "B", ("web.devices-off",), meddle=_with_script(_CAMERA_ON)),
    _damage(
        "Whole screens are not offered to be shared",
        "B",
        ("web.share-by-choice",),
        "monitorTypeSurfaces",
        edits=(
            Edit(
                "web/src/call/devices.ts",
                "getDisplayMedia?.(SCREEN)",
                "getDisplayMedia?.({ ...SCREEN, monitorTypeSurfaces: 'exclude' } as typeof SCREEN)",
            ),
        ),
    ),
    _damage(
        "Who only watches is in nobody's list",
        "D",  # not beside one that switches everybody's camera on
        ("roster.complete",),
        "Otto",
        edits=(
            Edit(
                "web/src/pages/call/PeoplePanel.svelte",
                "{#each now.people as person (person.id)}",
                "{#each now.people.filter((one) => one.camera || one.microphone) as person (person.id)}",
            ),
        ),
    ),
    _damage(
        "A page takes text for a program",
        "B",
        ("web.csp-observed",),
        "trusted-types",
        meddle=_with_script('try{eval("1")}catch{}'),
    ),
    _damage(
        "Who is about to join is not told of the encryption",
        "B",
        ("web.encryption-shown",),
        "before joining",
        edits=tuple(
            Edit("web/src/i18n/en.ts", f"{end} It is encrypted from device to device.", end)
            for end in ("see and hear you.", "decides about each.")
        ),
    ),
)

_SENT_ON: Final = (
    _damage(
        "The page asks for the camera before anybody clicks",
        "C",
        ("web.permission-on-click",),
        "Gustav, before joining",
        meddle=_with_script("navigator.mediaDevices?.getUserMedia({video:true}).catch(()=>{});"),
    ),
    _damage(
        "A picture counts visits elsewhere",
        "C",
        ("web.third-parties",),
        "statistics.example",
        edits=(Edit(_HEADERS, "\"img-src 'self'\"", '"img-src *"'),),
        meddle=_with_script('new Image().src="http://statistics.example/visit.gif";'),
    ),
    _damage(
        "Pictures of the preview go to the server",
        "C",
        ("web.preview-local",),
        "B sent",
        meddle=_with_script(_PREVIEW_SENT),
    ),
    _damage(
        "A camera that was switched off goes on",
        "C",
        ("media.stop", "web.indicators"),
        "camera",
        edits=(Edit(_OWN, _SILENCE, f"    this.events.changed()\n    if (source === 'camera') return\n{_SILENCE}"),),
    ),
    _damage(
        "Guests get a cookie",
        "C",
        ("web.guest-name-only",),
        "cookie",
        edits=(
            Edit(
                _HEADERS,
                _NOSNIFF,
                f'{_NOSNIFF}    (b"set-cookie", b"visitor=1; Path=/; HttpOnly; SameSite=Strict"),\n',
            ),
        ),
    ),
    _damage(
        "Invitations say who invites",
        "C",
        ("web.invitation",),
        "ORGANIZER",
        edits=(
            Edit(
                "web/src/schedule/calendar-file.ts",
                "  event.addPropertyWithValue('url', entry.link)\n",
                "  event.addPropertyWithValue('url', entry.link)\n"
                "  event.addPropertyWithValue('organizer', 'mailto:hanna@example.org')\n",
            ),
        ),
    ),
)

_FORCED: Final = (
    _damage(
        "The media engine can switch microphones on",
        "D",
        ("authz.no-force-on",),
        edits=(Edit("web/src/call/engine.ts", "    track.unmute = async () => track\n", ""),),
    ),
    _damage(
        "The media engine tells of all addresses of its machine",
        "D",
        ("media.addresses-hidden",),
        edits=(
            Edit(
                "klausur/media/preflight.py",
                '        told["interfaces"] = {"includes": ["lo", "lo0"]}\n',
                '        told["enable_loopback_candidate"] = True\n',
            ),
        ),
    ),
    _damage(
        "Nobody is told whose meetings these are",
        "D",
        ("web.organiser-shown",),
        "name of the responsible body",
        edits=(
            Edit("klausur/api/operator.py", "        name=facts.name,\n", '        name="",\n'),
            Edit("klausur/api/static.py", 'data-operator="{escape(operator)}"', 'data-operator=""'),
        ),
    ),
    _damage(
        "A muted microphone goes on",
        "E",
        ("media.mute-at-source", "media.stop"),
        "audio",
        edits=(
            Edit(_OWN, _SILENCE, f"    this.events.changed()\n    if (source === 'microphone') return\n{_SILENCE}"),
        ),
    ),
)

BROWSER: Final = (*_OPEN, *_UNASKED, *_SENT_ON, *_FORCED)
