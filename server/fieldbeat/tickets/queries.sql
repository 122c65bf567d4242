-- Tickets and their messages. $1 is the tenant where it is not said otherwise.

-- name: lock_tickets_of_account
-- All tickets of an account, locked behind it, which is about to move. Index: ticket_account.
-- row: Placed
select id, status from ticket where tenant_id = $1 and account_id = $2
order by id
for no key update;

-- name: lock_dependants
-- Messages and used parts of tickets that are locked: what was added until then is seen by a statement of its own alone.
-- The parts are locked, so that none is changed meanwhile in a scope that it leaves; a message is never changed.
-- Index: ticket_message_ticket, ticket_part_ticket.
with used as materialized (
    select ticket_id, id from ticket_part where tenant_id = $1 and ticket_id = any ($2::uuid[])
    order by id
    for no key update)
select ticket_id, id from ticket_message where tenant_id = $1 and ticket_id = any ($2::uuid[])
union all
select ticket_id, id from used
order by ticket_id, id;

-- name: places_of_tickets
-- Where tickets live, for whoever keeps their dependants; not scoped. Index: primary key.
-- row: Place
select id, account_id, assignee_id, offered_to_id from ticket where tenant_id = $1 and id = any ($2::uuid[])
order by id
limit cardinality($2);

-- name: take_numbers
-- The last of $2 numbers that nobody else has. Locks the counter to the end of the transaction.
insert into ticket_counter (tenant_id, last_number) values ($1, $2)
on conflict (tenant_id) do update set last_number = ticket_counter.last_number + excluded.last_number
returning last_number;

-- name: tickets_by_ids
-- Those among the ids that the actor ($1 his id, $2 his role) may see: at accounts in his territories, or his by
-- assignment or offer, or theirs below him. Index: primary key.
-- row: Ticket
select t.id, t.rev, t.number, t.account_id, t.kind, t.subject, t.fields ->> 'description' as description, t.priority,
       t.status, t.assignee_id, t.offered_to_id, (t.fields ->> 'contactId')::uuid as contact_id, t.asset_id,
       under_warranty(t.tenant_id, t.asset_id, t.opened_at) as under_warranty, t.merged_into_id,
       text_array(t.fields -> 'visitIds')::uuid[] as visit_ids, t.tags,
       coalesce(text_array(t.fields -> 'requiredSkills'), '{}') as required_skills,
       (t.fields ->> 'labourMinutes')::integer as labour_minutes, t.fields ->> 'cause' as cause,
       t.fields ->> 'solution' as solution, instant(t.fields ->> 'openedAt') as opened_at, t.created_at, t.changed_at
from ticket t join account a on a.tenant_id = t.tenant_id and a.id = t.account_id
where t.tenant_id = current_tenant() and t.id = any ($3::uuid[]) and t.deleted_at is null
  and ($2 = 'ADMIN' or a.territory_id = any (array(select held_territories($1, $2)))
       or t.assignee_id = any (array(select people_under($1, $2)))
       or t.offered_to_id = any (array(select people_under($1, $2))))
order by t.id
limit cardinality($3);

-- name: tickets_page
-- One page of what the actor ($1 his id, $2 his role) sees, the greatest number first; of the queue BREACHED or DUE_SOON
-- ($13) those with a clock that goes on, whose deadline has passed or comes within 24 hours: gathered first while they are
-- few, else asked of one ticket after the other. Indexes: by the filters, see the function; sla_clock_deadline.
-- row: Ticket
select t.id, t.rev, t.number, t.account_id, t.kind, t.subject, t.fields ->> 'description' as description, t.priority,
       t.status, t.assignee_id, t.offered_to_id, (t.fields ->> 'contactId')::uuid as contact_id, t.asset_id,
       under_warranty(t.tenant_id, t.asset_id, t.opened_at) as under_warranty, t.merged_into_id,
       text_array(t.fields -> 'visitIds')::uuid[] as visit_ids, t.tags,
       coalesce(text_array(t.fields -> 'requiredSkills'), '{}') as required_skills,
       (t.fields ->> 'labourMinutes')::integer as labour_minutes, t.fields ->> 'cause' as cause,
       t.fields ->> 'solution' as solution, instant(t.fields ->> 'openedAt') as opened_at, t.created_at, t.changed_at
