"""Text that others wrote, as it may stand in a file that a third program opens."""

from __future__ import annotations

import re
from typing import Final

LONGEST: Final = 8000
"""Characters of one text; a cell of a workbook takes 32,767, and nobody reads as much as this."""

_CUT: Final = " […]"
_STEERING: Final = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
"""Turn the direction of what follows, so that a reader sees other words than a program does."""
_NO_CHARACTERS: Final = "".join(chr(plane << 16 | last) for plane in range(17) for last in (0xFFFE, 0xFFFF))
_HIDDEN: Final = re.compile(
    f"[\\x00-\\x09\\x0b-\\x1f\\x7f-\\x9f\\ud800-\\udfff\ufdd0-\ufdef{_STEERING}{_NO_CHARACTERS}]"
)
_FORMULA: Final = frozenset("=+-@＝＋－＠﹢﹣﹦﹫")  # noqa: RUF001 - spreadsheets take the wide ones, too
_BLANKS: Final = "".join(chr(code) for code in range(0x3001) if chr(code).isspace()) + "\u200b\u200c\u200d\u2060\ufeff"
_WITHIN: Final = re.compile(
    f'(?<=[;\n])(?=[{re.escape(_BLANKS.replace(chr(10), ""))}"]*[{re.escape("".join(sorted(_FORMULA)))}])'
)
_MARKS: Final = re.compile(r"([\\`*_\[\]{}#!|~^])")
_BULLET: Final = re.compile(r"^(\s*)([-+=])", re.MULTILINE)
_NUMBER: Final = re.compile(r"^(\s*\d+)([.)])", re.MULTILINE)


def plain(text: str, at_most: int = LONGEST) -> str:
    """Without control characters (but line breaks), half characters, and what turns the direction of reading."""
    unified = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    shown = _HIDDEN.sub("\ufffd", unified)
    return shown if len(shown) <= at_most else shown[: at_most - len(_CUT)] + _CUT


def one_line(text: str, at_most: int = LONGEST) -> str:
    return " ".join(plain(text, at_most).split())


def cell(text: str) -> str:
    """For a spreadsheet: what would be read as a formula gets an apostrophe before it, which is shown as text.

    Also where blanks come first, seen or unseen, because programs differ in whether they skip them; and within the
    text after a semicolon or a line break: where the decimal sign is a comma, as in German, spreadsheets take those for
    the ends of cells in a file whose cells end with commas.
    """
    shown = _WITHIN.sub("'", plain(text))
    return f"'{shown}" if shown[:1] == "\n" or shown.lstrip(_BLANKS)[:1] in _FORMULA else shown


def markdown(text: str, at_most: int = LONGEST) -> str:
    """For fields that hold CommonMark: shows exactly these characters, and no markup or HTML that is in them."""
    escaped = plain(text, at_most).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _NUMBER.sub(r"\1\\\2", _BULLET.sub(r"\1\\\2", _MARKS.sub(r"\\\1", escaped)))


def markdown_line(text: str, at_most: int = LONGEST) -> str:
    return markdown(one_line(text, at_most))
