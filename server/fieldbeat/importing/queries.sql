-- What imports remember, and what undoing one must know. $1 is the tenant where it is not said otherwise.

-- name: find_tenants
-- Companies of an id or a name ($1), or all; at most two, to tell one from several.
select tenant_id, tenant_name from find_tenants($1) order by tenant_id limit 2;

-- name: an_administrator
-- In whose name an import runs: of this e-mail, or the oldest. Index: primary key.
select id from person
where tenant_id = $1 and role = 'ADMIN' and deactivated_at is null and deleted_at is null
  and ($2::text is null or email = lower($2))
order by created_at, id
limit 1;

-- name: lock_source
-- Two imports of one source take turns, chunk by chunk.
select pg_advisory_xact_lock(hashtextextended('import ' || $1::text || $2::text, 0));

-- name: unfinished_batch
-- The import of this content that was interrupted. Index: import_batch_source.
-- row: Batch
select id, source, content_hash, rows_total, position, added, changed, unchanged, refused,
       started_at, finished_at, undone_at
from import_batch
where tenant_id = $1 and source = $2 and content_hash = $3 and finished_at is null and undone_at is null
order by started_at desc, id desc
limit 1;

-- name: batch_by_id
-- Locked: it is run, or undone, by one at a time. Index: primary key.
-- row: Batch
select id, source, content_hash, rows_total, position, added, changed, unchanged, refused,
       started_at, finished_at, undone_at
from import_batch
where tenant_id = $1 and id = $2
for no key update;

-- name: add_batch
insert into import_batch (tenant_id, id, source, content_hash, actor_id, rows_total, refused, finished_at)
values ($1, $2, $3, $4, $5, $6, $7, case when $6 = 0 then clock_timestamp() end);

-- name: advance_batch
-- The rows up to a position are settled; `finished` when that is the last.
update import_batch
set position = $3, added = added + $4, changed = changed + $5, unchanged = unchanged + $6, refused = refused + $7,
    finished_at = case when $3 = rows_total then clock_timestamp() end
where tenant_id = $1 and id = $2;

-- name: end_undoing
update import_batch set undone_at = clock_timestamp(), finished_at = coalesce(finished_at, clock_timestamp())
where tenant_id = $1 and id = $2;

-- name: kept_rows
-- What the source's rows became, by the newest import that settled each. Index: import_row_key.
select distinct on (r.key) r.key, r.record_id, r.rev, r.said
from import_row r
where r.tenant_id = $1 and r.source = $2 and r.collection = $3 and r.key = any ($4::text[]) and r.undone_at is null
order by r.key, r.rev desc, r.batch_id desc
limit cardinality($4);

-- name: add_rows
insert into import_row (tenant_id, batch_id, place, source, collection, key, record_id, rev, said, before)
select $1, $2, r.place, $3, $4, r.key, r.record_id, r.rev, r.said, r.before
from unnest($5::integer[], $6::text[], $7::uuid[], $8::bigint[], $9::jsonb[], $10::jsonb[])
     as r (place, key, record_id, rev, said, before)
order by r.place;

-- name: people_by_emails
-- Who is there already, for a mapping that names people by e-mail. Index: person's primary key.
select email as key, id from person
where tenant_id = $1 and email = any ($2::text[]) and deleted_at is null
order by id
limit cardinality($2);

-- name: territories_by_names
-- Which are there already, for a mapping that names them. Index: territory_name.
select name as key, id from territory
where tenant_id = $1 and name = any ($2::text[]) and deleted_at is null
order by id
limit cardinality($2);

-- name: accounts_by_codes
-- Which are there already, for a mapping that names them. Index: account_code.
select code as key, id from account
where tenant_id = $1 and code = any ($2::text[]) and deleted_at is null
order by id
limit cardinality($2);

-- name: taken_numbers
-- Index: ticket_number.
select number from ticket where tenant_id = $1 and number = any ($2::bigint[])
order by number
limit cardinality($2);

-- name: raise_counter
insert into ticket_counter (tenant_id, last_number) values ($1, $2)
on conflict (tenant_id) do update set last_number = greatest(ticket_counter.last_number, excluded.last_number);

