"""Damage to what stands before everybody: headers, cookies, links, the waiting room, powers, signing in."""

from __future__ import annotations

from typing import Final

from tests.sabotage.damage import Damage, Edit, Kind

_HEADERS: Final = "klausur/api/headers.py"
_HERE: Final = "klausur/api/people/here.py"
_DOOR: Final = "klausur/actions/door.py"
_POLICY: Final = "klausur/domain/policy.py"
_MEETING: Final = "klausur/domain/meeting.py"
_SESSIONS: Final = "klausur/actions/people/sessions.py"
_SOCKETS: Final = "klausur/api/sockets.py"
_COOKIE: Final = 'secure=its.secure, httponly=True, samesite="strict"\n    )'
_NOSNIFF: Final = '    (b"x-content-type-options", b"nosniff"),\n'


def _more_header(name: str, value: str) -> Edit:
    """On every answer."""
    return Edit(_HEADERS, _NOSNIFF, f'{_NOSNIFF}    (b"{name}", b"{value}"),\n')


HEADERS: Final = (
    Damage(
        "The header against telling others where one comes from is gone",
        ("http.headers",),
        (Edit(_HEADERS, '    (b"referrer-policy", b"no-referrer"),\n', ""),),
        quick=True,
    ),
    Damage(
        "Camera and microphone are lent to any frame",
        ("http.headers",),
        (Edit(_HEADERS, "=(self)", "=*"),),
    ),
    Damage("Answers stay in caches", ("http.headers",), (Edit(_HEADERS, 'b"no-store"', 'b"max-age=600"'),)),
    Damage("Content types may be guessed", ("http.headers",), (Edit(_HEADERS, _NOSNIFF, ""),)),
    Damage("Answers name the software", ("http.headers",), (_more_header("server", "uvicorn/0.38"),)),
    Damage(
        "Pages may send to any address",
        ("http.csp",),
        (Edit(_HEADERS, "\"connect-src 'self'\"", "\"connect-src 'self' https: wss:\""),),
    ),
    Damage(
        "Scripts may stand within pages",
        ("http.csp",),
        (Edit(_HEADERS, "        \"script-src 'self'\",\n", "        \"script-src 'self' 'unsafe-inline'\",\n"),),
    ),
    Damage(
        "Pages may be framed by others",
        ("http.csp",),
        (Edit(_HEADERS, "        \"frame-ancestors 'none'\",\n", ""),),
    ),
    Damage(
        "The content security policy only reports",
        ("http.csp",),
        (
            Edit(
                _HEADERS,
                '    (b"content-security-policy", _POLICY.encode()),\n',
                '    (b"content-security-policy-report-only", _POLICY.encode()),\n',
            ),
        ),
    ),
    Damage(
        "Scripts can read the session's cookie",
        ("http.cookies",),
        (
            Edit(
                _HERE,
                f'max_age=_KEPT_SECONDS, path="/", {_COOKIE}',
                'max_age=_KEPT_SECONDS, path="/", secure=its.secure, samesite="strict"\n    )',
            ),
        ),
        quick=True,
    ),
    Damage(
        "The session's cookie goes with links from elsewhere",
        ("http.cookies",),
        (
            Edit(
                _HERE,
                f'max_age=_KEPT_SECONDS, path="/", {_COOKIE}',
                'max_age=_KEPT_SECONDS, path="/", secure=its.secure, httponly=True, samesite="lax"\n    )',
            ),
        ),
    ),
    Damage(
        "Everybody is given a cookie at the first page",
        ("http.cookies", "notice.reachable"),
        (_more_header("set-cookie", "visitor=1; Path=/; HttpOnly; SameSite=Strict"),),
    ),
)

LINKS: Final = (
    Damage(
        "Ids have four random bytes",
        ("links.entropy",),
        (
            Edit(
                _DOOR,
                "encoding.encode(secrets.token_bytes(size))",
                "encoding.encode(secrets.token_bytes(4).ljust(size))",
            ),
        ),
    ),
    Damage(
        "Ids are made of the time",
        ("links.entropy",),
        (
            Edit(_DOOR, "encoding.encode(secrets.token_bytes(size))", "encoding.encode(time.time_ns().to_bytes(size))"),
            Edit(_DOOR, "import secrets\n", "import time\n"),
        ),
    ),
    Damage(
        "A ticket can be computed from the seat",
        ("links.entropy",),
        (
            Edit(
                _DOOR,
                "    ticket = new_secret(SECRET_BYTES)\n",
                "    ticket = encoding.encode(hashlib.sha256(seat.pseudonym.encode()).digest())\n",
            ),
        ),
    ),
    Damage(
        "Wrong links are not counted",
        ("links.guessing",),
        (
            Edit(
                "klausur/api/meetings.py",
                "        count(parts, Attempt.GUESS, request)\n        raise\n",
                "        raise\n",
            ),
        ),
    ),
    Damage(
        "The link's secret is not compared",
        ("links.guessing", "links.uniform"),
        (
            Edit(
                _DOOR,
                "    if found is None or not right:\n        raise NoMeeting",
                "    if found is None:\n        raise NoMeeting",
            ),
        ),
    ),
    Damage(
        "A wrong secret is answered otherwise than a wrong address",
        ("links.uniform",),
        (
            Edit(
                _DOOR,
                "    if found is None or not right:\n        raise NoMeeting",
                "    if found is None:\n        raise NoMeeting\n    if not right:\n        raise NotYourSeat",
            ),
        ),
    ),
    Damage(
        "Strangers are told that a meeting is over",
        ("links.uniform",),
        (
            Edit(
                _DOOR,
                "    if found is None or not right:\n        raise NoMeeting",
                "    if found is None:\n        raise MeetingEnded\n    if not right:\n        raise NoMeeting",
            ),
        ),
    ),
)

