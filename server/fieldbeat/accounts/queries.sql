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
select c.id, c.rev, c.account_id, c.name, c.title, text_array(c.fields -> 'phones') as phones,
       text_array(c.fields -> 'emails') as emails, c.fields ->> 'consent' as consent, c.fields ->> 'note' as note,
       c.created_at, c.changed_at
from contact c join account a on a.tenant_id = c.tenant_id and a.id = c.account_id
where c.tenant_id = current_tenant() and c.id = any ($3::uuid[]) and c.deleted_at is null
  and ($2 = 'ADMIN' or a.territory_id = any (array(select held_territories($1, $2))))
order by c.id
limit cardinality($3);

-- name: contacts_of_accounts
-- One page of contacts for each account ($3, from behind $4, $5), in the order of names. Index: contact_account.
-- row: Contact
select c.id, c.rev, c.account_id, c.name, c.title, text_array(c.fields -> 'phones') as phones,
       text_array(c.fields -> 'emails') as emails, c.fields ->> 'consent' as consent, c.fields ->> 'note' as note,
       c.created_at, c.changed_at
from unnest($3::uuid[], $4::text[], $5::uuid[]) as wanted (account_id, after_name, after_id)
join account a on a.tenant_id = current_tenant() and a.id = wanted.account_id
cross join lateral (
    select k.id, k.rev, k.account_id, k.name, k.title, k.fields, k.created_at, k.changed_at
    from contact k
    where k.tenant_id = a.tenant_id and k.account_id = a.id and k.deleted_at is null
      and (wanted.after_id is null or (k.name, k.id) > (wanted.after_name, wanted.after_id))
    order by k.name, k.id
    limit $6) c
where $2 = 'ADMIN' or a.territory_id = any (array(select held_territories($1, $2)))
order by c.account_id, c.name, c.id;

-- name: timelines
-- What happened to each account ($3, from behind (rev $4, child $5)), newest first: one row for each rev, and one for
-- each contact created (`+<id>`). The edits of an account stand before it when it is at their rev. Index: field_write_rev.
-- row: TimelineEntry
select t.record_id as account_id, t.rev, t.child, t.at, t.actor_id, t.writes
from unnest($3::uuid[], $4::bigint[], $5::text[]) as wanted (account_id, rev, child)
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
    limit $6) t
where $2 = 'ADMIN' or a.territory_id = any (array(select held_territories($1, $2)))
order by t.record_id, t.rev desc, t.child desc;

-- name: territories_of_accounts
-- Where accounts live, for whoever keeps their dependants; not scoped. $1 the tenant. Index: primary key.
select id, territory_id from account where tenant_id = $1 and id = any ($2::uuid[])
order by id
limit cardinality($2);

-- name: dependants
-- The contacts of an account, live or deleted, which follow it into another scope. $1 the tenant. Index: contact_account.
select id from contact where tenant_id = $1 and account_id = $2
order by id
limit 10000;

-- name: person_known
-- $1 the tenant. Index: primary key.
select id from person where tenant_id = $1 and id = $2 and deleted_at is null and deactivated_at is null;
