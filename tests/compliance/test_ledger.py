"""The ledger of evidence: what was changed in it is found, and said exactly. Ada audits; Otto has got at the tables."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from klausur.compliance.findings import NOTED, Finding, Kind, Unstamped
from klausur.compliance.ledger import (
    Checkpoint,
    Unreadable,
    checkpoint_of,
    entry_of,
    erasure,
    fingerprint,
    following,
    hash_of,
    instant,
    line_of,
    parsed,
    public_key,
    sign_head,
)
from klausur.compliance.verifying import Anchor, Held, against_earlier, anchor_of
from klausur.domain.proof_ports import Blob, EntryType
from tests.compliance.ledgers import ADAS_KEY, NINE, OTTOS_KEY, Book, found, told, two_runs


def test_an_untouched_ledger_is_intact_and_says_what_it_holds() -> None:
    judged = two_runs().judge()
    assert judged.intact
    assert list(judged.findings) == []
    assert (judged.entries, judged.evidence, judged.erased, judged.checkpoints) == (10, 10, 0, 2)


def test_an_empty_ledger_is_intact_and_proves_nothing() -> None:
    judged = Book().judge()
    assert (judged.intact, judged.anchor, judged.entries) == (True, "", 0)


def test_the_hash_is_sha_256_over_rfc_8785_json() -> None:
    """With a value of another implementation, so that ours is not compared with itself."""
    entry = following(None, NINE, EntryType.FACT, Blob("", "n", "m", b"body", bytes(16)))
    assert line_of(entry) == (
        b'{"at":"2026-11-22T09:00:00Z","digest":"' + entry.digest.encode() + b'","prev":"' + b"0" * 64 + b'","seq":1,'
        b'"type":"fact"}'
    )
    # printf '{"media_type":"m","name":"n","run":""}' | sha256sum, and so on, by hand in a shell
    assert entry.digest == "d007f086753ad16c3b84197673942aef319546f4074e53001a599ec1f8671f57"


# -- the chain --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("changed", [{"digest": "0" * 64}, {"at": "2026-11-22T09:03:30Z"}, {"type": "fact"}])
def test_an_edited_entry_is_named(changed: dict[str, str]) -> None:
    book = two_runs()
    book.edit(3, **changed)
    judged = book.judge()
    assert not judged.intact
    assert (Kind.ENTRY_EDITED, 3) in found(judged)
    assert "Entry 3 was edited" in told(judged)


def test_an_entry_that_names_another_before_it_is_named_itself() -> None:
    book = two_runs()
    book.edit(3, prev="f" * 64)
    assert found(book.judge()) == [(Kind.ENTRY_EDITED, 3)]


def test_the_first_entry_begins_with_nothing_before_it() -> None:
    book = two_runs()
    book.edit(1, prev="f" * 64)
    assert (Kind.ENTRY_EDITED, 1) in found(book.judge())


def test_two_edits_are_two_findings() -> None:
    book = two_runs()
    book.edit(2, digest="0" * 64)
    book.edit(7, digest="0" * 64)
    edited = [seq for kind, seq in found(book.judge()) if kind is Kind.ENTRY_EDITED]
    assert edited == [2, 7]


def test_the_last_entry_edited_is_found_by_whoever_kept_its_state() -> None:
    """No entry after it names it: so an anchor has to, or the signature of a package."""
    book = two_runs()
    kept = book.anchor()
    book.edit(10, digest=book.entries[8].digest)
    assert (Kind.REWRITTEN, 10) in found(book.judge(anchors=[kept]))


@pytest.mark.parametrize(
    "changed", [{"type": "praise"}, {"at": "yesterday"}, {"at": "2026-13-40T00:00:00Z"}, {"digest": "x"}, {"prev": ""}]
)
def test_what_does_not_have_the_form_of_an_entry_is_named(changed: dict[str, str]) -> None:
    book = two_runs()
    book.edit(4, **changed)
    assert (Kind.ENTRY_MALFORMED, 4) in found(book.judge())


def test_entries_that_are_missing_within_are_counted() -> None:
    book = two_runs()
    del book.entries[2:4]
    judged = book.judge()
    assert (Kind.ENTRIES_MISSING, 3) in found(judged)
    assert "Entries 3-4 are missing" in told(judged)
    assert (Kind.EVIDENCE_STRAY, 3) in found(judged)


def test_a_ledger_cannot_begin_later() -> None:
    book = two_runs()
    del book.entries[:4]
    assert (Kind.ENTRIES_MISSING, 1) in found(book.judge())


@pytest.mark.parametrize("left", [0, 4, 9])
def test_a_ledger_that_was_cut_is_held_against_the_checkpoints_beside_it(left: int) -> None:
    """The checkpoints in it went with it: those beside the database, or Ada's, did not."""
    book = two_runs()
    kept = sign_head(book.entries[-1], book.now, ADAS_KEY)
    del book.entries[left:]
    for seq in range(left + 1, 11):
        del book.blobs[seq]
    judged = book.judge(checkpoints=[Held(kept, "Ada's notebook")])
    assert (Kind.CUT, 10) in found(judged)
    assert f"it ends with {left}" in told(judged)
    assert Kind.CUT not in {kind for kind, _ in found(book.judge())}


