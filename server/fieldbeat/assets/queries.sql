-- Assets. Every read begins with the actor: $1 his id, $2 his role; the tenant is the transaction's.

-- name: assets_by_ids
-- Those among the ids whose account the actor may see. Index: primary keys.
-- row: Asset
select s.id, s.rev, s.account_id, s.name, s.serial_number, s.fields ->> 'model' as model, s.status,
       local_date(s.fields ->> 'installedOn') as installed_on, s.warranty_until, s.fields ->> 'note' as note, s.tags,
       s.fields -> 'custom' as custom, s.created_at, s.changed_at
from asset s join account a on a.tenant_id = s.tenant_id and a.id = s.account_id
where s.tenant_id = current_tenant() and s.id = any ($3::uuid[]) and s.deleted_at is null
  and ($2 = 'ADMIN' or a.territory_id = any (array(select held_territories($1, $2))))
order by s.id
limit cardinality($3);

-- name: assets_page
-- One page in the order of names. Index: by the filters, see the function.
-- row: Asset
select s.id, s.rev, s.account_id, s.name, s.serial_number, s.fields ->> 'model' as model, s.status,
       local_date(s.fields ->> 'installedOn') as installed_on, s.warranty_until, s.fields ->> 'note' as note, s.tags,
       s.fields -> 'custom' as custom, s.created_at, s.changed_at
from assets_by_name(
    case when $2 <> 'ADMIN' then array(select held_territories($1, $2)) end, $3, $4, $5, $6, $7, $8, $9, $10, $11) found
join asset s on s.tenant_id = current_tenant() and s.id = found.asset_id
order by s.name, s.id
limit $11;

-- name: assets_of_accounts
-- Pages of assets in the order of names: of each account ($3) at most $4, from behind ($5, $6); `n` is the page's
-- number. Index: asset_account.
-- row: Asset with n
select wanted.n, s.id, s.rev, s.account_id, s.name, s.serial_number, s.fields ->> 'model' as model, s.status,
       local_date(s.fields ->> 'installedOn') as installed_on, s.warranty_until, s.fields ->> 'note' as note, s.tags,
       s.fields -> 'custom' as custom, s.created_at, s.changed_at
from unnest($3::uuid[], $4::integer[], $5::text[], $6::uuid[])
     with ordinality as wanted (account_id, rows_max, after_name, after_id, n)
join account a on a.tenant_id = current_tenant() and a.id = wanted.account_id
cross join lateral (
    select k.id, k.rev, k.account_id, k.name, k.serial_number, k.status, k.warranty_until, k.tags, k.fields,
           k.created_at, k.changed_at
    from asset k
    where k.tenant_id = a.tenant_id and k.account_id = a.id and k.deleted_at is null
      and (wanted.after_id is null or (k.name, k.id) > (wanted.after_name, wanted.after_id))
    order by k.name, k.id
    limit wanted.rows_max) s
where $2 = 'ADMIN' or a.territory_id = any (array(select held_territories($1, $2)))
order by wanted.n, s.name, s.id;

-- name: accounts_of_assets
-- Where assets are, whoever asks: for judging what names them. $1 the tenant. Index: primary key.
select id, account_id from asset where tenant_id = $1 and id = any ($2::uuid[])
order by id
limit cardinality($2);

-- name: lock_assets_of_account
-- All assets of an account, which follow it into another scope; locked behind their account, so that none is edited
-- meanwhile into the scope that it leaves. $1 the tenant. Index: asset_account.
select id from asset where tenant_id = $1 and account_id = $2
order by id
for no key update;
