"""What pages load keeps to their own policy, and the policy stands in no page's way."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlsplit

from klausur.compliance.live.playing import Held
from klausur.compliance.live.watching import moments, own_host, scene, watching
from klausur.compliance.probes.saying import failed, passed, saw_nothing
from klausur.compliance.probing import Evidence, Judged, Params
from klausur.compliance.target import Target
from klausur.compliance.words import Text


def see(held: Held, target: Target) -> dict[str, Any]:
    """Documents with and without a policy, what it was seen to forbid, and whom pages called all the same."""
    scene(held, "after")
    people = held["people"]
    own = own_host(target)
    called = {where for its in people.values() for where in its["hosts"] if urlsplit(where).netloc != own}
    return {
        "documents": {
            f"{name} {path}": given for name, its in people.items() for path, given in its["policies"].items()
        },
        "forbidden": sorted({each for _name, _then, page in moments(held) for each in page["violations"]}),
        "called": sorted(called),
    }


def judge(evidence: Evidence, _params: Params) -> Judged:
    documents = evidence["documents"]
    if not documents:
        return saw_nothing("Es wurde keine Seite geladen.", "No page was loaded.")
    faults = [f"no policy: {name}" for name, given in documents.items() if not given]
    faults += evidence["forbidden"] + evidence["called"]
    if faults:
        return failed("Seiten hielten sich nicht an eine Richtlinie", "Pages did not keep to a policy", faults)
    return passed(
        f"{len(documents)} Seiten kamen mit einer Richtlinie, und nichts verstieß dagegen.",
        f"{len(documents)} pages came with a policy, and nothing broke it.",
    )


PROBE: Final = watching(
    "web.csp-observed",
    see,
    judge,
    proves=Text(
        de="Jede Seite einer Besprechung kommt mit einer Inhaltsrichtlinie, und in einem Browser, der sie durchsetzt, "
        "verstößt nichts dagegen.",
        en="Every page of a meeting comes with a content security policy, and in a browser that enforces it nothing "
        "breaks it.",
    ),
    proves_not=Text(
        de="Dass die Richtlinie streng genug ist (http.csp); Seiten, die in dieser Besprechung nicht vorkommen.",
        en="That the policy is strict enough (http.csp); pages that do not occur in this meeting.",
    ),
)
