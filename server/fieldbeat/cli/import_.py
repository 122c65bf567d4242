"""`fieldbeat import`: a company's CSV files by a mapping; told first, repeated without harm, undone if need be."""

import asyncio
import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from fieldbeat.cli.plainly import Failed
from fieldbeat.cli.servers import reachable
from fieldbeat.importing import mapping
from fieldbeat.importing.actions import importer, preview_import, run_import
from fieldbeat.importing.model import Fault, Plan, Tally, Undone
from fieldbeat.importing.plan import make_plan
from fieldbeat.importing.undo import undo_import
from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import Db, open_db
from fieldbeat.kit.log import configure_log
from fieldbeat.kit.settings import Settings, read_settings

REPORT = Path("import-report.csv")
PASSWORDS = Path("import-passwords.csv")
UNDO = "--rollback"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(name="import")(import_)


def import_(
    folder: Annotated[Path | None, typer.Argument(metavar="DIR", help="The folder of the CSV files.")] = None,
    mapping_file: Annotated[
        Path | None, typer.Option("--mapping", metavar="FILE", help="The mapping.  [default: DIR/mapping.toml]")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell what would be done, and do nothing.")] = False,
    tenant: Annotated[
        str | None, typer.Option(help="The company's id or name; needed where there are several.")
    ] = None,
    as_email: Annotated[
        str | None, typer.Option("--as", metavar="EMAIL", help="The administrator who imports.  [default: the oldest]")
    ] = None,
    report: Annotated[Path, typer.Option(metavar="FILE", help="Where refused rows are told.")] = REPORT,
    passwords: Annotated[Path, typer.Option(metavar="FILE", help="Where new people's passwords are told.")] = PASSWORDS,
    rollback: Annotated[str | None, typer.Option(UNDO, metavar="BATCH", help="Undo an import instead.")] = None,
) -> None:
    """Import people, territories, accounts, contacts and the past of tickets from CSV files (docs/importing.md).

    The same files again add nothing, and an import that was cut off goes on where it was. Exit code 1 when a row was
    refused, or when undoing left something.
    """
    if (folder is None) == (rollback is None):
        raise Failed(f"Name either the folder to import or, with {UNDO}, the import to undo.")
    settings = reachable(read_settings())
    configure_log(settings)
    if rollback is not None:
        asyncio.run(_undo(settings, tenant, as_email, _batch_id(rollback)))
    elif folder is not None:
        plan = make_plan(folder, mapping_file or folder / mapping.FILE_NAME)
        asyncio.run(_import(settings, tenant, as_email, plan, dry_run=dry_run, report=report, passwords=passwords))


async def _import(
    settings: Settings,
    tenant: str | None,
    email: str | None,
    plan: Plan,
    *,
    dry_run: bool,
    report: Path,
    passwords: Path,
) -> None:
    db = await _open(settings)
    try:
        actor = await importer(db, tenant=tenant, email=email)
        if dry_run:
            did = await preview_import(db, actor, plan)
            typer.echo(f"Dry run: {_counted(did, ('to add', 'to change', 'unchanged', 'refused'))}. Nothing was done.")
        else:
            did = await _run(db, actor, plan)
    finally:
        await db.close()
    _tell_faults(did.faults, report)
    _tell_passwords(did.passwords, passwords)
    if did.refused:
        raise Failed(f"{did.refused} rows were refused; {report} names each with its line and why.")


async def _run(db: Db, actor: Actor, plan: Plan) -> Tally:
    bar = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*bar, console=Console(stderr=True)) as shown:
        task = shown.add_task(plan.source, total=len(plan.rows))
        done = await run_import(db, actor, plan, progress=lambda rows: shown.update(task, completed=rows))
    if done.resumed_at:
        typer.echo(f"Went on with an import that was cut off after {done.resumed_at} rows.")
    typer.echo(f"Import {done.batch_id}: {_counted(done.tally, ('added', 'changed', 'unchanged', 'refused'))}.")
    return done.tally


async def _undo(settings: Settings, tenant: str | None, email: str | None, batch_id: UUID) -> None:
    db = await _open(settings)
    try:
        undone = await undo_import(db, await importer(db, tenant=tenant, email=email), batch_id)
    finally:
        await db.close()
    _tell_undone(undone)


async def _open(settings: Settings) -> Db:
    if settings.database_url is None:
        raise Failed(
            "No database: set FIELDBEAT_DATABASE_URL, or start `fieldbeat up` first (with the same --data-dir)."
        )
    return await open_db(settings.database_url, size=2, statement_cache_size=settings.statement_cache_size)


def _tell_faults(faults: Sequence[Fault], report: Path) -> None:
    if not faults:
        return
    rows = [(fault.file, fault.line, fault.field, fault.message) for fault in sorted(faults)]
    _write_csv(report, ("file", "line", "field", "message"), rows)
    remarks = sum(fault.remark for fault in faults)
    if remarks:
        typer.echo(f"{remarks} rows were imported without something; {report} says what.")


def _tell_passwords(told: Sequence[tuple[str, str]], path: Path) -> None:
    if told:
        path.touch(mode=0o600)
        _write_csv(path, ("email", "password"), told)
        typer.echo(f"First passwords of {len(told)} people: {path} (hand them out, then delete it).")


def _tell_undone(undone: Undone) -> None:
    typer.echo(f"Undone: {undone.removed} removed, {undone.restored} set back, {len(undone.left)} kept.")
    for left in undone.left:
        typer.echo(f"  kept {left.collection} {left.key} ({left.record_id}): {left.why}")
    if undone.left:
        raise Failed(f"{len(undone.left)} records were kept.")


def _write_csv(path: Path, header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])


def _counted(did: Tally, words: tuple[str, str, str, str]) -> str:
    counts = (did.added, did.changed, did.unchanged, did.refused)
    return ", ".join(f"{count} {word}" for count, word in zip(counts, words, strict=True))


def _batch_id(said: str) -> UUID:
    try:
        return UUID(said)
    except ValueError:
        raise Failed("This is not the id of an import.") from None
