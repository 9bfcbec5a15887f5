"""What an organisation has in its database: what must survive, and what must not, each under a name to look for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from pyrage import x25519
from sqlalchemy import Connection, insert, select

import tests.house
from klausur.actions.end_opening import new_opening
from klausur.backup.archive import Archive, unpack
from klausur.backup.restore import Restored, restore
from klausur.backup.sealing import Identities, Key, Recipients
from klausur.backup.take import take
from klausur.settings import Settings, read
from klausur.store import tables
from klausur.store.installation import key_proof
from klausur.store.migrate import migrate
from klausur.store.opening import open_alone

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
RELEASE = "0.1.0"
ADA, HANNA = "A" * 22, "H" * 22
NEVER = ("SEAT", "TICKET", "SESSION", "INVITATION", "OPENING", "ROOM", "PSEUDONYM", "ANNOUNCEMENT", "INSTANT")
"""Words that stand in what a backup leaves out."""

_SECRET = x25519.Identity.generate()
SECRET_KEY = str(_SECRET)
PUBLIC_KEY = str(_SECRET.to_public())


def settings_of(folder: Path, **chosen: Any) -> Settings:
    return read({"data": folder, **tests.house.database_of(folder), **chosen}, {}).settings


def organisation(settings: Settings) -> Settings:
    settings.data.mkdir(exist_ok=True)
    (settings.data / "account-key").write_text("k" * 43)
    (settings.data / "proof-key").write_text("p" * 43)
    (settings.data / "klausur.toml").write_text('operator_name = "Example House"\n')
    migrate(settings.database)
    with open_alone(settings.database).changing() as connection:
        for name, rows in _rows(settings.account_key or "k" * 43).items():
            connection.execute(insert(tables.metadata.tables[name]), rows)
    return settings


def _rows(account_key: str) -> Mapping[str, Sequence[Mapping[str, Any]]]:
    day, later = date(2026, 11, 1), NOW + timedelta(days=30)
    return {
        "installation": [{"id": 1, "key_proof": key_proof(account_key)}],
        "accounts": [_account(ADA, "Ada", "administrator"), _account(HANNA, "Häna Ü. \u2028", "organiser")],
        "passkeys": [
            {
                "id": "key-1",
                "account": ADA,
                "public_key": bytes(range(256)),
                "sign_count": 2**32 - 1,
                "label": "Ada's key",
                "created_day": day,
                "backed_up": True,
            }
        ],
        "backup_codes": [{"account": HANNA, "hash": "code"}],
        "notices": [{"id": "notice", "account": HANNA, "kind": "role_changed", "day": day}],
        "vaults": [{"account": HANNA, "version": 7, "blob": "v" * 100_000}],
        "vault_wraps": [{"account": HANNA, "kind": "recovery", "id": "", "wrapped": "w" * 80}],
        "audit": [
            {"id": 5, "at": NOW, "account": ADA, "act": "first", "object": HANNA},
            {"id": 9, "at": NOW, "account": None, "act": "second", "object": HANNA},
        ],
        "sessions": [_session()],
        **_proof(later),
        "invitations": [_invitation(later)],
        "meetings": [
            _meeting("planned", NOW, later, "open"),
            _meeting("alone", NOW, later, "scheduled", account=None, guests=False),
            _meeting("INSTANT", None, later, "open"),
            _meeting("INSTANT-over", NOW, NOW, "ended"),
        ],
        "openings": [
            {"session": f"OPENING-{each}", "meeting": each, "room": f"ROOM-{each}", "began_at": NOW}
            for each in ("planned", "INSTANT")
        ],
        "seats": [_seat()],
        "tickets": [
            {"hash": "TICKET", "session": "OPENING-planned", "pseudonym": "PSEUDONYM", "state": "fresh", "made_at": NOW}
        ],
        "transitions": [{"meeting": "planned", "pseudonym": "PSEUDONYM", "event": "seat:taken", "at": NOW}],
    }


def _proof(later: datetime) -> Mapping[str, Sequence[Mapping[str, Any]]]:
    entry = {"seq": 1, "at": "2026-11-22T09:00:00Z", "type": "evidence", "digest": "d" * 64, "prev": "0" * 64}
    blob = {"seq": 1, "run": "run", "name": "tls", "media_type": "text/plain", "salt": bytes(16), "body": b"\x00\xff"}
    said = {"id": "one", "objective": "DSK-T-4.1-02.a", "until": later, "body": "{}"}
    return {
        "proof_runs": [{"id": "run", "begun_at": NOW, "ended_at": None, "body": "{}"}],
        "proof_entries": [entry],
        "proof_evidence": [blob],
        "proof_facts": [{"key": "operating_model", "at": NOW, "body": '"self"'}],
        "proof_attestations": [said],
        "proof_waivers": [said],
    }


def _account(id_: str, name: str, role: str) -> Mapping[str, Any]:
    return {
        "id": id_,
        "name": name,
        "name_key": name.lower(),
        "role": role,
        "disabled": False,
        "created_day": date(2026, 11, 1),
        "kdf": '{"v":1}',
        "verifier": "x" * 43,
        "totp_last_step": 12,
    }


def _session() -> Mapping[str, Any]:
    return {
        "hash": "SESSION",
        "id": "SESSION-id",
        "account": ADA,
        "began_at": NOW,
        "seen_hour": NOW,
        "strong": True,
        "browser": "SESSION-browser",
        "provider": False,
    }


def _invitation(later: datetime) -> Mapping[str, Any]:
    return {
        "hash": "INVITATION",
        "id": "INVITATION-id",
        "kind": "invitation",
        "role": "organiser",
        "account": "INVITATION-account",
        "expires_at": later,
        "made_by": ADA,
    }


def _meeting(id_: str, opens_at: datetime | None, closes_at: datetime, state: str, **more: Any) -> Mapping[str, Any]:
    return {
        "id": id_,
        "state": state,
        "host_public_key": "p" * 43,
        "proof_hash": "h" * 43,
        "card_version": 2,
        "card_sealed": f"card of {id_}",
        "rules_version": 1,
        "rules_document": '{"waiting_room":true}',
        "rules_signature": "s" * 86,
        "opens_at": opens_at,
        "closes_at": closes_at,
        "account": HANNA,
        "guests": True,
        "times_version": 3,
    } | more


def _seat() -> Mapping[str, Any]:
    return {
        "session": "OPENING-planned",
        "pseudonym": "PSEUDONYM",
        "meeting": "planned",
        "secret_hash": "SEAT-secret",
        "announcement": "ANNOUNCEMENT",
        "state": "present",
        "connections": 1,
        "since": NOW,
        "key": "SEAT-key",
        "role": "host",
        "admission": "SEAT-admission",
        "knock": "",
        "declines": 0,
    }


# -- what people do ---------------------------------------------------------------------------------------------------


def back_up(settings: Settings, file: Path, key: Key | None = None) -> bytes:
    its = key or Recipients([PUBLIC_KEY])
    take(settings, file, its, release=RELEASE, now=NOW, tell=lambda _: None)
    return file.read_bytes()


def opened(sealed: bytes) -> Archive:
    return unpack(Identities(SECRET_KEY).unseal(sealed))


def put_back(settings: Settings, sealed: bytes, key: Key | None = None, **chosen: Any) -> Restored:
    return restore(
        settings,
        sealed,
        key or Identities(SECRET_KEY),
        **{"release": RELEASE, "now": NOW, "new_opening": new_opening, "tell": lambda _: None, **chosen},
    )


def held(settings: Settings) -> dict[str, list[dict[str, Any]]]:
    """Everything there is, by table."""

    def rows(connection: Connection, name: str) -> list[dict[str, Any]]:
        table = tables.metadata.tables[name]
        found = connection.execute(select(table).order_by(*table.primary_key.columns)).mappings()
        return [dict(row) for row in found]

    with open_alone(settings.database).snapshot() as connection:
        return {name: rows(connection, name) for name in tables.metadata.tables}
