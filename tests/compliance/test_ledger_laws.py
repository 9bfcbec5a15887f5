"""Laws of the ledger, tried with whatever hypothesis thinks of."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from klausur.compliance.findings import NOTED
from klausur.compliance.ledger import Unreadable, entry_of, erased_by, line_of
from klausur.domain.proof_ports import Entry, EntryType
from tests.compliance.ledgers import Book, found, two_runs

AS_WRITTEN = two_runs()
SEQS = st.integers(1, 10)
BYTES = st.integers(1, 255)
law = settings(deadline=None, max_examples=60)
"""How long it takes is not what is tried."""


def flipped(text: bytes, at: int, by: int) -> bytes:
    at %= len(text)
    return text[:at] + bytes([text[at] ^ by]) + text[at + 1 :]


@given(SEQS, st.integers(0, 10_000), BYTES)
@law
def test_any_changed_byte_of_an_entry_is_found(seq: int, at: int, by: int) -> None:
    """By the chain, or, of the last entry, by whoever kept its state; or it is no entry any more."""
    book = AS_WRITTEN.copy()
    kept = book.anchor()
    try:
        changed = entry_of(flipped(line_of(book.entries[seq - 1]), at, by))
    except Unreadable:
        return
    book.entries[seq - 1] = changed
    assert not book.judge(anchors=[kept]).intact


@given(SEQS, st.integers(0, 10_000), BYTES, st.sampled_from(["body", "salt", "name", "run", "media_type"]))
@law
def test_any_changed_byte_of_evidence_is_found(seq: int, at: int, by: int, where: str) -> None:
    book = AS_WRITTEN.copy()
    blob = book.blobs[seq]
    held: Any = getattr(blob, where)
    raw = held if isinstance(held, bytes) else held.encode("latin-1")
    changed: Any = flipped(raw or b"\x00", at, by)
    book.blobs[seq] = replace(blob, **{where: changed if isinstance(held, bytes) else changed.decode("latin-1")})
    assert not book.judge().intact


@given(st.sets(SEQS, min_size=1), st.booleans())
@law
def test_whatever_is_taken_away_is_missed(gone: set[int], with_evidence: bool) -> None:
    book = AS_WRITTEN.copy()
    kept = book.anchor()
    book.entries = [entry for entry in book.entries if entry.seq not in gone]
    if with_evidence:
        book.blobs = {seq: blob for seq, blob in book.blobs.items() if seq not in gone}
    assert not book.judge(anchors=[kept]).intact


@given(st.sets(SEQS, min_size=1))
@law
def test_evidence_that_was_taken_away_is_missed_piece_by_piece(gone: set[int]) -> None:
    book = AS_WRITTEN.copy()
    book.blobs = {seq: blob for seq, blob in book.blobs.items() if seq not in gone}
    assert {seq for _, seq in found(book.judge())} >= gone


@given(st.permutations(range(1, 11)))
@law
def test_evidence_lies_under_its_own_number_or_is_found(order: list[int]) -> None:
    book = AS_WRITTEN.copy()
    book.blobs = {seq: book.blobs[other] for seq, other in zip(range(1, 11), order, strict=True)}
    moved = {seq for seq, other in zip(range(1, 11), order, strict=True) if seq != other}
    assert {seq for _, seq in found(book.judge())} >= moved


@given(st.permutations(range(10)))
@law
def test_entries_are_in_their_order_or_it_is_found(order: list[int]) -> None:
    book = AS_WRITTEN.copy()
    book.entries = [book.entries[at] for at in order]
    assert book.judge().intact == (order == list(range(10)))


@given(st.integers(1, 10), st.binary(max_size=20))
@law
def test_whatever_is_made_to_fit_does_not_fit_what_somebody_kept(seq: int, body: bytes) -> None:
    book = AS_WRITTEN.copy()
    kept, before = book.anchor(), book.blobs[seq].body
    book.rewrite(seq, body)
    assert book.judge(anchors=[kept]).intact == (body == before)


@given(st.lists(st.sampled_from(["run", "sign", "erase", "back"]), max_size=12))
@law
def test_whatever_is_written_as_it_should_be_is_intact(steps: list[str]) -> None:
    book = Book()
    for number, step in enumerate(steps):
        evidence = [entry.seq for entry in book.entries if entry.type == EntryType.EVIDENCE and entry.seq in book.blobs]
        if step == "run":
            book.run(f"run {number}", "seen")
        elif step == "sign" and book.entries:
            book.sign()
        elif step == "erase" and evidence:
            book.erase(evidence[0])
        elif step == "back":
            book.now = book.now.replace(year=book.now.year - 1)
    judged = book.judge()
    assert judged.intact
    assert {kind for kind, _ in found(judged)} <= NOTED


@given(
    st.builds(
        Entry,
        seq=st.integers(-1, 2**40),
        at=st.text(max_size=25),
        type=st.text(max_size=20),
        digest=st.text(max_size=70),
        prev=st.text(max_size=70),
    )
)
@law
def test_whatever_stands_in_the_tables_is_judged_and_does_not_bring_us_down(entry: Entry) -> None:
    """Text is as databases give it: UTF-8."""
    book = AS_WRITTEN.copy()
    book.entries[4] = entry
    assert not book.judge().intact


@given(st.binary(max_size=200))
@law
def test_whatever_is_read_is_read_or_refused(text: bytes) -> None:
    for read in (entry_of, erased_by):
        try:
            read(text)
        except Unreadable:
            continue
