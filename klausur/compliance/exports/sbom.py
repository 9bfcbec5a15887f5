"""The parts of a release as a CycloneDX 1.6 bill of materials: Python, npm and Go."""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING, Final

from klausur.compliance.exports.material import Format, Material
from klausur.compliance.exports.parts import Part, parts
from klausur.compliance.model import NAMESPACE
from klausur.compliance.words import Text

if TYPE_CHECKING:
    from cyclonedx.model.bom import Bom
    from cyclonedx.model.component import Component
    from cyclonedx.model.license import License
    from packageurl import PackageURL

_LICENCE: Final = "EUPL-1.2"
_EXPRESSION: Final = re.compile(r"^[A-Za-z0-9.+()-]+(?: (?:AND|OR|WITH) [A-Za-z0-9.+()-]+)*$")
_HASHES: Final = "klausur:hashes"
_CONDITION: Final = "klausur:condition"
_EACH_FILE: Final = "of each file that it is distributed as; one of them is installed"
_MODULE_SUM: Final = "h1 of go.sum: over names and digests of the module's files"


def make(material: Material) -> bytes:
    """Raises parts.Unreadable: a list with holes would look like one without."""
    from cyclonedx.output import make_outputter  # noqa: PLC0415 - for this export alone
    from cyclonedx.schema import OutputFormat, SchemaVersion  # noqa: PLC0415

    outputter = make_outputter(_bom(material), OutputFormat.JSON, SchemaVersion.V1_6)
    return outputter.output_as_string(indent=1).encode("utf-8")


def _bom(material: Material) -> Bom:
    from cyclonedx.model.bom import Bom, BomMetaData  # noqa: PLC0415
    from cyclonedx.model.component import Component, ComponentType  # noqa: PLC0415

    root = Component(
        name="klausur",
        version=material.release,
        type=ComponentType.APPLICATION,
        bom_ref=f"klausur@{material.release}",
        licenses=_licences(_LICENCE),
    )
    components = [_component(part) for part in parts(material.locks)]
    named = "\n".join(sorted(str(one.purl) for one in components))
    bom = Bom(
        components=components,
        serial_number=uuid.uuid5(NAMESPACE, f"sbom:{material.release}:{named}"),
        metadata=BomMetaData(component=root, timestamp=material.assessment.at),
    )
    bom.register_dependency(root, components)
    return bom


def _component(part: Part) -> Component:
    from cyclonedx.model import HashAlgorithm, HashType, Property  # noqa: PLC0415
    from cyclonedx.model.component import Component, ComponentScope  # noqa: PLC0415

    purl = _purl(part)
    notes = [Property(name=_CONDITION, value=part.condition)] if part.condition else []
    if part.ecosystem == "golang":
        notes.append(Property(name=_HASHES, value=_MODULE_SUM))
    elif len(part.hashes) > 1:
        notes.append(Property(name=_HASHES, value=_EACH_FILE))
    return Component(
        name=part.name,
        version=part.version,
        bom_ref=purl.to_string(),
        purl=purl,
        scope=ComponentScope.OPTIONAL if part.condition else ComponentScope.REQUIRED,
        hashes=[HashType(alg=HashAlgorithm(algorithm), content=digest) for algorithm, digest in part.hashes],
        licenses=_licences(part.licence),
        properties=notes,
    )


def _purl(part: Part) -> PackageURL:
    from packageurl import PackageURL  # noqa: PLC0415

    namespace, _, name = part.name.rpartition("/")
    return PackageURL(part.ecosystem, namespace or None, name, part.version)


def _licences(said: str) -> list[License]:
    """An SPDX id or expression where it is one, else a name; nothing where nothing is known."""
    from cyclonedx.contrib.license.factories import LicenseFactory  # noqa: PLC0415

    if not said:
        return []
    factory = LicenseFactory()
    # Free text that happens to be parsed as an expression of unknown ids stays a name.
    return [factory.make_from_string(said) if _EXPRESSION.match(said) else factory.make_with_name(said)]


FORMAT: Final = Format(
    "sbom",
    "sbom.cdx.json",
    "application/vnd.cyclonedx+json",
    Text(de="Stückliste (CycloneDX)", en="Bill of materials (CycloneDX)"),
    make,
)
