"""Runs as the report tells of them: what each came to, what changed by it, and each row's history.

A run that was broken off has no end and no counts: half a run says nothing about any row.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from klausur.domain.proof_ports import RunRow

HISTORY: Final = 20
"""Of a row, as many runs."""

Plain = dict[str, Any]


def last(runs: Sequence[RunRow], profile: str) -> RunRow | None:
    """The newest that looked, and was about all rows of the profile; where there is none, the newest that looked."""
    looked = [(run, body) for run in runs if run.ended_at is not None and (body := _body(run)).get("invalid") is None]
    whole = [run for run, body in looked if body.get("only") is None and body.get("profile") == profile]
    return next(iter((*whole, *(run for run, _ in looked))), None)


def plain(runs: Sequence[RunRow]) -> list[Plain]:
    """``runs``: the newest first, and so is what is returned."""
    told: list[Plain] = []
    before: dict[str, str] = {}
    for run in reversed(runs):
        body = _body(run)
        found = verdicts(run)
        changes = [
            {"row": row, "from": before[row], "to": verdict}
            for row, verdict in found.items()
            if before.get(row, verdict) != verdict
        ]
        before.update(found)
        told.append({**_said(run, body), "changes": changes})
    return told[::-1]


def _said(run: RunRow, body: Mapping[str, Any]) -> Plain:
    only = body.get("only")
    ended = run.ended_at is not None
    counts = body.get("counts") if ended and body.get("invalid") is None else None
    return {
        "id": run.id,
        "begun_at": run.begun_at.isoformat(),
        "ended_at": run.ended_at.isoformat() if run.ended_at is not None else None,
        "release": str(body.get("release", "")),
        "profile": str(body.get("profile", "")),
        "only": [str(one) for one in only] if isinstance(only, list) else None,
        "counts": counts if isinstance(counts, dict) else None,
    }


def history(runs: Sequence[RunRow]) -> Mapping[str, list[Plain]]:
    """By row: what each run that judged it came to, the newest first."""
    told: dict[str, list[Plain]] = {}
    for run in runs:
        for row, verdict in verdicts(run).items():
            of_row = told.setdefault(row, [])
            if len(of_row) < HISTORY and run.ended_at is not None:
                of_row.append({"run": run.id, "at": run.ended_at.isoformat(), "verdict": verdict})
    return told


def verdicts(run: RunRow) -> Mapping[str, str]:
    """By row; empty of a run that has not ended, or says nothing."""
    found = _body(run).get("verdicts") if run.ended_at is not None else None
    return {str(row): str(verdict) for row, verdict in found.items()} if isinstance(found, dict) else {}


def _body(run: RunRow) -> Mapping[str, Any]:
    """What stands in a table may have been altered."""
    try:
        body = json.loads(run.body)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