LOBBY: Final = (
    Damage(
        "The waiting room is off",
        ("config.defaults",),
        (
            Edit(
                "klausur/domain/admission.py", "return self.waiting_room or not removed <= set(denied)", "return False"
            ),
        ),
    ),
    Damage(
        "New meetings begin without a waiting room",
        ("config.defaults",),
        (Edit("klausur/domain/admission.py", "    waiting_room: bool = True\n", "    waiting_room: bool = False\n"),),
        quick=True,
    ),
    Damage(
        "Who waits is told how many are inside",
        ("lobby.isolation",),
        (Edit(_SOCKETS, '{"type": "waiting", "session"', '{"type": "waiting", "people": 2, "session"'),),
    ),
    Damage(
        "Who waits hears what happens inside",
        ("lobby.isolation",),
        (
            Edit(
                "klausur/api/hub.py",
                "in self._inside.get(meeting, {}).items():",
                "in {**self._lobby.get(meeting, {}), **self._inside.get(meeting, {})}.items():",
            ),
        ),
    ),
    Damage(
        "Who waits gets a ticket",
        ("lobby.isolation", "authz.moderation"),
        (
            Edit(_DOOR, "    require_seated(seat)\n    return seat\n", "    return seat\n"),
            Edit("klausur/actions/views.py", "json.loads(seat.admission)", 'json.loads(seat.admission or "{}")'),
        ),
    ),
)

POWERS: Final = (
    Damage(
        "Every account opens meetings",
        ("authz.openers",),
        (
            Edit(
                _POLICY,
                "    elif role not in ACCOUNT_TABLE[AccountOperation.OPEN_MEETING].by:\n        raise MeetingsNotOpen",
                "    elif role not in AccountRole:\n        raise MeetingsNotOpen",
            ),
        ),
    ),
    Damage(
        "Strangers open meetings in spite of the setting",
        ("authz.openers",),
        (Edit(_POLICY, "if openers is not Openers.ANYONE:", "if openers is Openers.NOBODY:"),),
    ),
    Damage(
        "Anyone may open meetings, by the setting",
        ("config.openers", "config.guests"),
        settings={"OPEN_MEETINGS": "anyone"},
    ),
    Damage(
        "Guests come to meetings for accounts alone",
        ("authz.guests-can-be-forbidden",),
        (Edit(_MEETING, "not (guests and meeting.guests)", "not guests"),),
    ),
    Damage(
        "Guests may not look at a meeting for accounts alone, but enter it",
        ("authz.guests-can-be-forbidden",),
        (
            Edit(
                "klausur/actions/take_seat.py",
                "        require_guest_or_account(known, guests=world.rules.guests, signed_in=wish.signed_in)\n",
                "",
            ),
        ),
    ),
    Damage(
        "Everybody may mute everybody",
        ("authz.moderation",),
        (Edit(_POLICY, "Operation.MUTE: _Row(_MODERATORS, _INSIDE)", "Operation.MUTE: _Row(_INSIDE, _INSIDE)"),),
    ),
    Damage(
        "Everybody may remove everybody",
        ("authz.moderation",),
        (Edit(_POLICY, "Operation.REMOVE: _Row(_MODERATORS, _INSIDE)", "Operation.REMOVE: _Row(_INSIDE, _INSIDE)"),),
    ),
    Damage(
        "Everybody may end the meeting",
        ("authz.moderation",),
        (Edit(_POLICY, "Operation.END: _Row(_MODERATORS)", "Operation.END: _Row(_INSIDE)"),),
    ),
    Damage(
        "A locked meeting lets people in",
        ("authz.moderation",),
        (Edit(_MEETING, "    if meeting.state is MeetingState.LOCKED:\n        raise MeetingLocked\n", ""),),
    ),
    Damage(
        "Who is stopped is not told of it",
        ("authz.moderation",),
        (
            Edit(
                "klausur/actions/silence.py",
                "target.pseudonym, frozenset({source}))\n    relay(world, actor.seat, act)\n",
                "target.pseudonym, frozenset({source}))\n",
            ),
        ),
    ),
    Damage(
        "Who is removed keeps listening",
        ("authz.removed-stays-out", "authz.moderation"),
        (Edit("klausur/actions/remove_somebody.py", "    await show_out(world, departure, DropReason.REMOVED)\n", ""),),
    ),
    Damage(
        "The check of roles is gone",
        ("authz.matrix",),
        (
            Edit(
                _POLICY,
                "    if role not in row.by:\n        raise NotAllowed\n    if row.strong",
                "    if row.strong",
            ),
        ),
        quick=True,
    ),
    Damage(
        "All who sign in may list the people, by the table",
        ("authz.matrix",),
        (Edit(_POLICY, "AccountOperation.SEE_PEOPLE: _ADMINISTRATION", "AccountOperation.SEE_PEOPLE: _SIGNED_IN"),),
    ),
    Damage(
        "Auditors may read the settings, by the table",
        ("authz.matrix",),
        (
            Edit(
                _POLICY,
                "AccountOperation.SEE_SETTINGS: _ADMINISTRATION",
                "AccountOperation.SEE_SETTINGS: _AccountRow(_OVERSEERS)",
            ),
        ),
    ),
    Damage(
        "One window of the administration asks nobody who they are",
        ("authz.matrix",),
        (
            Edit(
                "klausur/api/people/admin.py",
                "async def see_people(_here: TheAccount, parts",
                "async def see_people(parts",
            ),
        ),
    ),
    Damage(
        "What hosts sign is not checked",
        ("authz.matrix",),
        (
            Edit(
                "klausur/actions/signatures.py",
                "    if not is_signed(known.host_public_key, statement, signature):\n        raise NotHost",
                "    is_signed(known.host_public_key, statement, signature)",
            ),
        ),
    ),
    Damage(
        "The administration is shown by which id people join",
        ("authz.admin-sees-no-content",),
        (
            Edit(
                "klausur/store/meetings.py",
                'begun = select(_o.session, _o.began_at, count.label("seats"))',
                'begun = select(_o.meeting.label("session"), _o.began_at, count.label("seats"))',
            ),
        ),
    ),
)