def test_a_rewritten_ledger_is_held_against_the_last_checkpoint_that_still_fits() -> None:
    book = two_runs()
    early, late = (checkpoint_of(book.blobs[seq].body) for seq in (5, 10))
    book.rewrite(7, b"tls 1.3, of course")
    judged = book.judge(checkpoints=[Held(early, "notebook"), Held(late, "notebook")])
    assert found(judged) == [(Kind.REWRITTEN, 9)]
    assert "from one of the entries 5-9 on" in told(judged)


def test_a_chain_that_was_made_to_fit_without_the_key_does_not_fit_its_own_checkpoints() -> None:
    book = two_runs()
    book.rewrite(3, b"nothing to see")
    kinds = {kind for kind, _ in found(book.judge())}
    assert Kind.REWRITTEN in kinds


def test_signing_anew_with_another_key_is_noted_and_refused_by_whoever_knows_the_key() -> None:
    book = Book()
    book.run("first", "tls 1.3")
    book.sign()
    book.run("second", "tls 1.2")
    book.sign(OTTOS_KEY)
    judged = book.judge()
    assert found(judged) == [(Kind.KEY_CHANGED, 7)]
    assert fingerprint(public_key(OTTOS_KEY)) in told(judged)
    knowing = book.judge(key=public_key(ADAS_KEY))
    assert (Kind.KEY_NOT_THE_EXPECTED, 7) in found(knowing)
    assert not knowing.intact


def test_two_branches_are_two_states_of_one_number() -> None:
    book = two_runs()
    other = book.copy()
    for each, seen in (book, "blue"), (other, "green"):
        each.run("third", seen)
    one, two = (sign_head(each.entries[-1], each.now, ADAS_KEY) for each in (book, other))
    judged = book.judge(checkpoints=[Held(one, "file A"), Held(two, "file B")])
    assert (Kind.BRANCHES, 13) in found(judged)
    assert "file A" in told(judged)
    assert "file B" in told(judged)


def test_an_entry_that_is_there_twice_is_a_branch() -> None:
    book = two_runs()
    book.entries.insert(3, replace(book.entries[2], digest="0" * 64))
    assert (Kind.BRANCHES, 3) in found(book.judge())


def test_entries_out_of_order_are_none() -> None:
    book = two_runs()
    book.entries[2], book.entries[3] = book.entries[3], book.entries[2]
    assert not book.judge().intact


def test_an_earlier_copy_must_still_be_in_it() -> None:
    book = two_runs()
    earlier = list(book.entries)
    book.run("third", "more")
    assert against_earlier(book.entries, earlier, "of May") == []
    assert [(each.kind, each.seq) for each in against_earlier(earlier, book.entries, "of June")] == [(Kind.CUT, 13)]
    book.rewrite(8, b"headers after all")
    assert [(each.kind, each.seq) for each in against_earlier(book.entries, earlier, "of May")] == [(Kind.BRANCHES, 8)]


def test_a_clock_that_was_turned_back_is_noted_and_never_silently_accepted() -> None:
    book = two_runs()
    book.now -= timedelta(days=2)
    book.run("third", "more")
    book.sign()
    judged = book.judge()
    assert found(judged) == [(Kind.CLOCK_BACK, 11)]
    assert judged.intact
    assert "2026-11-20" in told(judged)


# -- evidence ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changed", [{"body": b"tls 1.4"}, {"salt": b"x" * 16}, {"name": "other"}, {"run": "second"}, {"media_type": "t"}]
)
def test_edited_evidence_is_named(changed: dict[str, str]) -> None:
    book = two_runs()
    book.blobs[2] = replace(book.blobs[2], **changed)  # type: ignore[arg-type]
    judged = book.judge()
    assert found(judged) == [(Kind.EVIDENCE_EDITED, 2)]
    assert judged.evidence == 9


def test_evidence_that_was_swapped_between_runs_is_told_from_evidence_that_was_edited() -> None:
    book = two_runs()
    book.blobs[2], book.blobs[7] = book.blobs[7], book.blobs[2]
    judged = book.judge()
    assert found(judged) == [(Kind.EVIDENCE_SWAPPED, 2), (Kind.EVIDENCE_SWAPPED, 7)]
    assert "belongs to entry 7 (run second)" in told(judged)


