"""What the demo company knows, in English and German, what its customers think of the service, and who of them has a
portal token."""

from typing import Any, NamedTuple

from fieldbeat import records
from fieldbeat.accounts.model import PageOf
from fieldbeat.accounts.reads import accounts_by_ids, contacts_of_accounts
from fieldbeat.days.solutions import link_article
from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import Db
from fieldbeat.knowledge.actions import approve_article, create_article, submit_article, vote_article
from fieldbeat.knowledge.reads import search_articles
from fieldbeat.people.reads import people_page
from fieldbeat.portal.actions import issue_token, rate_ticket
from fieldbeat.portal.model import Customer
from fieldbeat.records import Tx
from fieldbeat.tickets.model import Ticket
from fieldbeat.tickets.reads import search_tickets

PEOPLE_MAX = 100
TICKETS_MAX = 100
TOKEN_DAYS = 365


class Known(NamedTuple):
    """An article: how far it came, who found it helpful or not, and the subjects of tickets that it solved."""

    title: str
    body: str
    tags: tuple[str, ...]
    language: str = "en"
    author: str = "nancy"
    until: str = "PUBLISHED"
    helped: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    solved: tuple[str, ...] = ()


ARTICLES = (
    Known(
        "The cooler door does not close", "1. Clean the seal with warm water.\n2. Is it torn? Take a SEAL-300.\n"
        "3. Does the door hang? Change both hinges, then level the feet.\nA seal in the cold is stiff: warm it first.",
        ("cooler", "door", "seal"), helped=("michael", "anne", "janet"), failed=("robert",),
        solved=("The door does not close",),
    ),
    Known(
        "Kühler: die Tür schließt nicht", "1. Dichtung mit warmem Wasser reinigen.\n2. Gerissen? SEAL-300 einsetzen.\n"
        "3. Hängt die Tür? Beide Scharniere tauschen, dann die Füße ausrichten.",
        ("Kühler", "Tür", "Dichtung"), language="de", author="robert", helped=("anne",),
    ),
    Known(
        "A cooler that leaks or is too warm", "Is the drain free? Is the condenser clean? Moved it must stand for an "
        "hour.\nRefrigerant is filled by people with the skill `cooling` alone.",
        ("cooler", "leak", "temperature"), author="michael", helped=("nancy", "margaret"),
        solved=("The display flickers",),
    ),
    Known(
        "Crates are missing from a delivery", "Compare the delivery note with the shipper's list, photograph both, "
        "open a complaint.\nUp to three crates are credited at once.",
        ("delivery", "complaint"), author="janet", helped=("nancy",), solved=("Delivered too late",),
    ),
    Known(
        "Waage kalibrieren", "Waage leeren, ausrichten, zehn Minuten warten. Dann Menü, 3, Gewicht auflegen.",
        ("Waage", "Kalibrierung"), language="de", author="robert", until="REVIEW",
    ),
    Known(
        "Labels that cannot be read", "The print head wants alcohol, not water.",
        ("labels",), author="anne", until="DRAFT",
    ),
)  # fmt: skip
RATINGS = {
    "The door does not close": (5, "Repaired the same day."),
    "Sample of the new tea": (5, None),
    "Price label unreadable": (4, None),
    "Delivered too late": (2, "Nobody called before."),
}


async def share_knowledge(db: Db, actor: Actor) -> None:
    """Writes the articles and rates the tickets that are done, unless the company knows something already."""
    async with db.reading(actor.tenant_id) as conn:
        if await search_articles(conn, actor, rows_max=1):
            return
        people = await people_page(conn, actor, limit=PEOPLE_MAX)
        tickets = await search_tickets(conn, actor, rows_max=TICKETS_MAX)
    known = {one.email.partition("@")[0]: Actor(actor.tenant_id, one.id, one.role) for one in people}
    by_subject = {each.subject: each for each in tickets}
    async with records.writing(db, actor.tenant_id) as tx:
        for each in ARTICLES:
            await _publish(tx, known, each, by_subject)
        for subject, (score, comment) in RATINGS.items():
            customer = await _customer(tx, actor, by_subject[subject])
            if customer:
                await rate_ticket(tx, customer, ticket_id=by_subject[subject].id, score=score, comment=comment)


async def _publish(tx: Tx, people: dict[str, Actor], known: Known, tickets: dict[str, Ticket]) -> None:
    author = people[known.author]
    words: dict[str, Any] = {"title": known.title, "body": known.body, "tags": list(known.tags)}
    id = (await create_article(tx, author, patch={**words, "language": known.language})).record_id
    if known.until == "DRAFT":
        return
    await submit_article(tx, author, article_id=id)
    if known.until == "REVIEW":
        return
    await approve_article(tx, people["andrew"], article_id=id)
    for name in (*known.helped, *known.failed):
        await vote_article(tx, people[name], article_id=id, helpful=name in known.helped)
    for subject in known.solved:
        await link_article(tx, people["andrew"], ticket_id=tickets[subject].id, article_id=id)


async def _customer(tx: Tx, actor: Actor, ticket: Ticket) -> Customer | None:
    """The account's first contact with a portal token of his own; what he then does is his."""
    page = PageOf(ticket.account_id, 1, None)
    contacts = (await contacts_of_accounts(tx.conn, actor, [page])).get(page, [])
    if not contacts:
        return None
    [contact] = contacts
    account = (await accounts_by_ids(tx.conn, actor, [ticket.account_id]))[ticket.account_id]
    given, _ = await issue_token(tx, actor, contact_id=contact.id, days=TOKEN_DAYS)
    return Customer(
        tenant_id=actor.tenant_id, token_id=given.id, contact_id=contact.id, contact_name=contact.name,
        account_id=account.id, account_name=account.name, vouched_by=actor.user_id, at=tx.at,
    )  # fmt: skip
