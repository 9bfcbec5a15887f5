"""The measurements name nobody: neither people nor meetings nor addresses, while a meeting goes on."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import httpx

from klausur.compliance.grades import Grade
from klausur.compliance.marked import Held, spellings
from klausur.compliance.probes.held import holding
from klausur.compliance.probes.saying import failed, passed, saw_nothing, unanswered
from klausur.compliance.probing import Evidence, Judged, Params, Probe, Vantage
from klausur.compliance.target import CannotLook, Target, damaged
from klausur.compliance.words import Text

_PATH: Final = "/metrics"
_SAMPLE: Final = re.compile(r"^([a-z_:][a-z0-9_:]*)(?:\{([^}]*)\})? (\S+)", re.MULTILINE | re.IGNORECASE)
_LABEL: Final = re.compile(r'([a-z_]\w*)="((?:[^"\\]|\\.)*)"', re.IGNORECASE)
_KINDS: Final = frozenset({"events", "signalling"})
"""Values of the one label that there is."""
_SOCKETS: Final = "klausur_sockets"
_NO_METRICS: Final = Text(
    de="Unter METRICS_PORT antworteten keine Messwerte.", en="No measurements answered at METRICS_PORT."
)


async def collect(target: Target) -> Evidence:
    """What the measurements say while a marked meeting goes on, and whether marks of it are among that; and what
    strangers are answered who ask for measurements."""
    port = target.settings.get("metrics_port")
    async with holding(target) as held:
        public = await target.get(_PATH)
        told = await _told(int(str(port))) if port else None
    texts = [public.text, told or ""]
    return target.evidence(
        port=bool(port),
        public=[public.status_code, public.headers.get("content-type", "")],
        held=len(held.stored),
        samples=[] if told is None else _samples(told),
        found=_found("\n".join(texts), held),
    )


async def _told(port: int) -> str:
    """Raises CannotLook."""
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=5, trust_env=False) as local:
            answer = await local.get(_PATH)
    except httpx.HTTPError as error:
        raise CannotLook(_NO_METRICS) from error
    return answer.text


def _is_measurements(status: int, kind: str) -> bool:
    """Whatever is no page: there are several types for them."""
    return httpx.codes.is_success(status) and not kind.startswith("text/html")


def _samples(text: str) -> list[dict[str, Any]]:
    return [
        {"name": name, "labels": dict(_LABEL.findall(labels)), "value": value}
        for name, labels, value in _SAMPLE.findall(text)
    ]


def _found(text: str, held: Held) -> list[str]:
    marks = {**held.words, **held.keys, **held.access, **held.stored}
    raw = text.encode()
    return sorted(name for name, mark in marks.items() if any(way in raw for way in spellings(mark)))


def judge(evidence: Evidence, _params: Params) -> Judged:
    samples, (status, kind) = evidence["samples"], evidence["public"]
    faults = [f"names the {name}" for name in evidence["found"]]
    faults += ["strangers are told measurements"] if _is_measurements(status, kind) else []
    faults += sorted({f"label {fault}" for sample in samples for fault in _strange(sample)})
    if faults:
        return failed("Die Messwerte verraten zu viel", "The measurements tell too much", faults)
    if not evidence["held"]:
        return saw_nothing("Es gab keine Besprechung.", "There was no meeting.")
    if (blind := unanswered({_PATH: status})) is not None:
        return blind
    if not evidence["port"]:
        return passed(
            "Diese Installation gibt keine Messwerte aus: Es ist kein Port dafür gesetzt, und unter ihrer Adresse "
            "gibt es keine.",
            "This installation gives out no measurements: no port is set for them, and there are none at its address.",
        )
    counted = [sample for sample in samples if sample["name"] == _SOCKETS and float(sample["value"]) > 0]
    if not counted:
        return saw_nothing(
            "Die Messwerte zählten die laufende Besprechung nicht.", "The measurements did not count the meeting."
        )
    return passed(
        f"{len(samples)} Messwerte zählten eine laufende Besprechung und nannten niemanden.",
        f"{len(samples)} measurements counted a meeting that went on, and named nobody.",
    )


def _strange(sample: dict[str, Any]) -> list[str]:
    return [
        f"{name} of {sample['name']}"
        for name, value in sample["labels"].items()
        if name != "kind" or value not in _KINDS
    ]


@asynccontextmanager
async def twin(target: Target) -> AsyncIterator[Target]:
    """Counts by meeting."""
    last: list[str] = []

    def counted(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        parts = request.url.path.split("/")
        if request.url.path.startswith("/api/meetings/"):
            last[:] = [parts[3]]
        if request.url.path != _PATH:
            return answer
        text = f'klausur_participants{{meeting="{"".join(last)}"}} 2.0\n'
        return httpx.Response(200, headers={"Content-Type": "text/plain"}, text=text)

    async with damaged(target, counted) as broken:
        yield broken


PROBE: Final = Probe(
    id="metrics.canary",
    version=2,
    proves=Text(
        de="Während einer gekennzeichneten Besprechung nennt kein Messwert sie, die Teilnehmenden oder deren Adressen, "
        "und keiner trägt eine Beschriftung, die das könnte; Fremden werden keine Messwerte gezeigt.",
        en="While a marked meeting goes on no measurement names it, its participants or their addresses, and none has "
        "a label that could; strangers are shown no measurements.",
    ),
    proves_not=Text(
        de="Messwerte, die andere Programme auf derselben Maschine erheben, etwa der Reverse-Proxy; dass aus Zahlen "
        "und Zeiten nicht auf eine einzelne Besprechung zu schließen wäre, wenn es nur eine gibt.",
        en="Measurements that other programs on the same machine take, such as the reverse proxy; that numbers and "
        "times could not be related to one meeting where there is only one.",
    ),
    vantage=Vantage.INSIDE,
    grade=Grade.EFFECT,
    collect=collect,
    judge=judge,
    twin=twin,
    depends_on=("engine", "guests", "metrics_port", "open_meetings"),
    seconds=30.0,
)
