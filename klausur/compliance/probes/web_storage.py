"""What pages keep in a browser stands in a list, each entry with its purpose and its lifetime."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from klausur.compliance.live.playing import Held
from klausur.compliance.live.watching import moments, scene, watching
from klausur.compliance.probes.saying import failed, passed, saw_nothing
from klausur.compliance.probing import Evidence, Judged, Params
from klausur.compliance.target import Target
from klausur.compliance.words import Text

_TAB: Final = "until the tab is closed"
LIST: Final[Mapping[str, tuple[str, str]]] = {
    "cookie klausur": ("keeps somebody signed in", "12 hours unused, 7 days at most"),
    "cookie __Host-klausur": ("keeps somebody signed in", "12 hours unused, 7 days at most"),
    "session klausur-seat": ("the way back to the seat after a reload", _TAB),
    "session name": ("the name that was entered", _TAB),
    "session language": ("the language that was chosen", _TAB),
    "session way-back": ("where to go on after signing in", _TAB),
    "databases klausur/host-keys": (
        "who started a meeting remains its host",
        "24 hours; planned meetings with the account",
    ),
    "databases klausur/seat-keys": ("the signature of a seat", "until the seat is over, 24 hours at most"),
    "databases klausur/vault-keys": ("opens the vault of who is signed in", "12 hours, 180 days on a trusted device"),
    "databases klausur/vault-versions": ("notices an old vault put in a new one's place", "10 years"),
}
"""Purpose and lifetime. Kept with what the notice says (web/src/i18n/notice.*.ts, "What your browser keeps")."""
_KINDS: Final = ("local", "session", "databases", "caches")


def see(held: Held, _target: Target) -> dict[str, Any]:
    """Names of all that was kept, by whom it was seen first and when."""
    scene(held, "after")
    kept: dict[str, str] = {}
    for person, then, page in moments(held):
        for name in _names(page):
            kept.setdefault(name, f"{person}, {then}")
    return {"kept": kept, "list": {name: list(why) for name, why in LIST.items()}}


def _names(page: dict[str, Any]) -> list[str]:
    stored = page["stored"]
    names = [f"{kind} {name}" for kind in _KINDS for name in stored[kind]]
    workers = ["service worker"] if stored["workers"] else []
    return [*names, *(f"cookie {name}" for name in page["cookies"]), *workers]


def judge(evidence: Evidence, _params: Params) -> Judged:
    kept, listed = evidence["kept"], evidence["list"]
    if "session klausur-seat" not in kept or not any(name.startswith("databases ") for name in kept):
        return saw_nothing("Nicht einmal Platz und Schlüssel wurden behalten.", "Not even seat and keys were kept.")
    if unlisted := sorted(set(kept) - set(listed)):
        return failed("Nicht auf der Liste steht", "Not on the list", unlisted)
    return passed(
        f"Alles, was behalten wurde, steht auf der Liste: {len(kept)} Einträge.",
        f"All that was kept stands in the list: {len(kept)} entries.",
    )


PROBE: Final = watching(
    "web.storage",
    see,
    judge,
    proves=Text(
        de="Was die Seiten vor, in und nach einer Besprechung an Cookies und im Speicher des Browsers behalten, steht "
        "mit Zweck und Lebensdauer auf einer Liste, die der Beleg enthält.",
        en="What the pages keep before, in and after a meeting as cookies and in the browser's storage stands in a "
        "list with its purpose and lifetime, which the evidence contains.",
    ),
    proves_not=Text(
        de="Dass die Einträge wirklich so bald verschwinden, und dass jeder unbedingt erforderlich ist.",
        en="That the entries really go so soon, and that each is strictly necessary.",
    ),
)
