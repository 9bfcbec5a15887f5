"""Everything that can go wrong in the domain's own words.

    KlausurError
    ├── NoMeeting            unknown, over, or told to an outsider: all alike
    ├── MeetingEnded         told only to those who present the link proof
    ├── MeetingFull          also when too many wait already
    ├── MeetingLocked
    ├── MeetingNotStarted    before its time; only a host gets in
    ├── AdmissionChanged     the waiting room has been switched on or off meanwhile; look again
    ├── NotAdmitted          waits, or was declined
    ├── Declined             not let in; ``again``: may knock once more
    ├── Removed              by a host or co-host; with this seat and key there is no way back
    ├── MeetingsNotOpen      this installation lets nobody open meetings this way
    ├── SessionChanged       the opening named is not the current one; look again
    ├── PseudonymTaken
    ├── CardOutdated
    ├── RulesOutdated
    ├── NotHost
    ├── NotAllowed           the role does not have this power, or not against that one
    ├── NotYourSeat
    ├── TicketRefused
    ├── TicketInUse
    ├── SigninNeeded         no session, or one that is over
    ├── SigninRefused        name, key or passkey wrong, or the account disabled: all alike
    ├── CodeNeeded           the key is right, and the account has a second factor
    ├── CodeRefused          wrong, used already, or too old
    ├── SecondFactorRequired the session was begun without one
    ├── NoInvitation         unknown, used, withdrawn or too old: all alike
    ├── NameTaken
    ├── LastAdministrator    nobody would be left who can administer
    ├── LastMeans            the account could not be signed in to any more, or not well enough for its role
    ├── VaultOutdated
    ├── TimesOutdated
    ├── CheckRunning         a run of the proof goes on already
    ├── ProofBusy            somebody else has what there is one of, or too many wait for it
    ├── ProofRefused         what was said for the proof cannot be taken, with ``message`` and ``field``
    ├── ProofFailed          the process that was to do it came to no end, or to none of ours
    ├── NotThere             no such session, passkey, person … of those one may ask for
    ├── TooManyAttempts      with ``retry_after`` in seconds
    ├── EngineUnavailable
    ├── StorageUnavailable   database read-only, locked or disk full
    │   └── DatabaseTaken    another server has it
    └── BadRequest           what a door itself refuses, before any meeting is looked at
        ├── Malformed
        ├── TooLarge
        ├── WrongHost        a Host header, or a plain connection, that is not ours
        ├── WrongOrigin      a page of somebody else's
        ├── NoSuchPlace      no route of that name
        └── NoSuchMethod     with ``allowed``

    ProviderError            a sign-in by the identity provider that came to nothing; shown by the sign-in page
    ├── ProviderRefused      they did not sign in there, or what came back does not hold
    ├── ProviderUnavailable  down, slow, or answering nonsense
    └── NoAccountHere        known to the provider, but not here

Each class carries its ``code``: the closed list that clients know. The HTTP door maps codes to statuses once, in
``api/errors.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar


class KlausurError(Exception):
    """Base of all errors that a door may show. Its text is for developers and never reaches a client."""

    code: ClassVar[str] = "internal"


class NoMeeting(KlausurError):
    code = "no_meeting"


class MeetingEnded(KlausurError):
    code = "meeting_ended"


class MeetingFull(KlausurError):
    code = "meeting_full"


class MeetingLocked(KlausurError):
    code = "meeting_locked"


class MeetingNotStarted(KlausurError):
    code = "meeting_not_started"


class AdmissionChanged(KlausurError):
    code = "admission_changed"


class NotAdmitted(KlausurError):
    code = "not_admitted"


class Declined(KlausurError):
    """``again``: whether another knock is allowed."""

    code = "declined"

    def __init__(self, *, again: bool) -> None:
        super().__init__("may knock again" if again else "knocked once too often")
        self.again = again


class Removed(KlausurError):
    code = "removed"


class MeetingsNotOpen(KlausurError):
    code = "meetings_not_open"


class SessionChanged(KlausurError):
    code = "session_changed"


class PseudonymTaken(KlausurError):
    code = "pseudonym_taken"


class CardOutdated(KlausurError):
    code = "card_outdated"


class RulesOutdated(KlausurError):
    code = "rules_outdated"


class NotHost(KlausurError):
    code = "not_host"


class NotAllowed(KlausurError):
    code = "not_allowed"


class NotYourSeat(KlausurError):
    code = "not_your_seat"


class TicketRefused(KlausurError):
    code = "ticket_refused"


class TicketInUse(KlausurError):
    code = "ticket_in_use"


class SigninNeeded(KlausurError):
    code = "signin_needed"


class SigninRefused(KlausurError):
    code = "signin_refused"


class CodeNeeded(KlausurError):
    code = "code_needed"


class CodeRefused(KlausurError):
    code = "code_refused"


class SecondFactorRequired(KlausurError):
    code = "second_factor_required"


class NoInvitation(KlausurError):
    code = "no_invitation"


class NameTaken(KlausurError):
    code = "name_taken"


class LastAdministrator(KlausurError):
    code = "last_administrator"


class LastMeans(KlausurError):
    code = "last_means"


class VaultOutdated(KlausurError):
    code = "vault_outdated"


class TimesOutdated(KlausurError):
    code = "times_outdated"


class CheckRunning(KlausurError):
    code = "check_running"


class ProofBusy(KlausurError):
    code = "proof_busy"


class ProofRefused(KlausurError):
    """``message``: why, in both languages, by ``de`` and ``en``. ``field``: of what was sent; empty for all of it."""

    code = "proof_refused"

    def __init__(self, message: Mapping[str, str], field: str = "") -> None:
        super().__init__(field)
        self.message = dict(message)
        self.field = field


class ProofFailed(KlausurError):
    code = "proof_failed"


class NotThere(KlausurError):
    code = "not_found"


class TooManyAttempts(KlausurError):
    """``retry_after``: seconds until another attempt may succeed."""

    code = "too_many_attempts"

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"retry after {retry_after} s")
        self.retry_after = retry_after


class EngineUnavailable(KlausurError):
    code = "engine_unavailable"


class StorageUnavailable(KlausurError):
    code = "storage_unavailable"


class DatabaseTaken(StorageUnavailable):
    """Another server has it: two on one would give each other's seats up."""


class BadRequest(KlausurError):
    """Base of what a door refuses by itself."""


class Malformed(BadRequest):
    code = "malformed"


class TooLarge(BadRequest):
    code = "too_large"


class WrongHost(BadRequest):
    code = "wrong_host"


class WrongOrigin(BadRequest):
    code = "wrong_origin"


class NoSuchPlace(BadRequest):
    code = "not_found"


class NoSuchMethod(BadRequest):
    """``allowed``: the methods that there are instead."""

    code = "method_not_allowed"

    def __init__(self, *allowed: str) -> None:
        super().__init__(f"only {', '.join(allowed)}")
        self.allowed = allowed


class ProviderError(Exception):
    """None of a door's answers: a browser is on its way between pages, and is sent to ours that says it."""

    fragment: ClassVar[str]
    """Of the sign-in page."""


class ProviderRefused(ProviderError):
    fragment = "provider-refused"


class ProviderUnavailable(ProviderError):
    fragment = "provider-unavailable"


class NoAccountHere(ProviderError):
    fragment = "no-account"
