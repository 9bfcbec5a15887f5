"""Nothing has a place in the database that the data inventory does not know."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from klausur.compliance.grades import Grade
from klausur.compliance.inventory import inventory
from klausur.compliance.probes.saying import failed, passed, saw_nothing
from klausur.compliance.probes.schema import inside_of, read_schema, with_column
from klausur.compliance.probing import Evidence, Judged, Params, Probe, Vantage
from klausur.compliance.target import Target
from klausur.compliance.words import Text

_ALWAYS: Final = frozenset({"accounts.name", "meetings.id", "seats.pseudonym"})
"""Without them it was another database that was looked at."""


async def collect(target: Target) -> Evidence:
    """Every column that there is, and what the inventory says of those that it knows."""
    schema = await inside_of(target).look(read_schema)
    known = inventory()
    return target.evidence(
        columns=sorted(f"{table}.{column}" for table, columns in schema.items() for column in columns),
        inventory={f"{table}.{column}": entry.class_ for (table, column), entry in known.items()},
    )


def judge(evidence: Evidence, _params: Params) -> Judged:
    columns, known = evidence["columns"], evidence["inventory"]
    if not set(columns) >= _ALWAYS:
        return saw_nothing("Die Tabellen der Installation waren nicht da.", "The installation's tables were not there.")
    if unknown := [column for column in columns if column not in known]:
        return failed("Ohne Eintrag im Dateninventar", "Without an entry in the data inventory", unknown)
    classes = len({known[column] for column in columns})
    return passed(
        f"Alle {len(columns)} Spalten der Datenbank stehen im Dateninventar, in {classes} Klassen.",
        f"All {len(columns)} columns of the database stand in the data inventory, in {classes} classes.",
    )


@asynccontextmanager
async def twin(target: Target) -> AsyncIterator[Target]:
    """Has one column more."""
    async with with_column(target, "accounts", "birthday") as broken:
        yield broken


PROBE: Final = Probe(
    id="db.inventory",
    version=2,
    proves=Text(
        de="Jede Tabelle und Spalte, die die Datenbank selbst von sich nennt, steht mit Klasse, Zweck und Löschfrist "
        "im Dateninventar dieser Ausgabe.",
        en="Each table and column that the database itself names stands in this release's data inventory, with class, "
        "purpose and how long it is kept.",
    ),
    proves_not=Text(
        de="Dass in den Spalten steht, was ihr Zweck sagt (content.not-stored, db.no-tracking); Dateien außerhalb der "
        "Datenbank und andere Datenbanken; Ansichten (Views), die zu einer Erweiterung von PostgreSQL gehören.",
        en="That the columns hold what their purpose says (content.not-stored, db.no-tracking); files outside the "
        "database, and other databases; views that belong to an extension of PostgreSQL.",
    ),
    vantage=Vantage.INSIDE,
    grade=Grade.OBSERVED_INSIDE,
    collect=collect,
    judge=judge,
    twin=twin,
)
