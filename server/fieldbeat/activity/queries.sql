-- What happens among people: the activities that concern them, and what they were told. $1 is the tenant.

-- name: activities_page
-- Of the people whom the actor ($2, $3) leads, newest first, from behind ($4, $5). An activity that concerns several of
-- them is one. Indexes: primary key of activity, notification_user_at.
-- row: TeamActivity
with team as (
    select id from people_under($2, $3) as under (id)
    union all
    select '00000000-0000-0000-0000-000000000000' where $3 = 'ADMIN')
select distinct on (found.at, found.id)
       found.at, found.id, found.happened_at, found.kind, found.collection, found.record_id, found.actor_id,
       found.concerns_id, found.about, found.detail
from team
cross join lateral (
    (select a.at, a.id, a.happened_at, a.kind, a.collection, a.record_id, a.actor_id, a.concerns_id, a.about, a.detail
     from activity a
     where a.tenant_id = $1 and a.person_id = team.id and ($5::uuid is null or (a.at, a.id) < ($4, $5))
     order by a.at desc, a.id desc
     limit $6)
    union all
    (select n.created_at, n.id, n.created_at, case when n.fields ->> 'type' like 'SLA\_%' then 'ESCALATED' else 'TOLD' end,
            about.link[1], about.link[2]::uuid, null, n.user_id, n.fields ->> 'title', n.fields ->> 'type'
     from notification n
     cross join lateral (select coalesce(regexp_match(n.fields ->> 'link', '^(\w+):([0-9a-f-]{36})$'),
                                         array['notification', n.id::text]) as link) about
     where n.tenant_id = $1 and n.user_id = team.id and n.deleted_at is null
       and ($5::uuid is null or (n.created_at, n.id) < ($4, $5))
     order by n.created_at desc, n.id desc
     limit $6)) found
order by found.at desc, found.id desc
limit $6;

-- name: activities_since
-- As activities_page, the oldest first, from behind ($4, $5).
-- row: TeamActivity
with team as (
    select id from people_under($2, $3) as under (id)
    union all
    select '00000000-0000-0000-0000-000000000000' where $3 = 'ADMIN')
select distinct on (found.at, found.id)
       found.at, found.id, found.happened_at, found.kind, found.collection, found.record_id, found.actor_id,
       found.concerns_id, found.about, found.detail
from team
cross join lateral (
    (select a.at, a.id, a.happened_at, a.kind, a.collection, a.record_id, a.actor_id, a.concerns_id, a.about, a.detail
     from activity a
     where a.tenant_id = $1 and a.person_id = team.id and (a.at, a.id) > ($4, $5)
     order by a.at, a.id
     limit $6)
    union all
    (select n.created_at, n.id, n.created_at, case when n.fields ->> 'type' like 'SLA\_%' then 'ESCALATED' else 'TOLD' end,
            about.link[1], about.link[2]::uuid, null, n.user_id, n.fields ->> 'title', n.fields ->> 'type'
     from notification n
     cross join lateral (select coalesce(regexp_match(n.fields ->> 'link', '^(\w+):([0-9a-f-]{36})$'),
                                         array['notification', n.id::text]) as link) about
     where n.tenant_id = $1 and n.user_id = team.id and n.deleted_at is null and (n.created_at, n.id) > ($4, $5)
     order by n.created_at, n.id
     limit $6)) found
order by found.at, found.id
limit $6;

-- name: tenants_with_old_activities
-- The worker looks across tenants; a security-definer function. Index: activity_at.
select t.tenant_id from tenants_with_old_activities($1::interval, $2) t order by t.tenant_id limit $2;

-- name: forget_activities
-- At most so many of the oldest. Index: activity_at, up to the time of the statement.
with old as (
    select a.person_id, a.at, a.id from activity a
    where a.tenant_id = $1 and a.at <= statement_timestamp() - $2::interval
    order by a.at
    limit $3)
delete from activity a using old
where a.tenant_id = $1 and a.person_id = old.person_id and a.at = old.at and a.id = old.id;