from (
    select w.due_after, w.due_until, case when $13::text is not null then array(
        select c.ticket_id from sla_clock c
        where c.tenant_id = current_tenant() and c.ended_at is null and c.deadline > w.due_after
          and c.deadline <= w.due_until
        order by c.deadline limit 10001) end as ids
    from (select case $13::text when 'DUE_SOON' then now() else '-infinity' end as due_after,
                 case $13::text when 'DUE_SOON' then now() + interval '24 hours' else now() end as due_until) w) due
cross join lateral tickets_by_number(
    case when $2 <> 'ADMIN' then array(select held_territories($1, $2)) end,
    case when $2 <> 'ADMIN' then array(select people_under($1, $2)) end,
    $3, $4, $5, $6, $7, $8, $9, $10, $11, $12,
    case when cardinality(due.ids) <= 10000 then due.ids end,
    due.due_after, case when cardinality(due.ids) > 10000 then due.due_until end) found
join ticket t on t.tenant_id = current_tenant() and t.id = found.ticket_id
order by t.number desc
limit $12;

-- name: tickets_of_assets
-- Pages of the tickets about assets, the greatest number first: of each asset ($3) at most $4, below the number $5; `n` is
-- the page's number. $1, $2 the actor. Index: ticket_asset.
-- row: Ticket with n
select wanted.n, t.id, t.rev, t.number, t.account_id, t.kind, t.subject, t.fields ->> 'description' as description,
       t.priority, t.status, t.assignee_id, t.offered_to_id, (t.fields ->> 'contactId')::uuid as contact_id, t.asset_id,
       under_warranty(t.tenant_id, t.asset_id, t.opened_at) as under_warranty, t.merged_into_id,
       text_array(t.fields -> 'visitIds')::uuid[] as visit_ids, t.tags,
       coalesce(text_array(t.fields -> 'requiredSkills'), '{}') as required_skills,
       (t.fields ->> 'labourMinutes')::integer as labour_minutes, t.fields ->> 'cause' as cause,
       t.fields ->> 'solution' as solution, t.opened_at, t.created_at, t.changed_at
from unnest($3::uuid[], $4::integer[], $5::bigint[])
     with ordinality as wanted (asset_id, rows_max, below_number, n)
cross join lateral (
    select k.tenant_id, k.id, k.rev, k.number, k.account_id, k.kind, k.subject, k.fields, k.priority, k.status, k.assignee_id,
           k.offered_to_id, k.asset_id, k.merged_into_id, k.tags, k.opened_at, k.created_at, k.changed_at
    from ticket k join account a on a.tenant_id = k.tenant_id and a.id = k.account_id
    where k.tenant_id = current_tenant() and k.asset_id = wanted.asset_id and k.deleted_at is null
      and (wanted.below_number is null or k.number < wanted.below_number)
      and ($2 = 'ADMIN' or a.territory_id = any (array(select held_territories($1, $2)))
           or k.assignee_id = any (array(select people_under($1, $2)))
           or k.offered_to_id = any (array(select people_under($1, $2))))
    order by k.number desc
    limit wanted.rows_max) t
order by wanted.n, t.number desc;

-- name: messages_page
-- Pages of what is said about tickets, and about those merged into them, the oldest first: of each ticket ($3) at most
-- $4, from behind ($5, $6); `n` is the page's number. $1, $2 the actor. Index: ticket_message_at.
-- row: TicketMessage with n
select wanted.n, m.id, m.rev, m.ticket_id, m.author_id, m.contact_id, m.body, m.public, m.at
from unnest($3::uuid[], $4::integer[], $5::timestamptz[], $6::uuid[])
     with ordinality as wanted (ticket_id, rows_max, after_at, after_id, n)
join ticket t on t.tenant_id = current_tenant() and t.id = wanted.ticket_id and t.deleted_at is null
join account a on a.tenant_id = t.tenant_id and a.id = t.account_id
cross join lateral (
    select k.id, k.rev, k.ticket_id, k.author_id, k.contact_id, k.fields ->> 'body' as body, k.public, k.at
    from ticket_message k
    where k.tenant_id = t.tenant_id and k.deleted_at is null
      and k.ticket_id = any (array(select t.id union all
                                   select e.id from ticket e where e.tenant_id = t.tenant_id and e.merged_into_id = t.id))
      and (wanted.after_id is null or (k.at, k.id) > (wanted.after_at, wanted.after_id))
    order by k.at, k.id
    limit wanted.rows_max) m
where $2 = 'ADMIN' or a.territory_id = any (array(select held_territories($1, $2)))
   or t.assignee_id = any (array(select people_under($1, $2)))
   or t.offered_to_id = any (array(select people_under($1, $2)))
order by wanted.n, m.at, m.id;

