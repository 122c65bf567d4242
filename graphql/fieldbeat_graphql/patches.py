"""What a form changes: the fields that its input carries, in the words of a device's patch."""

from collections.abc import Iterable, Mapping
from dataclasses import is_dataclass
from datetime import date
from typing import Any

import strawberry
from strawberry.utils.str_converters import to_camel_case

from fieldbeat.kit.refusal import Invalid
from fieldbeat_graphql.scalars import given, parse_id

MINTED = "Minted by you; a new one when absent."  # of an id
READ_REV = "The rev that the form had read; absent: the rev now."  # of a `baseRev`


@strawberry.input(description="Elements to add to a set and to take from it; the others stay.")
class SetChange:
    add: list[str] = strawberry.field(default_factory=list)
    remove: list[str] = strawberry.field(default_factory=list)


def patch_of(input: Any, names: Iterable[str]) -> dict[str, Any]:
    """Those of the fields `names` that an input carries: what is absent is left alone, `Some(None)` clears.

    A name that ends in `_id` is an id. Refuses (`Invalid`) one that cannot name a record.
    """
    said = {name: getattr(input, name, None) for name in names}
    carried = {name: each for name, each in said.items() if each is not None}
    return {to_camel_case(name): _wire(name, each) for name, each in carried.items()}


def check_not_cleared(patch: Mapping[str, Any], names: Iterable[str]) -> None:
    """What always has a value is not given null. Refuses (`Invalid`), naming the fields."""
    cleared = tuple(name for name in names if name in patch and patch[name] is None)
    if cleared:
        raise Invalid(f"{', '.join(cleared)} cannot be cleared", fields=cleared)


def _wire(name: str, value: Any) -> Any:
    match value:
        case strawberry.Some():
            return _wire(name, value.value)
        case SetChange():
            return {"$add": value.add, "$remove": value.remove}
        case str() if name.endswith("_id"):
            return str(parse_id(value, field=to_camel_case(name)))
        case _ if is_dataclass(value):  # a group, set as a whole
            return {to_camel_case(part): given(each) for part, each in vars(value).items()}
        case date():
            return value.isoformat()
        case _:
            return value
