"""Evidence packages: what Ada exports, an authority verifies with ``klausur verify``; what Otto changes in them is
found, and what he builds to do harm is refused."""

from __future__ import annotations

import hashlib
import json
import socket
import struct
import subprocess
import zipfile
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from klausur.cli import main
from klausur.compliance import container
from klausur.compliance.container import MANIFEST, SIGNATURE, PackageRefused
from klausur.compliance.findings import Kind
from klausur.compliance.inspection import Inspected, Known, inspect
from klausur.compliance.keeping import CHECKPOINTS_FILE, Ledger, Record, TooMuch
from klausur.compliance.ledger import fingerprint, public_key, sign_manifest
from klausur.compliance.package import Contents, export
from klausur.compliance.proven import not_proven, proven
from klausur.compliance.timestamp import Authority, certificates_in, stamped
from klausur.compliance.verifying import anchor_of
from klausur.domain.proof_ports import EntryType
from klausur.store.migrate import migrate
from klausur.store.opening import open_database
from klausur.store.unit import Database
from tests.compliance import tsa
from tests.compliance.ledgers import ADAS_KEY, NINE, OTTOS_KEY
from tests.house import ManualClock

CONTENTS = Contents(
    release="0.1.0",
    made_at=NINE,
    catalogue={"id": "klausur", "version": "2026.11", "digest": "c" * 64},
    more={"exports/checklist.csv": b"yes;no\n", "documents/notice/de.pdf": b"%PDF"},
)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("empty") / "klausur.db"
    migrate(f"sqlite:///{file}")
    return file


def copied(empty: Path, folder: Path) -> str:
    folder.mkdir(exist_ok=True)
    file = folder / "klausur.db"
    file.write_bytes(empty.read_bytes())
    return f"sqlite:///{file}"


@pytest.fixture
async def store(tmp_path: Path, empty: Path) -> AsyncIterator[Database]:
    opened = open_database(copied(empty, tmp_path))
    yield opened
    await opened.close()


async def a_run(ledger: Ledger, run: str) -> None:
    await ledger.append(
        Record(EntryType.RUN_BEGUN, "run", b"{}", run=run),
        Record(EntryType.EVIDENCE, "tls.versions", f'{{"seen":"{run}"}}'.encode(), run=run),
        Record(EntryType.EVIDENCE, "http.headers", b'{"csp":"none"}', run=run),
        Record(EntryType.RUN_ENDED, "run", b"{}", run=run),
    )


@pytest.fixture
async def package(store: Database, tmp_path: Path) -> Path:
    """Two runs: 1-4, checkpoint 5, 6-9, erasure 10, checkpoint 11."""
    ledger = Ledger(store, ManualClock())
    await a_run(ledger, "first")
    await ledger.checkpoint(ADAS_KEY, tmp_path)
    await a_run(ledger, "second")
    await ledger.erase([3], "retention")
    await ledger.checkpoint(ADAS_KEY, tmp_path)
    await export(store, tmp_path, tmp_path / "package.zip", ADAS_KEY, CONTENTS)
    return tmp_path / "package.zip"


