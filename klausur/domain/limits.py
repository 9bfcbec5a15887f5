"""Sizes and times that the wire protocol fixes. What an operator may choose is in settings instead."""

from __future__ import annotations

from datetime import timedelta

MEETING_ID_BYTES = 16
SESSION_BYTES = 16
PSEUDONYM_BYTES = 16
ROOM_BYTES = 16
SECRET_BYTES = 32
HASH_BYTES = 32
HOST_KEY_BYTES = 32
SEAT_KEY_BYTES = 32
SIGNATURE_BYTES = 64
MAC_BYTES = 32

SEALED_MIN_BYTES = 12 + 16
"""Nonce and tag around nothing."""
SEALED_MAX_BYTES = 8 * 1024
RULES_MAX_CHARACTERS = 24 * 1024
"""A document with as many co-hosts and removed people as it may name."""
WAITING_AT_MOST = 200
DECLINES_AT_MOST = 2
"""Who is declined may knock once more."""

TICKET_FIRST_USE = timedelta(seconds=60)
AWAY_AT_MOST = timedelta(minutes=5)
WAITING_UNCONNECTED = timedelta(seconds=60)
"""A reload or a short loss of network: then somebody who waits is taken to have gone away."""
DECLINED_IS_KEPT = timedelta(minutes=5)
GONE_IS_KEPT = timedelta(minutes=1)
EMPTY_AT_MOST = timedelta(minutes=10)
INSTANT_MEETING_LIVES = timedelta(hours=24)
PLANNED_AHEAD_AT_MOST = timedelta(days=400)
PLANNED_YEARS_BACK_AT_MOST = 50
ENDED_IS_TOLD = timedelta(minutes=10)
"""So long after its end a meeting still says so to those who present the link proof; then nothing is left of it."""

HELLO_WITHIN_SECONDS = 5.0
