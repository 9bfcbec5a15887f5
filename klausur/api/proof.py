"""``/api/proof``: pages that others have put together, handed out as they are; and what people do for the proof, which
processes of their own do (domain/proof_ports.py: ProofOffice)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from importlib.metadata import version
from typing import Annotated, Any, Final, TypeVar, get_args

from fastapi import APIRouter, Path
from fastapi.responses import Response, StreamingResponse
from pydantic import ValidationError

from klausur.actions.people.checking import begin_check
from klausur.actions.people.circle import Here
from klausur.api import proof_models as models
from klausur.api import proof_pages as pages
from klausur.api.errors import responses
from klausur.api.parts import Parts, TheParts
from klausur.api.people.here import RandomId, TheAccount, described
from klausur.api.powers import needs_account
from klausur.domain.errors import NotThere, ProofFailed
from klausur.domain.policy import AccountOperation
from klausur.domain.proof_ports import (
    EXPORTS,
    JUDGED_PAGES,
    Blob,
    Entry,
    EntryType,
    Handed,
    is_as_written,
    is_over,
)

router = APIRouter(prefix="/api/proof", tags=["proof"])

_SEES = needs_account(AccountOperation.SEE_PROOF)
_ATTESTS = needs_account(AccountOperation.ATTEST)
_WRITES: Final = ("proof_busy", "proof_failed")
_JSON: Final = "application/json"
_PART_BYTES: Final = 256 * 1024
_FILES: Final = {export.media_type: {"schema": {"type": "string", "format": "binary"}} for export in EXPORTS.values()}

Shown = TypeVar("Shown", models.AttestationShown, models.WaiverShown)
Seq = Annotated[int, Path(ge=1, le=2**31 - 1)]
ExportName = Annotated[str, Path(max_length=40)]


# -- what is to be seen -----------------------------------------------------------------------------------------------


@router.get(
    "",
    responses=responses("storage_unavailable"),
    response_model=models.ProofSummary,
    openapi_extra=needs_account(AccountOperation.SEE_PROOF_SUMMARY),
)
async def see_proof_summary(parts: TheParts) -> Response:
    stored, was_over = await _stored(parts, "summary")
    if stored is None or was_over:
        none = {**_NONE, "state": "none" if stored is None else "outdated", "release": version("klausur")}
        stored = json.dumps(none, separators=(",", ":"))
    return _page(stored, parts)


@router.get("/report", responses=described(*_WRITES), response_model=pages.ProofReport, openapi_extra=_SEES)
async def see_proof_report(here: TheAccount, parts: TheParts) -> Response:
    return _page(await _made(parts, here, "report"), parts)


@router.get("/facts", responses=described(*_WRITES), response_model=pages.FactsPage, openapi_extra=_SEES)
async def see_facts(here: TheAccount, parts: TheParts) -> Response:
    return _page(await _made(parts, here, "facts"), parts)


@router.get(
    "/evidence/{seq}",
    responses=described("not_found"),
    response_model=pages.EvidenceShown,
    openapi_extra=_SEES,
)
async def see_evidence(seq: Seq, _here: TheAccount, parts: TheParts) -> Response:
    """Of probes only: what else the ledger holds, the package has. What was altered is not what was seen."""
    async with parts.people.store.reading() as unit:
        written = await unit.proof.written(seq)
    if written is None or written[0].type != EntryType.EVIDENCE:
        raise NotThere
    # As long as evidence can be, this takes longer than others should wait.
    return Response(await asyncio.to_thread(_evidence, *written), media_type=_JSON)


@router.get(
    "/exports/{name}",
    response_class=StreamingResponse,
    responses={**described("not_found", "proof_refused", *_WRITES), 200: {"content": _FILES}},
    openapi_extra=_SEES,
)
async def export_proof(name: ExportName, _here: TheAccount, parts: TheParts) -> Response:
    handed = await parts.office.export(name)
    headers = {
        "content-disposition": f'attachment; filename="{name}"',
        "content-length": str(handed.size),
        "content-type": EXPORTS[name].media_type,
    }
    return StreamingResponse(_parts_of(handed), headers=headers)


async def _stored(parts: Parts, key: str) -> tuple[str | None, bool]:
    """And whether what it says holds no more."""
    async with parts.people.store.reading() as unit:
        stored = await unit.proof.pages([key, *JUDGED_PAGES])
    page = stored.get(key)
    return None if page is None else page.body, is_over(stored, parts.people.clock.now())


async def _made(parts: Parts, here: Here, key: str) -> str:
    """Put together where that has never been done, or holds no more: before the first run there is much to be answered
    already, and what was green under other settings is not shown so."""
    body, was_over = await _stored(parts, key)
    if body is None or was_over:
        await _act(parts, here, "judge", {})
        body, was_over = await _stored(parts, key)
    if body is None or was_over:
        raise ProofFailed
    return body


def _page(body: str, parts: Parts) -> Response:
    """``running`` is no in what is stored, and stands before anything that people wrote."""
    told = body.replace(_NOT_RUNNING, _RUNNING, 1) if parts.office.running else body
    return Response(told, media_type=_JSON)


_NOT_RUNNING: Final = '"running":false'
_RUNNING: Final = '"running":true'
_ZEROES: Final = dict.fromkeys(get_args(models.Verdict), 0)
_NONE: Final[Mapping[str, Any]] = {
    "state": "none",
    "at": None,
    "release": "",
    "profile": "dsk",
    "catalogue": None,
    "rows": 0,
    "counts": _ZEROES,
    "must": _ZEROES,
    "labels": [],
    "running": False,
    "invalid": None,
}


def _evidence(entry: Entry, blob: Blob) -> str:
    """Raises NotThere for what no probe of ours wrote."""
    if not is_as_written(entry, blob):
        raise NotThere
    try:
        kept = json.loads(blob.body)
        told = {name: kept[name] for name in ("status", "says", "evidence", "twin")}
        return json.dumps({"at": entry.at, "probe": kept["probe"]["id"], **told}, ensure_ascii=False)
    except (KeyError, TypeError, ValueError):
        raise NotThere from None


async def _parts_of(handed: Handed) -> AsyncIterator[bytes]:
    with handed.content:
        while part := await asyncio.to_thread(handed.content.read, _PART_BYTES):
            yield part


# -- what people do ---------------------------------------------------------------------------------------------------


@router.post(
    "/run",
    status_code=202,
    responses=described("check_running"),
    openapi_extra=needs_account(AccountOperation.CHECK),
)
async def begin_run(_nothing: models.Nothing, here: TheAccount, parts: TheParts) -> models.Running:
    await begin_check(parts.people, parts.office, here)
    return models.Running(running=True)


@router.put(
    "/facts",
    responses=described("proof_refused", *_WRITES),
    response_model=pages.FactShown,
    openapi_extra=needs_account(AccountOperation.STATE_FACTS),
)
async def put_fact(given: models.FactStated, here: TheAccount, parts: TheParts) -> Response:
    fact = await _act(parts, here, "fact", given.model_dump())
    return Response(json.dumps(fact, ensure_ascii=False), media_type=_JSON)


@router.post(
    "/attestations",
    status_code=201,
    responses=described("too_large", "proof_refused", *_WRITES),
    openapi_extra=_ATTESTS,
)
async def attest(given: models.AttestationGiven, here: TheAccount, parts: TheParts) -> models.AttestationShown:
    return _shown(models.AttestationShown, await _act(parts, here, "attest", given.model_dump()))


@router.delete(
    "/attestations/{attestation}", status_code=204, responses=described("not_found", *_WRITES), openapi_extra=_ATTESTS
)
async def withdraw_attestation(attestation: RandomId, here: TheAccount, parts: TheParts) -> None:
    await _act(parts, here, "withdraw_attestation", {"id": attestation})


@router.post("/waivers", status_code=201, responses=described("proof_refused", *_WRITES), openapi_extra=_ATTESTS)
async def ask_for_waiver(given: models.WaiverGiven, here: TheAccount, parts: TheParts) -> models.WaiverShown:
    return _shown(models.WaiverShown, await _act(parts, here, "ask_for_waiver", given.model_dump()))


@router.post(
    "/waivers/{waiver}/second",
    responses=described("not_found", "proof_refused", *_WRITES),
    openapi_extra=_ATTESTS,
)
async def approve_waiver(
    waiver: RandomId, given: models.SecondPerson, here: TheAccount, parts: TheParts
) -> models.WaiverShown:
    act = {"id": waiver, "person": given.person}
    return _shown(models.WaiverShown, await _act(parts, here, "approve_waiver", act))


@router.delete("/waivers/{waiver}", status_code=204, responses=described("not_found", *_WRITES), openapi_extra=_ATTESTS)
async def withdraw_waiver(waiver: RandomId, here: TheAccount, parts: TheParts) -> None:
    await _act(parts, here, "withdraw_waiver", {"id": waiver})


async def _act(parts: Parts, here: Here, kind: str, said: Mapping[str, Any]) -> Mapping[str, Any]:
    who = {"account": here.account.id, "name": here.account.name}
    return await parts.office.do({"who": who, "act": {**said, "kind": kind}})


def _shown(kind: type[Shown], told: Mapping[str, Any]) -> Shown:
    """Raises ProofFailed for an answer of another shape."""
    try:
        return kind.model_validate(told)
    except ValidationError:
        raise ProofFailed from None
