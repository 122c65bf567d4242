"""Passwords that people have: one's own is changed with the present one, another's is set anew by an administrator."""

import asyncio
from uuid import UUID

from zxcvbn import zxcvbn

from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import Db
from fieldbeat.kit.refusal import Invalid, NotFound
from fieldbeat.people import attempts, rules, store
from fieldbeat.people.model import PasswordWrong, Person, SignedIn
from fieldbeat.people.passwords import hash_password, initial_password, verify_password
from fieldbeat.records import Tx

GUESSES_SCORE_MIN = 3  # of zxcvbn's 0 to 4: 10^8 guesses and more
JUDGED_CHARACTERS_MAX = 72  # the rest can only make it better
COMPANY_WORDS = ("fieldbeat",)


async def change_password(db: Db, signed_in: SignedIn, *, current: str, new: str) -> None:
    """Sets one's own password and ends one's other sessions; this one goes on.

    Refuses INVALID_CREDENTIALS (`currentPassword`), TOO_MANY, INVALID (`newPassword`: its length, or guessed easily).
    """
    actor = signed_in.actor
    rules.check_chosen_password(new)
    async with db.reading(actor.tenant_id) as conn:
        [person] = await store.people_by_ids(conn, actor.tenant_id, [actor.user_id])
        subject = attempts.of_email(person.email)
        await attempts.check(conn, [subject])
        known_hash = await store.password_hash(conn, actor.tenant_id, actor.user_id)
    if not await verify_password(current, known_hash):
        await attempts.note_failure(db, [subject])
        raise PasswordWrong
    await _check_not_guessed(new, person)
    new_hash = await hash_password(new)
    async with db.writing(actor.tenant_id) as conn:
        await attempts.forget(conn, subject)
        if not await store.replace_credential(conn, actor, known_hash or "", new_hash):
            raise PasswordWrong  # it was changed meanwhile
        await store.revoke_sessions(conn, actor.tenant_id, actor.user_id, but=signed_in.family_id)


async def reset_password(tx: Tx, actor: Actor, *, user_id: UUID) -> tuple[Person, str]:
    """Gives another person a random password, told once, and ends all of his sessions; what he failed is forgotten.

    Refuses `Forbidden` (no administrator, or oneself) and `NotFound`.
    """
    rules.check_leads_people(actor)
    rules.check_resets_another(actor, user_id)
    found = await store.people_by_ids(tx.conn, actor.tenant_id, [user_id])
    if not found:
        raise NotFound(fields=("userId",))
    password = initial_password()
    password_hash = await hash_password(password)
    await store.forget_failures(tx.conn, attempts.of_email(found[0].email).digest)  # first, as whoever signs in does
    await store.put_credential(tx.conn, actor.tenant_id, user_id, password_hash)
    await store.revoke_sessions(tx.conn, actor.tenant_id, user_id, but=None)
    return found[0], password


async def _check_not_guessed(password: str, person: Person) -> None:
    """Refuses (`Invalid`) what is among the first 10^8 guesses: common ones, rows of keys, dates, his own names."""
    own = [person.email, *person.email.split("@"), *person.name.split(), *COMPANY_WORDS]
    judged = await asyncio.to_thread(zxcvbn, password[:JUDGED_CHARACTERS_MAX], user_inputs=own)
    if judged["score"] < GUESSES_SCORE_MIN:
        raise Invalid(
            "This password is guessed easily: choose words that do not belong together.", fields=("newPassword",)
        )
