"""A meeting as the stage tells of one in which everything is as it should be, for tests that break something of it."""

from __future__ import annotations

import copy
import json
from typing import Any

from klausur.compliance.live.playing import Plays
from klausur.compliance.target import Target

OWN = "http://localhost:8000"
_OFF = {"Camera": "false", "Microphone": "false", "Share screen": "false"}
_ON = {**_OFF, "Camera": "true", "Microphone": "true"}
_KEPT = {
    "local": [],
    "session": [],
    "databases": ["klausur/host-keys", "klausur/seat-keys"],
    "workers": 0,
    "caches": [],
}
_SEATED = {**_KEPT, "session": ["klausur-seat", "name"]}
_LOOK = {"name": "getUserMedia", "clicks": 1, "audio": False, "video": True, "source": "{}"}
_LISTEN = {"name": "getUserMedia", "clicks": 2, "audio": True, "video": False, "source": "null"}
_SHARE = {"name": "getDisplayMedia", "clicks": 4, "audio": True, "video": True, "source": '{"width":{"max":1920}}'}
_ENCRYPTED = "Only those who were let in can hear you. It is encrypted from device to device. Nothing is recorded."
_TRANSPORT = {
    "dtlsState": "connected",
    "tlsVersion": "FEFD",
    "dtlsCipher": "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    "srtpCipher": "SRTP_AEAD_AES_256_GCM",
}
_WAY = {
    "kinds": {
        "audio": {"sent": 41, "arrived": 144, "in_clear": 0, "decrypted": 39},
        "video": {"sent": 43, "arrived": 16, "in_clear": 0, "decrypted": 16},
    },
    "in_clear": 0,
    "kept": 12,
    "opened_by_right_keys": 12,
    "opened_by_wrong_keys": 0,
}
_PANEL = {"text": "Encrypted from device to device\nPicture and sound are encrypted with AES-GCM.", "offers": [""]}
_TOOLBAR = ["Microphone", "Camera", "Share screen", "Raise hand", "People", "Leave"]

_NOTICE = """Who is responsible
Example e. V.
Contact: hanna@example.org

Picture, sound, screens, names and titles are encrypted in your browser. The keys come from the part of the link behind
the # sign, which browsers never send.
The meeting is over 10 minutes after the last person has left, 24 hours after it was made at the latest."""
_INVITED = f"Join here:\nLINK\n\nPlease do not pass the link on.\n\nPrivacy notice: {OWN}/privacy"
_INVITATION = {
    "link": f"{OWN}/m/{'M' * 22}#{'x' * 43}.{'x' * 22}",
    "file": [
        ["VCALENDAR", "PRODID", ["-//Klausur//Klausur//EN"]],
        ["VCALENDAR", "VERSION", ["2.0"]],
        ["VEVENT", "UID", ["pX2"]],
        ["VEVENT", "DTSTART", ["20261124T100000", "TZID=Europe/Berlin"]],
        ["VEVENT", "SUMMARY", ["Prüfung"]],
        ["VEVENT", "DESCRIPTION", [_INVITED]],
        ["VEVENT", "LOCATION", ["LINK"]],
        ["VEVENT", "URL", ["LINK"]],
    ],
    "mail": {"scheme": "mailto", "to": "", "fields": [["subject", "Prüfung"], ["body", _INVITED]]},
    "shown": True,
    "cookies": [],
}


def _page(states: dict[str, str], **more: Any) -> dict[str, Any]:
    page = {
        "cookies": [],
        "stored": _SEATED,
        "asked": [],
        "clicks": 3,
        "connections": 1,
        "posted": 900,
        "violations": [],
    }
    return {**page, "states": states, **more}


def _person(path: str, **moments: Any) -> dict[str, Any]:
    pages = {name.replace("_", " "): page for name, page in moments.items()}
    return {"moments": pages, "hosts": {OWN: 30, "ws://localhost:8000": 3}, "policies": {path: True}, "opened": []}


