-- Visits, plans, lines and templates. $1 is the tenant where it is not said otherwise.

-- name: lock_visits_of_account
-- All visits of an account, whoever makes them; locked behind their account, which is about to move. Index: visit_account.
-- row: Placed
select id, status from visit where tenant_id = $1 and account_id = $2
order by id
for no key update;

-- name: reps_of_plans
-- Whose plans these are, whoever asks: for placing their lines. Index: primary key.
select id, rep_id from visit_plan where tenant_id = $1 and id = any ($2::uuid[])
order by id
limit cardinality($2);

-- name: visits_by_ids
-- Those among the ids that the actor ($1 his id, $2 his role) may see: at accounts of his territories, and those of his
-- people. Index: primary key.
-- row: Visit
select v.id, v.rev, v.account_id, v.rep_id, v.plan_id, (v.fields ->> 'templateId')::uuid as template_id, v.status,
       v.starts_at, v.ends_at, v.fields ->> 'skipReason' as skip_reason,
       nullif(v.fields -> 'checkIn', 'null') - '{latitude,longitude,accuracyM}'::text[] as check_in,
       nullif(v.fields -> 'checkOut', 'null') - '{latitude,longitude,accuracyM}'::text[] as check_out,
       v.fields ->> 'purpose' as purpose, v.fields ->> 'outcome' as outcome, v.fields ->> 'note' as note,
       (v.fields ->> 'samplesGiven')::bigint as samples_given, text_array(v.fields -> 'photoIds') as photo_ids,
       v.fields -> 'answers' as answers, v.fields -> 'amendments' as amendments,
       (v.fields ->> 'pinned')::boolean as pinned, v.created_at, v.changed_at
from visit v join account a on a.tenant_id = v.tenant_id and a.id = v.account_id
where v.tenant_id = current_tenant() and v.id = any ($3::uuid[]) and v.deleted_at is null
  and ($2 = 'ADMIN' or v.rep_id = any (array(select people_under($1, $2)))
       or a.territory_id = any (array(select held_territories($1, $2))))
order by v.id
limit cardinality($3);

-- name: visits_page
-- One page in the order of (start, id) of what the actor ($1, $2) may see. Index: visit_rep or visit_account by the filter,
-- else visit_start.
-- row: Visit
select v.id, v.rev, v.account_id, v.rep_id, v.plan_id, (v.fields ->> 'templateId')::uuid as template_id, v.status,
       v.starts_at, v.ends_at, v.fields ->> 'skipReason' as skip_reason,
       nullif(v.fields -> 'checkIn', 'null') - '{latitude,longitude,accuracyM}'::text[] as check_in,
       nullif(v.fields -> 'checkOut', 'null') - '{latitude,longitude,accuracyM}'::text[] as check_out,
       v.fields ->> 'purpose' as purpose, v.fields ->> 'outcome' as outcome, v.fields ->> 'note' as note,
       (v.fields ->> 'samplesGiven')::bigint as samples_given, text_array(v.fields -> 'photoIds') as photo_ids,
       v.fields -> 'answers' as answers, v.fields -> 'amendments' as amendments,
       (v.fields ->> 'pinned')::boolean as pinned, v.created_at, v.changed_at
from visit v join account a on a.tenant_id = v.tenant_id and a.id = v.account_id
where v.tenant_id = current_tenant() and v.deleted_at is null
  and ($2 = 'ADMIN' or v.rep_id = any (array(select people_under($1, $2)))
       or a.territory_id = any (array(select held_territories($1, $2))))
  and ($3::uuid is null or v.rep_id = $3) and ($4::uuid is null or v.account_id = $4)
  and ($5::text[] is null or v.status = any ($5))
  and ($6::timestamptz is null or v.starts_at >= $6) and ($7::timestamptz is null or v.starts_at < $7)
  and ($8::timestamptz is null or (v.starts_at, v.id) > ($8, $9::uuid))
order by v.starts_at, v.id
limit $10;