-- name: messages_by_ids
-- Those among the ids whose ticket the actor ($1, $2) may see. Index: primary keys.
-- row: TicketMessage
select m.id, m.rev, m.ticket_id, m.author_id, m.contact_id, m.fields ->> 'body' as body, m.public, m.at
from ticket_message m
join ticket t on t.tenant_id = m.tenant_id and t.id = m.ticket_id and t.deleted_at is null
join account a on a.tenant_id = t.tenant_id and a.id = t.account_id
where m.tenant_id = current_tenant() and m.id = any ($3::uuid[]) and m.deleted_at is null
  and ($2 = 'ADMIN' or a.territory_id = any (array(select held_territories($1, $2)))
       or t.assignee_id = any (array(select people_under($1, $2)))
       or t.offered_to_id = any (array(select people_under($1, $2))))
order by m.id
limit cardinality($3);

-- name: merged_into
-- The tickets that were merged into these. Index: ticket_merged.
select merged_into_id, id from ticket where tenant_id = $1 and merged_into_id = any ($2::uuid[])
order by merged_into_id, id;

-- name: is_contact_at
-- Index: contact's primary key.
select id from contact where tenant_id = $1 and id = $2 and account_id = $3 and deleted_at is null;

-- name: customers_words
-- What customers wrote in these messages, and how it met the ticket that goes on with it: the ticket itself, or the one
-- that it was merged into. `seen`: whoever brought the ticket into its state wrote the message before on the same device.
-- Indexes: primary keys, field_write's primary key.
-- row: CustomersWord
select m.id, t.id as ticket_id, t.status, w.hlc, w.timing,
       coalesce(s.replica <> 0 and s.replica = w.replica and s.seq > w.seq, false) as seen
from ticket_message m
join ticket own on own.tenant_id = m.tenant_id and own.id = m.ticket_id
join ticket t on t.tenant_id = m.tenant_id and t.id = coalesce(own.merged_into_id, own.id) and t.deleted_at is null
join field_write w on w.tenant_id = m.tenant_id and w.collection = 'ticketMessage' and w.record_id = m.id
                  and w.field = 'body' and w.rev = 1
left join lateral (
    select f.replica, f.seq from field_write f
    where f.tenant_id = t.tenant_id and f.collection = 'ticket' and f.record_id = t.id and f.field = 'status'
      and f.outcome = 'WON'
    order by f.rev desc limit 1) s on true
where m.tenant_id = $1 and m.id = any ($2::uuid[]) and m.contact_id is not null
order by t.id, w.hlc, m.id
limit cardinality($2);

-- name: unseen_words
-- Of moves of tickets (ticket, what its author had seen, his replica and the move's number) those whose author had not
-- seen the customer's last message: its arrival raised the rev beyond, and the message is not his own device's.
-- Index: field_write's primary key.
select e.ticket_id
from unnest($2::uuid[], $3::bigint[], $4::integer[], $5::bigint[]) as e (ticket_id, base_rev, replica, seq)
join field_write x on x.tenant_id = $1 and x.collection = 'ticket' and x.record_id = e.ticket_id
                  and x.field = 'customerMessageId' and x.rev > e.base_rev
join field_write w on w.tenant_id = $1 and w.collection = 'ticketMessage' and w.record_id = (x.value #>> '{}')::uuid
                  and w.field = 'body' and w.rev = 1
where w.replica = 0 or w.replica <> e.replica or w.seq > e.seq
order by e.ticket_id;

-- name: lock_filters
-- Two saves of one person wait for each other, so that the limit holds.
select pg_advisory_xact_lock(hashtextextended('ticket filters ' || $1::text, 0));

-- name: filters_of
-- What a person keeps, by name. Index: ticket_filter's unique key.
-- row: SavedFilter
select id, name, wanted from ticket_filter where tenant_id = $1 and user_id = $2
order by name
limit 1000;

-- name: save_filter
-- row: SavedFilter
insert into ticket_filter (tenant_id, id, user_id, name, wanted) values ($1, $2, $3, $4, $5)
on conflict (tenant_id, user_id, name) do update set wanted = excluded.wanted
returning id, name, wanted;

-- name: delete_filter
delete from ticket_filter where tenant_id = $1 and user_id = $2 and id = $3 returning id;

-- name: going_on
-- The tickets in which these go on: themselves, or those that they were merged into. Index: primary key.
select distinct coalesce(merged_into_id, id) as id from ticket where tenant_id = $1 and id = any ($2::uuid[])
order by id;
