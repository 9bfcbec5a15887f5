"""The digest of the catalogue that this release carries, and whether everything in the catalogue is in order.

    python -m klausur.compliance.digest          writes catalogue/digest
    python -m klausur.compliance.digest --check  fails where it is not what it would become

Both name every problem of the catalogue, with file and line.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from klausur.compliance.catalogue import DIGEST_FILE, FOLDER, load, release_digest
from klausur.compliance.problems import CatalogueInvalid


def main(arguments: Sequence[str], folder: Path = FOLDER) -> int:
    """0 fine, 1 something wrong, 4 called wrongly."""
    if list(arguments) not in ([], ["--check"]):
        sys.stderr.write(f"{__doc__}\n")
        return 4
    try:
        catalogue = load(folder)
    except CatalogueInvalid as invalid:
        sys.stderr.write(f"{invalid}\n")
        return 1
    rows = sum(1 for _ in catalogue.requirements())
    sys.stdout.write(f"{rows} requirements, version {catalogue.version}, digest {catalogue.digest}\n")
    if not arguments:
        (folder / DIGEST_FILE).write_text(f"{catalogue.digest}\n", encoding="ascii")
    elif release_digest(folder) != catalogue.digest:
        sys.stderr.write("catalogue/digest is out of date: python -m klausur.compliance.digest\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