SIGNIN: Final = (
    Damage(
        "Passwords may be tried for ever",
        ("auth.password-policy",),
        (
            Edit(
                "klausur/api/people/session.py",
                "    with parts.patience.attempt(name_key(given.name), network_of(request)):\n        begun =",
                "    if name_key(given.name):\n        begun =",
            ),
        ),
    ),
    Damage(
        "Any code will do for a second factor",
        ("auth.second-factor",),
        (
            Edit(
                "klausur/actions/people/sign_in.py",
                "    await use_code(people, unit, account, code, now)\n    return True\n",
                "    return True\n",
            ),
        ),
    ),
    Damage(
        "The identity provider is asked for everybody's profile",
        ("auth.provider-minimal",),
        (Edit("klausur/identity/provider.py", 'scope = "openid" if not', 'scope = "openid profile" if not'),),
        kind=Kind.PROVIDER,
    ),
    Damage(
        "Keys may be made with next to no memory",
        ("auth.password-policy",),
        (Edit("klausur/domain/accounts.py", "64 * 1024 <= kdf.memory_kib", "8 <= kdf.memory_kib"),),
    ),
    Damage(
        "Any password opens",
        ("auth.password-policy",),
        (
            Edit(
                "klausur/actions/people/sign_in.py",
                "if not hmac.compare_digest(given, held) or account is None",
                "if account is None",
            ),
        ),
    ),
    Damage(
        "A password alone is enough to administer",
        ("auth.admin-second-factor", "authz.matrix"),
        (Edit(_POLICY, "if row.strong and not strong:", "if row.strong and role is AccountRole.ORGANISER:"),),
    ),
    Damage(
        "The administration's table asks for no second factor",
        ("auth.admin-second-factor",),
        (
            Edit(
                _POLICY,
                "_AccountRow(frozenset({AccountRole.ADMINISTRATOR}), strong=True)",
                "_AccountRow(frozenset({AccountRole.ADMINISTRATOR}))",
            ),
        ),
    ),
    Damage(
        "Signing out ends nothing on the server",
        ("auth.sessions-revocable",),
        (
            Edit(
                _SESSIONS,
                "        await unit.sessions.end(here.session.hash)\n",
                "        await unit.sessions.find(here.session.hash)\n",
            ),
        ),
    ),
    Damage(
        "Other sessions cannot be ended",
        ("auth.sessions-revocable",),
        (
            Edit(
                _SESSIONS,
                "await unit.sessions.end_all(here.account.id, but=here.session.hash)",
                "await unit.sessions.of_account(here.account.id)",
            ),
        ),
    ),
    Damage(
        "A session that was ended goes on",
        ("auth.sessions-revocable",),
        (
            Edit(
                "klausur/store/accounts.py",
                "return await self._end(and_(_s.account == account, _s.id == session)) == 1",
                "return True",
            ),
        ),
    ),
)