def test_also_when_only_the_contents_were_swapped() -> None:
    book = two_runs()
    two, seven = book.blobs[2], book.blobs[7]
    book.blobs[2] = replace(two, body=seven.body, salt=seven.salt)
    book.blobs[7] = replace(seven, body=two.body, salt=two.salt)
    assert found(book.judge()) == [(Kind.EVIDENCE_SWAPPED, 2), (Kind.EVIDENCE_SWAPPED, 7)]


def test_old_evidence_under_a_new_number_is_not_new_evidence() -> None:
    book = two_runs()
    book.blobs[7] = book.blobs[2]
    assert found(book.judge()) == [(Kind.EVIDENCE_EDITED, 7)]


def test_evidence_deleted_without_an_entry_that_says_so_is_missing() -> None:
    book = two_runs()
    del book.blobs[3]
    assert found(book.judge()) == [(Kind.EVIDENCE_MISSING, 3)]


def test_evidence_that_was_erased_as_it_should_be_leaves_the_chain_whole() -> None:
    book = two_runs()
    book.erase(3, 8)
    book.sign()
    judged = book.judge()
    assert list(judged.findings) == []
    assert (judged.evidence, judged.erased) == (10, 2)


def test_erased_evidence_cannot_be_guessed_from_its_digest() -> None:
    """Two runs that saw the same have digests that differ: the salt goes with the blob."""
    book = Book()
    book.run("first", "same")
    book.run("second", "same")
    assert book.entries[1].digest != book.entries[4].digest


@pytest.mark.parametrize("seq", [1, 5, 20, 11])
def test_what_the_ledger_says_of_itself_cannot_be_erased(seq: int) -> None:
    """Neither runs nor checkpoints, nor what is yet to come, nor the erasure itself."""
    book = two_runs()
    book.write(EntryType.ERASURE, erasure([seq], "inconvenient"))
    book.blobs.pop(seq if seq < 11 else 0, None)
    judged = book.judge()
    assert (Kind.ERASURE_FORBIDDEN, 11) in found(judged)
    assert not judged.intact


def test_what_is_yet_to_come_cannot_be_erased_beforehand() -> None:
    book = two_runs()
    book.write(EntryType.ERASURE, erasure([13], "just in case"))
    book.run("third", "tls 1.0")
    del book.blobs[13]
    assert {(Kind.ERASURE_FORBIDDEN, 11), (Kind.EVIDENCE_MISSING, 13)} <= set(found(book.judge()))


def test_an_erasure_that_left_everything_there_is_a_lie() -> None:
    book = two_runs()
    book.write(EntryType.ERASURE, erasure([3], "promised"))
    assert (Kind.ERASED_STILL_THERE, 3) in found(book.judge())


@pytest.mark.parametrize("body", [b"", b"[]", b'{"erased":"all"}', b'{"erased": [3]}', b'{"erased":[true]}'])
def test_an_erasure_that_cannot_be_read_erases_nothing(body: bytes) -> None:
    book = two_runs()
    book.write(EntryType.ERASURE, body)
    del book.blobs[3]
    judged = book.judge()
    assert {(Kind.UNREADABLE, 11), (Kind.EVIDENCE_MISSING, 3)} <= set(found(judged))


def test_an_edited_erasure_erases_nothing() -> None:
    book = two_runs()
    book.erase(3)
    book.blobs[11] = replace(book.blobs[11], body=erasure([3, 8], "retention"))
    del book.blobs[8]
    kinds = set(found(book.judge()))
    assert {(Kind.EVIDENCE_EDITED, 11), (Kind.EVIDENCE_MISSING, 3), (Kind.EVIDENCE_MISSING, 8)} <= kinds


def test_evidence_without_an_entry_is_somebodys() -> None:
    book = two_runs()
    book.blobs[99] = book.blobs[2]
    assert found(book.judge()) == [(Kind.EVIDENCE_STRAY, 99)]


# -- checkpoints ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("changed", [{"seq": 8}, {"hash": "0" * 64}, {"at": "2020-01-01T00:00:00Z"}])
def test_a_checkpoint_with_another_word_in_it_is_not_signed(changed: dict[str, str]) -> None:
    book = two_runs()
    forged = replace(sign_head(book.entries[-1], NINE, ADAS_KEY), **changed)  # type: ignore[arg-type]
    judged = book.judge(checkpoints=[Held(forged, "notebook")])
    assert [kind for kind, _ in found(judged)] == [Kind.SIGNATURE_WRONG]


def test_a_checkpoint_under_somebody_elses_name_is_not_signed() -> None:
    book = two_runs()
    forged = replace(sign_head(book.entries[-1], NINE, OTTOS_KEY), key=public_key(ADAS_KEY))
    assert (Kind.SIGNATURE_WRONG, 10) in found(book.judge(checkpoints=[Held(forged, "notebook")]))


