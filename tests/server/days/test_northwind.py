"""Northwind's people have customers all over the world: what is near is planned, the rest is reported as too far."""

from collections import Counter, defaultdict
from pathlib import Path

import pytest

from fieldbeat import importing
from fieldbeat.days.planning.model import Code, Effort, Hours, Outlet
from fieldbeat.days.planning.plan import generate
from fieldbeat.days.planning.travel import GreatCircle, Place
from fieldbeat.importing.plan import make_plan
from fieldbeat_testing.plan_checker import violations
from fieldbeat_testing.planning import month

FOLDER = Path(importing.__file__).parent / "northwind"
OFFICE = Hours((((540, 1020),),) * 5 + ((), ()))


@pytest.fixture(scope="module")
def beats() -> dict[str, tuple[Outlet, ...]]:
    """The customers of each of the nine, as the import gives them owners and places."""
    found: dict[str, list[Outlet]] = defaultdict(list)
    for row in make_plan(FOLDER, FOLDER / "mapping.toml").rows:
        if row.collection == "account":
            spot = row.fields["location"]
            place = Place(spot["latitude"], spot["longitude"])
            wanted = 2 if row.line % 3 else 4
            found[row.refs["ownerId"].key].append(
                Outlet(row.key, row.key, place, wanted, 30, gap_min_days=5, hours=OFFICE, days_since_last=row.line % 9)
            )
    return {key: tuple(outlets) for key, outlets in found.items()}


@pytest.mark.parametrize("effort", list(Effort))
def test_northwind_is_planned_without_a_broken_rule_and_the_same_again(
    beats: dict[str, tuple[Outlet, ...]], effort: Effort
) -> None:
    assert sum(len(outlets) for outlets in beats.values()) == 91
    visits, codes = 0, Counter[Code]()
    for outlets in beats.values():
        problem = month(outlets, start=outlets[0].place, travel=GreatCircle(speed_kmh=80), zone="UTC")
        plan = generate(problem, effort=effort)
        assert violations(problem, plan) == []
        assert generate(problem, effort=effort).plan_hash == plan.plan_hash
        visits += sum(len(day.visits) for day in plan.days)
        codes.update(unserved.code for unserved in plan.unserved)
    assert visits > 20
    assert set(codes) == {Code.TOO_FAR}
