"""Who of the demo company can do what, and who is on call at night: Steven's people in London for his territory, the
others in turn for all customers."""

from datetime import timedelta
from uuid import UUID

from fieldbeat import records
from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import Db
from fieldbeat.on_call.actions import create_rota
from fieldbeat.on_call.reads import rotas_page
from fieldbeat.people.actions import update_user
from fieldbeat.people.reads import people_page
from fieldbeat.territories.reads import primary_territory

PEOPLE_MAX = 100
COOLING = "cooling"
SKILLS = {
    "nancy": (COOLING, "wine"),
    "janet": ("scales",),
    "margaret": (COOLING, "scales"),
    "michael": (COOLING,),
    "robert": ("scales", "German"),
    "anne": (COOLING, "French"),
}
LONDON = ("michael", "robert", "anne")
EVERYWHERE = ("nancy", "janet", "margaret", "laura")
TURNS = {"timeZone": "Europe/London", "handOverAt": "18:00", "daysPerTurn": 7}


async def keep_watch(db: Db, actor: Actor) -> None:
    """Says what people can do and makes the rotas, unless there are some."""
    async with db.reading(actor.tenant_id) as conn:
        if await rotas_page(conn, actor, after=None, rows_max=1):
            return
        people = {each.email.partition("@")[0]: each.id for each in await people_page(conn, actor, limit=PEOPLE_MAX)}
        home = await primary_territory(conn, actor.tenant_id, people["steven"])
    async with records.writing(db, actor.tenant_id) as tx:
        for name, skills in SKILLS.items():
            await update_user(tx, actor, user_id=people[name], changes={"skills": skills})
        monday = tx.at.date() - timedelta(days=tx.at.weekday())
        turns = {**TURNS, "anchorOn": monday.isoformat()}
        await create_rota(tx, actor, patch={**turns, "name": "All customers", "userIds": _ids(people, EVERYWHERE)})
        london = {**turns, "name": "London", "territoryId": str(home), "daysPerTurn": 1}
        await create_rota(tx, actor, patch={**london, "userIds": _ids(people, LONDON)})


def _ids(people: dict[str, UUID], names: tuple[str, ...]) -> list[str]:
    return [str(people[name]) for name in names]
