"""A patch, checked against its collection: every field known, writable, and of its type, or one refusal for all."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from fieldbeat_sync import limits
from fieldbeat_sync.mutation import Rejected, new_tuple
from fieldbeat_sync.policies import counter, set
from fieldbeat_sync.schema import Collection, Field, Op, Policy
from fieldbeat_sync.values import BadValue, Text

_KEY = Text(100, 1)
# Looked up once: the way to a member through its enum is ten times as long.
_CREATE, _SERVER = Op.CREATE, Policy.SERVER
_DELTAS: Mapping[Policy, Callable[..., Any]] = {Policy.SET: set.parse, Policy.COUNTER: counter.parse}


class Part(NamedTuple):
    """One field of a patch: `name` is the field's, or `<field>.<key>` of a keyed one; `value` is checked and normal."""

    name: str
    field: Field
    value: Any


def parse(collection: Collection, op: Op, patch: Mapping[str, Any], *, server: bool) -> tuple[Part, ...] | Rejected:
    """The parts of `patch`, in the order of the collection's fields.

    Refuses with INVALID (unknown field, wrong type, missing on CREATE) or FIELD_READ_ONLY, naming every field at fault.
    """
    creating = op is _CREATE
    parts: list[Part] = []
    bad: dict[str, str] = {}
    read_only: list[str] = []
    by_name = collection.by_name
    for name in _names(collection, patch, creating):
        field = by_name.get(name)
        if field is None:
            bad[name] = "is not a field"
        elif name not in patch:
            if field.required:
                bad[name] = "is required"
        elif field.filled and creating and not server:
            continue  # the server's own value is the true one
        elif (field.policy is _SERVER and not server) or (field.create_only and not creating):
            read_only.append(name)
        else:
            try:
                if field.keyed:
                    parts += _keyed(field, patch[name])
                else:
                    parts.append(new_tuple(Part, (name, field, _checked(field, patch[name], creating))))
            except BadValue as reason:
                bad[name] = str(reason)
    if bad:
        return Rejected("INVALID", "; ".join(f"{name} {why}" for name, why in bad.items()), tuple(bad))
    if read_only:
        return Rejected("FIELD_READ_ONLY", f"{', '.join(read_only)} cannot be written by a device", tuple(read_only))
    if not parts and not creating:
        return Rejected("INVALID", "the patch changes nothing; send NOOP to settle an empty number")
    return tuple(parts)


def _names(collection: Collection, patch: Mapping[str, Any], creating: bool) -> Iterable[str]:
    """What a patch names, or on CREATE could name: unknown names, then the fields in their order."""
    if len(patch) == 1 and not creating:  # as most patches
        return patch
    by_name = collection.by_name
    known = list(by_name) if creating else [name for name in by_name if name in patch]
    if patch.keys() <= by_name.keys():
        return known
    return [*sorted(patch.keys() - by_name.keys()), *known]


def _keyed(field: Field, value: Any) -> list[Part]:
    if not isinstance(value, dict) or len(value) > limits.CUSTOM_KEYS_MAX:
        raise BadValue(f"must be an object of at most {limits.CUSTOM_KEYS_MAX} keys")
    return [_register(field, key, value[key]) for key in sorted(value, key=str)]


def _register(field: Field, key: Any, value: Any) -> Part:
    checked = None if value is None else field.value.check(value)
    return Part(f"{field.name}.{_KEY.check(key)}", field, checked)


def _checked(field: Field, value: Any, creating: bool) -> Any:
    if field.policy in _DELTAS:
        return _DELTAS[field.policy](value, field.value, creating=creating)
    if value is not None:
        return field.value.check(value)
    if field.required or field.machine or field.never_null:
        raise BadValue("cannot be cleared")
    return None
