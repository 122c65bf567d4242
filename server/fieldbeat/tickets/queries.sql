-- Tickets and their messages. $1 is the tenant where it is not said otherwise.

-- name: lock_tickets_of_account
-- All tickets of an account with their messages; the tickets locked behind their account, which is about to move.
-- Index: ticket_account, ticket_message_ticket.
-- row: Placed
select t.id, t.status,
       array(select m.id from ticket_message m where m.tenant_id = $1 and m.ticket_id = t.id order by m.id) as message_ids
from ticket t where t.tenant_id = $1 and t.account_id = $2
order by t.id
for no key update of t;

-- name: messages_of_tickets
-- Index: ticket_message_ticket.
select ticket_id, id from ticket_message where tenant_id = $1 and ticket_id = any ($2::uuid[])
order by ticket_id, id;

-- name: places_of_tickets
-- Where tickets live, for whoever keeps their dependants; not scoped. Index: primary key.
-- row: Place
select id, account_id, assignee_id from ticket where tenant_id = $1 and id = any ($2::uuid[])
order by id
limit cardinality($2);

-- name: take_numbers
-- The last of $2 numbers that nobody else has. Locks the counter to the end of the transaction.
insert into ticket_counter (tenant_id, last_number) values ($1, $2)
on conflict (tenant_id) do update set last_number = ticket_counter.last_number + excluded.last_number
returning last_number;