def healthy() -> dict[str, Any]:
    before = _page(_OFF, stored=_KEPT, connections=0, posted=0)
    switched = {"asked": [_LOOK, _LISTEN], "clicks": 3}
    flow = {"video received": 50_000, "audio received": 900}
    people = {
        "Hanna": _person("/", before_joining=before, in_the_meeting=_page(_OFF), devices_on=_page(_ON, **switched)),
        "Gustav": _person(
            "/m",
            before_joining=before,
            preview=_page(_ON, stored=_KEPT, connections=0, posted=0, own_picture=True, **switched),
            in_the_meeting=_page(_ON, **switched),
        ),
        "Otto": _person("/m", in_the_meeting=_page(_OFF, flow=flow), after=_page({}), again_in_the_meeting=_page(_OFF)),
        "Ida": _person("/m"),
    }
    everybody = ["Gustav", "Hanna", "Otto"]
    scenes: dict[str, Any] = {
        "before": {
            "text": f"Example e. V.\nJoin the meeting\n{_ENCRYPTED}\nPrivacy notice",
            "fields": [{"name": "Your name", "kind": "text"}, {"name": "Camera device", "kind": "select-one"}],
            "ways": [{"path": "/privacy", "words": "Privacy notice"}],
            "notice": _NOTICE,
            "keyboard": ["Your name", "Camera", "Microphone", "Join"],
        },
        "meeting": {"knock_shown": True},
        "encryption": {
            "ways": [_WAY, _WAY],
            "shield": [True, True],
            "security": [_PANEL, _PANEL],
            "transports": [_TRANSPORT],
            "servers": [],
            "addresses": [
                {"told": ["127.0.0.1 7882"], "own": ["127.0.0.1 50001"]},
                {"told": ["127.0.0.1 7882"], "own": ["127.0.0.1 50002"]},
            ],
        },
        "third": {
            "receive": everybody,
            "shown": {name: [f"{each} (you)" if each == name else each for each in everybody] for name in everybody},
        },
        "sharing": {"unasked": 0, "asked": [_SHARE], "states": ["true", "false"]},
        "panels": {
            "listed": ["Hanna (you)", "Gustav", "Otto"],
            "powers": ["Mute Gustav", "Remove Gustav"],
            "heard": ["Gustav is waiting to be let in.", "Gustav has joined", "Gustav is sharing a screen"],
            "keyboard": _TOOLBAR,
        },
        "standard": {"joined": True, "opened": [], "version": "156"},
        "stopping": {
            "on": [
                {"video frames": 10, "energy recorded": 100, "video sent": 9_000, "audio sent": 700},
                {"video frames": 20, "energy recorded": 900, "video sent": 18_000, "audio sent": 1_400},
            ],
            "off": [{"video frames": 20, "energy recorded": 900}, {"video frames": 20, "energy recorded": 900}],
            "states": [_ON, _OFF],
            "tracks": [
                {"kind": "video", "live": False, "enabled": False},
                {"kind": "audio", "live": True, "enabled": False},
            ],
        },
        "forcing": {
            "tracks": 2,
            "obeyed_off": True,
            "after": [{"video frames": 20, "energy recorded": 900}, {"video frames": 20, "energy recorded": 900}],
            "states": _OFF,
        },
        "removal": {
            "before": {"frames": 12, "readable": 12},
            "after": {"frames": 12, "readable": 0, "in_clear": 0},
            "others_still_see": 90,
        },
        "after": {"returned": True},
        "second_meeting": {"first": 12, "second": 6, "shared": 0},
        "invitation": _INVITATION,
    }
    pages = ("before joining", "waiting", "in the meeting", "after")
    barriers = {name: {"kept": 20, "broken": []} for name in pages}
    # Nothing in it is the same object twice, so that a test breaks one thing only.
    told: dict[str, Any] = json.loads(json.dumps({"scenes": scenes, "people": people, "barriers": barriers}))
    return told


def damaged() -> dict[str, Any]:
    """As faults.js does it."""
    held = healthy()
    scenes, people = held["scenes"], held["people"]
    for its in people.values():
        its["hosts"]["http://statistics.example"] = 1
        for page in its["moments"].values():
            page["asked"].append({**_LOOK, "clicks": 0})
            page["states"] = {**page["states"], "Camera": "true"}
            page["cookies"] = ["visitor"]
    people["Gustav"]["moments"]["preview"]["connections"] = 1
    periods = _NOTICE.replace("10 minutes", "70 minutes").replace("24 hours", "168 hours")
    scenes["before"].update(text="Join the meeting", ways=[], notice=periods)
    scenes["before"]["fields"].append({"name": "E-mail", "kind": "email"})
    encryption = scenes["encryption"]
    for way in encryption["ways"]:
        way.update(in_clear=16, opened_by_right_keys=0)
        way["kinds"]["video"]["in_clear"] = 16
    encryption.update(shield=[False, False], security=["", ""], servers=["stun:stun.example:3478"])
    encryption["transports"][0].update(srtpCipher="SRTP_NULL_SHA1_32")
    encryption["addresses"][0]["told"].append("127.0.0.77 9")
    scenes["third"]["shown"]["Hanna"].remove("Otto")
    scenes["sharing"]["unasked"] = 1
    scenes["standard"] = {"failed": "TimeoutError", "refused": ["This browser cannot encrypt meetings"]}
    scenes["stopping"]["off"][1] = {"video frames": 30, "energy recorded": 1700}
    for track in scenes["stopping"]["tracks"]:
        track.update(live=True, enabled=True)
    scenes["forcing"]["after"][1] = {"video frames": 30, "energy recorded": 1700}
    scenes["removal"]["after"]["in_clear"] = 60
    scenes["second_meeting"]["shared"] = 1
    scenes["invitation"]["file"].append(["VEVENT", "ATTENDEE", ["mailto:gustav@example.org"]])
    held["barriers"]["after"]["broken"] = [{"rule": "image-alt", "times": 1}]
    return held


def plays(held: dict[str, Any]) -> Plays:
    """In which the meeting goes as told, and the twin's as faults.js has it."""

    async def hold(target: Target) -> dict[str, Any]:
        return damaged() if target.spoilt else copy.deepcopy(held)

    return Plays(hold)
