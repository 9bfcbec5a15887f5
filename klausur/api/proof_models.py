"""Bodies of requests and answers on the proof. The pages themselves are JSON that others put together: docs/proof.md
says what is in them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from klausur.api.models import Answer, Body
from klausur.domain.proof_ports import FILE_BYTES, FILES_AT_MOST, MEDIA_TYPE_CHARACTERS, STATEMENT_CHARACTERS

# The rules count after folding; this is what is looked at at all.
Line = Annotated[str, Field(max_length=400)]
Statement = Annotated[str, Field(max_length=2 * STATEMENT_CHARACTERS)]
Name = Annotated[str, Field(max_length=64)]
Until = Annotated[str, Field(max_length=40)]
Verdict = Literal[
    "not-met",
    "deviation-accepted",
    "not-verified",
    "outside-engine",
    "needs-attention",
    "attested",
    "met",
    "not-applicable",
]


class Words(Answer):
    de: str
    en: str


class CatalogueNamed(Answer):
    id: str
    version: str
    digest: str


class LabelCounted(Answer):
    """Of the rows that are not the authorities' own words: how many have this label."""

    label: Words
    rows: int
    must: int


class ProofSummary(Answer):
    state: Literal["none", "ready", "invalid", "outdated"]
    at: str | None
    release: str
    profile: str
    catalogue: CatalogueNamed | None
    rows: int
    counts: dict[Verdict, int]
    must: dict[Verdict, int]
    labels: list[LabelCounted]
    running: bool
    invalid: Words | None


class Nothing(Body):
    """``{}``"""


class Running(Answer):
    running: bool


class FactStated(Body):
    key: Name
    value: Annotated[str, Field(max_length=16 * 1024)] | bool | None


class FileGiven(Body):
    name: Line
    media_type: Annotated[str, Field(max_length=MEDIA_TYPE_CHARACTERS)]
    body: Annotated[str, Field(max_length=(FILE_BYTES + 2) // 3 * 4)]


class AttestationGiven(Body):
    objective: Name
    answer: bool
    statement: Statement
    person: Line
    role: Line
    until: Until
    files: Annotated[list[FileGiven], Field(max_length=FILES_AT_MOST)]


class FileNamed(Answer):
    name: str
    digest: str


class AttestationShown(Answer):
    id: str
    objective: str
    answer: bool
    statement: str
    person: str
    role: str
    at: str
    until: str
    files: list[FileNamed]


class WaiverGiven(Body):
    target: Name
    reason: Statement
    risk: Statement
    compensation: Statement
    until: Until
    person: Line


class SecondPerson(Body):
    person: Line


class WaiverShown(Answer):
    id: str
    target: str
    reason: str
    risk: str
    compensation: str
    first: str
    second: str | None
    at: str
    until: str
