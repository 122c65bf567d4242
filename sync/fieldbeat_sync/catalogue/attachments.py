"""Photos, signatures and other files: what is declared of their bytes, which travel in a lane of their own."""

import re
from collections.abc import Mapping
from typing import Any

from fieldbeat_sync.schema import EVERYONE, Check, Collection, Field, Filled, Policy
from fieldbeat_sync.values import Choice, Instant, Number, Reference, Text

_HOLDERS = ("ticket", "account", "asset")
ATTACHMENT_STATUSES = ("DECLARED", "COMPLETE", "FAILED")

_SHA256 = re.compile(r"[0-9a-f]{64}")
_MEDIA_TYPE = re.compile(r"[a-z]+/[a-z0-9.+-]+")


def _hash_broken(values: Mapping[str, Any]) -> str | None:
    return None if _SHA256.fullmatch(values["sha256"]) else "sha256: 64 small hex digits"


def _type_broken(values: Mapping[str, Any]) -> str | None:
    return None if _MEDIA_TYPE.fullmatch(values["contentType"]) else "contentType: such as image/jpeg, in small letters"


attachment = Collection(
    "attachment",
    (
        Field("recordId", Policy.REFERENCE, Reference("visit", _HOLDERS), required=True, create_only=True),
        Field("sha256", Policy.REGISTER, Text(64, 64), required=True, create_only=True),
        Field("bytes", Policy.REGISTER, Number(1, 1e12, whole=True), required=True, create_only=True),
        Field("contentType", Policy.REGISTER, Text(100, 3), required=True, create_only=True),
        Field("authorId", Policy.SERVER, Reference("user"), filled=Filled.AUTHOR),
        Field("at", Policy.SERVER, Instant(), filled=Filled.TIME),
        Field("status", Policy.SERVER, Choice(ATTACHMENT_STATUSES), default="DECLARED"),
    ),
    created_by=EVERYONE,
    in_flight=True,
    append_only=True,
    checks=(Check(("sha256",), _hash_broken), Check(("contentType",), _type_broken)),
)
