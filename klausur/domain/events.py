"""The closed vocabularies: what can happen, and why a connection is dropped.

Events read ``source:subject:action``. They are what the history rows carry, and they carry nothing else about it.
"""

from __future__ import annotations

from enum import StrEnum


class Event(StrEnum):
    MEETING_OPENED = "person:meeting:opened"
    CARD_SET = "host:card:set"
    RULES_SET = "host:rules:set"
    TIMES_SET = "host:times:set"
    MEETING_LOCKED = "moderator:meeting:locked"
    MEETING_UNLOCKED = "moderator:meeting:unlocked"
    MEETING_CLOSED = "moderator:meeting:ended"
    OPENING_BEGAN = "person:opening:began"
    SEAT_TAKEN = "person:seat:taken"
    SEAT_KNOCKED = "person:seat:knocked"
    SEAT_ADMITTED = "moderator:seat:admitted"
    SEAT_RECERTIFIED = "host:seat:recertified"
    SEAT_DECLINED = "moderator:seat:declined"
    SEAT_REMOVED = "moderator:seat:removed"
    SEAT_MUTED = "moderator:seat:muted"
    VIDEO_STOPPED = "moderator:seat:video_stopped"
    SCREEN_STOPPED = "moderator:seat:screen_stopped"
    SEAT_CONNECTED = "person:seat:connected"
    SEAT_DISCONNECTED = "person:seat:disconnected"
    SEAT_LEFT = "person:seat:left"
    SEAT_EXPELLED = "server:seat:expelled"
    SEAT_GIVEN_UP = "server:seat:given_up"
    TICKET_RENEWED = "person:ticket:renewed"
    TICKET_USED = "person:ticket:used"
    OPENING_EMPTIED = "server:opening:emptied"
    OPENING_OVER = "server:opening:over"
    MEETING_ENDED = "server:meeting:ended"


class EngineEvent(StrEnum):
    """What the media engine reports, by webhook."""

    ROOM_STARTED = "engine:room:started"
    ROOM_FINISHED = "engine:room:finished"
    PARTICIPANT_JOINED = "engine:participant:joined"
    PARTICIPANT_LEFT = "engine:participant:left"
    TRACK_PUBLISHED = "engine:track:published"
    PLAIN_TRACK_PUBLISHED = "engine:track:published_in_clear"
    TRACK_UNPUBLISHED = "engine:track:unpublished"


class TrackSource(StrEnum):
    MICROPHONE = "microphone"
    CAMERA = "camera"
    SCREEN = "screen"
    """With its sound."""


class DropReason(StrEnum):
    LEFT = "left"
    GIVEN_UP = "given_up"
    ENDED = "ended"
    NEW_TICKET = "new_ticket"
    """Concerns signalling sockets only: the seat goes on, its earlier tickets do not."""
    NOT_ENCRYPTED = "not_encrypted"
    REMOVED = "removed"
    ADMITTED = "admitted"
    """Out of the lobby: its socket ends, and the seat may ask for a ticket."""
    DECLINED = "declined"
    """Not let in, and may knock once more."""
    DECLINED_TWICE = "declined_twice"
    RESTARTING = "restarting"


DROP_REASONS: frozenset[str] = frozenset(reason.value for reason in DropReason)
