"""Networks for tests: what becomes of each request is told beforehand, or drawn from a seed."""

from collections.abc import Callable, Iterable
from itertools import chain, repeat
from random import Random

from fieldbeat.phone.network import Fault


def told(faults: Iterable[Fault]) -> Callable[[], Fault]:
    """These faults, one a request, then none."""
    following = chain(faults, repeat(Fault.NONE))
    return lambda: next(following)


def drawn(seed: int, share: float = 0.3) -> Callable[[], Fault]:
    """A `share` of the requests fails, each in one of the ways; the same for the same seed."""
    draw = Random(seed)
    kinds = [fault for fault in Fault if fault is not Fault.NONE]
    return lambda: draw.choice(kinds) if draw.random() < share else Fault.NONE


def always(fault: Fault) -> Callable[[], Fault]:
    """Every request meets the same fault."""
    return lambda: fault