def verified(*arguments: object, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as caught:
        main(["verify", *map(str, arguments)])
    out, err = capsys.readouterr()
    return int(caught.value.code or 0), out, err


def kinds(its: Inspected) -> list[Kind]:
    return [finding.kind for finding in its.judgement.findings]


# -- what is in it ----------------------------------------------------------------------------------------------------


def test_a_package_is_intact_and_holds_all_that_was_written(package: Path) -> None:
    its = inspect(package, Known())
    assert (its.intact, kinds(its)) == (True, [])
    assert (its.judgement.entries, its.judgement.evidence, its.judgement.erased) == (11, 10, 1)
    assert (its.runs, its.judgement.checkpoints, its.release) == (2, 2, "0.1.0")
    assert its.catalogue == CONTENTS.catalogue
    assert its.key == fingerprint(public_key(ADAS_KEY))
    assert list(its.added) == ["documents/notice/de.pdf", "exports/checklist.csv"]


def test_it_can_be_read_without_klausur(package: Path) -> None:
    with zipfile.ZipFile(package) as bundle:
        manifest = json.loads(bundle.read(MANIFEST))
        for name, its in manifest["members"].items():
            content = bundle.read(name)
            assert its == {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        assert json.loads(bundle.read("evidence/2")) == {"seen": "first"}
        assert len(bundle.read("ledger.jsonl").splitlines()) == 11
        assert set(bundle.namelist()) == {*manifest["members"], MANIFEST, SIGNATURE}


def test_it_is_for_its_maker_alone_and_overwrites_nothing(package: Path) -> None:
    assert package.stat().st_mode & 0o777 == 0o600


async def test_a_package_overwrites_nothing_and_leaves_nothing_half(store: Database, tmp_path: Path) -> None:
    file = tmp_path / "package.zip"
    file.write_bytes(b"Hanna's")
    with pytest.raises(FileExistsError):
        await export(store, tmp_path, file, ADAS_KEY, CONTENTS)
    assert file.read_bytes() == b"Hanna's"
    for name, content, error in (("../evil", b"", ValueError), ("exports/large", bytes(65 * 1024**2), TooMuch)):
        with pytest.raises(error):
            await export(store, tmp_path, tmp_path / "other.zip", ADAS_KEY, replace(CONTENTS, more={name: content}))
    assert not (tmp_path / "other.zip").exists()


async def test_a_package_of_nothing_says_so(store: Database, tmp_path: Path) -> None:
    await export(store, tmp_path, tmp_path / "package.zip", ADAS_KEY, Contents("0.1.0", NINE))
    its = inspect(tmp_path / "package.zip", Known())
    assert (its.intact, its.judgement.entries, list(proven(its))) == (True, 0, [])


# -- what Otto changes ------------------------------------------------------------------------------------------------


def repacked(package: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    with zipfile.ZipFile(package) as bundle:
        members = {name: bundle.read(name) for name in bundle.namelist()}
    change(members)
    changed = package.with_name("changed.zip")
    with zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, content in members.items():
            bundle.writestr(name, content)
    return changed


def fitting(change: Callable[[dict[str, bytes]], None], key: Ed25519PrivateKey | None = None) -> Any:
    """And makes the table of contents fit; signs it, too, if he has a key."""

    def changed(members: dict[str, bytes]) -> None:
        change(members)
        manifest = json.loads(members[MANIFEST])
        manifest["members"] = {
            name: {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
            for name, content in members.items()
            if name not in {MANIFEST, SIGNATURE}
        }
        members[MANIFEST] = json.dumps(manifest, sort_keys=True, separators=(",", ":")).encode()
        if key is not None:
            members[SIGNATURE] = sign_manifest(members[MANIFEST], key).encode()

    return changed


def swap(members: dict[str, bytes]) -> None:
    members["evidence/2"], members["evidence/7"] = members["evidence/7"], members["evidence/2"]
    lines = [json.loads(line) for line in members["evidence.jsonl"].splitlines()]
    two, seven = (next(line for line in lines if line["seq"] == seq) for seq in (2, 7))
    two["seq"], seven["seq"] = 7, 2
    dumped = (json.dumps(line, sort_keys=True, separators=(",", ":")) for line in lines)
    members["evidence.jsonl"] = "".join(f"{line}\n" for line in dumped).encode()


def cut(members: dict[str, bytes]) -> None:
    members["ledger.jsonl"] = b"".join(members["ledger.jsonl"].splitlines(keepends=True)[:5])
    for seq in range(6, 12):
        del members[f"evidence/{seq}"]


def put(name: str, content: bytes) -> Callable[[dict[str, bytes]], None]:
    return lambda members: members.update({name: content})


def without(name: str) -> Callable[[dict[str, bytes]], None]:
    def change(members: dict[str, bytes]) -> None:
        del members[name]

    return change


def edit_entry(members: dict[str, bytes]) -> None:
    members["ledger.jsonl"] = members["ledger.jsonl"].replace(b'"type":"evidence"', b'"type":"verdict"', 1)


ATTACKS: dict[str, tuple[Callable[[dict[str, bytes]], None], Kind]] = {
    "entry edited": (edit_entry, Kind.ENTRY_EDITED),
    "evidence edited": (put("evidence/2", b'{"seen":"tls 1.3"}'), Kind.EVIDENCE_EDITED),
    "evidence swapped between runs": (swap, Kind.EVIDENCE_SWAPPED),
    "evidence deleted": (without("evidence/7"), Kind.EVIDENCE_MISSING),
    "ledger cut at its end": (cut, Kind.CUT),
    "list of evidence emptied": (put("evidence.jsonl", b""), Kind.EVIDENCE_MISSING),
    "checkpoints forged": (put("checkpoints.jsonl", b"{}\n"), Kind.SIGNATURE_WRONG),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_was_changed_is_found_even_if_the_table_of_contents_fits(package: Path, attack: str) -> None:
    change, expected = ATTACKS[attack]
    its = inspect(repacked(package, fitting(change)), Known())
    assert not its.intact
    assert {expected, Kind.MANIFEST_UNSIGNED} <= set(kinds(its))
    assert list(proven(its)) == []
    signed = inspect(repacked(package, fitting(change, ADAS_KEY)), Known())
    assert expected in kinds(signed)
    assert Kind.MANIFEST_UNSIGNED not in kinds(signed)


def test_a_ledger_that_lost_its_last_entry_ends_otherwise_than_the_signed_table_of_contents_says(package: Path) -> None:
    """Even if whoever took it away had the key, and forgot the head."""

    def shorten(members: dict[str, bytes]) -> None:
        members["ledger.jsonl"] = b"".join(members["ledger.jsonl"].splitlines(keepends=True)[:10])

    assert Kind.HEAD_OTHER in kinds(inspect(repacked(package, fitting(shorten, ADAS_KEY)), Known()))


def test_a_name_with_something_hidden_behind_it_is_refused(package: Path) -> None:
    changed = repacked(package, put("exports/a0b", b"x"))
    changed.write_bytes(changed.read_bytes().replace(b"exports/a0b", b"exports/a\x00b"))
    assert "second name" in refused(changed)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (put("exports/checklist.csv", b"yes;yes\n"), Kind.MEMBER_CHANGED),
        (without("exports/checklist.csv"), Kind.MEMBER_MISSING),
        (put("exports/more.csv", b"yes"), Kind.MEMBER_CHANGED),
        (put(SIGNATURE, b"A" * 86), Kind.MANIFEST_UNSIGNED),
        (without(SIGNATURE), Kind.MANIFEST_UNSIGNED),
        (without("public-key.pem"), Kind.MEMBER_CHANGED),
    ],
)
def test_what_does_not_fit_the_table_of_contents_is_named(package: Path, change: Any, expected: Kind) -> None:
    assert expected in kinds(inspect(repacked(package, change), Known()))


def test_a_package_made_anew_with_another_key_is_found_by_whoever_knows_the_key(package: Path) -> None:
    def resign(members: dict[str, bytes]) -> None:
        manifest = json.loads(members[MANIFEST])
        manifest["key"] = public_key(OTTOS_KEY)
        members[MANIFEST] = json.dumps(manifest, sort_keys=True, separators=(",", ":")).encode()
        members[SIGNATURE] = sign_manifest(members[MANIFEST], OTTOS_KEY).encode()

    changed = repacked(package, resign)
    assert Kind.MEMBER_CHANGED in kinds(inspect(changed, Known()))  # the key beside it is Ada's
    known = Known(key=fingerprint(public_key(ADAS_KEY)))
    assert inspect(package, known).intact
    assert Kind.KEY_NOT_THE_EXPECTED in kinds(inspect(changed, known))


async def test_an_earlier_package_or_a_state_that_was_kept_is_an_anchor(
    package: Path, store: Database, tmp_path: Path
) -> None:
    first = inspect(package, Known())
    ledger = Ledger(store, ManualClock())
    await a_run(ledger, "third")
    await ledger.checkpoint(ADAS_KEY, tmp_path)
    later = tmp_path / "later.zip"
    await export(store, tmp_path, later, ADAS_KEY, CONTENTS)
    kept = anchor_of(first.judgement.anchor, "--anchor")
    its = inspect(later, Known(anchors=(kept,), earlier=package))
    assert its.intact
    assert any("Up to entry 11 there is an outside anchor" in text.en for text in not_proven(its))
    assert any("All that was in the earlier package" in text.en for text in proven(its))
    assert Kind.CUT in kinds(inspect(package, Known(earlier=later)))


async def test_a_past_that_was_forged_with_the_key_is_found_only_with_an_anchor(
    package: Path, tmp_path: Path, empty: Path
) -> None:
    """The sentence that every verification ends with, as a test."""
    forged = open_database(copied(empty, tmp_path / "forged"))
    ledger = Ledger(forged, ManualClock())
    for run in ("first, and better", "second, and better", "third"):
        await a_run(ledger, run)
    await ledger.checkpoint(ADAS_KEY, tmp_path / "forged")
    file = tmp_path / "forged.zip"
    await export(forged, tmp_path / "forged", file, ADAS_KEY, CONTENTS)
    await forged.close()
    its = inspect(file, Known())
    assert its.intact
    assert any("this shows later change, not a forged past" in text.en for text in not_proven(its))
    kept = anchor_of(inspect(package, Known()).judgement.anchor, "--anchor")
    assert Kind.REWRITTEN in kinds(inspect(file, Known(anchors=(kept,))))
    assert Kind.BRANCHES in kinds(inspect(file, Known(earlier=package)))


# -- time stamps ------------------------------------------------------------------------------------------------------


async def test_time_stamps_are_verified_with_openssl_and_with_us(store: Database, tmp_path: Path) -> None:
    authority = tsa.authority(tmp_path / "tsa")
    pem = authority.root.read_bytes()
    ledger = Ledger(store, ManualClock())
    await a_run(ledger, "first")
    with tsa.served(authority.answer) as url:
        async with httpx.AsyncClient(trust_env=False) as client:
            its = Authority(url, certificates_in(pem))
            await ledger.checkpoint(ADAS_KEY, tmp_path, lambda checkpoint: stamped(checkpoint, its, client))
    await export(store, tmp_path, tmp_path / "package.zip", ADAS_KEY, replace(CONTENTS, tsa=pem))
    found = inspect(tmp_path / "package.zip", Known())
    assert (found.intact, [each.seq for each in found.stamps]) == (True, [4])
    assert kinds(found) == [Kind.TIME_DIFFERS]  # the house's clock stands at nine
    assert any("come from the package itself" in text.en for text in not_proven(found))
    trusting = inspect(tmp_path / "package.zip", Known(certificates=certificates_in(pem)))
    assert any("Up to entry 4 there is an outside anchor" in text.en for text in not_proven(trusting))
    ottos = certificates_in(tsa.authority(tmp_path / "ottos").root.read_bytes())
    distrusting = inspect(tmp_path / "package.zip", Known(certificates=ottos))
    assert Kind.TIMESTAMP_WRONG in kinds(distrusting)
    with zipfile.ZipFile(tmp_path / "package.zip") as bundle:
        (name,) = (name.removesuffix(".tsr") for name in bundle.namelist() if name.endswith(".tsr"))
        for suffix in (".json", ".tsr"):
            (tmp_path / f"stamp{suffix}").write_bytes(bundle.read(f"{name}{suffix}"))
    command = ["openssl", "ts", "-verify", "-data", "stamp.json", "-in", "stamp.tsr", "-CAfile", "tsa/root.pem"]
    assert "OK" in run_in(tmp_path, command)


def run_in(folder: Path, command: list[str]) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout + done.stderr


async def test_a_checkpoint_without_its_time_stamp_stands_and_says_so(store: Database, tmp_path: Path) -> None:
    ledger = Ledger(store, ManualClock())
    await a_run(ledger, "first")
    pem = tsa.authority(tmp_path / "tsa").root.read_bytes()
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        its = Authority(f"http://127.0.0.1:{nobody.getsockname()[1]}/", certificates_in(pem))
        async with httpx.AsyncClient(trust_env=False) as client:
            await ledger.checkpoint(ADAS_KEY, tmp_path, lambda checkpoint: stamped(checkpoint, its, client))
    await export(store, tmp_path, tmp_path / "package.zip", ADAS_KEY, CONTENTS)
    found = inspect(tmp_path / "package.zip", Known())
    assert (found.intact, kinds(found), found.judgement.checkpoints) == (True, [Kind.UNTIMED], 1)
    assert "antwortete nicht" in found.judgement.findings[0].to("de")


# -- what is refused --------------------------------------------------------------------------------------------------


def refused(file: Path) -> str:
    with pytest.raises(PackageRefused) as caught:
        inspect(file, Known())
    assert caught.value.text.de != caught.value.text.en
    return caught.value.text.en


@pytest.mark.parametrize(
    "name",
    [
        "../evidence/1",
        "/etc/passwd",
        "evidence/../manifest.json",
        "evidence/01",
        "evidence/1/2",
        "evidence/",
        "exports/../../x",
        "exports/.ssh",
        "exports\\..\\x",
        "C:/exports/x",
        "README",
        "LEDGER.jsonl",
        "exports/a\x1b[2J",
        "timestamps/1-xyz.tsr",
    ],
)
def test_a_member_that_belongs_in_no_package_is_refused(package: Path, name: str) -> None:
    said = refused(repacked(package, put(name, b"x")))
    assert "belongs in no package" in said or "twice" in said
    assert said.isprintable()


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("name", ["ledger.jsonl", "exports/CHECKLIST.csv"])
def test_a_name_that_is_there_twice_is_refused(package: Path, name: str) -> None:
    with zipfile.ZipFile(package, "a") as bundle:
        bundle.writestr(name, b"another")
    assert "twice" in refused(package)


def test_a_bomb_is_refused_before_it_goes_off(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> None:
        raise AssertionError("nothing is to be unpacked")

    bomb = repacked(package, lambda members: members.update({f"exports/{n}": bytes(60 * 1024**2) for n in range(2)}))
    monkeypatch.setattr(zipfile.ZipFile, "open", never)
    assert "larger than a package can be" in refused(bomb)


def test_a_member_that_is_too_large_is_refused(package: Path) -> None:
    assert "too large" in refused(repacked(package, put(SIGNATURE, bytes(1025))))


def test_too_many_members_are_refused(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(container, "MEMBERS_MAX", 10)
    assert "too many" in refused(package)


def test_a_list_of_members_that_is_itself_a_bomb_is_not_read(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(container, "DIRECTORY_MAX", 200)
    assert "too many" in refused(package)


def test_too_large_a_file_is_refused(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(container, "FILE_MAX", 10)
    assert "larger" in refused(package)


def test_a_member_that_lies_about_its_size_is_refused(package: Path) -> None:
    """In the directory at the end, which is what is believed of sizes."""
    raw = bytearray(package.read_bytes())
    at = raw.index(b"PK\x01\x02")  # the first member is ledger.jsonl
    size = struct.unpack_from("<I", raw, at + 24)[0]
    struct.pack_into("<I", raw, at + 24, size - 10)
    package.write_bytes(raw)
    assert "damaged" in refused(package)


@pytest.mark.parametrize("kind", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_unusual_packing_is_refused(package: Path, kind: int) -> None:
    with zipfile.ZipFile(package, "a") as bundle:
        bundle.writestr("exports/other", b"x", kind)
    assert "unusual" in refused(package)


@pytest.mark.parametrize("content", [b"", b"PK\x05\x06", b"%PDF-1.7", b"PK\x03\x04" + bytes(100)])
def test_what_is_no_archive_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.zip").write_bytes(content)
    assert "no ZIP archive" in refused(tmp_path / "x.zip")


@pytest.mark.parametrize(
    "manifest",
    [b"", b"{}", b"[]", b"\xff", b'{"format":1}', b'{"a":' * 5000],
)
def test_what_has_no_table_of_contents_is_refused(package: Path, manifest: bytes) -> None:
    assert "table of contents" in refused(repacked(package, put(MANIFEST, manifest)))


@pytest.mark.parametrize(
    "changed",
    [
        {"format": 2},
        {"kind": "backup"},
        {"made_at": "yesterday"},
        {"members": []},
        {"members": {"x": 1}},
        {"head": {}},
        {"head": 3},
        {"head": None},
        {"key": 5},
        {"key": "A"},
        {"catalogue": {"id": 1}},
        {"members": {"\x1b[2J": {"bytes": 1, "sha256": "x"}}},
    ],
)
def test_whatever_a_table_of_contents_says_it_is_not_believed(package: Path, changed: dict[str, Any]) -> None:
    def change(members: dict[str, bytes]) -> None:
        manifest = {**json.loads(members[MANIFEST]), **changed}
        members[MANIFEST] = json.dumps(manifest, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()

    try:
        its = inspect(repacked(package, change), Known())
    except PackageRefused:
        return
    assert not its.intact


# -- the command ------------------------------------------------------------------------------------------------------


def test_an_intact_package_ends_with_0_and_says_what_is_proven(
    package: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = verified(package, "--language", "en", capsys=capsys)
    assert (code, err) == (0, "")
    assert out.startswith("Intact\n")
    assert "consistent in itself: 11 entries" in out
    assert "The operator holds the key: this shows later change, not a forged past, unless there is" in out
    code, out, _ = verified(package, "--language", "de", capsys=capsys)
    assert code == 0
    assert out.startswith("Unversehrt\n")
    assert "keine gefälschte Vergangenheit" in out


def test_a_changed_package_ends_with_1_and_says_where(package: Path, capsys: pytest.CaptureFixture[str]) -> None:
    changed = repacked(package, put("evidence/2", b"{}"))
    code, out, _ = verified(changed, "--language", "en", capsys=capsys)
    assert (code, out.splitlines()[0]) == (1, "NOT intact")
    assert "The evidence of entry 2 was edited." in out
    assert "What this proves" not in out
    code, out, _ = verified(changed, "--json", capsys=capsys)
    told = json.loads(out)
    assert (code, told["intact"], told["proven"]) == (1, False, [])
    assert {(each["kind"], each["seq"]) for each in told["findings"]} >= {("evidence-edited", 2)}


def test_json_tells_what_people_are_told(package: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = verified(package, "--json", capsys=capsys)
    told = json.loads(out)
    assert (code, told["intact"], told["entries"], told["erased"]) == (0, True, 11, 1)
    anchor = told["anchor"]
    assert verified(package, "--anchor", anchor, "--key", told["key"], capsys=capsys)[0] == 0
    assert verified(package, "--anchor", f"11:{'0' * 64}", capsys=capsys)[0] == 1
    assert verified(package, "--key", "0000", capsys=capsys)[0] == 1


def test_what_is_refused_ends_with_1_in_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x.zip").write_bytes(b"%PDF")
    assert verified(tmp_path / "x.zip", "--language", "de", capsys=capsys) == (
        1,
        "",
        "Die Datei ist kein ZIP-Archiv.\n",
    )
    code, out, _ = verified(tmp_path / "x.zip", "--json", capsys=capsys)
    assert (code, json.loads(out)["refused"]["en"]) == (1, "The file is no ZIP archive.")


def test_usage_errors_end_with_4(package: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong: list[list[object]] = [
        [],
        [tmp_path / "missing.zip"],
        [tmp_path],
        [package, "--anchor", "x"],
        [package, "--language", "fr"],
        [package, "--earlier", tmp_path / "missing.zip"],
        [package, "--tsa-certificate", package],
    ]
    for arguments in wrong:
        code, out, err = verified(*arguments, capsys=capsys)
        assert (code, out, bool(err)) == (4, "", True), arguments


async def test_what_others_wrote_does_not_steer_the_terminal(
    store: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await a_run(Ledger(store, ManualClock()), "first")
    contents = replace(CONTENTS, release="\x1b[2J[bold]fine[/bold]", catalogue={"id": "\x07"})
    await export(store, tmp_path, tmp_path / "package.zip", ADAS_KEY, contents)
    _, out, _ = verified(tmp_path / "package.zip", capsys=capsys)
    assert "\x1b" not in out
    assert "\x07" not in out
    assert "[bold]fine" in out


def test_verification_asks_nobody(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("this is offline")

    monkeypatch.setattr(socket.socket, "connect", never)
    monkeypatch.setattr(socket, "getaddrinfo", never)
    assert inspect(package, Known()).intact


def test_the_checkpoints_beside_the_database_come_along(package: Path) -> None:
    with zipfile.ZipFile(package) as bundle:
        assert bundle.read("checkpoints.jsonl") == (package.parent / CHECKPOINTS_FILE).read_bytes()
