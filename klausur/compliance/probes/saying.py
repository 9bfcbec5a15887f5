"""What the probes have in common when they judge."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import httpx

from klausur.compliance.evidence import Status
from klausur.compliance.probes.pages import listed
from klausur.compliance.probing import Judged
from klausur.compliance.words import Text


def passed(de: str, en: str) -> Judged:
    return Judged(Status.PASS, Text(de=de, en=en))


def failed(de: str, en: str, faults: Iterable[str]) -> Judged:
    """``faults``: named behind both sentences, which end without a stop."""
    return failed_in_words(de, en, [Text(de=each, en=each) for each in faults])


def failed_in_words(de: str, en: str, faults: Sequence[Text]) -> Judged:
    """As ``failed``, where the faults have words of their own in each language."""
    told = Text(de=listed(each.de for each in faults), en=listed(each.en for each in faults))
    return Judged(Status.FAIL, Text(de=f"{de}: {told.de}.", en=f"{en}: {told.en}."))


def saw_nothing(de: str, en: str) -> Judged:
    """The control did not work, so that nothing follows from the rest."""
    return Judged(Status.NOTHING_SEEN, Text(de=de, en=en))


def unanswered(statuses: Mapping[str, int]) -> Judged | None:
    """What is to be said where a limit was reached or the server broke: that refuses nobody, and what would have been
    answered otherwise stays unseen. None where everything was answered. ``statuses``: by what was tried."""
    if not statuses:
        return saw_nothing("Es wurde nichts versucht.", "Nothing was tried.")
    limited = [f"{what} ({status})" for what, status in statuses.items() if not is_answer(status)]
    if not limited:
        return None
    told = listed(limited)
    return saw_nothing(f"Nicht beantwortet, nur gebremst: {told}.", f"Not answered, but put off: {told}.")


def is_answer(status: int) -> bool:
    limited = status == httpx.codes.TOO_MANY_REQUESTS
    return httpx.codes.OK <= status < httpx.codes.INTERNAL_SERVER_ERROR and not limited
