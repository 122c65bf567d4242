"""How long the way takes: great-circle distance by default, a table of measured legs before it where there is one.

A provider answers whole arrays at once. Seconds are what routes are judged by; the day's clock takes whole minutes,
rounded up.
"""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from fieldbeat.kit.refusal import Invalid

EARTH_RADIUS_M = 6_371_008.8

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


class TravelTableInvalid(Invalid):
    """A line of the travel table cannot be read."""


class PlaceOutOfRange(Invalid):
    """A latitude is outside -90..90, or a longitude outside -180..180."""


@dataclass(frozen=True)
class Place:
    """A point on the earth, in degrees; `code` is its name in a travel table."""

    latitude: float
    longitude: float
    code: str = ""

    def __post_init__(self) -> None:
        if not (-90 <= self.latitude <= 90 and -180 <= self.longitude <= 180):
            raise PlaceOutOfRange(fields=("latitude", "longitude"))


@dataclass(frozen=True)
class Places:
    """Many places: unit vectors (last axis: 3), and of the same shape each one's index in `names`."""

    vectors: Floats
    codes: Ints
    names: tuple[str, ...] = field(repr=False)

    @classmethod
    def of(cls, places: Iterable[Place]) -> "Places":
        """The places as arrays."""
        listed = list(places)
        lat, lon = np.radians(np.array([(p.latitude, p.longitude) for p in listed], float).reshape(-1, 2)).T
        vectors = np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=-1)
        return cls(vectors, np.arange(len(listed)), tuple(p.code for p in listed))

    @classmethod
    def joined(cls, parts: "Sequence[Places]") -> "Places":
        """The places of all parts, one after another."""
        offsets = np.cumsum([0, *(len(part.names) for part in parts)])
        return cls(
            np.concatenate([part.vectors for part in parts]),
            np.concatenate([part.codes + offset for part, offset in zip(parts, offsets, strict=False)]),
            tuple(name for part in parts for name in part.names),
        )

    def take(self, index: Ints | slice | tuple[slice | None, ...]) -> "Places":
        """The places at `index` along the first axes."""
        return Places(self.vectors[index], self.codes[index], self.names)


@dataclass(frozen=True)
class Legs:
    """Ways between places: whole seconds (what routes are judged by) and metres."""

    seconds: Ints
    metres: Ints

    @property
    def minutes(self) -> Ints:
        """Whole minutes, rounded up: what the day's clock takes."""
        minutes: Ints = -(-self.seconds // 60)
        return minutes


class Travel(Protocol):
    """Answers for the ways from places to places, broadcast against each other."""

    def legs(self, starts: Places, ends: Places) -> Legs:
        """The way from each start to each end."""
        ...


@dataclass(frozen=True)
class GreatCircle:
    """Great-circle distance times a road factor, at one speed."""

    speed_kmh: float = 30.0
    road_factor: float = 1.3

    def legs(self, starts: Places, ends: Places) -> Legs:
        """The way from each start to each end."""
        a, b = starts.vectors, ends.vectors
        squares = (a[..., 0] - b[..., 0]) ** 2 + (a[..., 1] - b[..., 1]) ** 2 + (a[..., 2] - b[..., 2]) ** 2
        metres = np.arcsin(np.minimum(np.sqrt(squares) / 2, 1.0)) * (2 * EARTH_RADIUS_M * self.road_factor)
        return Legs(np.rint(metres * (3.6 / self.speed_kmh)).astype(np.int64), np.rint(metres).astype(np.int64))


@dataclass(frozen=True)
class TravelTable:
    """Measured legs by the codes of two places; ways that it does not hold are the fallback's."""

    measured: Mapping[tuple[str, str], tuple[int, int]] = field(repr=False)
    fallback: Travel

    def legs(self, starts: Places, ends: Places) -> Legs:
        """The way from each start to each end."""
        guessed = self.fallback.legs(starts, ends)
        seconds, metres = guessed.seconds.ravel(), guessed.metres.ravel()
        pairs = np.broadcast(starts.codes, ends.codes)
        for index, (start, end) in enumerate(pairs):
            if known := self.measured.get((starts.names[start], ends.names[end])):
                seconds[index], metres[index] = known
        return Legs(seconds.reshape(guessed.seconds.shape), metres.reshape(guessed.metres.shape))


@lru_cache(maxsize=8)
def travel_by(speed_kmh: float, road_factor: float, table: Path | None) -> Travel:
    """The provider of an installation: the table at `table` where there is one, else great circles. Reads it once."""
    plain = GreatCircle(speed_kmh, road_factor)
    if table is None:
        return plain
    with table.open(encoding="utf-8", newline="") as lines:
        return read_travel_table(lines, fallback=plain)


def read_travel_table(lines: Iterable[str], *, fallback: Travel) -> TravelTable:
    """The table of a CSV with the columns from, to, minutes, km. Refuses a line that cannot be read, by its number."""
    measured: dict[tuple[str, str], tuple[int, int]] = {}
    for number, row in enumerate(csv.DictReader(lines), start=2):
        try:
            seconds, metres = round(float(row["minutes"]) * 60), round(float(row["km"]) * 1000)
            ends = (row["from"], row["to"])
        except (KeyError, TypeError, ValueError) as bad:
            raise TravelTableInvalid(f"Line {number} of the travel table needs from, to, minutes, km.") from bad
        if min(seconds, metres) < 0 or not all(ends):
            raise TravelTableInvalid(f"Line {number} of the travel table is below zero or names no place.")
        measured[ends] = (seconds, metres)
    return TravelTable(measured, fallback)
