"""The checklist as comma-separated values: RFC 4180, UTF-8 with the mark that spreadsheets look for."""

from __future__ import annotations

import csv
import io
from typing import Final

from klausur.compliance.exports.checklist import table
from klausur.compliance.exports.material import Format, Material
from klausur.compliance.words import Text


def make(material: Material) -> bytes:
    """Three columns and nothing else; every cell in quotes."""
    shown = table(material)
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(shown.head)
    writer.writerows(shown.rows)
    return out.getvalue().encode("utf-8-sig")


FORMAT: Final = Format(
    "checklist-csv", "checklist.csv", "text/csv", Text(de="Checkliste (CSV)", en="Checklist (CSV)"), make
)
