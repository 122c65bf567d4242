-- The parts that tickets used. $1 is the actor's id, $2 his role; the tenant is the transaction's.

-- name: parts_page
-- Pages of what tickets used, and those merged into them, the oldest first: of each ticket ($3) at most $4, from behind
-- ($5, $6); `n` is the page's number. Index: ticket_part_ticket.
-- row: TicketPart with n
select wanted.n, u.id, u.rev, u.ticket_id, u.part_id, u.author_id, u.quantity, u.covered_by_warranty, u.note, u.at
from unnest($3::uuid[], $4::integer[], $5::timestamptz[], $6::uuid[])
     with ordinality as wanted (ticket_id, rows_max, after_at, after_id, n)
join ticket t on t.tenant_id = current_tenant() and t.id = wanted.ticket_id and t.deleted_at is null
join account a on a.tenant_id = t.tenant_id and a.id = t.account_id
cross join lateral (
    select k.id, k.rev, k.ticket_id, k.part_id, k.author_id, k.quantity, k.fields ->> 'note' as note, k.at,
           coalesce((k.fields ->> 'coveredByWarranty')::boolean,
                    under_warranty(o.tenant_id, o.asset_id, o.opened_at), false) as covered_by_warranty
    from ticket_part k join ticket o on o.tenant_id = k.tenant_id and o.id = k.ticket_id
    where k.tenant_id = t.tenant_id and k.deleted_at is null
      and k.ticket_id = any (array(select t.id union all
                                   select e.id from ticket e where e.tenant_id = t.tenant_id and e.merged_into_id = t.id))
      and (wanted.after_id is null or (k.at, k.id) > (wanted.after_at, wanted.after_id))
    order by k.at, k.id
    limit wanted.rows_max) u
where $2 = 'ADMIN' or a.territory_id = any (array(select held_territories($1, $2)))
   or t.assignee_id = any (array(select people_under($1, $2)))
   or t.offered_to_id = any (array(select people_under($1, $2)))
order by wanted.n, u.at, u.id;

-- name: parts_by_ids
-- Those among the ids whose ticket the actor may see. Index: primary keys.
-- row: TicketPart
select u.id, u.rev, u.ticket_id, u.part_id, u.author_id, u.quantity, u.fields ->> 'note' as note, u.at,
       coalesce((u.fields ->> 'coveredByWarranty')::boolean,
                under_warranty(t.tenant_id, t.asset_id, t.opened_at), false) as covered_by_warranty
from ticket_part u
join ticket t on t.tenant_id = u.tenant_id and t.id = u.ticket_id and t.deleted_at is null
join account a on a.tenant_id = t.tenant_id and a.id = t.account_id
where u.tenant_id = current_tenant() and u.id = any ($3::uuid[]) and u.deleted_at is null
  and ($2 = 'ADMIN' or a.territory_id = any (array(select held_territories($1, $2)))
       or t.assignee_id = any (array(select people_under($1, $2)))
       or t.offered_to_id = any (array(select people_under($1, $2))))
order by u.id
limit cardinality($3);
