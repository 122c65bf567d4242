"""Public holidays by country and subdivision, from the library `holidays`; China's shifted days from `chinesecalendar`.

China moves working days around its holidays by a decree for each year. For a year that `chinesecalendar` does not know
yet there are the holidays of the law alone, and no working weekends. A year of which `holidays` knows nothing has none.
"""

import re
from collections.abc import Set
from datetime import date
from functools import lru_cache
from typing import NamedTuple

import holidays
from chinese_calendar import constants as china

CHINA = "CN"
_ALPHA_2 = re.compile("[A-Z]{2}")


class Region(NamedTuple):
    """Whose public holidays are kept: ISO 3166-1 alpha-2, and a subdivision as the library calls it."""

    country: str
    subdivision: str | None = None


class PublicDays(NamedTuple):
    """What a year has of public holidays, and of weekend days that are worked instead."""

    closed: Set[date]
    working: Set[date]


@lru_cache(maxsize=4096)
def public_days(region: Region, year: int) -> PublicDays:
    """The public holidays of a year, weekends included, and its extra working days."""
    closed = frozenset(holidays.country_holidays(region.country, subdiv=region.subdivision, years=year))
    if region.country != CHINA:
        return PublicDays(closed, frozenset())
    working = frozenset(day for day in china.workdays if day.year == year)
    decreed = frozenset(day for day in china.holidays if day.year == year)
    return PublicDays((closed | decreed) - working, working)


@lru_cache(maxsize=1024)
def is_known(region: Region) -> bool:
    """Whether there is such a country, by ISO 3166-1 alpha-2, and such a subdivision of it."""
    if _ALPHA_2.fullmatch(region.country) is None:
        return False
    try:
        holidays.country_holidays(region.country, subdiv=region.subdivision)
    except NotImplementedError:
        return False
    return True
