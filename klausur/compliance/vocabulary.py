"""The words that the catalogue and the code share: probes that may be bound, documents, roles of people, goals."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from klausur.compliance.words import Text

NOT_BUILT: Final = "not-built."
"""Prefix of a probe that only a machine could be and that does not exist yet: such a row is "not verified"."""

_PROBES: Final = """
    tls.versions tls.suites tls.certificate tls.redirect
    http.headers http.csp http.cookies
    web.storage web.third-parties web.csp-observed web.encryption-shown web.organiser-shown web.devices-off
    web.permission-on-click web.preview-local web.background-local web.guest-name-only web.standard-browser
    web.indicators web.share-by-choice web.accessibility web.invitation
    media.ice-servers media.transport media.addresses-hidden media.stop media.mute-at-source
    e2ee.frames e2ee.wrong-key e2ee.keys-differ e2ee.removed-blind e2ee.verified-devices e2ee.no-server-keys
    lobby.isolation
    authz.matrix authz.no-force-on authz.openers authz.moderation authz.removed-stays-out
    authz.guests-can-be-forbidden authz.admin-sees-no-content
    links.entropy links.guessing links.uniform
    recording.impossible streaming.absent roster.complete
    log.canary metrics.canary retention.accounts retention.canary retention.guest content.not-stored
    db.inventory db.no-tracking
    rights.export rights.erase rights.rectify
    egress.deny
    auth.password-policy auth.second-factor auth.admin-second-factor auth.sessions-revocable auth.provider-minimal
    config.defaults config.drift config.guests config.openers config.logging
    facts.complete notice.reachable notice.equals-facts documents.current
    supply.sbom supply.advisories supply.no-telemetry supply.assets supply.licences
    backup.age backup.restore audit.trail proof.ledger
"""
PROBES: Final = frozenset(_PROBES.split())

_DOCUMENTS: Final = """
    record processor-record notice measures threshold dpia processor-contract joint lia guideline works-agreement
    deletion-concept breach access-request transfers storage-inventory
"""
DOCUMENTS: Final = frozenset(_DOCUMENTS.split())
"""What ``documents.current`` may be asked about."""


class Responsible(StrEnum):
    """Who has to see to an objective where a person must."""

    OPERATOR = "operator"
    DPO = "dpo"
    MANAGEMENT = "management"
    WORKS_COUNCIL = "works-council"
    ORGANISER = "organiser"


RESPONSIBLE: Final[Mapping[Responsible, Text]] = MappingProxyType(
    {
        Responsible.OPERATOR: Text(de="Betrieb", en="operator"),
        Responsible.DPO: Text(de="Datenschutzbeauftragte Person", en="data protection officer"),
        Responsible.MANAGEMENT: Text(de="Leitung", en="management"),
        Responsible.WORKS_COUNCIL: Text(de="Betriebs- oder Personalrat", en="works council"),
        Responsible.ORGANISER: Text(de="Veranstaltende Person", en="organiser"),
    }
)


class Goal(StrEnum):
    """The protection goals of the Standard Data Protection Model."""

    DATA_MINIMISATION = "data-minimisation"
    AVAILABILITY = "availability"
    INTEGRITY = "integrity"
    CONFIDENTIALITY = "confidentiality"
    NON_LINKABILITY = "non-linkability"
    TRANSPARENCY = "transparency"
    INTERVENABILITY = "intervenability"


GOALS: Final[Mapping[Goal, Text]] = MappingProxyType(
    {
        Goal.DATA_MINIMISATION: Text(de="Datenminimierung", en="data minimisation"),
        Goal.AVAILABILITY: Text(de="Verfügbarkeit", en="availability"),
        Goal.INTEGRITY: Text(de="Integrität", en="integrity"),
        Goal.CONFIDENTIALITY: Text(de="Vertraulichkeit", en="confidentiality"),
        Goal.NON_LINKABILITY: Text(de="Nichtverkettung", en="non-linkability"),
        Goal.TRANSPARENCY: Text(de="Transparenz", en="transparency"),
        Goal.INTERVENABILITY: Text(de="Intervenierbarkeit", en="intervenability"),
    }
)


def is_probe(name: str) -> bool:
    return name in PROBES or is_not_built(name)


def is_not_built(name: str) -> bool:
    return name.startswith(NOT_BUILT)
