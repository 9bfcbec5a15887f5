"""What browsers are given of the client is what was built, byte for byte."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from html import escape
from pathlib import Path
from typing import Any, Final

import httpx

from klausur.compliance.grades import Grade
from klausur.compliance.probes.saying import failed, passed, saw_nothing
from klausur.compliance.probing import Evidence, Judged, Params, Probe, Vantage
from klausur.compliance.target import CannotLook, Target, damaged
from klausur.compliance.words import Text

_CLIENT: Final = Path("web", "dist")
_DIGESTS: Final = Path(".vite", "files.json")
"""As the client's build writes it: SHA-256 of each file by its path."""
_PAGE: Final = "index.html"
_FILES_AT_MOST: Final = 2000
_MANIFEST_BYTES: Final = 1024 * 1024
_SHOWN: Final = 12
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_NO_MANIFEST: Final = Text(
    de="Zur Oberfläche gibt es kein Verzeichnis ihrer gebauten Dateien (web/dist/.vite/files.json).",
    en="There is no list of the client's built files (web/dist/.vite/files.json).",
)
_BAD_MANIFEST: Final = Text(
    de="Das Verzeichnis der gebauten Dateien ist nicht lesbar.", en="The list of built files cannot be read."
)


async def collect(target: Target) -> Evidence:
    folder = target.release / _CLIENT
    told = _manifest(folder / _DIGESTS)
    return target.evidence(
        built=json.loads(told),
        manifest=hashlib.sha256(told).hexdigest(),
        lying=_lying(folder),
        served={name: await _served(target, name) for name in sorted(json.loads(told))},
    )


def _manifest(file: Path) -> bytes:
    """Raises CannotLook."""
    try:
        with file.open("rb") as opened:
            told = opened.read(_MANIFEST_BYTES)
        built = json.loads(told)
    except OSError:
        raise CannotLook(_NO_MANIFEST) from None
    except ValueError:
        raise CannotLook(_BAD_MANIFEST) from None
    if not isinstance(built, dict) or len(built) > _FILES_AT_MOST or not all(map(_is_digest, built.values())):
        raise CannotLook(_BAD_MANIFEST)
    return told


def _is_digest(value: object) -> bool:
    return isinstance(value, str) and _DIGEST.fullmatch(value) is not None


def _lying(folder: Path) -> list[str]:
    """Names of the files in the folder: the server hands out all that it finds there, but for what begins with a
    dot."""
    names = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return sorted(name for name in names if not any(part.startswith(".") for part in name.split("/")))[:_FILES_AT_MOST]


async def _served(target: Target, name: str) -> str:
    """Its digest; of an answer that is none, the status."""
    answer = await target.get("/" if name == _PAGE else f"/{name}")
    if answer.status_code != 200:
        return str(answer.status_code)
    body = answer.content
    if name == _PAGE:
        # All that the server writes into it.
        language, operator = target.settings["language"], escape(str(target.settings.get("operator_name") or ""))
        marks = f'<html data-language="{language}" data-operator="{operator}" '
        body = body.replace(marks.encode(), b"<html ", 1)
    return hashlib.sha256(body).hexdigest()


def judge(evidence: Evidence, _params: Params) -> Judged:
    built: Mapping[str, str] = evidence["built"]
    if not built or _PAGE not in built or _PAGE not in evidence["lying"]:
        return saw_nothing("Das Verzeichnis oder der Ordner enthält keine Seite.", "List or folder holds no page.")
    faults = [
        f"{name} ({_wrong(evidence['served'][name])})" for name in built if evidence["served"][name] != built[name]
    ]
    faults += [f"{name} (not built)" for name in evidence["lying"] if name not in built]
    if faults:
        return failed("Die Oberfläche ist nicht die gebaute", "What browsers get is not what was built", sorted(faults))
    digest = evidence["manifest"][:_SHOWN]
    return passed(
        f"{len(built)} Dateien der Oberfläche sind, wie sie gebaut wurden (Verzeichnis {digest}…).",
        f"{len(built)} files of the client are as they were built (list {digest}…).",
    )


def _wrong(served: Any) -> str:
    return "altered" if _is_digest(served) else f"status {served}"


@asynccontextmanager
async def twin(target: Target) -> AsyncIterator[Target]:
    """One byte more on the page."""

    def altered(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        if request.url.path != "/":
            return answer
        return httpx.Response(
            answer.status_code, headers=answer.headers, content=answer.content + b"\n", request=request
        )

    async with damaged(target, altered) as broken:
        yield broken


PROBE: Final = Probe(
    id="supply.assets",
    version=1,
    proves=Text(
        de="Jede Datei der Oberfläche, wie der Server sie Fremden ausliefert, gleicht Byte für Byte der, die gebaut "
        "wurde; keine fehlt, und keine liegt daneben. Verglichen wird mit den Prüfsummen, die beim Bauen entstehen.",
        en="Each file of the client, as the server hands it out to strangers, equals byte for byte the one that was "
        "built; none is missing, and none lies beside them. Compared with are the checksums that the build makes.",
    ),
    proves_not=Text(
        de="Dass die Prüfsummen selbst die der veröffentlichten Version sind: Wer Dateien ändert, kann auch sie "
        "ändern. Dafür nennt der Nachweis die Prüfsumme des Verzeichnisses; vergleichen Sie sie mit der eines eigenen "
        "Baus. Auch nicht, dass jeder dieselben Dateien erhält.",
        en="That the checksums themselves are those of the published release: whoever alters files can alter them, "
        "too. For that the evidence names the checksum of the list; compare it with that of a build of your own. Nor "
        "that everybody is given the same files.",
    ),
    vantage=Vantage.OUTSIDE,
    grade=Grade.OBSERVED_INSIDE,
    collect=collect,
    judge=judge,
    twin=twin,
    depends_on=("language", "operator_name", "public_url"),
    seconds=60.0,
)