-- name: contacts_at
-- Index: contact_account.
select account_id, id from contact
where tenant_id = $1 and account_id = any ($2::uuid[]) and deleted_at is null
order by account_id, created_at, id;

-- name: rows_to_undo
-- The next rows of a batch, the last first. Index: primary key.
select place, collection, key, record_id, rev, said, before
from import_row
where tenant_id = $1 and batch_id = $2 and undone_at is null and place < $3
order by place desc
limit $4;

-- name: mark_undone
update import_row set undone_at = clock_timestamp()
where tenant_id = $1 and batch_id = $2 and place = any ($3::integer[]);

-- name: revs
-- {table} is the table of a declared collection. Index: primary key.
select id, rev, deleted_at is not null as deleted from {table}
where tenant_id = $1 and id = any ($2::uuid[])
order by id
limit cardinality($2);

-- name: account_in_use
-- Whether there are contacts, assets or tickets at an account. Indexes: contact_account, asset_account, ticket_account.
select exists (select from contact where tenant_id = $1 and account_id = $2 and deleted_at is null)
       or exists (select from asset where tenant_id = $1 and account_id = $2 and deleted_at is null)
       or exists (select from ticket where tenant_id = $1 and account_id = $2 and deleted_at is null);

-- name: contact_in_use
-- Whether a ticket names the contact, or something that he said. Indexes: ticket_account, ticket_message_ticket.
select exists (
    select from contact c
    join ticket t on t.tenant_id = c.tenant_id and t.account_id = c.account_id and t.deleted_at is null
    where c.tenant_id = $1 and c.id = $2
      and (t.fields ->> 'contactId' = c.id::text
           or exists (select from ticket_message m
                      where m.tenant_id = t.tenant_id and m.ticket_id = t.id and m.contact_id = c.id)));

-- name: territory_in_use
-- Whether there are accounts in a territory. Index: account_territory.
select exists (select from account where tenant_id = $1 and territory_id = $2 and deleted_at is null);

-- name: person_in_use
-- Whether somebody has signed in, owns an account, leads somebody, or covers a territory.
select exists (select from refresh_token where tenant_id = $1 and user_id = $2)
       or exists (select from account where tenant_id = $1 and owner_id = $2 and deleted_at is null)
       or exists (select from territory_assignment where tenant_id = $1 and user_id = $2)
       or exists (select from person where tenant_id = $1 and manager_id = $2 and deleted_at is null);

-- name: ticket_in_use
-- Whether something was said, attached or linked since it was imported. Indexes: ticket_message_ticket, by record, primary key.
select exists (select from ticket t
               join ticket_message m on m.tenant_id = t.tenant_id and m.ticket_id = t.id and m.created_at > t.created_at
               where t.tenant_id = $1 and t.id = $2)
       or exists (select from attachment where tenant_id = $1 and record_id = $2 and deleted_at is null)
       or exists (select from article_link where tenant_id = $1 and ticket_id = $2);

-- name: asset_in_use
-- Whether a ticket is about an asset. Index: ticket_asset.
select exists (select from ticket where tenant_id = $1 and asset_id = $2 and deleted_at is null);

-- name: part_in_use
-- Whether a ticket used a part. Index: ticket_part_part.
select exists (select from ticket_part where tenant_id = $1 and part_id = $2 and deleted_at is null);

-- name: drop_assignments
-- Who covered a territory that was undone.
delete from territory_assignment where tenant_id = $1 and territory_id = $2;

-- name: release_login
select release_login($1);

-- name: restore_rev
-- A record that undoing a later import brought back to what an earlier one had made of it counts as unchanged since.
update import_row r set rev = $4
where r.tenant_id = $1 and r.record_id = $2 and r.undone_at is null and r.rev = (
    select max(o.rev) from import_row o
    where o.tenant_id = $1 and o.record_id = $2 and o.undone_at is null and o.rev < $3);

-- name: demo_tenant
select demo_tenant();

-- name: is_imported
-- Whether an import of a source was finished and still stands. Index: import_batch_source.
select exists (select from import_batch
               where tenant_id = $1 and source = $2 and finished_at is not null and undone_at is null);
