"""What the probes have in common when they judge."""

from __future__ import annotations

from collections.abc import Iterable

from klausur.compliance.evidence import Status
from klausur.compliance.probes.pages import listed
from klausur.compliance.probing import Judged
from klausur.compliance.words import Text


def passed(de: str, en: str) -> Judged:
    return Judged(Status.PASS, Text(de=de, en=en))


def failed(de: str, en: str, faults: Iterable[str]) -> Judged:
    """``faults``: named behind both sentences, which end without a stop."""
    told = listed(faults)
    return Judged(Status.FAIL, Text(de=f"{de}: {told}.", en=f"{en}: {told}."))


def saw_nothing(de: str, en: str) -> Judged:
    """The control did not work, so that nothing follows from the rest."""
    return Judged(Status.NOTHING_SEEN, Text(de=de, en=en))
