"""The vocabulary in which collections are declared: fields, their merge policies, state machines.

A collection is data (`catalogue.py`); server, phone and load tests read the same. A field without a policy cannot be
declared, so a missing one is an error at import.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any

from fieldbeat_sync.values import Number, ValueType


class Role(StrEnum):
    """What a person may do in the tenant."""

    REP = "REP"
    SUPERVISOR = "SUPERVISOR"
    ADMIN = "ADMIN"


LEADS = frozenset({Role.SUPERVISOR, Role.ADMIN})
EVERYONE = frozenset(Role)


class Policy(StrEnum):
    """How concurrent writes of a field meet; one module each in `policies/`."""

    REGISTER = "register"  # the greater key stands, the other is kept as a conflict
    GROUP = "group"  # a register over a whole object, never mixed
    UNIQUE = "unique"  # a register whose value one live record may hold: first commit wins
    REFERENCE = "reference"  # a register that holds an id
    STATE = "state"  # a state machine: greatest (epoch, rank, hlc)
    COUNTER = "counter"  # increments add up
    SET = "set"  # add wins
    SERVER = "server"  # the server decides; a device may not write


class Op(StrEnum):
    """What a mutation does to its record."""

    CREATE = "CREATE"
    UPDATE = "UPDATE"
    DELETE = "DELETE"
    NOOP = "NOOP"


@dataclass(frozen=True)
class Machine:
    """States with ranks. A move to a higher or equal rank is ordinary, one to a lower rank is a reopen.

    `only_from` names the states from which alone a state may be reached; what it forbids is ILLEGAL_TRANSITION.
    """

    ranks: Mapping[str, int]
    initial: str
    reopened_by: frozenset[Role] = EVERYONE
    only_from: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def allows(self, seen: str, target: str) -> bool:
        """Whether the move exists at all."""
        return target == seen or target not in self.only_from or seen in self.only_from[target]

    def is_reopen(self, seen: str, target: str) -> bool:
        """Whether the move goes to a lower rank."""
        return self.ranks[target] < self.ranks[seen]


@dataclass(frozen=True)
class Field:
    """One field of a collection. `value` types its value, or a set's element, or each key of a keyed field."""

    name: str
    policy: Policy
    value: ValueType
    default: Any = None
    required: bool = False  # on CREATE
    create_only: bool = False  # set by CREATE, read-only after
    keyed: bool = False  # an object whose every key is a register of its own, `<name>.<key>`
    machine: Machine | None = None

    def __post_init__(self) -> None:
        if (self.policy is Policy.STATE) != (self.machine is not None):
            raise ValueError(f"{self.name}: a state field needs a machine, and only a state field has one")
        if self.policy is Policy.COUNTER and not (isinstance(self.value, Number) and self.value.whole):
            raise ValueError(f"{self.name}: a counter counts whole numbers; a sum of fractions depends on its order")


@dataclass(frozen=True)
class Collection:
    """One kind of record. `parent` names the reference field whose record a CREATE keeps alive."""

    name: str
    fields: tuple[Field, ...]
    deleted_by: frozenset[Role] = frozenset()
    created_by: frozenset[Role] = frozenset()
    parent: str | None = None
    in_flight: bool = False  # an edit made before its author lost the record is accepted

    @cached_property
    def by_name(self) -> Mapping[str, Field]:
        """The fields by their wire names."""
        return {each.name: each for each in self.fields}

    @cached_property
    def blank(self) -> Mapping[str, Any]:
        """A row with every default."""
        return {each.name: _initial(each) for each in self.fields}


@dataclass(frozen=True)
class Schema:
    """All collections of one schema version."""

    version: int
    collections: Mapping[str, Collection]


def _initial(each: Field) -> Any:
    if each.machine is not None:
        return each.machine.initial
    if each.policy is Policy.SET:
        return []
    if each.policy is Policy.COUNTER:
        return 0
    if each.keyed:
        return {}
    return each.default
