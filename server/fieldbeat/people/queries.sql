-- What the verbs and reads of people ask. Every statement on a tenant table runs inside that tenant's transaction.

-- name: find_login
-- Sign-in knows only an e-mail; a security-definer function looks across tenants.
select tenant_id, user_id, demo from find_login($1);

-- name: claim_login
-- False: somebody else has the e-mail, in whatever tenant.
select claim_login($1, $2);

-- name: create_tenant
select create_tenant($1, $2, $3);

-- name: put_credential
insert into credential (tenant_id, user_id, password_hash)
values ($1, $2, $3)
on conflict (tenant_id, user_id) do update set password_hash = excluded.password_hash, changed_at = clock_timestamp();

-- name: password_hash
-- Of a person who may sign in. Index: credential's and person's primary keys.
select c.password_hash
from credential c
join person p on p.tenant_id = c.tenant_id and p.id = c.user_id
where c.tenant_id = $1 and c.user_id = $2 and p.deactivated_at is null and p.deleted_at is null;

-- name: has_password
-- A change waits for who signs in, and ends his session as well; who signs in waits for a change. Index: primary key.
select c.user_id from credential c
where c.tenant_id = $1 and c.user_id = $2 and c.password_hash = $3
for share of c;

-- name: replace_credential
-- One's own ($2), if it is still the one ($3) that was verified.
update credential set password_hash = $4, changed_at = clock_timestamp()
where tenant_id = $1 and user_id = $2 and password_hash = $3
returning user_id;

-- name: attempts_wait
-- For how long the longest of these waits. Index: primary key.
select ceil(max(extract(epoch from f.waits_until - clock_timestamp())) * 1000)::integer as wait_ms
from failed_attempts f
where f.subject = any ($1::bytea[]) and f.waits_until > clock_timestamp();

-- name: note_failures
-- From number `free` on each failure doubles the wait, from a second to a quarter of an hour; a day without one begins anew.
insert into failed_attempts as f (subject, free, failures, last_at, waits_until)
select n.subject, n.free, 1, statement_timestamp(), statement_timestamp()
from unnest($1::bytea[], $2::integer[]) as n (subject, free)
order by n.subject
on conflict (subject) do update
set failures = case when f.last_at < excluded.last_at - interval '1 day' then 1 else f.failures + 1 end,
    last_at = excluded.last_at,
    waits_until = case when f.failures + 1 < f.free or f.last_at < excluded.last_at - interval '1 day' then excluded.last_at
                       else excluded.last_at + least(interval '15 minutes', interval '1 second' * power(2, least(f.failures + 1 - f.free, 20)))
                  end;

-- name: forget_failures
-- For how long it waits that was forgotten. Index: primary key.
delete from failed_attempts f where f.subject = $1
returning greatest(ceil(extract(epoch from f.waits_until - clock_timestamp()) * 1000), 0)::integer as wait_ms;

-- name: forget_old_failures
-- Index: failed_attempts_last, up to the time of the statement.
delete from failed_attempts where last_at < statement_timestamp() - interval '1 day';

-- name: revoke_sessions
-- All of a person's ($2) but one ($3). Index: refresh_token_user.
update refresh_token set revoked_at = clock_timestamp()
where tenant_id = $1 and user_id = $2 and revoked_at is null and family_id is distinct from $3;

-- name: issue_refresh_token
-- Parameters: tenant, token, family, user, hash, days.
insert into refresh_token (tenant_id, id, family_id, user_id, token_hash, expires_at)
values ($1, $2, $3, $4, $5, clock_timestamp() + make_interval(days => $6));

-- name: lock_refresh_token
-- The row lock makes one successor out of concurrent refreshes. `raced`: it was used after this transaction had begun, so
-- the two requests ran side by side (a client that fired twice); used before it, the token was kept and replayed.
select r.family_id, r.user_id, r.token_hash,
       r.expires_at <= clock_timestamp() as expired,
       r.revoked_at is not null as revoked,
       r.used_at is not null as used,
       coalesce(r.used_at >= transaction_timestamp(), false) as raced,
       t.demo
from refresh_token r
join tenant t on t.id = r.tenant_id
where r.tenant_id = $1 and r.id = $2
for update of r;

-- name: use_refresh_token
update refresh_token set used_at = clock_timestamp() where tenant_id = $1 and id = $2;

-- name: revoke_family
-- Index: refresh_token_family.
update refresh_token set revoked_at = clock_timestamp()
where tenant_id = $1 and family_id = $2 and revoked_at is null;

-- name: standing
-- What an access token is worth now: one statement for each request. $1 the person, $2 the family.
select s.role, s.deactivated_at, s.at, s.live from session_standing($1, $2) s;

-- name: clock
select clock_timestamp();

-- name: people_by_ids
-- row: Person
select id, rev, name, email, role, manager_id, time_zone, coalesce(text_array(fields -> 'skills'), '{}') as skills,
       deactivated_at
from person
where tenant_id = $1 and id = any($2) and deleted_at is null
order by id
limit cardinality($2);

-- name: people_page
-- Index: person_name. $3, $4: the last name and id of the page before, or null.
-- row: Person
select id, rev, name, email, role, manager_id, time_zone, coalesce(text_array(fields -> 'skills'), '{}') as skills,
       deactivated_at
from person
where tenant_id = $1 and deleted_at is null and ($3::text is null or (name, id) > ($3, $4::uuid))
order by name, id
limit $2;

-- name: people_below
-- A person and everyone below in the reporting line; union (not all) ends a circle. Index: person_manager.
with recursive line (id) as (
    select $2::uuid
    union
    select p.id from person p join line on p.manager_id = line.id where p.tenant_id = $1 and p.deleted_at is null
)
select id from line order by id limit 100000;

-- name: everyone
select id from person where tenant_id = $1 and deleted_at is null order by id limit 100000;

-- name: manager_chain
-- A person and everyone above; union ends a circle. Empty when there is no such person.
with recursive line (id, manager_id) as (
    select id, manager_id from person where tenant_id = $1 and id = $2 and deleted_at is null
    union
    select p.id, p.manager_id from person p join line on p.id = line.manager_id where p.tenant_id = $1
)
select id from line order by id limit 1000;

-- name: lock_reporting_line
-- Two changes of the reporting line of one tenant wait for each other, so that together they close no circle.
select pg_advisory_xact_lock(hashtextextended('reporting line ' || $1::text, 0));

-- name: deactivate
update person set deactivated_at = clock_timestamp()
where tenant_id = $1 and id = $2 and deactivated_at is null and deleted_at is null;

-- name: current_keys
-- Every key that is good for something now, the newest first.
select kid, purpose, secret, retired_at is null as is_current
from signing_key
where expires_at is null or expires_at > clock_timestamp()
order by created_at desc, kid
limit 100;

-- name: add_key
-- Nothing when another process was faster. Index: signing_key_current.
insert into signing_key (kid, purpose, secret) values ($1, $2, $3)
on conflict (purpose) where retired_at is null do nothing;

-- name: retire_key
-- $2: seconds for which what it signed still verifies.
update signing_key set retired_at = clock_timestamp(), expires_at = clock_timestamp() + make_interval(secs => $2)
where purpose = $1 and retired_at is null;
