"""docs/protocol.md says what the code does: collections, versions, rules, and the sections that code refers to."""

import re
from pathlib import Path

from fieldbeat_sync import versions
from fieldbeat_sync.catalogue import SCHEMA
from fieldbeat_sync.schema import Field, Policy

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "protocol.md").read_text(encoding="utf-8")
LETTERS = {
    Policy.REGISTER: "R", Policy.GROUP: "G", Policy.UNIQUE: "U", Policy.REFERENCE: "F", Policy.STATE: "M",
    Policy.COUNTER: "C", Policy.SET: "S", Policy.SERVER: "X",
}  # fmt: skip
NAMED = re.compile(r'protocol(?:\.md)?[,:]? ((?:"[A-Z][A-Za-z ]+"(?:, | and )?)+)')
RULE = re.compile(r'"([A-Z]+(?:_[A-Z]+)*)"')
WITH_RULES = (
    "sync/fieldbeat_sync/merge.py",
    "sync/fieldbeat_sync/policies/*.py",
    "server/fieldbeat/records/working.py",
    "server/fieldbeat/exchange/reads.py",
)
NO_RULES = {"WON", "LOST", "ADDED", "OPEN", "DISMISSED", "RESOLVED", "SUPERSEDED", "PUT", "EVICT", "DELETE", "Z"}


def table(heading: str) -> list[list[str]]:
    """The cells of the first table behind a heading or a header row."""
    lines = PAGE[PAGE.index(heading) :].split("\n")
    begin = next(n for n, line in enumerate(lines) if line.startswith("|---"))
    rows = []
    for line in lines[begin + 1 :]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows


def described(field: Field) -> str:
    marks = "!" * field.required + "*" * field.create_only + " per key" * field.keyed
    return f"{field.name} {LETTERS[field.policy]}{marks}"


def test_the_collections_are_the_catalogue() -> None:
    listed = {name: fields for name, _, fields in table("## Collections")}
    assert listed == {
        name: ", ".join(described(field) for field in collection.fields)
        for name, collection in SCHEMA.collections.items()
    }


def test_every_version_is_listed_with_what_it_changed() -> None:
    listed = {int(version): text for version, text in table("## Schema versions")}
    assert listed.keys() == {versions.OLDEST, *versions.STEPS}
    for version, step in versions.STEPS.items():
        for collection, shift in step.items():
            names = {collection, *shift.renamed, *shift.renamed.values(), *shift.added}
            assert all(re.search(rf"\b{name}\b", listed[version]) for name in names), version


def test_every_section_that_code_refers_to_exists() -> None:
    sections = set(re.findall(r"^#+ (.+)$", PAGE, re.MULTILINE))
    named: dict[str, str] = {}
    for root in ("server", "sync", "graphql", "tests"):
        for path in (ROOT / root).rglob("*.py"):
            for names in NAMED.findall(path.read_text(encoding="utf-8")):
                named |= {name: str(path) for name in re.findall(r'"([A-Z][A-Za-z ]+)"', names)}
    assert {"Push", "Changes", "Snapshot", "Poke"} <= named.keys()
    assert {name: path for name, path in named.items() if name not in sections} == {}


def test_every_rule_of_history_is_explained() -> None:
    listed = {rule for rule, _ in table("| rule | the write |")}
    sources = [path.read_text(encoding="utf-8") for part in WITH_RULES for path in ROOT.glob(part)]
    refusals = re.findall(r"`([A-Z_]+)`", (ROOT / "docs" / "refusals.md").read_text(encoding="utf-8"))
    assert {word for text in sources for word in RULE.findall(text)} - {*refusals} - NO_RULES == listed


def test_a_link_leads_somewhere() -> None:
    for page in (each for each in (ROOT / "docs").rglob("*.md") if "node_modules" not in each.parts):
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
