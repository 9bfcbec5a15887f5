"""Nobody saw anything, and no judge takes that for a pass."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from klausur.compliance.evidence import Status
from klausur.compliance.probes import (
    ALL,
    auth_admin_second_factor,
    auth_password_policy,
    auth_second_factor,
    auth_sessions_revocable,
    authz_openers,
    authz_removed_stays_out,
    config_openers,
    links_uniform,
    tls_suites,
)
from klausur.compliance.probing import Probe
from klausur.compliance.target import MARK

_LIMITED = 429
_TAKEN = 503


class _Hollow(Mapping[str, Any]):
    """Has everything that it is asked for, and nothing in it."""

    def __init__(self, filled: Callable[[], Any]) -> None:
        self._filled = filled

    def __getitem__(self, _name: str) -> Any:
        return self._filled()

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


_EMPTY: Mapping[str, Callable[[], Any]] = {
    "lists": list,
    "mappings": dict,
    "numbers": int,
    "texts": str,
    "null": lambda: None,
    "false": lambda: False,
    "mappings of lists": lambda: _Hollow(list),
    "mappings of numbers": lambda: _Hollow(int),
}


def _status(probe: Probe, evidence: Mapping[str, Any]) -> Status:
    """As a run takes it: who cannot read evidence has crashed."""
    try:
        return probe.judge(evidence, {"keys": ("controller",)}).status
    except Exception:  # noqa: BLE001 - as probing.look has it
        return Status.CRASHED


@pytest.mark.parametrize("probe", ALL.values(), ids=lambda probe: probe.id)
def test_evidence_with_nothing_in_it_never_passes(probe: Probe) -> None:
    passed = [what for what, filled in _EMPTY.items() if _status(probe, _Hollow(filled)) is Status.PASS]
    passed += [str(bare) for bare in ({}, {MARK: "x"}) if _status(probe, bare) is Status.PASS]
    assert passed == []


def test_a_limit_is_no_refusal_of_a_code() -> None:
    refused = [401, "code_needed", False, False]
    tried = {"without a code": refused, "with a code used before": [_LIMITED, "too_many_attempts", False, False]}
    seen = {"tried": tried, "control": [200, "", True, True]}
    assert auth_second_factor.judge(seen, {}).status is Status.NOTHING_SEEN


def test_a_limit_ends_no_session() -> None:
    seen = {"ended": {"revoked": _LIMITED, "signed out": 401}, "kept": [200, 200], "listed": 2}
    assert auth_sessions_revocable.judge(seen, {}).status is Status.NOTHING_SEEN


def test_a_limit_is_no_demand_of_a_second_factor_but_hides_no_open_door_either() -> None:
    strong = {path: [200, ""] for path in ("people", "meetings", "settings", "engine")}
    limited = {"people": [_LIMITED, "too_many_attempts"], "engine": [403, "second_factor_required"]}
    judge = auth_admin_second_factor.judge
    assert judge({"weak": limited, "strong": strong}, {}).status is Status.NOTHING_SEEN
    assert judge({"weak": {**limited, "engine": [200, ""]}, "strong": strong}, {}).status is Status.FAIL


def test_a_server_that_broke_has_refused_nobody_to_open() -> None:
    tried = {"stranger": [500, ""], "auditor": [403, "meetings_not_open"], "organiser": [201, ""]}
    assert authz_openers.judge({"tried": tried, "setting": "accounts"}, {}).status is Status.NOTHING_SEEN


def test_a_limit_that_answers_everybody_alike_is_not_uniform() -> None:
    alike = {"status": _LIMITED, "headers": [], "body": ""}
    seen = {"right": 200, "doors": {"GET": {"unknown": alike, "existing": alike}}}
    assert links_uniform.judge(seen, {}).status is Status.NOTHING_SEEN


def _removed(**after: int) -> dict[str, Any]:
    before = {"socket": "welcome", "ticket": 201, "media": _TAKEN, "link": 201}
    return {"before": before, "after": after, "closed": 4404, "again": "removed", "barred": {"link": 201}}


def test_a_ticket_that_would_still_be_taken_leads_in_again() -> None:
    judge = authz_removed_stays_out.judge
    assert judge(_removed(ticket=401), {}).status is Status.PASS
    assert judge(_removed(ticket=_TAKEN), {}).status is Status.FAIL
    assert judge(_removed(ticket=_LIMITED), {}).status is Status.NOTHING_SEEN


def test_a_ticket_that_never_was_taken_shows_nothing() -> None:
    seen = _removed(ticket=401)
    seen["before"]["media"] = 401
    assert authz_removed_stays_out.judge(seen, {}).status is Status.NOTHING_SEEN


@pytest.mark.parametrize("when", ["before", "barred"])
def test_a_link_that_opens_to_nobody_shows_nothing_of_who_was_removed(when: str) -> None:
    seen = _removed(ticket=401)
    seen[when]["link"] = 409
    assert authz_removed_stays_out.judge(seen, {}).status is Status.NOTHING_SEEN
    seen["after"]["new ticket"] = 201
    assert authz_removed_stays_out.judge(seen, {}).status is Status.FAIL


def test_a_version_of_tls_whose_suites_nobody_saw_shows_nothing() -> None:
    seen = {"suites": {"TLS 1.3": ["TLS_AES_128_GCM_SHA256"], "TLS 1.2": []}}
    assert tls_suites.judge(seen, {}).status is Status.NOTHING_SEEN


def test_where_nobody_opens_meetings_no_stranger_does() -> None:
    assert config_openers.judge({"value": "nobody"}, {}).status is Status.PASS
    assert config_openers.judge({"value": "anyone"}, {}).status is Status.FAIL


def test_who_was_put_off_before_guessing_shows_nothing_about_guesses() -> None:
    kdf = {"memory_kib": 64 * 1024, "passes": 3}
    seen = {"kdfs": {"known": kdf}, "weakened": {"memory_kib": 422, "passes": 422, "lanes": 204}, "waits": ["9"]}
    judge = auth_password_policy.judge
    assert judge({**seen, "guesses": [401, 401, _LIMITED]}, {}).status is Status.PASS
    assert judge({**seen, "guesses": [_LIMITED, _LIMITED]}, {}).status is Status.NOTHING_SEEN
