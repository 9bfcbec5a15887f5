"""``/api/account``: what is stored of oneself, one's means of signing in, one's sessions."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from klausur.actions.people.own_account import account_view, erase_own_account, export_account, put_notice_away
from klausur.actions.people.password import change_password, remove_password
from klausur.actions.people.second_factor import (
    begin_second_factor,
    confirm_second_factor,
    remove_second_factor,
    renew_backup_codes,
)
from klausur.actions.people.sessions import end_other_sessions, end_session
from klausur.api.parts import TheParts, network_of
from klausur.api.people import models
from klausur.api.people.here import RandomId, TheAccount, clear_cookie, described
from klausur.api.powers import needs_account
from klausur.domain.accounts import name_key
from klausur.domain.policy import AccountOperation

router = APIRouter(prefix="/api/account", tags=["people"])

_SEES = needs_account(AccountOperation.SEE_OWN_ACCOUNT)
_CHANGES = needs_account(AccountOperation.CHANGE_OWN_ACCOUNT)


@router.get("", responses=described(), openapi_extra=_SEES)
async def see_own_account(here: TheAccount, parts: TheParts) -> models.AccountAnswer:
    return models.AccountAnswer.of(await account_view(parts.people, here))


@router.get("/export", responses=described(), openapi_extra=_SEES)
async def export_own_account(here: TheAccount, response: Response, parts: TheParts) -> models.AccountExport:
    response.headers["content-disposition"] = 'attachment; filename="klausur-account.json"'
    return models.AccountExport.all_of(await export_account(parts.people, here))


@router.delete(
    "",
    status_code=204,
    responses=described("last_administrator"),
    openapi_extra=needs_account(AccountOperation.ERASE_OWN_ACCOUNT),
)
async def erase_it(here: TheAccount, response: Response, parts: TheParts) -> None:
    await erase_own_account(parts.people, here)
    clear_cookie(response, parts)


@router.put(
    "/password",
    status_code=204,
    responses=described("signin_refused", "too_many_attempts"),
    openapi_extra=_CHANGES,
)
async def put_password(given: models.PasswordChange, here: TheAccount, request: Request, parts: TheParts) -> None:
    # The current one could be guessed here as well as at the sign-in.
    with parts.patience.attempt(name_key(here.account.name), network_of(request)):
        await change_password(parts.people, here, given.kdf.given(), given.key, current=given.current, wrap=given.wrap)


@router.delete("/password", status_code=204, responses=described("last_means"), openapi_extra=_CHANGES)
async def delete_password(here: TheAccount, parts: TheParts) -> None:
    await remove_password(parts.people, here)


@router.post("/totp", status_code=201, responses=described(), openapi_extra=_CHANGES)
async def begin_totp(here: TheAccount, parts: TheParts) -> models.Enrolment:
    return models.Enrolment.model_validate(await begin_second_factor(parts.people, here))


@router.put("/totp", responses=described("code_refused"), openapi_extra=_CHANGES)
async def confirm_totp(given: models.CodeGiven, here: TheAccount, parts: TheParts) -> models.BackupCodes:
    return models.BackupCodes(backup_codes=await confirm_second_factor(parts.people, here, given.code))


@router.delete("/totp", status_code=204, responses=described("last_means"), openapi_extra=_CHANGES)
async def delete_totp(here: TheAccount, parts: TheParts) -> None:
    await remove_second_factor(parts.people, here)


@router.post("/backup-codes", responses=described(), openapi_extra=_CHANGES)
async def new_backup_codes(here: TheAccount, parts: TheParts) -> models.BackupCodes:
    return models.BackupCodes(backup_codes=await renew_backup_codes(parts.people, here))


@router.delete("/sessions/{session}", status_code=204, responses=described("not_found"), openapi_extra=_CHANGES)
async def end_one_session(session: RandomId, here: TheAccount, parts: TheParts) -> None:
    await end_session(parts.people, here, session)


@router.delete("/sessions", status_code=204, responses=described(), openapi_extra=_CHANGES)
async def end_all_other_sessions(here: TheAccount, parts: TheParts) -> None:
    await end_other_sessions(parts.people, here)


@router.delete("/notices/{notice}", status_code=204, responses=described("not_found"), openapi_extra=_CHANGES)
async def delete_notice(notice: RandomId, here: TheAccount, parts: TheParts) -> None:
    await put_notice_away(parts.people, here, notice)
