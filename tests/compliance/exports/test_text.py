"""What people wrote, as it stands in files that other programs open."""

from __future__ import annotations

import html
import unicodedata

import cmarkgfm
import pytest
from hypothesis import given
from hypothesis import strategies as st

from klausur.compliance.exports.text import LONGEST, cell, markdown, markdown_line, one_line, plain

ANY = st.text(st.characters(), max_size=200)
FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "\ufeff=1", "\u200b=1", "\uff1d1", "\n\n@x"]


@pytest.mark.parametrize("text", FORMULAS)
def test_what_would_be_a_formula_is_shown_as_the_text_it_is(text: str) -> None:
    assert cell(text).startswith("'")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("fine;=1+1", "fine;'=1+1"),
        ("fine; @x", "fine;' @x"),
        ('fine;"=1', "fine;'\"=1"),
        ("fine\n=1", "fine\n'=1"),
        ("fine;\n \uff0b1", "fine;\n' \uff0b1"),
        ("fine;\t-1", "fine;' -1"),
        ("fine, =1; x = 1", "fine, =1; x = 1"),
    ],
)
def test_nor_is_it_where_a_german_spreadsheet_begins_a_cell(text: str, shown: str) -> None:
    assert cell(text) == shown


def test_what_a_machine_would_skip_does_not_hide_a_formula() -> None:
    assert cell("\x00=1") == "\ufffd=1"


@given(ANY)
def test_whatever_is_written_no_cell_begins_as_a_formula_does(text: str) -> None:
    assert cell(text)[:1] not in set("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
    assert cell(text).lstrip()[:1] not in set("=+-@")


@given(ANY)
def test_whatever_is_written_can_be_stored_and_seen(text: str) -> None:
    shown = plain(text)
    shown.encode("utf-8")
    assert not any(unicodedata.category(one) in {"Cc", "Cs"} for one in shown.replace("\n", ""))
    assert "\u202e" not in shown
    assert "\n" not in one_line(text)


def test_ordinary_words_stay_what_they_are() -> None:
    said = "Überprüft am 2. März, „in Ordnung“, 100 % 👍\nzweite Zeile"
    assert plain(said) == cell(said) == said


def test_a_text_without_end_is_cut_and_says_so() -> None:
    shown = plain("x" * 100_000)
    assert len(shown) == LONGEST
    assert shown.endswith(" […]")


def shown_by_a_reader(text: str) -> str:
    """By GitHub's own reader of CommonMark, as a page shows it; raises where there is any element but paragraphs."""
    page = cmarkgfm.markdown_to_html(text)
    bare = page.replace("<p>", "").replace("</p>", "").replace("<br />", "")
    assert "<" not in bare, page
    return " ".join(html.unescape(bare).split())


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "![x](javascript:alert(1))",
        "[x](https://example.org)",
        "# heading",
        "- list",
        "1. list",
        "2) list",
        "> quote",
        "`code`",
        "**bold** _and_ ~~struck~~",
        "a\n===",
        "a\n---",
        "&lt;b&gt;",
        "a | b\n--|--\n1 | 2",
    ],
)
def test_markdown_and_html_are_shown_and_not_obeyed(text: str) -> None:
    assert shown_by_a_reader(markdown(text)) == " ".join(text.split())


@given(st.text(st.sampled_from("<>&[]()!*_`#-+=~|1.)\\ab \n{}:"), max_size=40))
def test_whatever_is_written_is_shown_as_it_was_written(text: str) -> None:
    assert shown_by_a_reader(markdown_line(text)) == " ".join(text.split())
