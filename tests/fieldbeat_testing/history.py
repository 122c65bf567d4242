"""History as a row for each field, also of what was made at once and stands in one row a record."""

WRITES = """(
    select w.tenant_id, w.collection, w.record_id, w.field, w.rev, w.replica, w.seq, w.hlc, w.rank, w.epoch, w.value,
           w.actor_id, w.device_id, w.applied_at, w.outcome, w.rule, w.timing
    from field_write w where w.field <> '='
    union all
    select w.tenant_id, w.collection, w.record_id, f.key, w.rev, w.replica, w.seq, w.hlc, w.rank, w.epoch, f.value,
           w.actor_id, w.device_id, w.applied_at, w.outcome, r.key, w.timing
    from (select * from field_write where field = '=' offset 0) w
    cross join lateral jsonb_each(w.value) r cross join lateral jsonb_each(r.value) f)"""
