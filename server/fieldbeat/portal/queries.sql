-- The portal. $1 is the tenant, or of what a customer sees his account, where it is not said otherwise.

-- name: bearer
-- Whom a token is for, and whether it is good now; none when the contact or the account was deleted. Index: primary keys.
-- row: Bearer
select t.id as token_id, t.token_hash, c.id as contact_id, c.name as contact_name, a.id as account_id,
       a.name as account_name, t.issued_by as vouched_by, clock_timestamp() as at,
       t.revoked_at is null and t.expires_at > clock_timestamp() as live
from portal_token t
join contact c on c.tenant_id = t.tenant_id and c.id = t.contact_id and c.deleted_at is null
join account a on a.tenant_id = c.tenant_id and a.id = c.account_id and a.deleted_at is null
where t.tenant_id = $1 and t.id = $2;

-- name: put_token
-- row: PortalToken
insert into portal_token (tenant_id, id, contact_id, token_hash, issued_by, expires_at)
values ($1, $2, $3, $4, $5, clock_timestamp() + $6::interval)
returning id, contact_id, issued_by, issued_at, expires_at, revoked_at;

-- name: token_by_id
-- row: PortalToken
select id, contact_id, issued_by, issued_at, expires_at, revoked_at from portal_token where tenant_id = $1 and id = $2;

-- name: revoke_token
-- row: PortalToken
update portal_token set revoked_at = coalesce(revoked_at, clock_timestamp()) where tenant_id = $1 and id = $2
returning id, contact_id, issued_by, issued_at, expires_at, revoked_at;

-- name: tokens_of
-- At most 100 of each contact, the newest first. Index: portal_token_contact.
-- row: PortalToken
select t.id, t.contact_id, t.issued_by, t.issued_at, t.expires_at, t.revoked_at
from unnest($2::uuid[]) as wanted (id)
cross join lateral (
    select p.id, p.contact_id, p.issued_by, p.issued_at, p.expires_at, p.revoked_at
    from portal_token p
    where p.tenant_id = $1 and p.contact_id = wanted.id
    order by p.issued_at desc, p.id
    limit 100) t
order by t.contact_id, t.issued_at desc, t.id;

-- name: lock_token
select id from portal_token where tenant_id = $1 and id = $2 for no key update;

-- name: entries_since
-- Index: portal_entry_token.
select at from portal_entry
where tenant_id = $1 and token_id = $2 and kind = $3 and at > statement_timestamp() - $4::interval
order by at desc
limit $5;

-- name: put_entry
insert into portal_entry (tenant_id, id, token_id, kind) values ($1, $2, $3, $4);

-- name: tickets_by_ids
-- Those of the customer's account among the ids. `said`: the description as the customer wrote it, from the history of a
-- ticket that was opened in the portal: what colleagues make of it is theirs. Index: primary keys.
-- row: PortalTicket
select t.id, t.number, t.kind, t.subject, w.value #>> '{}' as said, t.status, instant(t.fields ->> 'openedAt') as opened_at
from ticket t
left join portal_entry e on e.tenant_id = t.tenant_id and e.id = t.id
left join field_write w on w.tenant_id = e.tenant_id and w.collection = 'ticket' and w.record_id = e.id
                       and w.field = 'description' and w.rev = 1
where t.tenant_id = current_tenant() and t.account_id = $1 and t.id = any ($2::uuid[]) and t.deleted_at is null
order by t.id
limit cardinality($2);

-- name: tickets_page
-- One page of the customer's account, the greatest number first; see tickets_by_ids. Index: ticket_account_number.
-- row: PortalTicket
select t.id, t.number, t.kind, t.subject, w.value #>> '{}' as said, t.status, instant(t.fields ->> 'openedAt') as opened_at
from ticket t
left join portal_entry e on e.tenant_id = t.tenant_id and e.id = t.id
left join field_write w on w.tenant_id = e.tenant_id and w.collection = 'ticket' and w.record_id = e.id
                       and w.field = 'description' and w.rev = 1
where t.tenant_id = current_tenant() and t.account_id = $1 and t.deleted_at is null
  and ($2::bigint is null or t.number < $2)
order by t.number desc
limit $3;

-- name: messages_page
-- Pages of what was said publicly about tickets of the customer's account, and about those merged into them, the oldest
-- first: of each ticket ($2) at most $3, from behind ($4, $5); `n` is the page's number. Index: ticket_message_at.
-- row: PortalMessage with n
select wanted.n, m.id, m.ticket_id, m.body, m.at, m.contact_name
from unnest($2::uuid[], $3::integer[], $4::timestamptz[], $5::uuid[])
     with ordinality as wanted (ticket_id, rows_max, after_at, after_id, n)
join ticket t on t.tenant_id = current_tenant() and t.id = wanted.ticket_id and t.account_id = $1 and t.deleted_at is null
cross join lateral (
    select k.id, k.ticket_id, k.fields ->> 'body' as body, k.at, c.name as contact_name
    from ticket_message k
    left join contact c on c.tenant_id = k.tenant_id and c.id = k.contact_id
    where k.tenant_id = t.tenant_id and k.public and k.deleted_at is null
      and k.ticket_id = any (array(select t.id union all
                                   select e.id from ticket e where e.tenant_id = t.tenant_id and e.merged_into_id = t.id))
      and (wanted.after_id is null or (k.at, k.id) > (wanted.after_at, wanted.after_id))
    order by k.at, k.id
    limit wanted.rows_max) m
order by wanted.n, m.at, m.id;

-- name: put_rating
-- row: TicketRating
insert into ticket_rating (tenant_id, ticket_id, contact_id, score, comment) values ($1, $2, $3, $4, $5)
on conflict (tenant_id, ticket_id) do update
set contact_id = excluded.contact_id, score = excluded.score, comment = excluded.comment, at = clock_timestamp()
returning ticket_id, contact_id, score, comment, at;

-- name: ratings_of
-- Index: primary key.
-- row: TicketRating
select ticket_id, contact_id, score, comment, at from ticket_rating
where tenant_id = $1 and ticket_id = any ($2::uuid[])
order by ticket_id
limit cardinality($2);
