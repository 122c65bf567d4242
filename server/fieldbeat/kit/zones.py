"""Time zones by their names in the IANA database."""

import zoneinfo
from functools import cache

from fieldbeat.kit.refusal import Invalid


def check_time_zone(name: str) -> None:
    """Refuses (`Invalid`) what is no name of the IANA time zone database."""
    if name not in _time_zones():
        raise Invalid("This is not a time zone of the IANA database, such as Europe/Berlin.", fields=("timeZone",))


@cache
def _time_zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())
