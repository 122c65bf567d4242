"""The vocabulary in which collections are declared: fields, their merge policies, state machines.

A collection is data (`catalogue/`); server, phone and load tests read the same. A field without a policy cannot be
declared, so a missing one is an error at import.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any

from fieldbeat_sync.values import Number, Reference, ValueType


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


class Filled(StrEnum):
    """What the server puts into a field of a CREATE; what a device sends for it is not kept."""

    AUTHOR = "AUTHOR"  # the id of the person who made the edit
    TIME = "TIME"  # its effective time


@dataclass(frozen=True)
class Reopen:
    """Who may take a state back: people of these roles, and whoever the record's field `holder` names."""

    by: frozenset[Role] = EVERYONE
    holder: str | None = None


@dataclass(frozen=True)
class Machine:
    """States with ranks. A move to a higher or equal rank is ordinary, one to a lower rank is a reopen.

    `only_from` names the states from which alone a state may be reached, `reopens` the only reopens there are (None:
    every one, by `reopened_by`), `needs` the fields without which a state is not reached; what they forbid is
    ILLEGAL_TRANSITION. `moved_by` names the roles that alone may move to a state.
    """

    ranks: Mapping[str, int]
    initial: str
    reopened_by: frozenset[Role] = EVERYONE
    only_from: Mapping[str, frozenset[str]] = field(default_factory=dict)
    reopens: Mapping[tuple[str, str], Reopen] | None = None
    needs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    moved_by: Mapping[str, frozenset[Role]] = field(default_factory=dict)

    def allows(self, seen: str, target: str) -> bool:
        """Whether the move exists at all."""
        if target == seen:
            return True
        if self.reopens is not None and self.is_reopen(seen, target) and (seen, target) not in self.reopens:
            return False
        return target not in self.only_from or seen in self.only_from[target]

    def is_reopen(self, seen: str, target: str) -> bool:
        """Whether the move goes to a lower rank."""
        return self.ranks[target] < self.ranks[seen]

    def reopening(self, seen: str, target: str) -> Reopen:
        """Who may make an allowed move to a lower rank."""
        return Reopen(self.reopened_by) if self.reopens is None else self.reopens[seen, target]


@dataclass(frozen=True)
class Field:
    """One field of a collection. `value` types its value, or a set's element, or each key of a keyed field."""

    name: str
    policy: Policy
    value: ValueType
    default: Any = None
    required: bool = False  # on CREATE
    never_null: bool = False  # optional on CREATE, for it has a default, but never cleared
    create_only: bool = False  # set by CREATE, read-only after
    keyed: bool = False  # an object whose every key is a register of its own, `<name>.<key>`
    once: bool = False  # who has seen a value may not set another
    closed_in: tuple[str, frozenset[str]] | None = (
        None  # (a state field, its states) in which it is not written any more
    )
    filled: Filled | None = None
    machine: Machine | None = None

    def __post_init__(self) -> None:
        if (self.policy is Policy.STATE) != (self.machine is not None):
            raise ValueError(f"{self.name}: a state field needs a machine, and only a state field has one")
        if self.policy is Policy.COUNTER and not (isinstance(self.value, Number) and self.value.whole):
            raise ValueError(f"{self.name}: a counter counts whole numbers; a sum of fractions depends on its order")


@dataclass(frozen=True)
class Check:
    """A rule over several registers, judged by what the author of an edit sees once it is made.

    `broken` takes their values by name and says what is wrong, or None.
    """

    fields: tuple[str, ...]
    broken: Callable[[Mapping[str, Any]], str | None]


@dataclass(frozen=True)
class Collection:
    """One kind of record. `parent` names the reference field whose record a CREATE keeps alive."""

    name: str
    fields: tuple[Field, ...]
    deleted_by: frozenset[Role] = frozenset()
    deleted_also_by: str | None = None  # whoever this field names
    created_by: frozenset[Role] = frozenset()
    parent: str | None = None
    in_flight: bool = False  # an edit made before its author lost the record is accepted
    append_only: bool = False  # what was created is never changed by a device
    checks: tuple[Check, ...] = ()

    @cached_property
    def by_name(self) -> Mapping[str, Field]:
        """The fields by their wire names."""
        return {each.name: each for each in self.fields}

    @cached_property
    def is_judged_whole(self) -> bool:
        """Whether an edit is also judged by fields that it does not write."""
        return bool(self.checks) or any(each.closed_in or (each.machine and each.machine.needs) for each in self.fields)

    @cached_property
    def filled(self) -> tuple[Field, ...]:
        """The fields that the server fills on CREATE."""
        return tuple(each for each in self.fields if each.filled)

    @cached_property
    def references(self) -> tuple[tuple[Field, tuple[str, ...]], ...]:
        """The fields that refer to a record, each with the collections that it may be of."""
        return tuple(
            (each, (each.value.collection, *each.value.others))
            for each in self.fields
            if each.policy is Policy.REFERENCE and isinstance(each.value, Reference)
        )

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
