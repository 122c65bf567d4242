-- Accounts and contacts. Every read begins with the actor: $1 his id, $2 his role; the tenant is the transaction's.

-- name: accounts_by_ids
-- Those among the ids that the actor may see. Index: primary key.
-- row: Account
select a.id, a.rev, a.code, a.name, a.kind, a.status, a.tier, a.owner_id, a.territory_id, a.fields -> 'address' as address,
       a.fields -> 'location' as location, a.fields ->> 'phone' as phone, a.fields ->> 'website' as website, a.tags,
       a.fields ->> 'note' as note, a.fields -> 'custom' as custom, a.created_at, a.changed_at
from account a
where a.tenant_id = current_tenant() and a.id = any ($3::uuid[]) and a.deleted_at is null
  and ($2 = 'ADMIN' or a.territory_id = any (array(select held_territories($1, $2))))
order by a.id
limit cardinality($3);

-- name: accounts_by_name
-- One page in the order of names. Index: by the filters, see the function.
-- row: Account
select a.id, a.rev, a.code, a.name, a.kind, a.status, a.tier, a.owner_id, a.territory_id, a.fields -> 'address' as address,
       a.fields -> 'location' as location, a.fields ->> 'phone' as phone, a.fields ->> 'website' as website, a.tags,
       a.fields ->> 'note' as note, a.fields -> 'custom' as custom, a.created_at, a.changed_at
from accounts_by_name(
    case when $2 <> 'ADMIN' then array(select held_territories($1, $2)) end, $3, $4, $5, $6, $7, $8, $9, $10,
    $12, $13, $11) found
join account a on a.tenant_id = current_tenant() and a.id = found.account_id
order by a.name, a.id
limit $11;

-- name: accounts_by_distance
-- One page, nearest first. Index: account_place, within the box.
-- row: Account with distance_m
select a.id, a.rev, a.code, a.name, a.kind, a.status, a.tier, a.owner_id, a.territory_id, a.fields -> 'address' as address,
       a.fields -> 'location' as location, a.fields ->> 'phone' as phone, a.fields ->> 'website' as website, a.tags,
       a.fields ->> 'note' as note, a.fields -> 'custom' as custom, a.created_at, a.changed_at, found.distance_m
from accounts_by_distance(
    case when $2 <> 'ADMIN' then array(select held_territories($1, $2)) end, $3, $4, $5, $6, $7, $8, $9, $10,
    $12, $13, $14, $15, $16, $17, $18, $19, $20, $11) found
join account a on a.tenant_id = current_tenant() and a.id = found.account_id
order by found.distance_m, a.id
limit $11;

-- name: contacts_by_ids
-- Those among the ids whose account the actor may see. Index: primary keys.
-- row: Contact
select c.id, c.rev, c.account_id, c.name, c.job_title, c.fields ->> 'preferredChannel' as preferred_channel,
       text_array(c.fields -> 'phones') as phones, text_array(c.fields -> 'emails') as emails,
       c.fields ->> 'consent' as consent, c.fields ->> 'note' as note, c.created_at, c.changed_at
from contact c join account a on a.tenant_id = c.tenant_id and a.id = c.account_id
where c.tenant_id = current_tenant() and c.id = any ($3::uuid[]) and c.deleted_at is null
  and ($2 = 'ADMIN' or a.territory_id = any (array(select held_territories($1, $2))))
order by c.id
limit cardinality($3);

-- name: contacts_of_accounts
-- Pages of contacts in the order of names: of each account ($3) at most $4, from behind ($5, $6); `n` is the page's
-- number. Index: contact_account.
-- row: Contact with n
select wanted.n, c.id, c.rev, c.account_id, c.name, c.job_title, c.fields ->> 'preferredChannel' as preferred_channel,
       text_array(c.fields -> 'phones') as phones, text_array(c.fields -> 'emails') as emails,
       c.fields ->> 'consent' as consent, c.fields ->> 'note' as note, c.created_at, c.changed_at
from unnest($3::uuid[], $4::integer[], $5::text[], $6::uuid[])
     with ordinality as wanted (account_id, rows_max, after_name, after_id, n)
join account a on a.tenant_id = current_tenant() and a.id = wanted.account_id
cross join lateral (
    select k.id, k.rev, k.account_id, k.name, k.job_title, k.fields, k.created_at, k.changed_at
    from contact k
    where k.tenant_id = a.tenant_id and k.account_id = a.id and k.deleted_at is null
      and (wanted.after_id is null or (k.name, k.id) > (wanted.after_name, wanted.after_id))
    order by k.name, k.id
    limit wanted.rows_max) c
where $2 = 'ADMIN' or a.territory_id = any (array(select held_territories($1, $2)))
order by wanted.n, c.name, c.id;

-- name: timelines
-- Pages of what happened, newest first: of each account ($3) at most $4, from behind (rev $5, child $6); `n` is the
-- page's number. One row for each rev, and one for each contact created at it (`+<id>` in the history).
-- Index: field_write_rev.
-- row: Edited with n
select wanted.n, t.record_id as account_id, t.rev, t.child, t.at, t.actor_id, t.writes
from unnest($3::uuid[], $4::integer[], $5::bigint[], $6::text[])
     with ordinality as wanted (account_id, rows_max, rev, child, n)
join account a on a.tenant_id = current_tenant() and a.id = wanted.account_id
cross join lateral (
    select w.record_id, w.rev, w.child, min(w.applied_at) as at, (array_agg(w.actor_id order by w.field))[1] as actor_id,
           jsonb_agg(jsonb_build_object('field', w.field, 'value', w.value, 'outcome', w.outcome, 'rule', w.rule)
                     order by w.field) as writes
    from (select f.record_id, f.rev, f.field, f.value, f.outcome, f.rule, f.actor_id, f.applied_at,
                 case when f.field like '+%' then substr(f.field, 2) else '' end collate "C" as child
          from field_write f
          where f.tenant_id = a.tenant_id and f.collection = 'account' and f.record_id = a.id) w
    where wanted.rev is null or (w.rev, w.child) < (wanted.rev, wanted.child)
    group by w.record_id, w.rev, w.child
    order by w.rev desc, w.child desc
    limit wanted.rows_max) t
where $2 = 'ADMIN' or a.territory_id = any (array(select held_territories($1, $2)))
order by wanted.n, t.rev desc, t.child desc;

-- name: homes_of_accounts
-- Where accounts live and who serves them, for whoever keeps their dependants; not scoped. $1 the tenant. Index: primary key.
-- row: Home
select id, territory_id, owner_id from account where tenant_id = $1 and id = any ($2::uuid[])
order by id
limit cardinality($2);

-- name: dependants
-- The contacts of an account, which follow it into another scope, all of them; locked behind their account, so that none
-- is edited meanwhile into the scope that it leaves. $1 the tenant. Index: contact_account.
select id from contact where tenant_id = $1 and account_id = $2
order by id
for no key update;

-- name: person_known
-- $1 the tenant. Index: primary key.
select id from person where tenant_id = $1 and id = $2 and deleted_at is null and deactivated_at is null;

-- name: accounts_of_contacts
-- Where contacts are, whoever asks: for judging what names them. $1 the tenant. Index: primary key.
select id, account_id from contact where tenant_id = $1 and id = any ($2::uuid[])
order by id
limit cardinality($2);
