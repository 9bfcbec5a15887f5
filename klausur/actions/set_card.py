"""The host writes the meeting's card: a ciphertext whose signature the server checks, and whose title it never sees."""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from klausur.actions.door import enter_live
from klausur.actions.views import card_message
from klausur.actions.world import World
from klausur.domain import encoding
from klausur.domain.errors import CardOutdated, Malformed, NotHost
from klausur.domain.events import Event
from klausur.domain.limits import HOST_KEY_BYTES, SIGNATURE_BYTES
from klausur.domain.meeting import next_card


async def set_card(world: World, meeting: str, proof: str | None, *, version: int, sealed: str, signature: str) -> None:
    now = world.clock.now()
    # Only the host gets as far as the lock in front of all writers.
    async with world.store.reading() as unit:
        known, _ = await enter_live(unit, meeting, proof, now)
    if not encoding.is_sealed(sealed):
        raise Malformed
    _require_host(known.host_public_key, f"klausur card v1|{known.id}|{version}|{sealed}", signature)
    async with world.store.writing() as unit:
        known, _ = await enter_live(unit, meeting, proof, now)
        card = next_card(known, version, sealed)
        if not await unit.meetings.set_card(known.id, card):
            raise CardOutdated
        await unit.history.note(Event.CARD_SET, known.id, now)
    world.audience.tell(known.id, card_message(card))


def _require_host(public_key: str, statement: str, signature: str) -> None:
    key = encoding.decode(public_key, HOST_KEY_BYTES)
    mark = encoding.decode(signature, SIGNATURE_BYTES)
    if key is None or mark is None or len(mark) != SIGNATURE_BYTES:
        raise NotHost
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(mark, statement.encode())
    except (InvalidSignature, ValueError):
        raise NotHost from None
