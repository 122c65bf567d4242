-- Notifications: each is its person's alone. $1 is the tenant, $2 the person.

-- name: notifications_by_ids
-- Index: primary key.
-- row: Notification
select id, rev, user_id, fields ->> 'type' as type, fields ->> 'title' as title, fields ->> 'body' as body,
       fields ->> 'link' as link, instant(fields ->> 'at') as at, status, created_at, changed_at
from notification
where tenant_id = $1 and user_id = $2 and id = any ($3::uuid[]) and deleted_at is null
order by id
limit cardinality($3);

-- name: notifications_page
-- Newest first, from behind ($4, $5). Index: notification_user_at.
-- row: Notification
select id, rev, user_id, fields ->> 'type' as type, fields ->> 'title' as title, fields ->> 'body' as body,
       fields ->> 'link' as link, instant(fields ->> 'at') as at, status, created_at, changed_at
from notification
where tenant_id = $1 and user_id = $2 and ($3::text is null or status = $3) and deleted_at is null
  and ($5::uuid is null or (created_at, id) < ($4, $5))
order by created_at desc, id desc
limit $6;

-- name: told_before
-- Which of these were told already. Index: primary key.
select id from notification where tenant_id = $1 and id = any ($2::uuid[])
order by id
limit cardinality($2);
