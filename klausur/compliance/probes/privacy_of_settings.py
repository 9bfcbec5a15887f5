"""Which value of a setting is the most private, and which of two is the weaker: declared here, for every setting.

What stands here is a judgement, so each comes with its reason. A setting that is not in it was never judged, and the
probes that use this say so rather than pass it over.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, TypeAlias

Weakness: TypeAlias = Callable[[object], float]
"""The larger, the weaker. Raises TypeError or ValueError where the value is none of the setting's."""


@dataclass(frozen=True, slots=True)
class Judged:
    private: Callable[[object], bool]
    """Whether a value is among the most private ones that the setting can be shipped with."""
    weakness: Weakness | None = None
    """None: none of its values protects people less than another."""


def _any(_value: object) -> bool:
    return True


def _nothing(value: object) -> bool:
    return value in (None, "", [], False)


def _one_of(*values: object) -> Callable[[object], bool]:
    return lambda value: value in values


def _at_most(limit: int) -> Callable[[object], bool]:
    return lambda value: isinstance(value, int) and value <= limit


def _in_order(*values: object) -> Weakness:
    """The strongest first."""
    return lambda value: float(values.index(value))


def _set(value: object) -> float:
    """Weaker when something is set."""
    return 0.0 if _nothing(value) else 1.0


def _unset(value: object) -> float:
    return 1.0 - _set(value)


def _number(value: object) -> float:
    if not isinstance(value, int):
        raise TypeError
    return float(value)


def _listed(value: object) -> list[str]:
    if not isinstance(value, list):
        raise TypeError
    return [str(each) for each in value]


def _how_many(value: object) -> float:
    return float(len(_listed(value)))


def _addresses(value: object) -> float:
    return float(sum(ipaddress.ip_network(each).num_addresses for each in _listed(value)))


def _elsewhere(value: object) -> float:
    return 0.0 if _listed(value) == ["embedded"] else 1.0


def _limit(shipped: int) -> Judged:
    """What slows down guessing and flooding: more is weaker."""
    return Judged(_at_most(shipped), _number)


_NEUTRAL: Final = Judged(_any)
_EMPTY: Final = Judged(_nothing)

SETTINGS: Final[Mapping[str, Judged]] = MappingProxyType(
    {
        # Without it nobody but this machine reaches the installation.
        "public_url": _EMPTY,
        "host": _EMPTY,
        "port": _NEUTRAL,
        "tls_cert": _NEUTRAL,
        "tls_key": _NEUTRAL,
        # Whoever is believed about addresses can pass off anybody's.
        "trusted_proxies": Judged(_nothing, _addresses),
        "data": _NEUTRAL,
        "database_url": _NEUTRAL,
        # Media that goes over other machines is seen by whoever runs those: who talks to whom, and when.
        "engine": Judged(_one_of(["embedded"]), _elsewhere),
        "engine_binary": _NEUTRAL,
        "engine_key": _EMPTY,
        "engine_secret": _EMPTY,
        "media_address": _NEUTRAL,
        "media_udp_port": _NEUTRAL,
        "media_tcp_port": _NEUTRAL,
        "open_meetings": Judged(_one_of("accounts", "nobody"), _in_order("nobody", "accounts", "anyone")),
        # An account is data about somebody, and being let in by somebody is a check: neither is the more private.
        # To let guests in who were kept out before is weaker all the same.
        "guests": Judged(_any, _in_order("accounts", "allowed")),
        "account_key": _EMPTY,
        "max_participants": _NEUTRAL,
        # A provider learns who signs in when.
        "oidc_issuer": _EMPTY,
        "oidc_client_id": _EMPTY,
        "oidc_client_secret": _EMPTY,
        "oidc_name": _NEUTRAL,
        "oidc_new_accounts": Judged(_nothing, _in_order(False, True)),
        "oidc_name_claim": Judged(_one_of("preferred_username")),
        # Each value is one more word that is taken for a second factor.
        "oidc_second_factor": Judged(_nothing, _how_many),
        "operator_name": _NEUTRAL,
        "operator_contact": _NEUTRAL,
        "language": _NEUTRAL,
        "log_level": Judged(_one_of("info", "warning", "error"), _in_order("error", "warning", "info", "debug")),
        "metrics_port": Judged(_nothing, _set),
        "backup_passphrase": _NEUTRAL,
        "backup_recipient": _NEUTRAL,
        "backups": Judged(_any, _unset),
        "backup_days": Judged(_at_most(7), _number),
        "tsa_url": Judged(_nothing, _unset),
        "tsa_certificate": _NEUTRAL,
        "advisories": Judged(_nothing, _unset),
        "advisories_days": Judged(_at_most(14), _number),
        # Who does not look every day learns late.
        "check_at": Judged(lambda value: value != "off", lambda value: 1.0 if value == "off" else 0.0),
        # Longer is more data, shorter is less evidence.
        "evidence_days": Judged(_at_most(400)),
        "limit_openings": _limit(60),
        "limit_knocks": _limit(300),
        "limit_meeting_knocks": _limit(600),
        "limit_tickets": _limit(300),
        "limit_signins": _limit(60),
        "limit_sockets": _limit(400),
        "limit_event_bytes": _limit(64 * 1024),
        "limit_signal_bytes": _limit(2 * 1024 * 1024),
        "limit_messages": _limit(50),
        "limit_body": _limit(256 * 1024),
    }
)


def is_private(name: str, value: object) -> bool:
    return name in SETTINGS and SETTINGS[name].private(value)


def is_weaker(name: str, value: object, than: object) -> bool:
    """What cannot be compared is not: an older release may have known other values."""
    judged = SETTINGS.get(name)
    if judged is None or judged.weakness is None:
        return False
    try:
        return judged.weakness(value) > judged.weakness(than)
    except (TypeError, ValueError):
        return False
