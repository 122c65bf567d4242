-- name: due_effects
-- Across tenants, oldest first, of the kinds that this program knows; a security-definer function. Index: outbox_due.
-- row: DueEffect
select tenant_id, id from due_effects($1::text[], $2::integer);

-- name: claim_effect
-- One effect for this transaction alone; no row when it is done, not due yet or being performed. Index: primary key.
-- row: Effect
select tenant_id, id, cause, effect, payload, created_at
from outbox
where tenant_id = current_tenant() and id = $1 and done_at is null and due_at <= clock_timestamp()
for update skip locked;

-- name: settle_effect
-- Performed: kept for the record, out of the sweeper's sight.
update outbox set done_at = clock_timestamp() where tenant_id = current_tenant() and id = $1;

-- name: put_off_effect
-- It failed: tried again after as long as it has waited already, 10 seconds to an hour, so that what fails for good does not
-- stand in the way of the rest. Index: primary key.
update outbox
set due_at = clock_timestamp() + least(greatest(clock_timestamp() - created_at, interval '10 seconds'), interval '1 hour')
where tenant_id = current_tenant() and id = $1 and done_at is null;

-- name: add_effect
-- Once for each cause, even when that is told again. Index: outbox_tenant_id_cause_effect_key.
insert into outbox (tenant_id, id, cause, effect, payload)
values ($1, $2, $3, $4, $5)
on conflict (tenant_id, cause, effect) do nothing;

-- name: work_lag
-- Across tenants; a security-definer function. Indexes: outbox_due, sla_step_due.
select l.outbox_s, l.steps_s from work_lag() l;
