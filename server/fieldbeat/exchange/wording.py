"""The edge between an older app's words and ours: its edits are lifted as they come in, what it is sent is lowered.

A device of the current version pays nothing: its rows go out as they are stored. So does a page for an older one that
holds nothing that has changed since.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache

import orjson

from fieldbeat.exchange.model import Mutation, Push
from fieldbeat_sync import versions
from fieldbeat_sync.mutation import Rejected


def lifted(asked: Push) -> Push:
    """The push in current words; each mutation remembers how it was sent. A version that is unknown changes nothing."""
    changed = versions.changed_since(asked.schema_version)
    if not any(mutation.collection in changed for mutation in asked.mutations):
        return asked
    return replace(asked, mutations=tuple(_lift(asked.schema_version, each) for each in asked.mutations))


def lowered(version: int, collection: str, rejected: Rejected) -> Rejected:
    """A refusal with the names that an app of `version` has for the fields."""
    fields = tuple(versions.lower_name(version, collection, name) for name in rejected.fields)
    return Rejected(rejected.code, versions.lower_text(version, collection, rejected.message), fields)


def entries_for(version: int, body: bytes) -> bytes:
    """Entries of `changes` or `rows` (a JSON array) in the words of `version`; untouched where nothing differs."""
    if not any(marker in body for marker in _markers(version)):
        return body
    return orjson.dumps([versions.lower_entry(version, entry) for entry in orjson.loads(body)])


def payloads(mutation: Mutation) -> Iterator[Mutation]:
    """The edit as it was sent, and as an app of any other version would have sent the same."""
    yield mutation.sent
    if isinstance(mutation.patch, Mapping):
        for patch in versions.tellings(mutation.collection, mutation.patch):
            yield replace(mutation, patch=patch, as_sent=None)


@cache
def _markers(version: int) -> tuple[bytes, ...]:
    """What stands in a body that holds an entry that differs: as the feed and orjson write it, without spaces."""
    return tuple(f',"collection":"{name}"'.encode() for name in sorted(versions.changed_since(version)))


def _lift(version: int, mutation: Mutation) -> Mutation:
    if not isinstance(mutation.patch, Mapping):
        return mutation
    patch = versions.lift_patch(version, mutation.collection, mutation.patch)
    return mutation if patch is mutation.patch else replace(mutation, patch=patch, as_sent=mutation)
