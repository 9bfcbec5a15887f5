"""Damage to what is kept: retention, logs, columns, and what people may have of their data."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Final

from klausur.compliance.ledger import hash_of
from klausur.domain.proof_ports import Entry
from tests.sabotage.damage import Damage, Edit

_SWEEP: Final = "klausur/actions/sweep.py"
_ROWS: Final = "klausur/store/meetings.py"
_SETTINGS: Final = "klausur/settings.py"
_LOG: Final = "klausur/log.py"
_ADMINISTER: Final = "klausur/actions/people/administer.py"
_MODELS: Final = "klausur/api/people/models.py"
_SQLITE: Final = "klausur/store/sqlite.py"
_LONG_AGO: Final = "2026-01-01T00:00:00Z"
_OLDER: Final = "(SELECT max(seq) - 2 FROM proof_evidence WHERE name LIKE 'config.%')"
"""Before the last things that were seen."""


def _dated_back(_release: Path, data: Path) -> None:
    """By whoever can write to the database, and does not have the key that checkpoints are signed with."""
    database = sqlite3.connect(data / "klausur.db")
    with database:
        before = None
        for row in database.execute("SELECT seq, at, type, digest, prev FROM proof_entries ORDER BY seq").fetchall():
            seq, at, type_, digest, prev = row
            entry = Entry(seq, at if before else _LONG_AGO, type_, digest, hash_of(before) if before else prev)
            changed = (entry.at, entry.prev, entry.seq)
            database.execute("UPDATE proof_entries SET at = ?, prev = ? WHERE seq = ?", changed)
            before = entry
    database.close()


def _rotted(release: Path, _data: Path) -> None:
    (file,) = (release.parent / "backups").iterdir()
    sealed = bytearray(file.read_bytes())
    sealed[len(sealed) // 3] ^= 0x10
    file.write_bytes(sealed)


def _cleared(release: Path, _data: Path) -> None:
    for file in (release.parent / "backups").iterdir():
        file.unlink()


RETENTION: Final = (
    Damage(
        "The job that lets time do its work is off",
        ("retention.canary", "retention.guest"),
        (Edit("klausur/jobs/sweep.py", "        await sweep(world, presence)\n", ""),),
    ),
    Damage(
        "Ended meetings are never forgotten",
        ("retention.canary",),
        (Edit(_SWEEP, "forgotten = await unit.meetings.forget(forgotten_before(now))", "forgotten = 0"),),
        quick=True,
    ),
    Damage(
        "Ended meetings are kept for days",
        ("retention.canary",),
        (
            Edit(
                "klausur/domain/meeting.py",
                "    return now - ENDED_IS_TOLD\n",
                "    return now - 500 * ENDED_IS_TOLD\n",
            ),
        ),
    ),
    Damage(
        "Meetings that everybody has left go on",
        ("retention.canary",),
        (
            Edit(
                "klausur/domain/meeting.py", "    return now - EMPTY_AT_MOST\n", "    return now - 9 * EMPTY_AT_MOST\n"
            ),
        ),
    ),
    Damage(
        "Seats are kept when their people have gone",
        ("retention.guest",),
        (Edit(_SWEEP, "        await unit.seats.forget_gone(gone_before(now))\n", ""),),
    ),
    Damage(
        "What happened in a meeting outlasts it",
        ("retention.guest",),
        (
            Edit(
                _ROWS,
                "        await self._do(delete(tables.transitions).where(tables.transitions.c.meeting.in_(ids)))\n",
                "",
            ),
        ),
    ),
    Damage(
        "The job that lets time do its work on accounts is off",
        ("retention.accounts",),
        (Edit("klausur/build.py", ", people_job.job(its.people)\n", ",\n"),),
    ),
    Damage(
        "Sessions that nobody uses are kept until they are too old",
        ("retention.accounts",),
        (
            Edit(
                "klausur/domain/accounts.py",
                "return now - SESSION_LIVES, now - SESSION_IDLE",
                "return (now - SESSION_LIVES,) * 2",
            ),
        ),
        names=("session not used",),
    ),
    Damage(
        "What is deleted is not overwritten in the file",
        ("retention.guest",),
        (
            Edit(_SQLITE, "PRAGMA secure_delete=ON", "PRAGMA secure_delete=OFF"),
            Edit("klausur/actions/end_opening.py", "        await world.store.scrub(deleted=True)\n", "        pass\n"),
        ),
    ),
)

LOGS: Final = (
    Damage(
        "Each request is logged with its address",
        ("log.canary",),
        (
            Edit(
                "klausur/api/network.py",
                "        await self._app(scope, receive, send)\n\n    def _forwarded",
                '        structlog.get_logger().info("request", location=str(peer))\n'
                "        await self._app(scope, receive, send)\n\n    def _forwarded",
            ),
            Edit("klausur/api/network.py", "import ipaddress\n", "import ipaddress\n\nimport structlog\n"),
        ),
        quick=True,
    ),
    Damage(
        "Who fails to sign in is logged by name",
        ("log.canary",),
        (
            Edit(
                "klausur/actions/people/sign_in.py",
                "or account.disabled:\n        raise SigninRefused",
                'or account.disabled:\n        structlog.get_logger().warning("signin_refused", reason=name)\n'
                "        raise SigninRefused",
            ),
            Edit("klausur/actions/people/sign_in.py", "import hmac\n", "import hmac\n\nimport structlog\n"),
        ),
    ),
    Damage(
        "Paths are logged as they were asked for",
        ("log.canary",),
        (
            Edit(
                "klausur/api/static.py",
                "        else:\n            # The page says",
                "        else:\n"
                '            structlog.get_logger().info("no_such_page", location=path)\n'
                "            # The page says",
            ),
            Edit("klausur/api/static.py", "import gzip\n", "import gzip\n\nimport structlog\n"),
        ),
    ),
    Damage(
        "The allow-list of the log takes everything, and who knocks is logged",
        ("log.canary",),
        (
            Edit(_LOG, "for key, value in event.items() if key in ALLOWED", "for key, value in event.items()"),
            Edit(_LOG, "    return mask(str(value))\n", "    return str(value)\n"),
            Edit(
                "klausur/actions/take_seat.py",
                "    world.audience.tell_only(seat.meeting, moderators, knock_message(seat))\n",
                '    structlog.get_logger().info("knock", seat=seat.pseudonym)\n'
                "    world.audience.tell_only(seat.meeting, moderators, knock_message(seat))\n",
            ),
            Edit("klausur/actions/take_seat.py", "import json\n", "import json\n\nimport structlog\n"),
        ),
    ),
    Damage("The log is as talkative as it can be", ("config.logging",), settings={"LOG_LEVEL": "debug"}),
    Damage(
        "The log is talkative unless somebody says otherwise",
        ("config.defaults", "config.logging"),
        (Edit(_SETTINGS, '= _setting(\n        "info",\n', '= _setting(\n        "debug",\n'),),
    ),
    Damage(
        "Measurements are public",
        ("metrics.canary",),
        (
            Edit(
                "klausur/api/app.py",
                "        elif path == _VALIDATE:\n            await self._validate(scope, receive, send)\n",
                '        elif path == "/metrics":\n'
                '            sent = b"klausur_people 3\\n"\n'
                '            kind = [(b"content-type", b"text/plain; version=0.0.4")]\n'
                "            await errors.answer(scope, send, 200, kind, sent)\n"
                "        elif path == _VALIDATE:\n            await self._validate(scope, receive, send)\n",
            ),
            Edit(
                "klausur/api/app.py",
                "from klausur.api import errors, health",
                "from klausur.api import asgi, errors, health",
            ),
            Edit(
                "klausur/api/app.py",
                "_EVENTS: Final = re.compile(",
                "errors.answer = asgi.answer\n_EVENTS: Final = re.compile(",
            ),
        ),
    ),
    Damage(
        "Measurements are told by meeting",
        ("metrics.canary",),
        (
            Edit(
                "klausur/api/metrics.py",
                '"Open sockets.", ["kind"]',
                '"Open sockets.", ["kind", "meeting"]',
            ),
            Edit("klausur/api/metrics.py", 'labels("events")', 'labels("events", "one")'),
            Edit("klausur/api/metrics.py", 'labels("signalling")', 'labels("signalling", "one")'),
        ),
        settings={"METRICS_PORT": "8399"},
    ),
)

COLUMNS: Final = (
    Damage(
        "A column for people's addresses is added",
        ("db.inventory",),
        sql=("ALTER TABLE accounts ADD COLUMN last_ip TEXT",),
        quick=True,
    ),
    Damage(
        "A table of visits is added",
        ("db.inventory",),
        sql=("CREATE TABLE visits (account TEXT, at TEXT, page TEXT)",),
    ),
    Damage(
        "A column for how long people talk is added",
        ("db.inventory", "db.no-tracking"),
        sql=("ALTER TABLE seats ADD COLUMN talk_seconds INTEGER DEFAULT 0",),
    ),
    Damage(
        "Who was in a meeting is written down beside it",
        ("db.inventory", "db.no-tracking", "retention.guest"),
        sql=(
            "CREATE TABLE attended (pseudonym TEXT, at TEXT)",
            "CREATE TRIGGER attending AFTER INSERT ON seats BEGIN "
            "INSERT INTO attended VALUES (new.pseudonym, datetime('now')); END",
        ),
    ),
)

PEOPLES_RIGHTS: Final = (
    Damage(
        "Erasing an account only disables it",
        ("rights.erase",),
        (
            Edit(
                "klausur/store/accounts.py",
                "return (await self._do(delete(tables.accounts).where(_a.id == account))).rowcount == 1",
                "return (await self._do(update(tables.accounts).where(_a.id == account).values(disabled=True)))"
                ".rowcount == 1",
            ),
        ),
    ),
    Damage(
        "What belongs to an account outlasts it",
        ("rights.erase",),
        (Edit(_SQLITE, "PRAGMA foreign_keys=ON", "PRAGMA foreign_keys=OFF"),),
    ),
    Damage(
        "The export leaves out the vault",
        ("rights.export",),
        (Edit(_MODELS, "            vault_blob=its.vault.blob,\n", "            vault_blob=None,\n"),),
        quick=True,
    ),
    Damage(
        "The export leaves out the vault's keys",
        ("rights.export",),
        (
            Edit(
                _MODELS,
                "vault_wraps=VaultAnswer.of(its.view.account.id, its.vault).wraps",
                "vault_wraps=[]",
            ),
        ),
    ),
    Damage(
        "The notice cannot be opened",
        ("notice.reachable",),
        (Edit("klausur/api/static.py", "/privacy|/imprint", "/imprint"),),
    ),
    Damage(
        "The notice names no responsible body",
        ("notice.reachable",),
        (Edit("klausur/api/operator.py", "        name=facts.name,\n", '        name="",\n'),),
    ),
    Damage("Nobody says how to reach the responsible body", ("notice.reachable",), settings={"OPERATOR_CONTACT": ""}),
)

TRAIL: Final = (
    Damage(
        "Erasing somebody leaves no entry in the trail",
        ("audit.trail",),
        (
            Edit(
                _ADMINISTER,
                "        await unit.audit.note(AuditAct.ACCOUNT_ERASED, now, by=author, object_=person)\n",
                "",
            ),
        ),
    ),
    Damage(
        "The trail notes a change of role as something else",
        ("audit.trail",),
        (
            Edit(
                _ADMINISTER,
                "await unit.audit.note(AuditAct.ROLE_CHANGED, now",
                "await unit.audit.note(AuditAct.ACCOUNT_ENABLED, now",
            ),
        ),
    ),
    Damage(
        "The trail has room for names",
        ("audit.trail", "db.inventory"),
        sql=("ALTER TABLE audit ADD COLUMN name TEXT",),
    ),
    Damage(
        "Evidence is altered after it was written down",
        ("proof.ledger",),
        sql=(
            "CREATE TRIGGER better AFTER INSERT ON proof_evidence BEGIN "
            "UPDATE proof_evidence SET body = CAST(body AS BLOB) || x'20' WHERE seq = new.seq; END",
        ),
    ),
    Damage(
        "An entry of the ledger is dated back, and all that follow are joined to it again",
        ("proof.ledger",),
        meddle=_dated_back,
    ),
    Damage(
        "The newest entries of the ledger are cut off, and others take their place",
        ("proof.ledger",),
        sql=(
            f"DELETE FROM proof_entries WHERE seq > {_OLDER}",  # noqa: S608
            f"DELETE FROM proof_evidence WHERE seq > {_OLDER}",  # noqa: S608
        ),
    ),
    Damage(
        "Evidence of two looks is exchanged",
        ("proof.ledger",),
        sql=(
            "CREATE TEMP TABLE two AS SELECT seq, salt, body FROM proof_evidence WHERE name LIKE 'config.%' LIMIT 2",
            "UPDATE proof_evidence SET (salt, body) = "
            "(SELECT salt, body FROM two WHERE two.seq <> proof_evidence.seq) WHERE seq IN (SELECT seq FROM two)",
        ),
    ),
    Damage(
        "A piece of evidence has gone, and nobody says so",
        ("proof.ledger",),
        sql=("DELETE FROM proof_evidence WHERE name = 'config.guests'",),
    ),
    Damage(
        "A question is answered no longer",
        ("facts.complete",),
        sql=("DELETE FROM proof_facts WHERE key = 'data_subjects'",),
        asks="data_subjects",
    ),
)

DRIFT: Final = (
    Damage(
        "An update lets people knock ten times as often",
        ("config.drift",),
        (
            Edit(
                "klausur/settings.py",
                "limit_knocks: int = _setting(\n        300,",
                "limit_knocks: int = _setting(\n        3000,",
            ),
        ),
    ),
    Damage("Since lately anyone may open meetings", ("config.drift",), settings={"OPEN_MEETINGS": "anyone"}),
)

BACKUP: Final = (
    Damage(
        "The audit trail does not come back from a backup",
        ("backup.restore",),
        (
            Edit(
                "klausur/store/copying.py",
                "    for name, its in rows.items():\n        _put(connection, name, its)\n",
                '    for name, its in rows.items():\n        _put(connection, name, [] if name == "audit" else its)\n',
            ),
        ),
    ),
    Damage(
        "The keys of vaults are left out of backups",
        ("backup.restore",),
        (Edit("klausur/store/copying.py", '    "vault_wraps",\n', ""),),
    ),
    Damage("The last backup has rotted", ("backup.age",), meddle=_rotted),
    Damage("The folder with backups was cleared", ("backup.age",), meddle=_cleared),
)
