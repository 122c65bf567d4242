"""A patch, checked against its collection: every field known, writable, and of its type, or one refusal for all."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from fieldbeat_sync import limits
from fieldbeat_sync.mutation import Rejected
from fieldbeat_sync.policies import counter, set
from fieldbeat_sync.schema import Collection, Field, Op, Policy
from fieldbeat_sync.values import BadValue, Text

_KEY = Text(100, 1)


class Part(NamedTuple):
    """One field of a patch: `name` is the field's, or `<field>.<key>` of a keyed one; `value` is checked and normal."""

    name: str
    field: Field
    value: Any


def parse(collection: Collection, op: Op, patch: Mapping[str, Any], *, server: bool) -> tuple[Part, ...] | Rejected:
    """The parts of `patch`, in the order of the collection's fields.

    Refuses with INVALID (unknown field, wrong type, missing on CREATE) or FIELD_READ_ONLY, naming every field at fault.
    """
    creating = op is Op.CREATE
    bad: dict[str, str] = dict.fromkeys(sorted(patch.keys() - collection.by_name.keys()), "is not a field")
    parts: list[Part] = []
    read_only: list[str] = []
    for field in collection.fields:
        if field.name not in patch:
            if creating and field.required:
                bad[field.name] = "is required"
        elif (field.policy is Policy.SERVER and not server) or (field.create_only and not creating):
            read_only.append(field.name)
        else:
            try:
                parts.extend(_parts(field, patch[field.name], creating=creating))
            except BadValue as reason:
                bad[field.name] = str(reason)
    if bad:
        return Rejected("INVALID", "; ".join(f"{name} {why}" for name, why in bad.items()), tuple(bad))
    if read_only:
        return Rejected("FIELD_READ_ONLY", f"{', '.join(read_only)} cannot be written by a device", tuple(read_only))
    if not parts and not creating:
        return Rejected("INVALID", "the patch changes nothing; send NOOP to settle an empty number")
    return tuple(parts)


def _parts(field: Field, value: Any, *, creating: bool) -> Iterator[Part]:
    if field.keyed:
        if not isinstance(value, Mapping) or len(value) > limits.CUSTOM_KEYS_MAX:
            raise BadValue(f"must be an object of at most {limits.CUSTOM_KEYS_MAX} keys")
        for key in sorted(value, key=str):
            part = value[key] if value[key] is None else field.value.check(value[key])
            yield Part(f"{field.name}.{_KEY.check(key)}", field, part)
    elif field.policy is Policy.SET:
        yield Part(field.name, field, set.parse(value, field.value, creating=creating))
    elif field.policy is Policy.COUNTER:
        yield Part(field.name, field, counter.parse(value, field.value, creating=creating))
    elif value is None:
        if field.required or field.policy is Policy.STATE:
            raise BadValue("cannot be cleared")
        yield Part(field.name, field, None)
    else:
        yield Part(field.name, field, field.value.check(value))
