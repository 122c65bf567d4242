"""What people may do, decided without a database."""

import re
from collections.abc import Iterable, Set
from datetime import datetime, timedelta
from uuid import UUID

from fieldbeat.kit.actor import Actor
from fieldbeat.kit.refusal import Forbidden, Invalid
from fieldbeat.kit.settings import is_loopback
from fieldbeat.kit.zones import check_time_zone
from fieldbeat.people.model import DemoIsLocal, NewPerson, Origin, Person, ReportsInCircle
from fieldbeat_sync.schema import Role

PASSWORD_CHARACTERS_MIN = 8
PASSWORD_BYTES_MAX = 1024
CHOSEN_CHARACTERS = (15, 128)  # NIST SP 800-63B-4 section 3.1.1.2: where a password stands alone
PUSH_ONLY_FOR = timedelta(days=30)  # how long a deactivated person may hand in offline edits

_FORWARDING = frozenset({"forwarded", "via", "x-real-ip", "x-client-ip", "true-client-ip", "cf-connecting-ip"})
_EMAIL = re.compile(r"[^@\s\x00-\x20]+@[^@\s\x00-\x20]+")


def is_forwarded(header_names: Iterable[str]) -> bool:
    """Whether a header says that a proxy passed the request on."""
    return any(each in _FORWARDING or each.startswith("x-forwarded") for each in map(str.lower, header_names))


def check_demo_is_local(origin: Origin) -> None:
    """The demo company signs in from this machine alone. Refuses (`DemoIsLocal`) everything else."""
    if not origin.listens_on_loopback or origin.forwarded or not is_loopback(_without_port(origin.host)):
        raise DemoIsLocal


def may_still_push(deactivated_at: datetime, *, at: datetime) -> bool:
    """Whether a person deactivated then may hand in offline edits now."""
    return at < deactivated_at + PUSH_ONLY_FOR


def check_leads_people(actor: Actor) -> None:
    """Who is in the company is for administrators to say. Refuses (`Forbidden`) others."""
    if actor.role is not Role.ADMIN:
        raise Forbidden("Only an administrator may do this.")


def check_is_below(user_id: UUID, people: Set[UUID]) -> None:
    """What people can do is also for who leads them to say. Refuses (`Forbidden`) somebody not among `people`."""
    if user_id not in people:
        raise Forbidden("Only an administrator, or who leads this person, may do this.")


def check_not_oneself(actor: Actor, user_id: UUID) -> None:
    """Nobody locks himself out, so that a company keeps an administrator. Refuses (`Forbidden`)."""
    if actor.user_id == user_id:
        raise Forbidden("You cannot deactivate yourself.")


def check_keeps_administrator(actor: Actor, wanted: Person) -> None:
    """An administrator does not demote himself: another one may. Refuses (`Forbidden`)."""
    if actor.user_id == wanted.id and wanted.role is not Role.ADMIN:
        raise Forbidden("You cannot take the administrator's role from yourself.", fields=("role",))


def check_tenant_name(name: str) -> None:
    """Refuses (`Invalid`) a company without a name, or with one that cannot be stored."""
    if not name.strip() or len(name) > 200 or "\0" in name:
        raise Invalid("A company needs a name of at most 200 characters.", fields=("name",))


def check_person(person: NewPerson) -> None:
    """What the collection's types do not say. Refuses (`Invalid`) an e-mail or time zone that is none."""
    check_email(person.email)
    check_time_zone(person.time_zone)


def is_email(text: str) -> bool:
    """Whether it has one @ and no blanks; whether it is reached shows when it is used."""
    return len(text) <= 254 and _EMAIL.fullmatch(text) is not None


def check_email(email: str) -> None:
    """Refuses (`Invalid`) what is no e-mail address."""
    if not is_email(email):
        raise Invalid("This is not an e-mail address.", fields=("email",))


def check_password(password: str) -> None:
    """Long enough to be one, short enough to hash."""
    if len(password) < PASSWORD_CHARACTERS_MIN or len(password.encode()) > PASSWORD_BYTES_MAX:
        raise Invalid(f"A password needs at least {PASSWORD_CHARACTERS_MIN} characters.", fields=("password",))


def check_chosen_password(password: str) -> None:
    """What a person chooses for himself, to stand alone. Refuses (`Invalid`)."""
    least, most = CHOSEN_CHARACTERS
    if not least <= len(password) <= most or len(password.encode()) > PASSWORD_BYTES_MAX:
        raise Invalid(f"A password has {least} to {most} characters.", fields=("newPassword",))


def check_resets_another(actor: Actor, user_id: UUID) -> None:
    """One's own password is changed with the present one. Refuses (`Forbidden`)."""
    if actor.user_id == user_id:
        raise Forbidden("Your own password you change with the present one.", fields=("userId",))


def client_address(peer: str, forwarded_for: str, *, proxies: int) -> str:
    """The client's address: behind so many proxies of one's own, what the outermost of them saw (X-Forwarded-For)."""
    seen = [each.strip() for each in forwarded_for.split(",")] if forwarded_for else []
    return seen[-proxies] if 0 < proxies <= len(seen) else peer


def check_reporting_line(person_id: UUID, manager_chain: Iterable[UUID]) -> None:
    """A person may not stand above himself. `manager_chain`: the new manager and everyone above.

    Refuses (`ReportsInCircle`).
    """
    if person_id in manager_chain:
        raise ReportsInCircle


def _without_port(host: str) -> str:
    # A bare IPv6 address has no port; with one it stands in brackets (RFC 3986 section 3.2.2).
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.partition(":")[0] if host.count(":") == 1 else host
