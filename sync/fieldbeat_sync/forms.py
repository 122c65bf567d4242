"""Forms: what a template's questions may be, and whether an answer fits its question. Phones and server ask the same.

A question: {key, title, type, required, unit, min, max, whole, options: [{value, title, score}], columns, weight,
showIf: {key, in: [values]}}; which of them matter depends on its type. Answers are kept by key (`answers.<key>`).
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple, TypeAlias

from fieldbeat_sync.values import BadValue, Choice, Number, Reference, Text, ValueType

QUESTIONS_MAX = 200
OPTIONS_MAX = 100
COLUMNS_MAX = 20
ROWS_MAX = 200
PHOTOS_MAX = 20
SCORE_MAX = 10

_KEY = re.compile(r"[a-zA-Z][a-zA-Z0-9_]{0,49}")
Question: TypeAlias = Mapping[str, Any]


class Score(NamedTuple):
    """Points reached, of those that the questions shown could give."""

    points: float
    points_max: float


def definition_faults(questions: Any) -> Iterator[tuple[str, str]]:
    """What is wrong with a template's questions: (path, rule), such as `questions.2.options`."""
    if not isinstance(questions, list) or not 1 <= len(questions) <= QUESTIONS_MAX:
        yield "questions", f"must be a list of 1 to {QUESTIONS_MAX} questions"
        return
    earlier: set[str] = set()
    for n, question in enumerate(questions):
        for member, rule in _question_faults(question, earlier):
            yield f"questions.{n}.{member}" if member else f"questions.{n}", rule
        if isinstance(question, dict) and isinstance(question.get("key"), str):
            earlier.add(question["key"])


