-- Visits, plans, lines and templates. $1 is the tenant where it is not said otherwise.

-- name: lock_visits_of_account
-- All visits of an account, whoever makes them; locked behind their account, which is about to move. Index: visit_account.
-- row: Placed
select id, status from visit where tenant_id = $1 and account_id = $2
order by id
for no key update;

-- name: reps_of_plans
-- Whose plans these are, whoever asks: for placing their lines. Index: primary key.
select id, rep_id from visit_plan where tenant_id = $1 and id = any ($2::uuid[])
order by id
limit cardinality($2);

-- name: visits_by_ids
-- Those among the ids that the actor ($1 his id, $2 his role) may see: at accounts of his territories, and those of his
-- people. Index: primary key.
-- row: Visit
select v.id, v.rev, v.account_id, v.rep_id, v.plan_id, (v.fields ->> 'templateId')::uuid as template_id, v.status,
       v.starts_at, v.ends_at, v.fields ->> 'skipReason' as skip_reason,
       nullif(v.fields -> 'checkIn', 'null') - '{latitude,longitude,accuracyM}'::text[] as check_in,
       nullif(v.fields -> 'checkOut', 'null') - '{latitude,longitude,accuracyM}'::text[] as check_out,
       v.fields ->> 'purpose' as purpose, v.fields ->> 'outcome' as outcome, v.fields ->> 'note' as note,
       (v.fields ->> 'samplesGiven')::bigint as samples_given, text_array(v.fields -> 'photoIds') as photo_ids,
       v.fields -> 'answers' as answers, v.fields -> 'amendments' as amendments,
       (v.fields ->> 'pinned')::boolean as pinned, v.created_at, v.changed_at
from visit v join account a on a.tenant_id = v.tenant_id and a.id = v.account_id
where v.tenant_id = current_tenant() and v.id = any ($3::uuid[]) and v.deleted_at is null
  and ($2 = 'ADMIN' or v.rep_id = any (array(select people_under($1, $2)))
       or a.territory_id = any (array(select held_territories($1, $2))))
order by v.id
limit cardinality($3);

-- name: visits_page
-- One page in the order of (start, id) of what the actor ($1, $2) may see. Index: visit_rep or visit_account by the filter,
-- else visit_start.
-- row: Visit
select v.id, v.rev, v.account_id, v.rep_id, v.plan_id, (v.fields ->> 'templateId')::uuid as template_id, v.status,
       v.starts_at, v.ends_at, v.fields ->> 'skipReason' as skip_reason,
       nullif(v.fields -> 'checkIn', 'null') - '{latitude,longitude,accuracyM}'::text[] as check_in,
       nullif(v.fields -> 'checkOut', 'null') - '{latitude,longitude,accuracyM}'::text[] as check_out,
       v.fields ->> 'purpose' as purpose, v.fields ->> 'outcome' as outcome, v.fields ->> 'note' as note,
       (v.fields ->> 'samplesGiven')::bigint as samples_given, text_array(v.fields -> 'photoIds') as photo_ids,
       v.fields -> 'answers' as answers, v.fields -> 'amendments' as amendments,
       (v.fields ->> 'pinned')::boolean as pinned, v.created_at, v.changed_at
from visit v join account a on a.tenant_id = v.tenant_id and a.id = v.account_id
where v.tenant_id = current_tenant() and v.deleted_at is null
  and ($2 = 'ADMIN' or v.rep_id = any (array(select people_under($1, $2)))
       or a.territory_id = any (array(select held_territories($1, $2))))
  and ($3::uuid is null or v.rep_id = $3) and ($4::uuid is null or v.account_id = $4)
  and ($5::text[] is null or v.status = any ($5))
  and ($6::timestamptz is null or v.starts_at >= $6) and ($7::timestamptz is null or v.starts_at < $7)
  and ($8::timestamptz is null or (v.starts_at, v.id) > ($8, $9::uuid))
order by v.starts_at, v.id
limit $10;

