"""Forms: what a template may ask, which answers fit, what is shown, lacking and scored."""

from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fieldbeat_sync.forms import answer_fault, answer_faults, attachments, definition_faults, missing, score, shown

PHOTO = str(UUID(int=1))
YES_NO = [{"value": "YES", "score": 10}, {"value": "NO", "score": -2}]
RIVALS = [{"value": "A", "score": 1}, {"value": "B"}]
FORM: list[dict[str, Any]] = [
    {"key": "open", "title": "Open?", "type": "CHOICE", "required": True, "options": YES_NO},
    {"key": "facings", "title": "Facings", "type": "NUMBER", "unit": "pcs", "whole": True, "min": 0, "max": 99,
     "required": True, "showIf": {"key": "open", "in": ["YES"]}},
    {"key": "rivals", "title": "Rivals", "type": "MULTI_CHOICE", "options": RIVALS},
    {"key": "why", "title": "Which?", "type": "TEXT", "max": 10, "required": True,
     "showIf": {"key": "rivals", "in": ["B"]}},
    {"key": "shelf", "title": "Shelf", "type": "PHOTO", "max": 2},
    {"key": "signed", "title": "Signed", "type": "SIGNATURE"},
    {"key": "code", "title": "Code", "type": "BARCODE"},
    {"key": "prices", "title": "Prices", "type": "TABLE", "columns": [
        {"key": "sku", "title": "SKU", "type": "TEXT", "required": True},
        {"key": "price", "title": "Price", "type": "NUMBER", "min": 0}]},
    {"key": "order", "title": "Order", "type": "SCORE", "max": 5, "weight": 2},
]  # fmt: skip
ASKED = {question["key"]: question for question in FORM}


def test_a_good_form_has_no_fault() -> None:
    assert list(definition_faults(FORM)) == []


@pytest.mark.parametrize(
    ("n", "change", "path"),
    [
        (0, {"key": "9"}, "questions.0.key"),
        (1, {"key": "open"}, "questions.1.key"),
        (0, {"type": "MAP"}, "questions.0.type"),
        (0, {"type": ["CHOICE"]}, "questions.0.type"),
        (0, {"title": ""}, "questions.0.title"),
        (0, {"required": "yes"}, "questions.0.required"),
        (0, {"options": []}, "questions.0.options"),
        (0, {"options": [{"value": "A"}, {"value": "A"}]}, "questions.0.options"),
        (0, {"options": [{"value": "A", "score": "much"}]}, "questions.0.options.0.score"),
        (0, {"showIf": {"key": "facings", "in": [1]}}, "questions.0.showIf.key"),
        (1, {"showIf": {"key": "open", "in": []}}, "questions.1.showIf.in"),
        (1, {"min": 100}, "questions.1.max"),
        (1, {"colour": "red"}, "questions.1"),
        (3, {"max": 0}, "questions.3.max"),
        (7, {"columns": []}, "questions.7.columns"),
        (7, {"columns": [{"key": "a", "title": "A", "type": "TABLE"}]}, "questions.7.columns.0.type"),
    ],
)
def test_a_bad_form_is_refused_by_its_path(n: int, change: dict[str, Any], path: str) -> None:
    form = [{**question, **change} if at == n else question for at, question in enumerate(FORM)]
    assert path in [each for each, _ in definition_faults(form)]


@pytest.mark.parametrize(
    ("key", "good", "bad"),
    [
        ("open", ["YES"], ["MAYBE", 1, ["YES"], True]),
        ("facings", [0, 99, 3.0], [100, -1, 1.5, "3", True]),
        ("rivals", [[], ["A"], ["A", "B"]], ["A", ["C"], ["A", "A"], [["A"]]]),
        ("why", ["x" * 10], ["x" * 11, 3, "\0"]),
        ("shelf", [[], [PHOTO, PHOTO]], [PHOTO, ["x"], [PHOTO] * 3]),
        ("signed", [PHOTO], ["x", [PHOTO]]),
        ("code", ["4006381333931"], ["", 4006381333931]),
        ("prices", [[], [{"sku": "A", "price": 1.5}]], [{}, [{"price": 1}], [{"sku": "A", "price": -1}], [{"x": 1}]]),
        ("order", [0, 5, 2.5], [6, -1, "5"]),
    ],
)
def test_an_answer_fits_its_question_or_is_named(key: str, good: list[Any], bad: list[Any]) -> None:
    assert [answer_fault(ASKED[key], each) for each in good] == [None] * len(good)
    for each in bad:
        assert [fault for fault, _ in answer_faults(FORM, {key: each})] == [key], each


def test_what_nobody_asks_is_kept_and_null_takes_back() -> None:
    assert list(answer_faults(FORM, {"of_version_2": {"any": "thing"}, "facings": None})) == []


def test_what_is_shown_decides_what_is_lacking() -> None:
    assert missing(FORM, {}) == ["open"]
    assert missing(FORM, {"open": "YES", "rivals": ["A"]}) == ["facings"]
    assert missing(FORM, {"open": "NO", "rivals": ["A", "B"], "why": ""}) == ["why"]
    assert missing(FORM, {"open": "YES", "facings": 0, "rivals": []}) == []
    chain = [*FORM[:2], {**FORM[3], "showIf": {"key": "facings", "in": [1]}}]
    assert [each["key"] for each in shown(chain, {"open": "NO", "facings": 1})] == ["open"]


def test_answers_are_scored_and_their_photos_found() -> None:
    answers = {"open": "YES", "rivals": ["A", "B"], "order": 4, "shelf": [PHOTO], "signed": str(UUID(int=2))}
    assert score(FORM, answers) == (10 + 1 + 8, 10 + 1 + 10)
    assert score(FORM, {}) == (0, 21)
    assert score(FORM, {"open": ["of another version"], "order": "many"}) == (0, 21)
    assert attachments(FORM, answers) == {PHOTO, str(UUID(int=2))}


def test_the_best_that_a_choice_can_give_is_never_less_than_nothing() -> None:
    question = {"key": "a", "title": "A", "type": "CHOICE", "options": [{"value": "X", "score": -3}]}
    assert score([question], {"a": "X"}) == (-3, 0)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["key", "type", "options", "columns", "showIf", "in", "value", "max"]), inner)
    ),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None)
@given(JSON, JSON)
def test_nothing_that_anybody_sends_breaks_the_judge(questions: Any, answer: Any) -> None:
    list(definition_faults(questions))
    list(definition_faults([{**FORM[0], "options": questions}, {**FORM[7], "columns": questions}]))
    said = dict.fromkeys(ASKED, answer)
    list(answer_faults(FORM, said))
    missing(FORM, said)
    score(FORM, said)
    attachments(FORM, said)
