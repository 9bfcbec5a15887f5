"""Ada, who audits and does not program, reads the catalogue as a page. Otto has written some of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest

from klausur.compliance.catalogue import load
from klausur.compliance.grades import SourceGrade
from klausur.compliance.model import Asking, Catalogue, Place, Requirement, Source
from klausur.compliance.probes import ALL
from klausur.compliance.review_page import main, page
from klausur.compliance.verdicts import REASONS, Reason
from klausur.compliance.vocabulary import GOALS, RESPONSIBLE
from klausur.compliance.words import LANGUAGES, Language, Text
from tests.compliance.exports.exported import catalogue as small
from tests.compliance.rows import asked, objective, shown_by

OTTO = "</style></title><script>alert('Otto')</script><img src=x onerror=alert(1)>\" onclick=\"a' &lt; & &amp;\u202e"


@dataclass
class Element:
    tag: str
    attributes: dict[str, str]
    inside: list[Element | str] = field(default_factory=list)

    def all(self, *tags: str) -> Iterator[Element]:
        for each in self.inside:
            if isinstance(each, Element):
                if not tags or each.tag in tags:
                    yield each
                yield from each.all(*tags)

    @property
    def text(self) -> str:
        parts = [each if isinstance(each, str) else each.text for each in self.inside]
        return " ".join("".join(parts).split())


class Reader(HTMLParser):
    """As a browser reads it, as far as we need; complains about what is not closed in its order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.root = Element("", {})
        self._open = [self.root]
        self.feed(text)
        self.close()
        assert self._open == [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        assert len(element.attributes) == len(attrs)
        self._open[-1].inside.append(element)
        if tag != "meta":
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop().tag == tag

    def handle_data(self, data: str) -> None:
        self._open[-1].inside.append(data)


def read(held: Catalogue, language: Language = "de") -> Element:
    return Reader(page(held, ALL, language).decode("utf-8")).root


@pytest.fixture(scope="module", params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> Language:
    return "de" if request.param == "de" else "en"


@pytest.fixture(scope="module")
def held() -> Catalogue:
    return load()


@pytest.fixture(scope="module")
def shown(held: Catalogue, language: Language) -> Element:
    return read(held, language)


def articles(shown: Element) -> dict[str, Element]:
    return {each.attributes["aria-labelledby"]: each for each in shown.all("article")}


def one(row: Requirement) -> Catalogue:
    """A catalogue of this row alone."""
    held = small()
    return replace(held, chapters=(replace(held.chapters[0], requirements=(row,)),))


def first() -> Requirement:
    return next(small().requirements())


# -- all of it is there


def test_no_row_is_missing_and_all_stand_in_the_authoritys_order(
    held: Catalogue, shown: Element, language: Language
) -> None:
    rows = list(held.requirements())
    assert [each.text for each in shown.all("h3")] == [f"{row.id} {row.title.to(language)}" for row in rows]
    assert [each.attributes["aria-labelledby"] for each in shown.all("article")] == [row.id for row in rows]


def test_a_row_says_all_that_it_is(held: Catalogue, shown: Element, language: Language) -> None:
    found = articles(shown)
    for row in held.requirements():
        text = found[row.id].text
        said = [row.statement, row.verb_note, row.grade_note, *(GOALS[goal] for goal in row.goals)]
        said += [held.sources[place.source].title for place in row.sources]
        for each in said:
            assert each is None or each.to(language) in text, row.id
        assert all(place.section is None or place.section in text for place in row.sources), row.id


def test_an_objective_says_how_it_is_shown_and_by_whom(held: Catalogue, shown: Element, language: Language) -> None:
    found = articles(shown)
    for row in held.requirements():
        for each in row.objectives:
            text = found[row.id].text
            assert f"{each.id} {each.text.to(language)}" in text
            assert RESPONSIBLE[each.role].to(language) in text
            for binding in each.bindings:
                if binding.question is not None:
                    assert binding.question.to(language) in text
                elif binding.test is not None:
                    probe = ALL.get(binding.test.probe)
                    assert binding.test.probe in text
                    assert (probe.proves if probe else REASONS[Reason.NOT_BUILT]).to(language) in text


def test_beside_what_no_authority_is_known_to_say_it_stands(
    held: Catalogue, shown: Element, language: Language
) -> None:
    found, known = articles(shown), {SourceGrade.READ, SourceGrade.READ_SECONDHAND}
    for row in held.requirements():
        labels = [each.text for each in found[row.id].all("strong")]
        assert bool(labels) == (row.grade not in known), row.id
        if row.label is not None:
            assert [each.lower() for each in labels] == [f"{row.label.to(language)}.".lower()]
    assert {row.grade for row in held.requirements()} == set(SourceGrade)


def test_a_condition_is_the_question_and_its_answer() -> None:
    row = next(row for row in small().requirements() if row.id == "W-03")
    assert "Können Besprechungen aufgezeichnet werden? ja" in read(one(row)).text
    assert "Can meetings be recorded? yes" in read(one(row), "en").text


def test_what_nobody_has_built_is_not_explained_as_if_it_were_there() -> None:
    row = replace(first(), objectives=(objective(shown_by(asking=Asking.of("not-built.thing"))),))
    assert "not-built.thing: Nothing has been built yet that could show this." in read(one(row), "en").text


def test_facts_that_are_asked_for_are_named_as_questions() -> None:
    asking = Asking.of("facts.complete", {"keys": ("recording_offered", "chat_offered")})
    row = replace(first(), objectives=(objective(shown_by(asking=asking)),))
    assert "facts.complete (Can meetings be recorded? Is there a chat?)" in read(one(row), "en").text


# -- as a page


def test_it_is_in_one_language_with_headings_in_their_order(shown: Element, language: Language) -> None:
    (html,) = shown.all("html")
    assert html.attributes["lang"] == language
    levels = [int(each.tag[1]) for each in shown.all("h1", "h2", "h3", "h4", "h5", "h6")]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(later <= earlier + 1 for earlier, later in pairwise(levels))
    assert len(list(shown.all("title"))) == len(list(shown.all("main"))) == len(list(shown.all("nav"))) == 1


def test_every_head_of_a_table_says_what_it_is_the_head_of(shown: Element) -> None:
    for table in shown.all("table"):
        heads = [each.attributes["scope"] for each in table.all("th")]
        assert heads.count("col") == 4
        assert set(heads) <= {"col", "row", "rowgroup"}
        for group in table.all("tbody"):
            spanned = [int(each.attributes["rowspan"]) for each in group.all("th") if "rowspan" in each.attributes]
            assert spanned in ([], [len(list(group.all("tr")))])


def test_every_link_and_label_leads_somewhere(held: Catalogue, shown: Element) -> None:
    ids = [each.attributes["id"] for each in shown.all() if "id" in each.attributes]
    assert len(ids) == len(set(ids))
    elsewhere = {source.url for source in held.sources.values() if source.url}
    for link in shown.all("a"):
        target = link.attributes["href"]
        assert target.removeprefix("#") in ids or target in elsewhere
    assert {each.attributes["aria-labelledby"] for each in shown.all() if "aria-labelledby" in each.attributes} <= {
        *ids
    }
    (contents,) = shown.all("nav")
    assert len(list(contents.all("a"))) == len(held.chapters) + 2


def test_nothing_runs_in_it_and_nothing_is_fetched(shown: Element) -> None:
    loads = {"script", "link", "img", "iframe", "object", "embed", "base", "form", "video", "audio", "svg"}
    assert not [each.tag for each in shown.all(*loads)]
    for each in shown.all():
        assert not [name for name in each.attributes if name.startswith("on") or name in {"src", "style", "srcset"}]
    (style,) = shown.all("style")
    assert not re.search(r"url\(|@import", style.text)
    (policy,) = (each for each in shown.all("meta") if "http-equiv" in each.attributes)
    assert policy.attributes["content"].startswith("default-src 'none'")


def written_by_otto(words: str) -> Catalogue:
    """His words wherever anybody's can stand."""
    both, held = Text(words, words), small()
    row = replace(
        first(),
        verb_note=both,
        grade_note=both,
        grade=SourceGrade.OURS,
        sources=(Place("OH", words), Place(words, words)),
        title=both,
        statement=both,
        mappings=(words,),
        objectives=(
            replace(objective(asked(question=both), shown_by(2, Asking.of(words, {words: words}))), text=both),
            objective(shown_by(asking=Asking.of("facts.complete", {"keys": (words,)})), letter="b"),
        ),
    )
    chapter = replace(held.chapters[0], section=words, title=both, requirements=(row,))
    source = Source("OH", both, both, words, f"javascript:{words}")
    return replace(held, title=both, version=words, digest=words, sources={"OH": source}, chapters=(chapter,))


def test_whatever_somebody_writes_into_the_catalogue_is_text() -> None:
    his, harmless = read(written_by_otto(OTTO)), read(written_by_otto("words"))
    assert [each.tag for each in his.all()] == [each.tag for each in harmless.all()]
    assert [[*each.attributes] for each in his.all()] == [[*each.attributes] for each in harmless.all()]
    assert his.text == harmless.text.replace("words", " ".join(OTTO.replace("\u202e", "\ufffd").split()))
    assert harmless.text.count("words") >= 20
    assert all(each.attributes["href"].startswith("#") for each in his.all("a"))


# -- the command


def test_a_page_is_written_in_the_language_that_was_asked_for(tmp_path: Path) -> None:
    file = tmp_path / "catalogue.html"
    assert main([str(file)]) == 0
    assert '<html lang="de">' in file.read_text(encoding="utf-8")
    assert main(["--lang", "en", str(file)]) == 0
    text = file.read_text(encoding="utf-8")
    assert '<html lang="en">' in text
    assert text.startswith("<!DOCTYPE html>\n")


@pytest.mark.parametrize("called", [[], ["--lang", "fr", "x"], ["one", "two"]])
def test_called_wrongly_it_says_how(called: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(called)
    assert left.value.code == 4
    assert "usage: python -m klausur.compliance.review_page" in capsys.readouterr().err


def test_where_nothing_can_be_written_it_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "nowhere" / "x.html")]) == 1
    assert "cannot be written (No such file or directory)" in capsys.readouterr().err
