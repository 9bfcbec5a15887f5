"""Which power of domain/policy.py each route and path needs: declared where it is made, so that a test can compare what
really happens with the table. What needs none says why."""

from __future__ import annotations

from typing import Any, Final

from klausur.domain.policy import AccountOperation, Operation

POWER: Final = "x-klausur-power"
ACCOUNT_POWER: Final = "x-klausur-account-power"
NO_POWER: Final = "x-klausur-no-power"


def needs(operation: Operation) -> dict[str, Any]:
    """For a route's ``openapi_extra``."""
    return {POWER: operation.value}


def needs_account(operation: AccountOperation) -> dict[str, Any]:
    """Of the second table. With ``TheAccount`` among a route's parameters it is also what is held against the asker."""
    return {ACCOUNT_POWER: operation.value}


def needs_none(because: str) -> dict[str, Any]:
    return {NO_POWER: because}
