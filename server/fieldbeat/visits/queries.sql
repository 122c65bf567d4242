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