def test_a_checkpoint_of_nothing_readable_is_not_signed() -> None:
    judged = two_runs().judge(checkpoints=[Held(Checkpoint(0, "", "", "", ""), "line 3")])
    assert (Kind.SIGNATURE_WRONG, 0) in found(judged)


def test_what_no_checkpoint_covers_yet_is_said() -> None:
    book = two_runs()
    book.run("third", "more")
    judged = book.judge()
    assert found(judged) == [(Kind.UNCOVERED, 11)]
    assert "11-13" in told(judged)
    assert judged.intact


def test_a_ledger_without_any_checkpoint_says_so() -> None:
    book = Book()
    book.run("first", "tls")
    assert found(book.judge()) == [(Kind.NO_CHECKPOINT, 3)]


def test_a_checkpoint_comes_back_as_it_was_written() -> None:
    its = replace(sign_head(two_runs().entries[-1], NINE, ADAS_KEY), timestamp=b"\x00\xff", untimed="x")
    assert checkpoint_of(its.body()) == its
    assert its.is_signed()


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b"null",
        b"\xff",
        sign_head(two_runs().entries[-1], NINE, ADAS_KEY).body().replace(b'"timestamp":null', b'"timestamp":"%%"'),
        sign_head(two_runs().entries[-1], NINE, ADAS_KEY).body().replace(b'"timestamp":null', b'"timestamp":"AB=="'),
        sign_head(two_runs().entries[-1], NINE, ADAS_KEY).body().replace(b'"seq":10', b'"seq":true'),
        sign_head(two_runs().entries[-1], NINE, ADAS_KEY).body() + b" ",
    ],
)
def test_what_is_no_checkpoint_is_not_taken_for_one(body: bytes) -> None:
    with pytest.raises(Unreadable):
        checkpoint_of(body)


# -- reading ----------------------------------------------------------------------------------------------------------


def test_an_entry_has_one_form() -> None:
    line = line_of(two_runs().entries[3])
    assert line_of(entry_of(line)) == line
    twice = b'{"at":"a",' + line[1:]
    for other in (line + b" ", b" " + line, line.replace(b",", b", "), twice, line[:-1], line * 2, b"", b"[]", b"\xff"):
        with pytest.raises(Unreadable):
            entry_of(other)


@pytest.mark.parametrize("seq", [b"0", b"-1", b"2147483648", b"true", b'"1"', b"1e400", b"9" * 5000])
def test_a_number_of_an_entry_is_a_number(seq: bytes) -> None:
    line = line_of(two_runs().entries[0]).replace(b'"seq":1', b'"seq":' + seq)
    with pytest.raises(Unreadable):
        entry_of(line)


def test_depth_does_not_bring_the_reader_down() -> None:
    with pytest.raises(Unreadable):
        parsed(b'{"a":' * 100_000 + b"1" + b"}" * 100_000)


@pytest.mark.parametrize("text", ["2026-11-22T09:00:00+00:00", "2026-11-22 09:00:00Z", "", "2026-02-30T00:00:00Z"])
def test_times_have_one_form(text: str) -> None:
    with pytest.raises(Unreadable):
        instant(text)


@pytest.mark.parametrize("text", ["", "1", "1:abc", "x:" + "0" * 64, "-1:" + "0" * 64, "²:" + "0" * 64])
def test_an_anchor_has_one_form(text: str) -> None:
    with pytest.raises(ValueError, match="form"):
        anchor_of(text, "notebook")


def test_an_anchor_is_what_a_judgement_tells() -> None:
    judged = two_runs().judge()
    kept = anchor_of(judged.anchor, "notebook")
    assert kept == Anchor(10, judged.head, "notebook")
    assert two_runs().judge(anchors=[kept]).intact


@pytest.mark.parametrize("blob", [{"run": "r" * 23}, {"name": ""}, {"name": "n" * 201}, {"salt": b"short"}])
def test_what_no_table_would_take_is_not_written(blob: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="size"):
        following(None, NINE, EntryType.FACT, replace(Blob("", "n", "m", b"", bytes(16)), **blob))  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", Kind)
def test_every_finding_has_its_words_in_both_languages(kind: Kind) -> None:
    details = ("span", "origin", "head", "other", "run", "key", "at", "before", "stamped", "name")
    finding = Finding(kind, 7, {**dict.fromkeys(details, "x"), "reason": Unstamped.NO_ANSWER.value})
    german, english = finding.to("de"), finding.to("en")
    assert german != english
    assert german.endswith(".")
    assert "{" not in german + english
    assert finding.plain()["noted"] == (kind in NOTED)


def test_hashes_are_of_all_of_an_entry() -> None:
    entry = two_runs().entries[2]
    others = [
        replace(entry, **change) for change in ({"seq": 9}, {"at": "x"}, {"type": "x"}, {"digest": "x"}, {"prev": "x"})
    ]
    assert len({hash_of(each) for each in [entry, *others]}) == 6
