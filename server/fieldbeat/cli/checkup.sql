-- name: scopes_out_of_step
-- Scopes whose head is not the number of their newest entry, or whose count is not the number of their live rows. Reads all of the feed.
-- row: bigint
select count(*)
from scope_head h
left join lateral (
    select coalesce(max(f.seq), 0) as newest, count(*) filter (where f.kind = 'PUT') as live
    from feed f
    where f.tenant_id = h.tenant_id and f.scope_id = h.scope_id
) e on true
where h.head <> e.newest or h.live_rows <> e.live;

-- name: overdue_effects
-- Effects that should have been performed five minutes ago. Index: outbox_due.
-- row: bigint
select count(*) from outbox where done_at is null and due_at < statement_timestamp() - interval '5 minutes';
