-- The pull's statements. Each binds its tenant itself and is a transaction of its own (migration 0012).

-- name: page
-- One page in one statement, and so in one snapshot. A row with `about`, and of each scope that has something a chunk: the
-- n-th scope behind, the last entry's number, how many, how the first begins, and all of them rendered but for that; and
-- whether any is of a collection of $11.
-- They come in no promised order. What the feed shows is bound to the tenant by `plan`, which every part of it must come from. Index: feed_order.
with plan as materialized (select about, ids, since from pull_plan($1, $2, $3, $4, $5, $6, $7, $8, $9))
select plan.about, null::text as scope_id, null::bigint as seq, null::bigint as entries, null::text as head,
       null::text as body, null::boolean as marked, 0::bigint as n
from plan
union all
select null, chunk.scope_id, chunk.seq, chunk.entries, first.head, chunk.body, chunk.marked, chunk.n
from (
    select page.n, min(page.scope_id) as scope_id, max(page.seq) as seq, count(*) as entries, min(page.seq) as first_seq,
           string_agg(page.said, page.head) as body, bool_or(page.collection = any ($11::text[])) as marked
    from (
        select w.n, w.scope_id, e.seq, e.collection, e.head, e.said
        from unnest((select plan.ids from plan), (select plan.since from plan)) with ordinality as w (scope_id, seq, n)
        cross join lateral (
            select f.seq, f.collection, f.head, coalesce(f.doc, '"rev":' || f.rev) as said
            from feed f
            where f.tenant_id = $1 and f.scope_id = w.scope_id and f.seq > w.seq
            order by f.seq
            limit $10) e
        order by w.n
        limit $10) page
    group by page.n) chunk
cross join lateral (
    select f.head from feed f
    where f.tenant_id = $1 and f.scope_id = chunk.scope_id and f.seq = chunk.first_seq
    order by f.seq
    limit 1) first;

-- name: note_given
select note_given($1, $2, $3, $4, $5);
