"""``/api/admin``: people, links, running meetings, settings, the engine. None of it has content of meetings."""

from __future__ import annotations

from fastapi import APIRouter

from klausur.actions.people.administer import (
    change_person,
    erase_person,
    invite,
    list_people,
    offer_reset,
    reset_second_factor,
    withdraw,
)
from klausur.actions.people.running import end_running, running_meetings
from klausur.api.parts import TheParts
from klausur.api.people import admin_models as models
from klausur.api.people.here import RandomId, TheAccount, described
from klausur.api.powers import needs_account
from klausur.domain.accounts import AccountRole
from klausur.domain.policy import AccountOperation

router = APIRouter(prefix="/api/admin", tags=["administration"])

_INVITES = needs_account(AccountOperation.INVITE)
_CHANGES = needs_account(AccountOperation.CHANGE_PEOPLE)


@router.get("/people", responses=described(), openapi_extra=needs_account(AccountOperation.SEE_PEOPLE))
async def see_people(_here: TheAccount, parts: TheParts) -> models.PeopleAnswer:
    return models.PeopleAnswer.of(*await list_people(parts.people))


@router.post("/invitations", status_code=201, responses=described("name_taken"), openapi_extra=_INVITES)
async def invite_somebody(wish: models.InvitationWish, here: TheAccount, parts: TheParts) -> models.InvitationMade:
    return models.InvitationMade.of(await invite(parts.people, here, AccountRole(wish.role), wish.name))


@router.delete("/invitations/{invitation}", status_code=204, responses=described("not_found"), openapi_extra=_INVITES)
async def withdraw_invitation(invitation: RandomId, here: TheAccount, parts: TheParts) -> None:
    await withdraw(parts.people, here, invitation)


@router.put(
    "/people/{person}",
    status_code=204,
    responses=described("not_found", "last_administrator"),
    openapi_extra=_CHANGES,
)
async def change_somebody(person: RandomId, given: models.PersonChange, here: TheAccount, parts: TheParts) -> None:
    await change_person(parts.people, here, person, role=AccountRole(given.role), disabled=given.disabled)


@router.delete(
    "/people/{person}",
    status_code=204,
    responses=described("not_found", "last_administrator"),
    openapi_extra=_CHANGES,
)
async def erase_somebody(person: RandomId, here: TheAccount, parts: TheParts) -> None:
    await erase_person(parts.people, here, person)


@router.delete(
    "/people/{person}/second-factor", status_code=204, responses=described("not_found"), openapi_extra=_CHANGES
)
async def reset_their_second_factor(person: RandomId, here: TheAccount, parts: TheParts) -> None:
    await reset_second_factor(parts.people, here, person)


@router.post("/people/{person}/reset", status_code=201, responses=described("not_found"), openapi_extra=_INVITES)
async def make_reset_link(person: RandomId, here: TheAccount, parts: TheParts) -> models.InvitationMade:
    return models.InvitationMade.of(await offer_reset(parts.people, here, person))


@router.get("/meetings", responses=described(), openapi_extra=needs_account(AccountOperation.SEE_RUNNING))
async def see_running(_here: TheAccount, parts: TheParts) -> models.RunningAnswer:
    running = await running_meetings(parts.people)
    return models.RunningAnswer(meetings=[models.RunningMeeting.of(each) for each in running])


@router.delete(
    "/meetings/{session}",
    status_code=204,
    responses=described("not_found"),
    openapi_extra=needs_account(AccountOperation.END_RUNNING),
)
async def end_one(session: RandomId, here: TheAccount, parts: TheParts) -> None:
    await end_running(parts.people, parts.world, here, session)


@router.get("/settings", responses=described(), openapi_extra=needs_account(AccountOperation.SEE_SETTINGS))
async def see_settings(_here: TheAccount, parts: TheParts) -> models.SettingsAnswer:
    shown = [models.SettingShown.model_validate(each) for each in parts.inside.settings()]
    return models.SettingsAnswer(settings=shown)


@router.get("/engine", responses=described(), openapi_extra=needs_account(AccountOperation.SEE_ENGINE))
async def see_engine(_here: TheAccount, parts: TheParts) -> models.EngineAnswer:
    return models.EngineAnswer.model_validate(await parts.inside.engine())
