"""What an inspected package proves, and what it does not, in sentences for people who have to rely on it."""

from __future__ import annotations

from collections.abc import Iterator

from klausur.compliance.inspection import Inspected
from klausur.compliance.words import Text


def proven(its: Inspected) -> Iterator[Text]:
    """Nothing where anything is wrong: what then still holds is for people to judge."""
    if not its.intact or not its.judgement.entries:
        return
    judged = its.judgement
    yield Text(
        f"Das Protokoll ist in sich schlüssig: {judged.entries} Einträge vom {its.first} bis {its.last}. Seit der "
        "Unterschrift, die ihn deckt, wurde keiner verändert, entfernt oder eingefügt, es sei denn von jemandem, der "
        "den Schlüssel des Betreibers hat.",
        f"The ledger is consistent in itself: {judged.entries} entries from {its.first} to {its.last}. None was "
        "edited, taken away or put in since the signature that covers it, unless by somebody who has the operator's "
        "key.",
    )
    yield Text(
        f"{judged.evidence} Nachweise sind, was sie beim Aufschreiben waren; {judged.erased} wurden gelöscht, und das "
        "Protokoll sagt es.",
        f"{judged.evidence} pieces of evidence are what they were when they were written down; {judged.erased} were "
        "erased, and the ledger says so.",
    )
    if its.stamps:
        last = its.stamps[-1]
        yield Text(
            f"{len(its.stamps)} Zeitstempel halten gegen die Zertifikate von {its.authority}. Der letzte sagt, dass "
            f"es den Stand bis Eintrag {last.seq} am {last.at} gab.",
            f"{len(its.stamps)} time stamps hold against the certificates of {its.authority}. The last says that the "
            f"state up to entry {last.seq} was there at {last.at}.",
        )
    yield from _compared(its)


def _compared(its: Inspected) -> Iterator[Text]:
    if its.known.key is not None:
        yield Text(
            "Der Schlüssel ist der, dessen Fingerabdruck Sie genannt haben.",
            "The key is the one whose fingerprint you named.",
        )
    for anchor in its.known.anchors:
        yield Text(
            f"Der Stand {anchor.seq}, den Sie aufgehoben haben, ist darin unverändert enthalten.",
            f"State {anchor.seq}, which you kept, is in it unchanged.",
        )
    if its.known.earlier is not None:
        yield Text(
            "Alles, was im früheren Paket stand, steht unverändert auch in diesem.",
            "All that was in the earlier package is in this one, too, unchanged.",
        )


def not_proven(its: Inspected) -> Iterator[Text]:
    yield _past(its)
    if its.known.key is None:
        yield Text(
            f"Wem der Schlüssel gehört, steht nicht im Paket. Vergleichen Sie den Fingerabdruck {its.key} mit dem, den "
            "Ihnen der Betreiber auf anderem Weg genannt hat.",
            f"Whose key it is, the package cannot say. Compare the fingerprint {its.key} with the one that the "
            "operator told you in another way.",
        )
    if its.stamps and not its.known.certificates:
        yield Text(
            "Die Zertifikate der Zeitstempelstelle stammen aus dem Paket selbst. Erst mit denen, die Sie von der "
            "Stelle haben (--tsa-certificate), bezeugt der Zeitstempel etwas, das der Betreiber nicht selbst "
            "machen kann.",
            "The certificates of the time-stamping authority come from the package itself. Only with those that you "
            "have from the authority (--tsa-certificate) do the stamps witness what the operator could not have made.",
        )
    yield Text(
        "Dass die Proben richtig gemessen haben und die Bestätigungen wahr sind: Das Protokoll bewahrt auf, was "
        "aufgeschrieben wurde, und urteilt nicht darüber.",
        "That probes measured rightly and attestations are true: the ledger keeps what was written down, and does not "
        "judge it.",
    )
    yield Text(
        "Dass alles aufgeschrieben wurde: Was nie in das Protokoll kam, fehlt darin nicht.",
        "That everything was written down: what never came into the ledger is not missing from it.",
    )
    if its.added:
        yield Text(
            f"{len(its.added)} beigelegte Dateien (exports, documents) sind, was das Inhaltsverzeichnis nennt; ob sie "
            "stimmen, wurde nicht geprüft.",
            f"{len(its.added)} files that were added (exports, documents) are what the table of contents says; whether "
            "they are right was not looked at.",
        )


def _past(its: Inspected) -> Text:
    """What the operator could have made up, at the most."""
    seqs = [anchor.seq for anchor in its.known.anchors]
    seqs += [stamp.seq for stamp in its.stamps] if its.known.certificates else []
    if its.intact and seqs:
        return Text(
            f"Der Betreiber hat den Schlüssel. Bis Eintrag {max(seqs)} gibt es einen Anker außerhalb: Was davor steht, "
            "kann er seither nicht neu erfunden haben. Danach zeigt das Protokoll nur spätere Änderungen, keine "
            "gefälschte Vergangenheit.",
            f"The operator holds the key. Up to entry {max(seqs)} there is an outside anchor: what stands before "
            "cannot have been made up since. After it, the ledger shows later change, not a forged past.",
        )
    return Text(
        "Der Betreiber hat den Schlüssel: Das Protokoll zeigt spätere Änderungen, aber keine gefälschte Vergangenheit, "
        "solange es keinen Anker außerhalb gibt: einen Stand, den Sie früher aufgehoben haben (--anchor, --earlier), "
        "oder einen Zeitstempel.",
        "The operator holds the key: this shows later change, not a forged past, unless there is an outside anchor: a "
        "state that you kept earlier (--anchor, --earlier), or a time stamp.",
    )
