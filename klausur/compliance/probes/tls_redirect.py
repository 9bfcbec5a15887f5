"""Whoever comes without encryption is shown the way to the encrypted address, and told to stay there."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

import httpx

from klausur.compliance.grades import Grade
from klausur.compliance.probes.handshakes import Place, place
from klausur.compliance.probes.pages import values
from klausur.compliance.probes.saying import failed, passed, saw_nothing
from klausur.compliance.probing import Evidence, Judged, Params, Probe, Vantage
from klausur.compliance.target import Target, damaged
from klausur.compliance.words import Text

_PLAIN_PORT: Final = 80
_PATHS: Final = ("/", "/api/operator", "/api/session", "/signin")
_LEADS: Final = frozenset({301, 302, 303, 307, 308})
"""For how long is up to HSTS."""
_NOT_HERE: Final = frozenset({403, 404, 421})
"""What a proxy says of a site that it does not have without encryption."""
_BODY_AT_MOST: Final = 2048
"""What goes with a redirect or a refusal: a sentence for people."""
_REMEMBERED_S: Final = 15_768_000
"""Half a year."""
_OUR_PAGES: Final = b"klausur"
_MAX_AGE: Final = re.compile(r"max-age=\"?(\d{1,10})", re.IGNORECASE)


async def collect(target: Target) -> Evidence:
    at = place(target)
    encrypted = await target.get("/")
    ports = sorted({_PLAIN_PORT, at.port})
    return target.evidence(
        site=target.url,
        encrypted=encrypted.status_code,
        remembers=[value for name, value in encrypted.headers.multi_items() if name == "strict-transport-security"],
        plain=[await _plain(target, at, port, path) for port in ports for path in _PATHS],
    )


async def _plain(target: Target, at: Place, port: int, path: str) -> dict[str, Any]:
    """What an unencrypted request comes to; status 0 where nobody answers with HTTP."""
    name = f"[{at.name}]" if ":" in at.name else at.name
    address = f"http://{name}:{port}{path}"
    try:
        answer = await target.get(address)
    except httpx.TransportError:
        return {"address": address, "port": port, "status": 0, "headers": [], "bytes": 0, "ours": False}
    headers = sorted([name.lower(), value] for name, value in answer.headers.multi_items())
    return {
        "address": address,
        "port": port,
        "status": answer.status_code,
        "headers": headers,
        "bytes": len(answer.content),
        "ours": _is_ours(answer, at),
    }


def _is_ours(answer: httpx.Response, at: Place) -> bool:
    """A page of the installation, or what its API says. That its name is there says nothing: a proxy may know it."""
    api = answer.headers.get("content-type", "").startswith("application/json")
    return api or _OUR_PAGES in answer.content.lower().replace(at.name.lower().encode(), b"")


def judge(evidence: Evidence, _params: Params) -> Judged:
    if evidence["encrypted"] != httpx.codes.OK:
        return saw_nothing("Auch verschlüsselt war keine Seite zu sehen.", "Encrypted, too, no page was to be seen.")
    faults = [f"{each['address']} ({each['status']})" for each in evidence["plain"] if not _is_fine(each, evidence)]
    if not _stays(evidence["remembers"]):
        faults.append("strict-transport-security")
    if faults:
        return failed("Unverschlüsselt möglich", "Possible without encryption", faults)
    silent = sum(each["status"] == 0 for each in evidence["plain"])
    count = len(evidence["plain"])
    return passed(
        f"Von {count} unverschlüsselten Anfragen blieben {silent} ohne Antwort, die übrigen führten nur zur "
        "verschlüsselten Adresse oder wurden abgewiesen; Browser sollen dort bleiben.",
        f"Of {count} requests without encryption {silent} had no answer, the others led to the encrypted address and "
        "nowhere else, or were refused; browsers are told to stay with that.",
    )


def _is_fine(plain: dict[str, Any], evidence: Evidence) -> bool:
    """No answer, the way to the encrypted address, or a refusal by who speaks TLS alone or has no such site; never
    content or cookies."""
    if plain["status"] == 0:
        return True
    if plain["bytes"] > _BODY_AT_MOST or values(plain, "set-cookie"):
        return False
    leads = [urljoin(plain["address"], value) for value in values(plain, "location")]
    if plain["status"] == httpx.codes.BAD_REQUEST:
        return not leads
    if plain["status"] in _NOT_HERE and plain["port"] == _PLAIN_PORT:
        return not leads and not plain["ours"]
    return plain["status"] in _LEADS and len(leads) == 1 and _same(leads[0], evidence["site"])


def _same(address: str, site: str) -> bool:
    one, other = urlsplit(address), urlsplit(site)
    return (one.scheme, one.hostname, one.port or 443) == ("https", other.hostname, other.port or 443)


def _stays(said: Sequence[str]) -> bool:
    found = [_MAX_AGE.search(value) for value in said]
    return len(found) == 1 and found[0] is not None and int(found[0][1]) >= _REMEMBERED_S


@asynccontextmanager
async def twin(target: Target) -> AsyncIterator[Target]:
    """Answers without encryption, too."""
    place(target)

    def answers(request: httpx.Request) -> httpx.Response | None:
        plain = request.url.scheme == "http"
        return httpx.Response(200, html="<!doctype html><title>Klausur</title>", request=request) if plain else None

    def as_it_is(_request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        return answer

    async with damaged(target, as_it_is, instead=answers) as broken:
        yield broken


PROBE: Final = Probe(
    id="tls.redirect",
    version=2,
    proves=Text(
        de="Unverschlüsselte Anfragen an den Namen der Installation (Port 80 und der ihre) bekommen keine Antwort oder "
        "nur eine Abweisung oder den Weg zur verschlüsselten Adresse, ohne Inhalt und Cookies; und Browser werden für "
        "mindestens ein halbes Jahr angewiesen, dabei zu bleiben (HSTS).",
        en="Requests without encryption to the installation's name (port 80 and its own) get no answer, or nothing but "
        "a refusal or the way to the encrypted address, without content or cookies; and browsers are told to stay with "
        "it for at least half a year (HSTS).",
    ),
    proves_not=Text(
        de="Was andere Ports antworten; dass schon der erste Besuch eines Browsers verschlüsselt beginnt.",
        en="What other ports answer; that a browser's very first visit begins encrypted.",
    ),
    vantage=Vantage.OUTSIDE,
    grade=Grade.OBSERVED_OUTSIDE,
    collect=collect,
    judge=judge,
    twin=twin,
    depends_on=("public_url", "tls_cert", "trusted_proxies"),
    seconds=60.0,
)
