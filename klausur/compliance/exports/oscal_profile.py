"""The rows of one profile as an OSCAL profile over the catalog beside it."""

from __future__ import annotations

from typing import Final

from klausur.compliance.exports.material import Format, Material, lines
from klausur.compliance.exports.oscal import (
    CATALOG_FILE,
    MEDIA_TYPE,
    PROFILE_FILE,
    back_matter,
    document,
    metadata,
    stable,
)
from klausur.compliance.words import Text


def make(material: Material) -> bytes:
    wanted = [line.requirement.id for line in lines(material)]
    catalog = {
        "uuid": stable("catalog", "beside"),
        "title": "Catalog",
        "rlinks": [{"href": CATALOG_FILE, "media-type": MEDIA_TYPE}],
    }
    body = {
        "metadata": metadata(material, material.catalogue.profiles[material.profile].title),
        "imports": [{"href": f"#{catalog['uuid']}", "include-controls": [{"with-ids": wanted}]}],
        "merge": {"as-is": True},
        "back-matter": back_matter(material, catalog),
    }
    return document(material, "profile", body)


FORMAT: Final = Format("oscal-profile", PROFILE_FILE, MEDIA_TYPE, Text(de="OSCAL: Profil", en="OSCAL: profile"), make)
