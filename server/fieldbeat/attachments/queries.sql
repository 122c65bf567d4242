-- Uploads and blobs. $1 is the tenant where it is not said otherwise.

-- name: lock_user
-- One person's uploads are begun one after the other, so that their number can be bounded. Index: primary key.
select id from person where tenant_id = $1 and id = $2 for no key update;

-- name: uploads_under_way
-- How many uploads of a person wait for bytes. Index: upload_user.
select count(*) from upload where tenant_id = $1 and user_id = $2 and done_at is null;

-- name: replaced_uploads
-- Unfinished uploads of a person to the same attachment end when a new one begins. Index: upload_user.
delete from upload where tenant_id = $1 and user_id = $2 and attachment_id = $3 and done_at is null
returning id, sha256;

-- name: add_upload
-- $8: how long it lasts without bytes.
-- row: Upload
insert into upload (tenant_id, id, attachment_id, user_id, sha256, bytes, content_type, metadata, expires_at)
values ($1, $2, $3, $4, $5, $6, $7, $9, clock_timestamp() + $8::interval)
returning tenant_id, id, attachment_id, user_id, sha256, bytes, content_type, received, parts, metadata, expires_at,
          false as expired, false as done;

-- name: upload
-- Of its own sender alone. Index: primary key.
-- row: Upload
select tenant_id, id, attachment_id, user_id, sha256, bytes, content_type, received, parts, metadata, expires_at,
       expires_at <= clock_timestamp() as expired, done_at is not null as done
from upload
where tenant_id = $1 and id = $2 and user_id = $3;

-- name: add_parts
-- Goes on from an offset: of two requests at the same one, the second finds no row. $4 offset, $5 parts, $6 their bytes,
-- $7 how long it lasts from now. Index: primary key.
-- row: Upload
update upload
set received = received + $6, parts = parts || $5::uuid[], expires_at = clock_timestamp() + $7::interval
where tenant_id = $1 and id = $2 and user_id = $3 and received = $4 and done_at is null
      and expires_at > statement_timestamp()
returning tenant_id, id, attachment_id, user_id, sha256, bytes, content_type, received, parts, metadata, expires_at,
          false as expired, false as done;

-- name: end_upload
-- Done: it stays until it expires, so that a sender who missed the answer learns it. Index: primary key.
update upload set done_at = clock_timestamp(), parts = '{}'
where tenant_id = $1 and id = $2 and done_at is null;

-- name: drop_upload
-- Index: primary key.
delete from upload where tenant_id = $1 and id = $2 and user_id = $3 returning sha256;

-- name: keep_blob
-- The first place stands; the row is locked either way, so that nobody collects it meanwhile. Index: primary key.
-- row: Blob
insert into blob (tenant_id, sha256, place, bytes, content_type, thumbnail)
values ($1, $2, $3, $4, $5, $6)
on conflict (tenant_id, sha256) do update set seen_at = clock_timestamp()
returning tenant_id, sha256, place, bytes, content_type, thumbnail;

-- name: blob_at
-- The blob in this place, if it is still kept. Index: primary key.
-- row: Blob
select tenant_id, sha256, place, bytes, content_type, thumbnail
from blob
where tenant_id = $1 and sha256 = $2 and place = $3;

-- name: set_thumbnail
update blob set thumbnail = $4 where tenant_id = $1 and sha256 = $2 and place = $3;

-- name: tenants_with_stale_files
-- Across tenants; a security-definer function. $1 how long a blob without an attachment is kept, $2 tenants at most.
select tenant_id from tenants_with_stale_files($1, $2);

-- name: drop_expired
-- Index: upload_expires.
delete from upload
where tenant_id = $1 and id in (
    select id from upload
    where tenant_id = $1 and expires_at <= statement_timestamp()
    order by expires_at, id
    limit $2
    for update skip locked)
returning id, sha256;

-- name: drop_idle_blobs
-- A blob that comes again meanwhile is locked or newer, and stays. $2 how long it is kept without an attachment.
-- Indexes: blob_seen, attachment_sha256.
delete from blob
where tenant_id = $1 and sha256 in (
    select b.sha256 from blob b
    where b.tenant_id = $1 and b.seen_at <= statement_timestamp() - $2::interval
      and not exists (select from attachment a where a.tenant_id = $1 and a.sha256 = b.sha256)
    order by b.seen_at, b.sha256
    limit $3
    for update skip locked)