-- name: proofs_by_ids
-- What is to be judged about the visits among the ids that the actor ($1, $2) may see: what their phones said, but where
-- that was, and how far it is from the customer. The time of a proof is that of the first write which said it: one that
-- repeats it (a conflict's resolution, a place forgotten) came later. Indexes: primary keys, visit_open.
-- row: Proofs
select v.id, v.status, a.latitude is not null as located,
       nullif(v.fields -> 'checkIn', 'null') - '{latitude,longitude}'::text[] as check_in,
       nullif(v.fields -> 'checkOut', 'null') - '{latitude,longitude}'::text[] as check_out,
       metres_between((v.fields #>> '{checkIn,latitude}')::float8, (v.fields #>> '{checkIn,longitude}')::float8,
                      a.latitude, a.longitude) as check_in_m,
       metres_between((v.fields #>> '{checkOut,latitude}')::float8, (v.fields #>> '{checkOut,longitude}')::float8,
                      a.latitude, a.longitude) as check_out_m,
       came.hlc as came_hlc, came.timing as came_timing, gone.hlc as gone_hlc, gone.timing as gone_timing,
       v.status = 'CHECKED_IN' and exists (
           select from visit o where o.tenant_id = v.tenant_id and o.rep_id = v.rep_id and o.status = 'CHECKED_IN'
              and o.id <> v.id and o.deleted_at is null) as other_open,
       before.way_m, before.way_s, after.next_at,
       exists (select from visit o where o.tenant_id = v.tenant_id and o.account_id = v.account_id and o.rep_id <> v.rep_id
                  and o.status = 'DONE' and v.status = 'DONE' and o.deleted_at is null
                  and o.starts_at between v.starts_at - interval '1 day' and v.starts_at + interval '1 day'
                  and instant(o.fields #>> '{checkIn,at}') <= instant(v.fields #>> '{checkOut,at}')
                  and instant(o.fields #>> '{checkOut,at}') >= instant(v.fields #>> '{checkIn,at}')) as joint
from visit v join account a on a.tenant_id = v.tenant_id and a.id = v.account_id
left join lateral (
    select w.hlc, w.timing from field_write w
    where w.tenant_id = v.tenant_id and w.collection = 'visit' and w.record_id = v.id and w.field = 'checkIn'
      and w.value ->> 'at' = v.fields #>> '{checkIn,at}'
    order by w.rev limit 1) came on true
left join lateral (
    select w.hlc, w.timing from field_write w
    where w.tenant_id = v.tenant_id and w.collection = 'visit' and w.record_id = v.id and w.field = 'checkOut'
      and w.value ->> 'at' = v.fields #>> '{checkOut,at}'
    order by w.rev limit 1) gone on true
left join lateral (
    select metres_between((o.fields #>> '{checkIn,latitude}')::float8, (o.fields #>> '{checkIn,longitude}')::float8,
                          (v.fields #>> '{checkIn,latitude}')::float8, (v.fields #>> '{checkIn,longitude}')::float8) as way_m,
           extract(epoch from instant(v.fields #>> '{checkIn,at}')
                   - instant(coalesce(o.fields #>> '{checkOut,at}', o.fields #>> '{checkIn,at}')))::float8 as way_s
    from visit o
    where o.tenant_id = v.tenant_id and o.rep_id = v.rep_id and o.id <> v.id and o.deleted_at is null
      and o.starts_at between v.starts_at - interval '1 day' and v.starts_at + interval '1 day'
      and instant(o.fields #>> '{checkIn,at}') < instant(v.fields #>> '{checkIn,at}')
    order by instant(o.fields #>> '{checkIn,at}') desc, o.id limit 1) before on true
left join lateral (
    select min(instant(o.fields #>> '{checkIn,at}')) as next_at
    from visit o
    where v.status = 'CHECKED_IN' and o.tenant_id = v.tenant_id and o.rep_id = v.rep_id and o.id <> v.id
      and o.deleted_at is null and o.starts_at between v.starts_at - interval '1 day' and v.starts_at + interval '1 day'
      and instant(o.fields #>> '{checkIn,at}') > instant(v.fields #>> '{checkIn,at}')) after on true
where v.tenant_id = current_tenant() and v.id = any ($3::uuid[]) and v.deleted_at is null
  and ($2 = 'ADMIN' or v.rep_id = any (array(select people_under($1, $2)))
       or a.territory_id = any (array(select held_territories($1, $2))))
order by v.id
limit cardinality($3);

-- name: tenants_with_missed_visits
-- Where visits have ended unmade.
select t.tenant_id from tenants_with_missed_visits($1::interval, $2) t order by t.tenant_id limit $2;

-- name: missed_visits
-- Visits that were not made, oldest first, locked: over since $2 and their rep's phone has sent since then, or over since $3
-- whatever it did (an offline rep may have been there). Those that somebody edits just now wait for the next run.
-- Indexes: visit_due, device_user.
-- row: Missed
select v.id, v.rev
from visit v
where v.tenant_id = $1 and v.status in ('PLANNED', 'EN_ROUTE') and v.deleted_at is null
  and v.ends_at <= statement_timestamp() - $2::interval
  and (v.ends_at <= statement_timestamp() - $3::interval
       or exists (select from device d where d.tenant_id = v.tenant_id and d.user_id = v.rep_id
                    and d.seen_at >= v.ends_at + $2::interval))
order by v.ends_at, v.id
limit $4
for no key update of v skip locked;

-- name: lock_templates
-- Two who shape a tenant's templates wait for each other, so that versions count up and one of a name is published.
select pg_advisory_xact_lock(hashtextextended('visit templates ' || $1::text, 0));

-- name: last_version
-- The last version of a name, 0 when it is new. Index: visit_template_name.
-- row: integer
select coalesce(max((fields ->> 'version')::integer), 0) from visit_template where tenant_id = $1 and name = $2;

-- name: published_versions
-- Index: visit_template_name.
select id from visit_template
where tenant_id = $1 and name = $2 and status = 'PUBLISHED' and deleted_at is null
order by id
limit 100;

-- name: template_names
-- Which of the names are taken. Index: visit_template_name.
select distinct name from visit_template where tenant_id = $1 and name = any ($2::text[])
order by name
limit cardinality($2);

-- name: templates_by_ids
-- Everyone of the tenant fills in the same forms. Index: primary key.
-- row: Template
select id, rev, name, fields ->> 'kind' as kind, (fields ->> 'version')::integer as version, status,
       fields -> 'questions' as questions, created_at, changed_at
from visit_template
where tenant_id = $1 and id = any ($2::uuid[]) and deleted_at is null
order by id
limit cardinality($2);

-- name: templates_page
-- One page in the order of (name, id). Index: visit_template_name.
-- row: Template
select id, rev, name, fields ->> 'kind' as kind, (fields ->> 'version')::integer as version, status,
       fields -> 'questions' as questions, created_at, changed_at
from visit_template
where tenant_id = $1 and deleted_at is null and ($2::text[] is null or status = any ($2))
  and ($3::text is null or (name, id) > ($3, $4::uuid))
order by name, id
limit $5;

-- name: filled_forms
-- What decides whether the visits among the ids that the actor ($1, $2) may see are complete. Indexes: primary keys,
-- attachment_record.
-- row: FilledForm
select v.id, coalesce(t.fields -> 'questions', '[]') as questions, v.fields -> 'answers' as answers,
       text_array(v.fields -> 'photoIds') as photo_ids,
       array(select x.id::text from attachment x
             where x.tenant_id = v.tenant_id and x.record_id = v.id and x.status = 'COMPLETE' and x.deleted_at is null
             order by x.id) as arrived
from visit v join account a on a.tenant_id = v.tenant_id and a.id = v.account_id
left join visit_template t on t.tenant_id = v.tenant_id and t.id = (v.fields ->> 'templateId')::uuid
where v.tenant_id = current_tenant() and v.id = any ($3::uuid[]) and v.deleted_at is null
  and ($2 = 'ADMIN' or v.rep_id = any (array(select people_under($1, $2)))
       or a.territory_id = any (array(select held_territories($1, $2))))
order by v.id
limit cardinality($3);

-- name: measures
-- Counts of the visits that the actor ($1, $2) may see and whose window starts on the local days from $4 until $5 of their
-- reps, by rep, team, territory or day ($3); $6 is the key behind which the page begins. Cancelled visits were taken from
-- the plan and count nowhere. docs/measures.md says what each is. Indexes: visit_start, primary keys.
-- row: Measures
with seen as (
    select v.id, v.account_id, v.rep_id, v.status, (v.starts_at at time zone p.time_zone)::date as day,
           case $3 when 'REP' then v.rep_id::text when 'TEAM' then p.manager_id::text
                   when 'TERRITORY' then a.territory_id::text
                   else (v.starts_at at time zone p.time_zone)::date::text end as key,
           v.status = 'DONE' and v.fields ->> 'outcome' ~* '^\s*order\M' as struck,
           instant(v.fields #>> '{checkIn,at}') as came_at, instant(v.fields #>> '{checkOut,at}') as gone_at
    from visit v
    join account a on a.tenant_id = v.tenant_id and a.id = v.account_id
    join person p on p.tenant_id = v.tenant_id and p.id = v.rep_id
    where v.tenant_id = current_tenant() and v.deleted_at is null and v.status <> 'CANCELLED'
      and v.starts_at >= $4::date - interval '1 day' and v.starts_at < $5::date + interval '1 day'
      and (v.starts_at at time zone p.time_zone)::date >= $4 and (v.starts_at at time zone p.time_zone)::date < $5
      and ($2 = 'ADMIN' or v.rep_id = any (array(select people_under($1, $2)))
           or a.territory_id = any (array(select held_territories($1, $2))))
), made as (
    select s.key, s.gone_at - s.came_at as stayed,
           s.came_at - lag(s.gone_at) over (partition by s.rep_id, s.day order by s.came_at, s.id) as way
    from seen s where s.status = 'DONE' and s.gone_at >= s.came_at
), times as (
    select m.key, count(*) as timed, extract(epoch from sum(m.stayed)) as in_store_s,
           coalesce(extract(epoch from sum(m.way) filter (where m.way > interval '0')), 0) as way_s
    from made m group by m.key
), universe as (
    select case $3 when 'REP' then a.owner_id::text when 'TEAM' then o.manager_id::text
                   when 'TERRITORY' then a.territory_id::text end as key, a.id
    from account a left join person o on o.tenant_id = a.tenant_id and o.id = a.owner_id
    where a.tenant_id = current_tenant() and a.deleted_at is null and a.status in ('PROSPECT', 'ACTIVE')
      and ($2 = 'ADMIN' or a.territory_id = any (array(select held_territories($1, $2))))
), served as (
    select s.key, s.account_id, count(*) as planned, count(*) filter (where s.status = 'DONE') as done,
           exists (select from universe u where u.id = s.account_id and ($3 = 'DAY' or u.key = s.key)) as own
    from seen s group by s.key, s.account_id
), accounts as (
    select c.key, count(*) as accounts, count(*) filter (where c.done >= c.planned) as kept,
           count(*) filter (where c.done > 0 and c.own) as visited
    from served c group by c.key
), sizes as (
    select u.key, count(*) as size from universe u group by u.key
)
select s.key, count(*) as planned, count(*) filter (where s.status = 'DONE') as done,
       count(*) filter (where s.status = 'SKIPPED') as skipped, count(*) filter (where s.status = 'NO_SHOW') as no_shows,
       count(*) filter (where s.struck) as struck, min(c.accounts) as accounts, min(c.kept) as kept,
       min(c.visited) as visited, coalesce(min(z.size), 0) as universe, coalesce(min(t.timed), 0) as timed,
       coalesce(min(t.in_store_s), 0)::float8 as in_store_s, coalesce(min(t.way_s), 0)::float8 as way_s
from seen s
join accounts c on c.key = s.key
left join sizes z on z.key = s.key or (z.key is null and $3 = 'DAY')
left join times t on t.key = s.key
where s.key is not null and ($6::text is null or s.key > $6)
group by s.key
order by s.key
limit $7;
