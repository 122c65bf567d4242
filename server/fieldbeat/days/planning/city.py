"""A made-up sales force in a real city, the same for the same seed: for the demo, the tests and the load tests."""

from dataclasses import dataclass

import numpy as np

from fieldbeat.days.planning.model import Hours, Outlet
from fieldbeat.days.planning.travel import Place

BERLIN = Place(52.52, 13.405, "CENTRE")
KM_PER_DEGREE = 111.2
DISTRICTS = 24
# Share of the outlets, visits in four weeks, least and greatest gap in days, minutes of a visit, priority.
TIERS = ((0.01, 8, 2, 5, 30, 4), (0.05, 4, 4, 10, 20, 3), (0.20, 2, 7, 20, 15, 2), (1.0, 1, 14, 35, 10, 1))
NIGHT_AND_DAY = None
SHOP = Hours((((540, 1200),),) * 6 + ((),))
SHOP_WITH_PAUSE = Hours((((540, 780), (900, 1140)),) * 5 + (((540, 840),), ()))
MORNINGS = Hours((((420, 720),),) * 5 + ((), ()))
AFTERNOONS_FROM_TUESDAY = Hours(((), *(((780, 1320),),) * 5, ()))
HOURS = (NIGHT_AND_DAY, SHOP, SHOP, SHOP, SHOP_WITH_PAUSE, MORNINGS, AFTERNOONS_FROM_TUESDAY)


@dataclass(frozen=True)
class Beat:
    """What one rep covers, and where his days start."""

    start: Place
    outlets: tuple[Outlet, ...]


def city(seed: int, *, outlets: int = 2_000, reps: int = 10, centre: Place = BERLIN) -> tuple[Beat, ...]:
    """Outlets in districts around `centre`, cut into beats of equal size by their direction from it."""
    dice = np.random.RandomState(seed)  # its stream never changes between versions
    districts = dice.normal(0, 6, (DISTRICTS, 2))
    spots = districts[dice.randint(DISTRICTS, size=outlets)] + dice.normal(0, 1.2, (outlets, 2))
    around = np.argsort(np.arctan2(spots[:, 0], spots[:, 1]), kind="stable")
    made = [_outlet(dice, number, _place(centre, spot)) for number, spot in enumerate(spots)]
    return tuple(_beat(centre, spots, share, made) for share in np.array_split(around, reps))


def _beat(centre: Place, spots: np.ndarray, share: np.ndarray, made: list[Outlet]) -> Beat:
    start = _place(centre, spots[share].mean(axis=0))
    return Beat(start, tuple(made[index] for index in share))


def _place(centre: Place, spot: np.ndarray) -> Place:
    """A point `spot` kilometres north and east of the centre."""
    latitude = centre.latitude + spot[0] / KM_PER_DEGREE
    longitude = centre.longitude + spot[1] / (KM_PER_DEGREE * np.cos(np.radians(centre.latitude)))
    return Place(round(float(latitude), 5), round(float(longitude), 5))


def _outlet(dice: np.random.RandomState, number: int, place: Place) -> Outlet:
    rank = dice.random_sample()
    _, visits, gap_min, gap_max, minutes, priority = next(tier for tier in TIERS if rank < tier[0])
    return Outlet(
        id=f"outlet-{number:05}",
        code=f"C{number:05}",
        place=place,
        visits=visits,
        duration_minutes=minutes,
        priority=priority,
        gap_min_days=gap_min,
        gap_max_days=gap_max,
        hours=HOURS[dice.randint(len(HOURS))],
        preferred_weekdays=frozenset({int(dice.randint(5))}) if dice.random_sample() < 0.1 else frozenset(),
        days_since_last=int(dice.randint(1, 1 + 28 // visits)) if dice.random_sample() < 0.8 else None,
    )