returning place, sha256;

-- name: places_of_records
-- Where records stand that may have attachments: in their account's territory, and with people. Indexes: primary keys.
-- row: Place
select r.id, a.territory_id, array_remove(r.people, null) as people
from (
    select id, account_id, array[rep_id] as people from visit where tenant_id = $1 and id = any ($2::uuid[])
    union all
    select id, account_id, array[assignee_id, offered_to_id] from ticket where tenant_id = $1 and id = any ($2::uuid[])
    union all
    select id, account_id, '{}' from asset where tenant_id = $1 and id = any ($2::uuid[])
    union all
    select id, id, '{}' from account where tenant_id = $1 and id = any ($2::uuid[])) r
join account a on a.tenant_id = $1 and a.id = r.account_id
order by r.id
limit cardinality($2);

-- name: attachment_to_fill
-- Seen by the actor ($3 his id, $4 his role), or declared by him. Indexes: primary keys.
-- row: Attachment
select t.id, t.sha256, t.bytes, t.content_type, t.status
from attachment t
where t.tenant_id = $1 and t.id = $2 and t.deleted_at is null
  and (t.author_id = $3 or record_is_seen(t.record_id, $3, $4));

-- name: blob_of_attachment
-- Of an attachment that the actor ($3 his id, $4 his role) sees and whose bytes came. Indexes: primary keys.
-- row: Blob
select b.tenant_id, b.sha256, b.place, b.bytes, b.content_type, b.thumbnail
from attachment t
join blob b on b.tenant_id = t.tenant_id and b.sha256 = t.sha256
where t.tenant_id = $1 and t.id = $2 and t.deleted_at is null and t.status = 'COMPLETE'
  and record_is_seen(t.record_id, $3, $4);

-- name: attachments_of_records
-- The attachments of records that are about to move, which follow them; locked behind them, so that none is written
-- meanwhile into a scope that it leaves. Index: attachment_record.
select id, record_id from attachment where tenant_id = $1 and record_id = any ($2::uuid[])
order by id
for no key update;

-- name: attachments_by_ids
-- Those among the ids whose record the actor ($3 his id, $4 his role) sees. Indexes: primary keys.
-- row: Shown
select t.id, t.rev, t.record_id, t.author_id, t.sha256, t.bytes, t.content_type, t.status,
       instant(t.fields ->> 'at') as at, case when t.status = 'COMPLETE' then b.thumbnail end as thumbnail,
       t.created_at, t.changed_at
from attachment t
left join blob b on b.tenant_id = t.tenant_id and b.sha256 = t.sha256
where t.tenant_id = $1 and t.id = any ($2::uuid[]) and t.deleted_at is null and record_is_seen(t.record_id, $3, $4)
order by t.id
limit cardinality($2);

-- name: attachments_page
-- Pages of records' attachments, the oldest first: of each record ($2) that the actor ($3 his id, $4 his role) sees at most
-- $5, from behind ($6, $7); `n` is the page's number. Indexes: primary keys, attachment_record.
-- row: Shown with n
select seen.n, t.id, t.rev, t.record_id, t.author_id, t.sha256, t.bytes, t.content_type, t.status, t.at,
       case when t.status = 'COMPLETE' then b.thumbnail end as thumbnail, t.created_at, t.changed_at
from (select w.n, w.record_id, w.rows_max, w.after_at, w.after_id
      from unnest($2::uuid[], $5::integer[], $6::timestamptz[], $7::uuid[])
           with ordinality as w (record_id, rows_max, after_at, after_id, n)
      where record_is_seen(w.record_id, $3, $4)) seen
cross join lateral (
    select k.id, k.rev, k.record_id, k.author_id, k.sha256, k.bytes, k.content_type, k.status,
           instant(k.fields ->> 'at') as at, k.created_at, k.changed_at
    from attachment k
    where k.tenant_id = $1 and k.record_id = seen.record_id and k.deleted_at is null
      and (seen.after_id is null or (k.created_at, k.id) > (seen.after_at, seen.after_id))
    order by k.created_at, k.id
    limit seen.rows_max) t
left join blob b on b.tenant_id = $1 and b.sha256 = t.sha256
order by seen.n, t.created_at, t.id;