def answer_faults(questions: Sequence[Question], answers: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Answers that do not fit their questions: (key, rule). Null takes an answer back.

    What no question asks is kept: a newer version of the template asked it, or an older one.
    """
    by_key = {question["key"]: question for question in questions}
    for key, value in answers.items():
        if key in by_key and value is not None:
            rule = answer_fault(by_key[key], value)
            if rule:
                yield key, rule


def answer_fault(question: Question, value: Any) -> str | None:
    """Why the value is no answer to the question, or None."""
    try:
        _CHECKS[question["type"]](question, value)
    except BadValue as bad:
        return str(bad)
    return None


def shown(questions: Sequence[Question], answers: Mapping[str, Any]) -> list[Question]:
    """The questions that the answers bring up; one that hangs on a question which is not shown is not shown either."""
    found: dict[str, Question] = {}
    for question in questions:
        condition = question.get("showIf")
        if condition is None or (condition["key"] in found and _holds(condition, answers.get(condition["key"]))):
            found[question["key"]] = question
    return list(found.values())


def missing(questions: Sequence[Question], answers: Mapping[str, Any]) -> list[str]:
    """The keys of required questions, among those shown, that have no answer."""
    asked = (question for question in shown(questions, answers) if question.get("required"))
    return [question["key"] for question in asked if answers.get(question["key"]) in (None, "", [])]


def attachments(questions: Sequence[Question], answers: Mapping[str, Any]) -> set[str]:
    """The ids of the photos and signatures among the answers to the questions shown."""
    fitting = {question["key"]: _fitting(question, answers) for question in shown(questions, answers)}
    kinds = {question["key"]: question["type"] for question in questions}
    photos = chain.from_iterable(each for key, each in fitting.items() if each and kinds[key] == "PHOTO")
    return {*photos, *(each for key, each in fitting.items() if each and kinds[key] == "SIGNATURE")}


def score(questions: Sequence[Question], answers: Mapping[str, Any]) -> Score:
    """What the answers are worth; a question that gives no points counts nothing."""
    asked = [question for question in shown(questions, answers) if question["type"] in _POINTS]
    points = [_POINTS[question["type"]](question, _fitting(question, answers)) for question in asked]
    return Score(sum(each.points for each in points), sum(each.points_max for each in points))


def _fitting(question: Question, answers: Mapping[str, Any]) -> Any:
    """The answer, None when it does not fit: it was given to another version of the template."""
    value = answers.get(question["key"])
    return None if value is None or answer_fault(question, value) else value


def _holds(condition: Mapping[str, Any], answer: Any) -> bool:
    said = answer if isinstance(answer, list) else [answer]
    return any(each in condition["in"] for each in said)


def _question_faults(question: Any, earlier: Collection[str]) -> Iterator[tuple[str, str]]:
    if not isinstance(question, dict):
        yield "", "must be an object"
        return
    unknown = question.keys() - _MEMBERS
    if unknown:
        yield "", f"has no member {', '.join(sorted(map(str, unknown)))}"
    key = question.get("key")
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        yield "key", "must be a letter and up to 49 letters, digits or _"
    elif key in earlier:
        yield "key", "is taken by an earlier question"
    if not isinstance(question.get("type"), str) or question["type"] not in _CHECKS:
        yield "type", f"must be one of {', '.join(_CHECKS)}"
        return
    yield from _value_fault("title", Text(500, 1), question.get("title"))
    for flag in ("required", "whole"):
        if not isinstance(question.get(flag, False), bool):
            yield flag, "must be true or false"
    yield from _bounds_faults(question)
    yield from _parts_faults(question)
    if question.get("showIf") is not None:
        yield from _condition_faults(question["showIf"], earlier)


def _bounds_faults(question: Question) -> Iterator[tuple[str, str]]:
    for member in ("min", "max", "weight"):
        if question.get(member) is not None:
            yield from _value_fault(member, Number(-1e12, 1e12), question[member])
    if question.get("unit") is not None:
        yield from _value_fault("unit", Text(20, 1), question["unit"])
    if question["type"] in ("TEXT", "PHOTO") and question.get("max") is not None:
        yield from _value_fault("max", Number(1, 20_000, whole=True), question["max"])
    low, high = question.get("min"), question.get("max")
    if isinstance(low, int | float) and isinstance(high, int | float) and low > high:
        yield "max", "must not be below min"


def _parts_faults(question: Question) -> Iterator[tuple[str, str]]:
    if question["type"] in ("CHOICE", "MULTI_CHOICE"):
        yield from _options_faults(question.get("options"))
    if question["type"] == "TABLE":
        columns = question.get("columns")
        if not isinstance(columns, list) or not 1 <= len(columns) <= COLUMNS_MAX:
            yield "columns", f"must be a list of 1 to {COLUMNS_MAX} columns"
            return
        taken: set[str] = set()
        for n, column in enumerate(columns):
            if isinstance(column, dict) and column.get("type") not in _CELLS:
                yield f"columns.{n}.type", f"must be one of {', '.join(_CELLS)}"
                continue
            yield from ((f"columns.{n}.{member}".rstrip("."), rule) for member, rule in _question_faults(column, taken))
            if isinstance(column, dict) and isinstance(column.get("key"), str):
                taken.add(column["key"])


def _options_faults(options: Any) -> Iterator[tuple[str, str]]:
    if not isinstance(options, list) or not 1 <= len(options) <= OPTIONS_MAX:
        yield "options", f"must be a list of 1 to {OPTIONS_MAX} options"
        return
    values = []
    for n, option in enumerate(options):
        if not isinstance(option, dict) or not option.keys() <= {"value", "title", "score"}:
            yield f"options.{n}", "must be an object of value, title, score"
            continue
        yield from _value_fault(f"options.{n}.value", Text(100, 1), option.get("value"))
        if option.get("score") is not None:
            yield from _value_fault(f"options.{n}.score", Number(-1e6, 1e6), option["score"])
        values.append(str(option.get("value")))
    if len(set(values)) < len(values):
        yield "options", "must have different values"


def _condition_faults(condition: Any, earlier: Collection[str]) -> Iterator[tuple[str, str]]:
    if not isinstance(condition, dict) or condition.keys() != {"key", "in"}:
        yield "showIf", "must be an object of key and in"
    elif not isinstance(condition["key"], str) or condition["key"] not in earlier:
        yield "showIf.key", "must name an earlier question"
    elif not isinstance(condition["in"], list) or not 1 <= len(condition["in"]) <= OPTIONS_MAX:
        yield "showIf.in", f"must be a list of 1 to {OPTIONS_MAX} answers"


def _value_fault(member: str, kind: ValueType, value: Any) -> Iterator[tuple[str, str]]:
    try:
        kind.check(value)
    except BadValue as bad:
        yield member, str(bad)


def _check_text(question: Question, value: Any) -> None:
    Text(int(question.get("max") or 20_000)).check(value)


def _check_number(question: Question, value: Any) -> None:
    low, high = question.get("min"), question.get("max")
    whole = bool(question.get("whole"))
    Number(-1e15 if low is None else low, 1e15 if high is None else high, whole=whole).check(value)


def _check_score(question: Question, value: Any) -> None:
    low, high = question.get("min"), question.get("max")
    Number(0 if low is None else low, SCORE_MAX if high is None else high).check(value)


def _check_choice(question: Question, value: Any) -> None:
    Choice(tuple(option["value"] for option in question["options"])).check(value)


def _check_choices(question: Question, value: Any) -> None:
    if not isinstance(value, list):
        raise BadValue("must be a list of options")
    for each in value:
        _check_choice(question, each)
    if len(set(value)) < len(value):
        raise BadValue("must name each option once")


def _check_photos(question: Question, value: Any) -> None:
    if not isinstance(value, list) or len(value) > int(question.get("max") or PHOTOS_MAX):
        raise BadValue(f"must be a list of at most {int(question.get('max') or PHOTOS_MAX)} attachments' ids")
    for each in value:
        Reference("attachment").check(each)


def _check_signature(question: Question, value: Any) -> None:
    Reference("attachment").check(value)


def _check_barcode(question: Question, value: Any) -> None:
    Text(128, 1).check(value)


def _check_table(question: Question, value: Any) -> None:
    if not isinstance(value, list) or len(value) > ROWS_MAX:
        raise BadValue(f"must be a list of at most {ROWS_MAX} rows")
    columns = {column["key"]: column for column in question["columns"]}
    for n, row in enumerate(value):
        if not isinstance(row, dict) or not row.keys() <= columns.keys():
            raise BadValue(f"row {n} must be an object of {', '.join(columns)}")
        for key, column in columns.items():
            cell = row.get(key)
            if cell is None and column.get("required"):
                raise BadValue(f"row {n} needs {key}")
            rule = None if cell is None else answer_fault(column, cell)
            if rule:
                raise BadValue(f"row {n}, {key}: {rule}")


def _points_of_score(question: Question, answer: Any) -> Score:
    weight = question.get("weight")
    weight = 1 if weight is None else weight
    most = question.get("max")
    return Score((answer or 0) * weight, (SCORE_MAX if most is None else most) * weight)


def _points_of_choice(question: Question, answer: Any) -> Score:
    points = _option_scores(question)
    return Score(points.get(answer, 0), max(0, *points.values(), 0))


def _points_of_choices(question: Question, answer: Any) -> Score:
    points = _option_scores(question)
    return Score(sum(points.get(each, 0) for each in answer or ()), sum(max(0, each) for each in points.values()))


def _option_scores(question: Question) -> dict[Any, float]:
    return {option["value"]: option.get("score") or 0 for option in question["options"]}


_CHECKS: Mapping[str, Callable[[Question, Any], None]] = {
    "TEXT": _check_text,
    "NUMBER": _check_number,
    "CHOICE": _check_choice,
    "MULTI_CHOICE": _check_choices,
    "PHOTO": _check_photos,
    "SIGNATURE": _check_signature,
    "BARCODE": _check_barcode,
    "TABLE": _check_table,
    "SCORE": _check_score,
}
_CELLS = ("TEXT", "NUMBER", "CHOICE", "BARCODE", "SCORE")
_POINTS: Mapping[str, Callable[[Question, Any], Score]] = {
    "SCORE": _points_of_score,
    "CHOICE": _points_of_choice,
    "MULTI_CHOICE": _points_of_choices,
}
_MEMBERS = frozenset(
    {"key", "title", "type", "required", "unit", "min", "max", "whole", "options", "columns", "weight", "showIf"}
)
