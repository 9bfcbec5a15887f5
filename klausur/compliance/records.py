"""How observations, answers and approvals are written down and read back: plain JSON, with the names of their fields.

What stands in the store may be older than this release, or altered: what cannot be read is no evidence.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any, TypeVar

from klausur.compliance.evidence import Attestation, Observation, Status, Waiver
from klausur.compliance.facts import FactInvalid, FactSpec, Origin, Stated
from klausur.compliance.grades import Grade
from klausur.compliance.model import Asking
from klausur.domain.proof_ports import AttestationRow, FactRow, WaiverRow

_Said = TypeVar("_Said", Attestation, Waiver)


def plain_observation(observation: Observation) -> dict[str, Any]:
    asking = {"probe": observation.asking.probe, "params": _params(observation.asking)}
    return {**_plain(observation), "asking": asking}


def _params(asking: Asking) -> dict[str, Any]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in asking.params}


def observation_of(plain: Mapping[str, Any]) -> Observation:
    """Raises KeyError, TypeError, ValueError."""
    asking = plain["asking"]
    return Observation(
        id=str(plain["id"]),
        asking=Asking.of(str(asking["probe"]), asking["params"]),
        status=Status(plain["status"]),
        grade=Grade(plain["grade"]),
        seen_at=datetime.fromisoformat(plain["seen_at"]),
        expires_at=datetime.fromisoformat(plain["expires_at"]) if plain["expires_at"] else None,
        depends_on=tuple(map(str, plain["depends_on"])),
        configuration=str(plain["configuration"]),
    )


def attestation_row(attestation: Attestation) -> AttestationRow:
    return AttestationRow(attestation.id, attestation.objective, attestation.until, json.dumps(_plain(attestation)))


def waiver_row(waiver: Waiver) -> WaiverRow:
    return WaiverRow(waiver.id, waiver.target, waiver.until, json.dumps(_plain(waiver)))


def attestations_of(rows: Iterable[AttestationRow]) -> Iterator[Attestation]:
    return _readable(Attestation, (row.body for row in rows))


def waivers_of(rows: Iterable[WaiverRow]) -> Iterator[Waiver]:
    return _readable(Waiver, (row.body for row in rows))


def fact_row(key: str, stated: Stated) -> FactRow:
    return FactRow(key, stated.at, json.dumps({"value": stated.value, "by": stated.by}))


def facts_of(rows: Iterable[FactRow], specs: Mapping[str, FactSpec]) -> Iterator[tuple[str, Stated]]:
    """Those that are facts of this release, with a value that they can have."""
    for row in rows:
        try:
            said = json.loads(row.body)
            yield row.key, Stated(specs[row.key].checked(said["value"]), Origin.DECLARED, row.at, str(said["by"]))
        except (KeyError, TypeError, ValueError, FactInvalid):
            continue


def _plain(record: Observation | Attestation | Waiver) -> dict[str, Any]:
    def written(value: object) -> object:
        return value.isoformat() if isinstance(value, datetime) else value

    return {name: written(value) for name, value in asdict(record).items()}


def _readable(kind: type[_Said], bodies: Iterable[str]) -> Iterator[_Said]:
    for body in bodies:
        try:
            yield _said(kind, json.loads(body))
        except (KeyError, TypeError, ValueError):
            continue


def _said(kind: type[_Said], plain: Mapping[str, Any]) -> _Said:
    given = {field.name: plain[field.name] for field in fields(kind)}
    for name in ("at", "until"):
        given[name] = datetime.fromisoformat(given[name])
    if "grade" in given:
        given["grade"] = Grade(given["grade"])
        given["answer"] = given["answer"] is True
        given["files"] = tuple(map(str, given["files"]))
    return kind(**given)
