"""The checklist as a workbook: text cells only, no formula, no link, no macro."""

from __future__ import annotations

import io
from typing import Final

from klausur.compliance.exports.checklist import Table, table
from klausur.compliance.exports.material import Format, Material
from klausur.compliance.words import Text

_SHEET: Final = Text(de="Checkliste", en="Checklist")
_WIDTHS: Final = (60, 14, 90)
"""of the columns, in characters"""


def make(material: Material) -> bytes:
    shown = table(material)
    return _written(material, shown)


def _written(material: Material, shown: Table) -> bytes:
    import xlsxwriter  # noqa: PLC0415 - for this export alone

    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    )
    # Otherwise the workbook would carry the moment of its making, and no two exports of one run would be alike.
    book.set_properties(
        {"title": shown.title[:255], "created": material.assessment.at.replace(tzinfo=None), "author": "Klausur"}
    )
    head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "num_format": "@", "bottom": 1})
    text = book.add_format({"text_wrap": True, "valign": "top", "num_format": "@"})
    sheet = book.add_worksheet(_SHEET.to(material.language))
    for column, width in enumerate(_WIDTHS):
        sheet.set_column(column, column, width)
    sheet.freeze_panes(1, 0)
    sheet.repeat_rows(0)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    for number, row in enumerate((shown.head, *shown.rows)):
        for column, value in enumerate(row):
            sheet.write_string(number, column, value, text if number else head)
    book.close()
    return out.getvalue()


FORMAT: Final = Format(
    "checklist-xlsx",
    "checklist.xlsx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Text(de="Checkliste (XLSX)", en="Checklist (XLSX)"),
    make,
)
