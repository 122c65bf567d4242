"""Every code that a client can meet stands in a table of docs/, and none stands there for nothing."""

import re
from pathlib import Path

from fieldbeat.days.planning.model import Code
from fieldbeat.days.rules import NO_PLACE
from fieldbeat.exchange.model import ProblemCode
from fieldbeat_graphql.errors import TOP_LEVEL_CODES

ROOT = Path(__file__).parents[2]
IN_CODE = re.compile(r'Rejected\(\s*"([A-Z_]+)"|^\s+code(?:: ClassVar\[str\])? = "([A-Z_]+)"', re.MULTILINE)
IN_TABLE = re.compile(r"^\| `([A-Z_]+)` \|", re.MULTILINE)

# Promised by the contract for collections that are to come.
TO_COME = {"PARENT_DELETED"}


def documented(page: str) -> set[str]:
    return set(IN_TABLE.findall((ROOT / "docs" / page).read_text(encoding="utf-8")))


def test_every_refusal_is_documented_and_every_documented_one_exists() -> None:
    sources = [
        path.read_text(encoding="utf-8")
        for root in ("server", "graphql", "sync")
        for path in (ROOT / root).rglob("*.py")
    ]
    used = {code for text in sources for pair in IN_CODE.findall(text) for code in pair if code}
    assert documented("refusals.md") == used | TO_COME | TOP_LEVEL_CODES


def test_every_problem_of_a_push_or_pull_is_documented() -> None:
    verdicts = {"APPLIED", "MERGED", "CONFLICT", "REJECTED", "DUPLICATE"}
    assert documented("protocol.md") == set(ProblemCode) | verdicts


def test_every_reason_for_an_unserved_visit_is_documented() -> None:
    assert documented("plans.md") == {*Code, NO_PLACE}
