"""``/api/vault``: what one's browsers sealed for one another."""

from __future__ import annotations

from fastapi import APIRouter

from klausur.actions.people.vault import read_vault, write_vault, write_wraps
from klausur.api.parts import TheParts
from klausur.api.people import models
from klausur.api.people.here import TheAccount, described
from klausur.api.powers import needs_account
from klausur.domain.policy import AccountOperation

router = APIRouter(prefix="/api/vault", tags=["people"])

_NEEDS = needs_account(AccountOperation.KEEP_VAULT)


@router.get("", responses=described(), openapi_extra=_NEEDS)
async def read_it(here: TheAccount, parts: TheParts) -> models.VaultAnswer:
    return models.VaultAnswer.of(here.account.id, await read_vault(parts.people, here))


@router.put("", status_code=204, responses=described("vault_outdated", "too_large"), openapi_extra=_NEEDS)
async def write_it(given: models.VaultWritten, here: TheAccount, parts: TheParts) -> None:
    await write_vault(parts.people, here, given.account, given.version, given.blob)


@router.put("/wraps", status_code=204, responses=described(), openapi_extra=_NEEDS)
async def write_its_wraps(given: models.WrapsWritten, here: TheAccount, parts: TheParts) -> None:
    await write_wraps(parts.people, here, given.account, [wrap.given() for wrap in given.wraps])
