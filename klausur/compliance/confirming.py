"""The ledger of an installation, by its settings: signed once a day, and handed out as a package."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from klausur.compliance.keeping import Ledger, checkpoint_key
from klausur.compliance.ledger import Checkpoint
from klausur.compliance.package import Contents, export
from klausur.compliance.timestamp import NotStamped, read_certificates, stamper
from klausur.domain.ports import Clock, Store
from klausur.settings import Settings


async def confirm(settings: Settings, store: Store, clock: Clock) -> Checkpoint | None:
    """A checkpoint of all there is, with a time stamp where TSA_URL is set; None of an empty ledger. Raises
    CannotStartError where the key cannot be kept, StorageUnavailable, OSError."""
    key = checkpoint_key(settings.data)
    stamp = None
    if settings.tsa_url is not None and settings.tsa_certificate is not None:
        stamp = stamper(settings.tsa_url, settings.tsa_certificate)
    return await Ledger(store, clock).checkpoint(key, settings.data, stamp)


async def hand_out(
    settings: Settings,
    store: Store,
    clock: Clock,
    file: Path,
    *,
    release: str,
    catalogue: Mapping[str, str],
    more: Mapping[str, bytes],
) -> Checkpoint | None:
    """A package of now, signed and confirmed. ``catalogue``, ``more``: see Contents. Raises as ``confirm``, besides
    FileExistsError and TooMuch; then there is no such file."""
    confirmed = await confirm(settings, store, clock)
    contents = Contents(release, clock.now(), catalogue, more)
    if settings.tsa_certificate is not None:
        contents = replace(contents, tsa=_certificates(settings.tsa_certificate))
    await export(store, settings.data, file, checkpoint_key(settings.data), contents)
    return confirmed


def _certificates(file: Path) -> bytes | None:
    """None where they cannot be read: the package says then that there is nothing to hold stamps against."""
    try:
        return read_certificates(file)
    except NotStamped:
        return None
