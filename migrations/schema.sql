-- The schema that all migrations build: a record, never run. `make schema` writes it, a test holds it.

-- Name: btree_gin; Type: EXTENSION; Schema: -; Owner: -

CREATE EXTENSION IF NOT EXISTS btree_gin WITH SCHEMA public;

-- Name: EXTENSION btree_gin; Type: COMMENT; Schema: -; Owner:

COMMENT ON EXTENSION btree_gin IS 'support for indexing common datatypes in GIN';

-- Name: pg_trgm; Type: EXTENSION; Schema: -; Owner: -

CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;

-- Name: EXTENSION pg_trgm; Type: COMMENT; Schema: -; Owner:

COMMENT ON EXTENSION pg_trgm IS 'text similarity measurement and index searching based on trigrams';

-- Name: accounts_by_distance(uuid[], text[], boolean, text[], text[], text[], text[], uuid, uuid, double precision, double precision, double precision, double precision, double precision, double precision, double precision, double precision, uuid, integer); Type: FUNCTION; Schema: public; Owner: fieldbeat_owner

CREATE FUNCTION public.accounts_by_distance(held uuid[], words text[], alike boolean, in_status text[], in_kind text[], in_tier text[], with_tags text[], of_owner uuid, of_territory uuid, from_latitude double precision, from_longitude double precision, radius_m double precision, south double precision, north double precision, west double precision, east double precision, after_m double precision, after_id uuid, rows_max integer) RETURNS TABLE(account_id uuid, distance_m double precision)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    SET plan_cache_mode TO 'force_custom_plan'
    SET "pg_trgm.word_similarity_threshold" TO '0.45'
    AS $$
    select a.id, spot.distance_m
    from public.account a
    cross join lateral (
        select public.metres_between(from_latitude, from_longitude, a.latitude, a.longitude) as distance_m
        offset 0) spot
    where a.tenant_id = public.current_tenant() and a.deleted_at is null
      and a.latitude between south and north
      and case when west <= east then a.longitude between west and east
               else a.longitude >= west or a.longitude <= east end
      and spot.distance_m <= radius_m
      and (held is null or a.territory_id = any (held))
      and (words[1] is null or a.search like '%' || words[1] || '%' or (alike and words[1] <% a.search))
      and (words[2] is null or a.search like '%' || words[2] || '%' or (alike and words[2] <% a.search))
      and (words[3] is null or a.search like '%' || words[3] || '%' or (alike and words[3] <% a.search))
      and (words[4] is null or a.search like '%' || words[4] || '%' or (alike and words[4] <% a.search))
      and (words[5] is null or a.search like '%' || words[5] || '%' or (alike and words[5] <% a.search))
      and (words[6] is null or a.search like '%' || words[6] || '%' or (alike and words[6] <% a.search))
      and (in_status is null or a.status = any (in_status))
      and (in_kind is null or a.kind = any (in_kind))
      and (in_tier is null or a.tier = any (in_tier))
      and (with_tags is null or a.tags @> with_tags)
      and (of_owner is null or a.owner_id = of_owner)
      and (of_territory is null or a.territory_id = of_territory)
      and (after_id is null or (spot.distance_m, a.id) > (after_m, after_id))
    order by spot.distance_m, a.id
    limit rows_max
$$;

ALTER FUNCTION public.accounts_by_distance(held uuid[], words text[], alike boolean, in_status text[], in_kind text[], in_tier text[], with_tags text[], of_owner uuid, of_territory uuid, from_latitude double precision, from_longitude double precision, radius_m double precision, south double precision, north double precision, west double precision, east double precision, after_m double precision, after_id uuid, rows_max integer) OWNER TO fieldbeat_owner;

-- Name: accounts_by_name(uuid[], text[], boolean, text[], text[], text[], text[], uuid, uuid, text, uuid, integer); Type: FUNCTION; Schema: public; Owner: fieldbeat_owner

CREATE FUNCTION public.accounts_by_name(held uuid[], words text[], alike boolean, in_status text[], in_kind text[], in_tier text[], with_tags text[], of_owner uuid, of_territory uuid, after_name text, after_id uuid, rows_max integer) RETURNS TABLE(account_id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    SET plan_cache_mode TO 'force_custom_plan'
    SET "pg_trgm.word_similarity_threshold" TO '0.45'
    AS $$
    select a.id
    from public.account a
    where a.tenant_id = public.current_tenant() and a.deleted_at is null
      and (held is null or a.territory_id = any (held))
      and (words[1] is null or a.search like '%' || words[1] || '%' or (alike and words[1] <% a.search))
      and (words[2] is null or a.search like '%' || words[2] || '%' or (alike and words[2] <% a.search))
      and (words[3] is null or a.search like '%' || words[3] || '%' or (alike and words[3] <% a.search))
      and (words[4] is null or a.search like '%' || words[4] || '%' or (alike and words[4] <% a.search))
      and (words[5] is null or a.search like '%' || words[5] || '%' or (alike and words[5] <% a.search))
      and (words[6] is null or a.search like '%' || words[6] || '%' or (alike and words[6] <% a.search))
      and (in_status is null or a.status = any (in_status))
      and (in_kind is null or a.kind = any (in_kind))
      and (in_tier is null or a.tier = any (in_tier))
      and (with_tags is null or a.tags @> with_tags)
      and (of_owner is null or a.owner_id = of_owner)
      and (of_territory is null or a.territory_id = of_territory)
      and (after_id is null or (a.name, a.id) > (after_name, after_id))
    order by a.name, a.id
    limit rows_max
$$;

ALTER FUNCTION public.accounts_by_name(held uuid[], words text[], alike boolean, in_status text[], in_kind text[], in_tier text[], with_tags text[], of_owner uuid, of_territory uuid, after_name text, after_id uuid, rows_max integer) OWNER TO fieldbeat_owner;

-- Name: articles_by_title(uuid[], text[], boolean, text[], text, text[], text, uuid, integer); Type: FUNCTION; Schema: public; Owner: fieldbeat_owner

CREATE FUNCTION public.articles_by_title(people uuid[], words text[], alike boolean, with_tags text[], in_language text, in_status text[], after_title text, after_id uuid, rows_max integer) RETURNS TABLE(article_id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    SET plan_cache_mode TO 'force_custom_plan'
    SET "pg_trgm.word_similarity_threshold" TO '0.45'
    AS $$
    select a.id
    from public.knowledge_article a
    where a.tenant_id = public.current_tenant() and a.deleted_at is null
      and (a.status = 'PUBLISHED' or a.author_id = any (people))
      and (words[1] is null or a.search like '%' || words[1] || '%' or (alike and words[1] <% a.heading))
      and (words[2] is null or a.search like '%' || words[2] || '%' or (alike and words[2] <% a.heading))
      and (words[3] is null or a.search like '%' || words[3] || '%' or (alike and words[3] <% a.heading))
      and (words[4] is null or a.search like '%' || words[4] || '%' or (alike and words[4] <% a.heading))
      and (words[5] is null or a.search like '%' || words[5] || '%' or (alike and words[5] <% a.heading))
      and (words[6] is null or a.search like '%' || words[6] || '%' or (alike and words[6] <% a.heading))
      and (in_status is null or a.status = any (in_status))
      and (with_tags is null or a.tags @> with_tags)
      and (in_language is null or a.language = in_language)
      and (after_id is null or (a.title, a.id) > (after_title, after_id))
    order by a.title, a.id
    limit rows_max
$$;

ALTER FUNCTION public.articles_by_title(people uuid[], words text[], alike boolean, with_tags text[], in_language text, in_status text[], after_title text, after_id uuid, rows_max integer) OWNER TO fieldbeat_owner;

-- Name: articles_like(text[], integer); Type: FUNCTION; Schema: public; Owner: fieldbeat_owner

CREATE FUNCTION public.articles_like(words text[], rows_max integer) RETURNS TABLE(article_id uuid, likeness real)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    SET plan_cache_mode TO 'force_custom_plan'
    SET "pg_trgm.word_similarity_threshold" TO '0.6'
    AS $$
    select a.id, alike.likeness
    from public.knowledge_article a
    cross join lateral (
        select sum(word_similarity(word, a.heading)) as likeness
        from unnest(words) as each (word) where word <% a.heading) alike
    where a.tenant_id = public.current_tenant() and a.deleted_at is null and a.status = 'PUBLISHED'
      and (words[1] <% a.heading or words[2] <% a.heading or words[3] <% a.heading
           or words[4] <% a.heading or words[5] <% a.heading or words[6] <% a.heading)
    order by alike.likeness desc, a.id
    limit rows_max
$$;

ALTER FUNCTION public.articles_like(words text[], rows_max integer) OWNER TO fieldbeat_owner;

-- Name: assets_by_name(uuid[], text[], text[], text[], uuid, date, date, text, uuid, integer); Type: FUNCTION; Schema: public; Owner: fieldbeat_owner

CREATE FUNCTION public.assets_by_name(held uuid[], words text[], in_status text[], with_tags text[], of_account uuid, ends_before date, covered_on date, after_name text, after_id uuid, rows_max integer) RETURNS TABLE(asset_id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    SET plan_cache_mode TO 'force_custom_plan'
    AS $$
    select s.id
    from public.asset s
    where s.tenant_id = public.current_tenant() and s.deleted_at is null
      and (held is null or exists (select from public.account a
                                   where a.tenant_id = s.tenant_id and a.id = s.account_id
                                     and a.territory_id = any (held)))
      and (words[1] is null or s.search like '%' || words[1] || '%')
      and (words[2] is null or s.search like '%' || words[2] || '%')
      and (words[3] is null or s.search like '%' || words[3] || '%')
      and (words[4] is null or s.search like '%' || words[4] || '%')
      and (words[5] is null or s.search like '%' || words[5] || '%')
      and (words[6] is null or s.search like '%' || words[6] || '%')
      and (in_status is null or s.status = any (in_status))
      and (with_tags is null or s.tags @> with_tags)
      and (of_account is null or s.account_id = of_account)
      and (ends_before is null or s.warranty_until <= ends_before)
      and (covered_on is null or s.warranty_until > covered_on)
      and (after_id is null or (s.name, s.id) > (after_name, after_id))
    order by s.name, s.id
    limit rows_max
$$;

ALTER FUNCTION public.assets_by_name(held uuid[], words text[], in_status text[], with_tags text[], of_account uuid, ends_before date, covered_on date, after_name text, after_id uuid, rows_max integer) OWNER TO fieldbeat_owner;

-- Name: claim_login(text, uuid); Type: FUNCTION; Schema: public; Owner: fieldbeat_owner

CREATE FUNCTION public.claim_login(wanted text, claimant uuid) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
begin
    insert into public.login (email, tenant_id, user_id) values (lower(wanted), public.current_tenant(), claimant)
    on conflict do nothing;
    return exists (select from public.login l where l.email = lower(wanted)
                   and l.tenant_id = public.current_tenant() and l.user_id = claimant);
end $$;

ALTER FUNCTION public.claim_login(wanted text, claimant uuid) OWNER TO fieldbeat_owner;

-- Name: company_day(uuid, timestamp with time zone); Type: FUNCTION; Schema: public; Owner: fieldbeat_owner

CREATE FUNCTION public.company_day(of_tenant uuid, at timestamp with time zone) RETURNS date
    LANGUAGE sql STABLE
    AS $$
    select (at at time zone coalesce(
        (select h.fields ->> 'timeZone' from business_hours h
         where h.tenant_id = of_tenant and h.is_default and h.deleted_at is null), 'UTC'))::date
$$;

ALTER FUNCTION public.company_day(of_tenant uuid, at timestamp with time zone) OWNER TO fieldbeat_owner;

-- Name: create_tenant(uuid, text, boolean); Type: FUNCTION; Schema: public; Owner: fieldbeat_owner

CREATE FUNCTION public.create_tenant(new_id uuid, new_name text, is_demo boolean) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$ insert into public.tenant (id, name, demo) values (new_id, new_name, is_demo) $$;

ALTER FUNCTION public.create_tenant(new_id uuid, new_name text, is_demo boolean) OWNER TO fieldbeat_owner;

-- Name: current_tenant(); Type: FUNCTION; Schema: public; Owner: fieldbeat_owner

CREATE FUNCTION public.current_tenant() RETURNS uuid
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ select nullif(current_setting('fieldbeat.tenant_id', true), '')::uuid $$;

ALTER FUNCTION public.current_tenant() OWNER TO fieldbeat_owner;

-- Name: demo_tenant(); Type: FUNCTION; Schema: public; Owner: fieldbeat_owner

CREATE FUNCTION public.demo_tenant() RETURNS uuid
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$ select id from public.tenant where demo order by created_at, id limit 1 $$;

ALTER FUNCTION public.demo_tenant() OWNER TO fieldbeat_owner;

-- Name: due_effects(text[], integer); Type: FUNCTION; Schema: public; Owner: fieldbeat_owner

CREATE FUNCTION public.due_effects(kinds text[], effects_max integer) RETURNS TABLE(tenant_id uuid, id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
    select o.tenant_id, o.id
    from public.outbox o
    where o.done_at is null and o.due_at <= statement_timestamp() and o.effect = any (kinds)
    order by o.due_at, o.tenant_id, o.id
    limit effects_max
$$;

ALTER FUNCTION public.due_effects(kinds text[], effects_max integer) OWNER TO fieldbeat_owner;

-- Name: find_login(text); Type: FUNCTION; Schema: public; Owner: fieldbeat_owner

CREATE FUNCTION public.find_login(wanted text) RETURNS TABLE(tenant_id uuid, user_id uuid, demo boolean)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$ select l.tenant_id, l.user_id, t.demo from public.login l join public.tenant t on t.id = l.tenant_id where l.email = lower(wanted) $$;

ALTER FUNCTION public.find_login(wanted text) OWNER TO fieldbeat_owner;

-- Name: find_tenants(text); Type: FUNCTION; Schema: public; Owner: fieldbeat_owner

CREATE FUNCTION public.find_tenants(wanted text) RETURNS TABLE(tenant_id uuid, tenant_name text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
    select t.id, t.name from public.tenant t
    where (wanted is null and (not t.demo or t.id = public.demo_tenant())) or t.id::text = lower(wanted) or t.name = wanted
    order by t.created_at, t.id
    limit 2
$$;

ALTER FUNCTION public.find_tenants(wanted text) OWNER TO fieldbeat_owner;

-- Name: folded(text); Type: FUNCTION; Schema: public; Owner: fieldbeat_owner

CREATE FUNCTION public.folded(said text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ select translate(regexp_replace(normalize(lower(said), NFKD), '[\u0300-\u036f]', '', 'g'), 'øđłıß', 'odlis') $$;

ALTER FUNCTION public.folded(said text) OWNER TO fieldbeat_owner;

-- Name: forget_places(uuid[]); Type: FUNCTION; Schema: public; Owner: fieldbeat_owner

CREATE FUNCTION public.forget_places(visit_ids uuid[]) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
    update public.field_write w set value = w.value - '{latitude,longitude,accuracyM}'::text[]
    where w.tenant_id = public.current_tenant() and w.collection = 'visit' and w.record_id = any (visit_ids)
      and w.field in ('checkIn', 'checkOut') and jsonb_typeof(w.value) = 'object';
    update public.visit v
    set rev = v.rev + 1, fields = v.fields
        || case when jsonb_typeof(v.fields -> 'checkIn') = 'object'
                then jsonb_build_object('checkIn', v.fields -> 'checkIn' || '{"latitude":null,"longitude":null,"accuracyM":null}')
                else '{}' end
        || case when jsonb_typeof(v.fields -> 'checkOut') = 'object'
                then jsonb_build_object('checkOut', v.fields -> 'checkOut' || '{"latitude":null,"longitude":null,"accuracyM":null}')
                else '{}' end
    where v.tenant_id = public.current_tenant() and v.id = any (visit_ids) and v.deleted_at is not null;
$$;

ALTER FUNCTION public.forget_places(visit_ids uuid[]) OWNER TO fieldbeat_owner;

-- Name: guard_tenant_table(regclass, text, text); Type: FUNCTION; Schema: public; Owner: fieldbeat_owner

CREATE FUNCTION public.guard_tenant_table(guarded regclass, tenant_column text DEFAULT 'tenant_id'::text, privileges text DEFAULT 'select, insert, update, delete'::text) RETURNS void
    LANGUAGE plpgsql
    AS $$
begin
    execute format('alter table %s enable row level security', guarded);
    execute format('alter table %s force row level security', guarded);
    execute format(
        'create policy tenant on %s using (%I = nullif(current_setting(''fieldbeat.tenant_id'', true), '''')::uuid)',
        guarded, tenant_column);
    execute format('create policy owner on %s to current_user using (true)', guarded);
    execute format('grant %s on %s to %I', privileges, guarded, current_setting('fieldbeat.app_role'));
end $$;

ALTER FUNCTION public.guard_tenant_table(guarded regclass, tenant_column text, privileges text) OWNER TO fieldbeat_owner;

-- Name: held_territories(uuid, text); Type: FUNCTION; Schema: public; Owner: fieldbeat_owner

CREATE FUNCTION public.held_territories(actor_id uuid, actor_role text) RETURNS SETOF uuid
    LANGUAGE sql STABLE
    AS $$
    select distinct held.territory_id
    from territory_assignment held join person p on p.tenant_id = held.tenant_id and p.id = held.user_id
    where held.tenant_id = current_tenant() and held.user_id in (select people_under(actor_id, actor_role))
      and actor_role <> 'ADMIN'
      and held.from_on <= local_today(p.time_zone)
      and (held.until_on is null or held.until_on > local_today(p.time_zone))
    union all
    select id from territory where tenant_id = current_tenant() and actor_role = 'ADMIN'
$$;

ALTER FUNCTION public.held_territories(actor_id uuid, actor_role text) OWNER TO fieldbeat_owner;

-- Name: instant(text); Type: FUNCTION; Schema: public; Owner: fieldbeat_owner

CREATE FUNCTION public.instant(text) RETURNS timestamp with time zone
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $_$ select ($1::timestamptz) $_$;

ALTER FUNCTION public.instant(text) OWNER TO fieldbeat_owner;

-- Name: local_date(text); Type: FUNCTION; Schema: public; Owner: fieldbeat_owner

CREATE FUNCTION public.local_date(text) RETURNS date
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $_$ select ($1::date) $_$;

ALTER FUNCTION public.local_date(text) OWNER TO fieldbeat_owner;

-- Name: local_today(text); Type: FUNCTION; Schema: public; Owner: fieldbeat_owner

CREATE FUNCTION public.local_today(zone text) RETURNS date
    LANGUAGE sql STABLE
    AS $$ select (clock_timestamp() at time zone coalesce(zone, 'UTC'))::date $$;

ALTER FUNCTION public.local_today(zone text) OWNER TO fieldbeat_owner;

-- Name: metres_between(double precision, double precision, double precision, double precision); Type: FUNCTION; Schema: public; Owner: fieldbeat_owner

CREATE FUNCTION public.metres_between(lat1 double precision, lon1 double precision, lat2 double precision, lon2 double precision) RETURNS double precision
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$
    select 2 * 6371008.8 * asin(sqrt(least(1.0,
        sind(case when abs(lat2 - lat1) < 1e-9 then 0 else lat2 - lat1 end / 2) ^ 2
        + cosd(lat1) * cosd(lat2) * sind(case when abs(lon2 - lon1) < 1e-9 then 0 else lon2 - lon1 end / 2) ^ 2)))
$$;

ALTER FUNCTION public.metres_between(lat1 double precision, lon1 double precision, lat2 double precision, lon2 double precision) OWNER TO fieldbeat_owner;

-- Name: note_given(uuid, uuid, integer, bytea, timestamp with time zone); Type: FUNCTION; Schema: public; Owner: fieldbeat_owner

CREATE FUNCTION public.note_given(tenant uuid, device_id uuid, reading integer, cursor_given bytea, at timestamp with time zone) RETURNS void
    LANGUAGE plpgsql
    AS $$
begin
    perform set_config('fieldbeat.tenant_id', tenant::text, true), set_config('synchronous_commit', 'off', true);
    update device d set given = cursor_given, given_at = at, seen_at = at
    where d.tenant_id = tenant and d.id = device_id and d.incarnation = reading;
end $$;

ALTER FUNCTION public.note_given(tenant uuid, device_id uuid, reading integer, cursor_given bytea, at timestamp with time zone) OWNER TO fieldbeat_owner;

-- Name: people_under(uuid, text); Type: FUNCTION; Schema: public; Owner: fieldbeat_owner

CREATE FUNCTION public.people_under(actor_id uuid, actor_role text) RETURNS SETOF uuid
    LANGUAGE sql STABLE
    AS $$
    with recursive under (id) as (
        select actor_id
        union
        select p.id from person p join under on p.manager_id = under.id
        where p.tenant_id = current_tenant() and actor_role = 'SUPERVISOR'
    )
    select id from under where actor_role <> 'ADMIN'
    union all
    select id from person where tenant_id = current_tenant() and actor_role = 'ADMIN'
$$;

ALTER FUNCTION public.people_under(actor_id uuid, actor_role text) OWNER TO fieldbeat_owner;

-- Name: pull_plan(uuid, uuid, uuid, text, uuid, integer, text[], bigint[], bigint[]); Type: FUNCTION; Schema: public; Owner: fieldbeat_owner

CREATE FUNCTION public.pull_plan(tenant uuid, reader uuid, family uuid, reader_role text, asking_id uuid, reading integer, known text[], seqs bigint[], horizons bigint[], OUT about text, OUT ids text[], OUT since bigint[]) RETURNS record
    LANGUAGE plpgsql STABLE
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
declare
    standing json;
    epoch bigint;
    asking json;
    heads json;
    may_read boolean;
begin
    perform set_config('fieldbeat.tenant_id', tenant::text, true);
    if family is not null then
        select row_to_json(s), case when s.live and s.deactivated_at is null then s.role end into standing, reader_role
        from session_standing(reader, family) s;
    end if;
    select i.epoch,
           case when d.id is not null then json_build_object(
               'user_id', d.user_id, 'incarnation', d.incarnation, 'last_seq', d.last_seq, 'wiped_at', d.wiped_at,
               'was_given', d.given is not null) end,
           reader_role is not null and d.user_id = reader and d.incarnation = reading and d.wiped_at is null
    into epoch, asking, may_read
    from installation i left join device d on d.tenant_id = tenant and d.id = asking_id;
    if may_read then
        select json_agg(json_build_array(held.id, held.head, held.live_rows, held.checksum, held.horizon)),
               array_agg(held.id) filter (where held.since < held.head),
               array_agg(held.since) filter (where held.since < held.head)
        into heads, ids, since
        from (
            select s.id, coalesce(h.head, 0) as head, coalesce(h.live_rows, 0) as live_rows,
                   coalesce(h.checksum, 0) as checksum, coalesce(h.horizon, 0) as horizon,
                   case when coalesce(k.seq, 0) < h.horizon and coalesce(k.horizon, h.horizon) < h.horizon then 0
                        else coalesce(k.seq, 0) end as since
            from scopes_held(reader, reader_role) as s (id)
            left join scope_head h on h.tenant_id = tenant and h.scope_id = s.id
            left join unnest(known, seqs, horizons) as k (id, seq, horizon) on k.id = s.id
            order by s.id <> 'tenant', s.id not like 'user:%', s.id collate "C") held;
    end if;
    about := json_build_object('session', standing, 'epoch', epoch, 'now', clock_timestamp(), 'device', asking,
                               'scopes', heads);
end $$;

ALTER FUNCTION public.pull_plan(tenant uuid, reader uuid, family uuid, reader_role text, asking_id uuid, reading integer, known text[], seqs bigint[], horizons bigint[], OUT about text, OUT ids text[], OUT since bigint[]) OWNER TO fieldbeat_owner;

-- Name: record_is_seen(uuid, uuid, text); Type: FUNCTION; Schema: public; Owner: fieldbeat_owner

CREATE FUNCTION public.record_is_seen(wanted_id uuid, actor_id uuid, actor_role text) RETURNS boolean
    LANGUAGE sql STABLE
    AS $$
    select exists (
        select from (
            select account_id, rep_id as person_id from visit where tenant_id = current_tenant() and id = wanted_id
            union all
            select account_id, assignee_id from ticket where tenant_id = current_tenant() and id = wanted_id
            union all
            select account_id, offered_to_id from ticket where tenant_id = current_tenant() and id = wanted_id
            union all
            select account_id, null from asset where tenant_id = current_tenant() and id = wanted_id
            union all
            select id, null from account where tenant_id = current_tenant() and id = wanted_id) r
        join account a on a.tenant_id = current_tenant() and a.id = r.account_id
        where a.territory_id in (select held_territories(actor_id, actor_role))
           or r.person_id in (select people_under(actor_id, actor_role)))
$$;

ALTER FUNCTION public.record_is_seen(wanted_id uuid, actor_id uuid, actor_role text) OWNER TO fieldbeat_owner;

-- Name: release_login(uuid); Type: FUNCTION; Schema: public; Owner: fieldbeat_owner

CREATE FUNCTION public.release_login(person_id uuid) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
    delete from public.login l
    where l.tenant_id = public.current_tenant() and l.user_id = person_id
      and exists (select from public.person p
                  where p.tenant_id = l.tenant_id and p.id = person_id and p.deleted_at is not null)
$$;

ALTER FUNCTION public.release_login(person_id uuid) OWNER TO fieldbeat_owner;

-- Name: scopes_held(uuid, text); Type: FUNCTION; Schema: public; Owner: fieldbeat_owner

CREATE FUNCTION public.scopes_held(actor_id uuid, actor_role text) RETURNS SETOF text
    LANGUAGE sql STABLE
    AS $$
    select 'tenant'
    union all
    select 'territory:' || id from held_territories(actor_id, actor_role) as held (id)
    union all
    select 'user:' || id from people_under(actor_id, actor_role) as under (id)
$$;

ALTER FUNCTION public.scopes_held(actor_id uuid, actor_role text) OWNER TO fieldbeat_owner;

-- Name: session_standing(uuid, uuid); Type: FUNCTION; Schema: public; Owner: fieldbeat_owner

CREATE FUNCTION public.session_standing(person_id uuid, family uuid) RETURNS TABLE(role text, deactivated_at timestamp with time zone, at timestamp with time zone, live boolean)
    LANGUAGE sql STABLE
    AS $$
    select p.role, p.deactivated_at, clock_timestamp(),
           exists (select from refresh_token r
                   where r.tenant_id = p.tenant_id and r.family_id = family and r.user_id = p.id and r.revoked_at is null)
    from person p
    where p.tenant_id = current_tenant() and p.id = person_id and p.deleted_at is null
$$;

ALTER FUNCTION public.session_standing(person_id uuid, family uuid) OWNER TO fieldbeat_owner;

-- Name: stale_snapshots(integer, bigint, bigint, integer); Type: FUNCTION; Schema: public; Owner: fieldbeat_owner

CREATE FUNCTION public.stale_snapshots(version integer, rows_min bigint, moved_min bigint, scopes_max integer) RETURNS TABLE(tenant_id uuid, scope_id text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
    select s.tenant_id, s.scope_id
    from public.scope_head s
    left join lateral (
        select b.head from public.snapshot_set b
        where b.tenant_id = s.tenant_id and b.scope_id = s.scope_id and b.schema_version = version
        order by b.head desc limit 1) newest on true
    where (s.scope_id = 'tenant' or s.scope_id like 'territory:%') and s.live_rows >= rows_min
      and (newest.head is null or newest.head < s.horizon
           or s.head - newest.head >= greatest(moved_min, s.live_rows / 10))
    order by s.tenant_id, s.scope_id
    limit scopes_max
$$;

ALTER FUNCTION public.stale_snapshots(version integer, rows_min bigint, moved_min bigint, scopes_max integer) OWNER TO fieldbeat_owner;

-- Name: tenants_with_clocks(integer); Type: FUNCTION; Schema: public; Owner: fieldbeat_owner

CREATE FUNCTION public.tenants_with_clocks(tenants_max integer) RETURNS TABLE(tenant_id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
    select t.id from public.tenant t
    where exists (select from public.sla_clock c where c.tenant_id = t.id)
    order by t.id
    limit tenants_max
$$;

ALTER FUNCTION public.tenants_with_clocks(tenants_max integer) OWNER TO fieldbeat_owner;

-- Name: tenants_with_due_steps(integer); Type: FUNCTION; Schema: public; Owner: fieldbeat_owner

CREATE FUNCTION public.tenants_with_due_steps(tenants_max integer) RETURNS SETOF uuid
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
    select t.id from public.tenant t
    where exists (select from public.sla_step s
                  where s.tenant_id = t.id and s.taken_at is null and s.due_at <= statement_timestamp())
    order by t.id
    limit tenants_max
$$;

ALTER FUNCTION public.tenants_with_due_steps(tenants_max integer) OWNER TO fieldbeat_owner;

-- Name: tenants_with_garbage(interval, integer); Type: FUNCTION; Schema: public; Owner: fieldbeat_owner

CREATE FUNCTION public.tenants_with_garbage(age interval, tenants_max integer) RETURNS TABLE(tenant_id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
    select t.id
    from public.tenant t
    where exists (select from public.feed f
                  where f.tenant_id = t.id and f.kind <> 'PUT' and f.at <= statement_timestamp() - age)
    order by t.id
    limit tenants_max
$$;

ALTER FUNCTION public.tenants_with_garbage(age interval, tenants_max integer) OWNER TO fieldbeat_owner;

-- Name: tenants_with_missed_visits(interval, integer); Type: FUNCTION; Schema: public; Owner: fieldbeat_owner

CREATE FUNCTION public.tenants_with_missed_visits(grace interval, tenants_max integer) RETURNS TABLE(tenant_id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
    select t.id from public.tenant t
    where exists (select from public.visit v
                  where v.tenant_id = t.id and v.status in ('PLANNED', 'EN_ROUTE') and v.deleted_at is null
                    and v.ends_at <= statement_timestamp() - grace)
    order by t.id
    limit tenants_max
$$;

ALTER FUNCTION public.tenants_with_missed_visits(grace interval, tenants_max integer) OWNER TO fieldbeat_owner;

-- Name: tenants_with_old_activities(interval, integer); Type: FUNCTION; Schema: public; Owner: fieldbeat_owner

CREATE FUNCTION public.tenants_with_old_activities(age interval, tenants_max integer) RETURNS TABLE(tenant_id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
    select t.id from public.tenant t
    where exists (select from public.activity a where a.tenant_id = t.id and a.at <= statement_timestamp() - age)
    order by t.id
    limit tenants_max
$$;

ALTER FUNCTION public.tenants_with_old_activities(age interval, tenants_max integer) OWNER TO fieldbeat_owner;

-- Name: tenants_with_old_places(interval, integer); Type: FUNCTION; Schema: public; Owner: fieldbeat_owner

CREATE FUNCTION public.tenants_with_old_places(age interval, tenants_max integer) RETURNS TABLE(tenant_id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
    select t.id from public.tenant t
    where exists (select from public.visit v
                  where v.tenant_id = t.id and v.ends_at <= statement_timestamp() - age
                    and ((v.fields #>> '{checkIn,latitude}') is not null or (v.fields #>> '{checkOut,latitude}') is not null))
    order by t.id
    limit tenants_max
$$;

ALTER FUNCTION public.tenants_with_old_places(age interval, tenants_max integer) OWNER TO fieldbeat_owner;

-- Name: tenants_with_stale_clocks(integer); Type: FUNCTION; Schema: public; Owner: fieldbeat_owner

CREATE FUNCTION public.tenants_with_stale_clocks(tenants_max integer) RETURNS TABLE(tenant_id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
    select p.tenant_id
    from public.sla_policy p
    left join public.business_hours h on h.tenant_id = p.tenant_id and h.id = p.business_hours_id
    left join public.sla_recalculation r on r.tenant_id = p.tenant_id
    group by p.tenant_id, r.tenant_id, r.changed_at, r.finished_at
    having r.tenant_id is null or r.finished_at is null
        or greatest(max(p.changed_at), max(h.changed_at)) > r.changed_at
    order by p.tenant_id
    limit tenants_max
$$;

ALTER FUNCTION public.tenants_with_stale_clocks(tenants_max integer) OWNER TO fieldbeat_owner;

-- Name: tenants_with_stale_files(interval, integer); Type: FUNCTION; Schema: public; Owner: fieldbeat_owner

CREATE FUNCTION public.tenants_with_stale_files(grace interval, tenants_max integer) RETURNS TABLE(tenant_id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
    select t.id
    from public.tenant t
    where exists (select from public.upload u where u.tenant_id = t.id and u.expires_at <= statement_timestamp())
       or exists (select from public.blob b
                  where b.tenant_id = t.id and b.seen_at <= statement_timestamp() - grace
                    and not exists (select from public.attachment a
                                    where a.tenant_id = t.id and a.sha256 = b.sha256))
    order by t.id
    limit tenants_max
$$;

ALTER FUNCTION public.tenants_with_stale_files(grace interval, tenants_max integer) OWNER TO fieldbeat_owner;

-- Name: tenants_with_tombstones(interval, integer); Type: FUNCTION; Schema: public; Owner: fieldbeat_owner

CREATE FUNCTION public.tenants_with_tombstones(age interval, tenants_max integer) RETURNS TABLE(tenant_id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
    select t.id
    from public.tenant t
    where exists (select from public.deleted_record d where d.tenant_id = t.id and d.at <= statement_timestamp() - age)
    order by t.id
    limit tenants_max
$$;

ALTER FUNCTION public.tenants_with_tombstones(age interval, tenants_max integer) OWNER TO fieldbeat_owner;

-- Name: text_array(jsonb); Type: FUNCTION; Schema: public; Owner: fieldbeat_owner

CREATE FUNCTION public.text_array(list jsonb) RETURNS text[]
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ select coalesce(array_agg(item order by position), '{}') from jsonb_array_elements_text(list) with ordinality as e(item, position) $$;

ALTER FUNCTION public.text_array(list jsonb) OWNER TO fieldbeat_owner;

-- Name: tickets_by_number(uuid[], uuid[], text[], text[], text[], text[], text[], uuid, uuid, uuid, bigint, integer, uuid[], timestamp with time zone, timestamp with time zone); Type: FUNCTION; Schema: public; Owner: fieldbeat_owner

CREATE FUNCTION public.tickets_by_number(held uuid[], people uuid[], words text[], in_status text[], in_priority text[], in_kind text[], with_tags text[], of_assignee uuid, offered_to uuid, of_account uuid, below_number bigint, rows_max integer, among uuid[], due_after timestamp with time zone, due_until timestamp with time zone) RETURNS TABLE(ticket_id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    SET plan_cache_mode TO 'force_custom_plan'
    AS $$
    select t.id
    from public.ticket t
    where t.tenant_id = public.current_tenant() and t.deleted_at is null
      and (held is null or t.assignee_id = any (people) or t.offered_to_id = any (people)
           or exists (select from public.account a
                      where a.tenant_id = t.tenant_id and a.id = t.account_id and a.territory_id = any (held)))
      and (words[1] is null or t.search like '%' || words[1] || '%')
      and (words[2] is null or t.search like '%' || words[2] || '%')
      and (words[3] is null or t.search like '%' || words[3] || '%')
      and (words[4] is null or t.search like '%' || words[4] || '%')
      and (words[5] is null or t.search like '%' || words[5] || '%')
      and (words[6] is null or t.search like '%' || words[6] || '%')
      and (in_status is null or t.status = any (in_status))
      and (in_priority is null or t.priority = any (in_priority))
      and (in_kind is null or t.kind = any (in_kind))
      and (with_tags is null or t.tags @> with_tags)
      and (of_assignee is null or t.assignee_id = of_assignee)
      and (offered_to is null or t.offered_to_id = offered_to)
      and (of_account is null or t.account_id = of_account)
      and (among is null or t.id = any (among))
      and (due_until is null or (
              select true from public.sla_clock c
              where c.tenant_id = t.tenant_id and c.ticket_id = t.id and c.ended_at is null
                and c.deadline > due_after and c.deadline <= due_until
              limit 1))
      and (below_number is null or t.number < below_number)
    order by t.number desc
    limit rows_max
$$;

ALTER FUNCTION public.tickets_by_number(held uuid[], people uuid[], words text[], in_status text[], in_priority text[], in_kind text[], with_tags text[], of_assignee uuid, offered_to uuid, of_account uuid, below_number bigint, rows_max integer, among uuid[], due_after timestamp with time zone, due_until timestamp with time zone) OWNER TO fieldbeat_owner;

-- Name: under_warranty(uuid, uuid, timestamp with time zone); Type: FUNCTION; Schema: public; Owner: fieldbeat_owner

CREATE FUNCTION public.under_warranty(of_tenant uuid, asset uuid, at timestamp with time zone) RETURNS boolean
    LANGUAGE sql STABLE STRICT
    AS $$
    select coalesce(company_day(of_tenant, at) < a.warranty_until, false) from asset a
    where a.tenant_id = of_tenant and a.id = asset
$$;

ALTER FUNCTION public.under_warranty(of_tenant uuid, asset uuid, at timestamp with time zone) OWNER TO fieldbeat_owner;

-- Name: waiting_plans(integer); Type: FUNCTION; Schema: public; Owner: fieldbeat_owner

CREATE FUNCTION public.waiting_plans(reps_max integer) RETURNS TABLE(tenant_id uuid, run_id uuid, rep_id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
    select r.tenant_id, r.run_id, r.rep_id
    from public.plan_run_rep r
    where r.done_at is null
    order by r.tenant_id, r.run_id, r.rep_id
    limit reps_max
$$;

ALTER FUNCTION public.waiting_plans(reps_max integer) OWNER TO fieldbeat_owner;

-- Name: work_lag(); Type: FUNCTION; Schema: public; Owner: fieldbeat_owner

CREATE FUNCTION public.work_lag() RETURNS TABLE(outbox_s double precision, steps_s double precision)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
    select coalesce(extract(epoch from statement_timestamp() - min(o.due_at)), 0)::double precision,
           coalesce(extract(epoch from statement_timestamp() - min(s.due_at)), 0)::double precision
    from public.tenant t
    left join lateral (
        select w.due_at from public.outbox w
        where w.tenant_id = t.id and w.done_at is null and w.due_at <= statement_timestamp()
        order by w.due_at
        limit 1) o on true
    left join lateral (
        select w.due_at from public.sla_step w
        where w.tenant_id = t.id and w.taken_at is null and w.due_at <= statement_timestamp()
        order by w.due_at
        limit 1) s on true
$$;

ALTER FUNCTION public.work_lag() OWNER TO fieldbeat_owner;

-- Name: account; Type: TABLE; Schema: public; Owner: fieldbeat_owner

CREATE TABLE public.account (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    rev bigint NOT NULL,
    fields jsonb NOT NULL,
    stamps bytea NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    changed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    deleted_at timestamp with time zone,
    code text GENERATED ALWAYS AS ((fields ->> 'code'::text)) STORED,
    name text GENERATED ALWAYS AS ((fields ->> 'name'::text)) STORED,
    kind text GENERATED ALWAYS AS ((fields ->> 'kind'::text)) STORED,
    status text GENERATED ALWAYS AS ((fields ->> 'status'::text)) STORED,
    tier text GENERATED ALWAYS AS ((fields ->> 'tier'::text)) STORED,
    owner_id uuid GENERATED ALWAYS AS (((fields ->> 'ownerId'::text))::uuid) STORED,
    territory_id uuid GENERATED ALWAYS AS (((fields ->> 'territoryId'::text))::uuid) STORED NOT NULL,
    latitude double precision GENERATED ALWAYS AS (((fields #>> '{location,latitude}'::text[]))::double precision) STORED,
    longitude double precision GENERATED ALWAYS AS (((fields #>> '{location,longitude}'::text[]))::double precision) STORED,
    city text GENERATED ALWAYS AS ((fields #>> '{address,city}'::text[])) STORED,
    country text GENERATED ALWAYS AS ((fields #>> '{address,country}'::text[])) STORED,
    tags text[] GENERATED ALWAYS AS (public.text_array((fields -> 'tags'::text))) STORED,
    search text GENERATED ALWAYS AS (public.folded(((((COALESCE((fields ->> 'name'::text), ''::text) || ' '::text) || COALESCE((fields ->> 'code'::text), ''::text)) || ' '::text) || COALESCE((fields #>> '{address,city}'::text[]), ''::text)))) STORED,
    CONSTRAINT account_rev_check CHECK ((rev >= 1))
);

ALTER TABLE ONLY public.account FORCE ROW LEVEL SECURITY;

ALTER TABLE public.account OWNER TO fieldbeat_owner;

-- Name: activity; Type: TABLE; Schema: public; Owner: fieldbeat_owner

CREATE TABLE public.activity (
    tenant_id uuid NOT NULL,
    person_id uuid NOT NULL,
    at timestamp with time zone NOT NULL,
    id uuid NOT NULL,
    kind text NOT NULL,
    collection text NOT NULL,
    record_id uuid NOT NULL,
    actor_id uuid,
    concerns_id uuid,
    happened_at timestamp with time zone NOT NULL,
    about text,
    detail text
);

ALTER TABLE ONLY public.activity FORCE ROW LEVEL SECURITY;

ALTER TABLE public.activity OWNER TO fieldbeat_owner;

-- Name: alembic_version; Type: TABLE; Schema: public; Owner: fieldbeat_owner

CREATE TABLE public.alembic_version (
    version_num character varying(32) NOT NULL
);

ALTER TABLE public.alembic_version OWNER TO fieldbeat_owner;

-- Name: article_link; Type: TABLE; Schema: public; Owner: fieldbeat_owner

CREATE TABLE public.article_link (
    tenant_id uuid NOT NULL,
    ticket_id uuid NOT NULL,
    article_id uuid NOT NULL,
    linked_by uuid NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

ALTER TABLE ONLY public.article_link FORCE ROW LEVEL SECURITY;

ALTER TABLE public.article_link OWNER TO fieldbeat_owner;

-- Name: article_vote; Type: TABLE; Schema: public; Owner: fieldbeat_owner

CREATE TABLE public.article_vote (
    tenant_id uuid NOT NULL,
    article_id uuid NOT NULL,
    user_id uuid NOT NULL,
    helpful boolean NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

ALTER TABLE ONLY public.article_vote FORCE ROW LEVEL SECURITY;

ALTER TABLE public.article_vote OWNER TO fieldbeat_owner;

-- Name: asset; Type: TABLE; Schema: public; Owner: fieldbeat_owner

CREATE TABLE public.asset (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    rev bigint NOT NULL,
    fields jsonb NOT NULL,
    stamps bytea NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    changed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    deleted_at timestamp with time zone,
    account_id uuid GENERATED ALWAYS AS (((fields ->> 'accountId'::text))::uuid) STORED NOT NULL,
    name text GENERATED ALWAYS AS ((fields ->> 'name'::text)) STORED NOT NULL,
    serial_number text GENERATED ALWAYS AS ((fields ->> 'serialNumber'::text)) STORED,
    status text GENERATED ALWAYS AS ((fields ->> 'status'::text)) STORED NOT NULL,
    warranty_until date GENERATED ALWAYS AS (public.local_date((fields ->> 'warrantyUntil'::text))) STORED,
    tags text[] GENERATED ALWAYS AS (public.text_array((fields -> 'tags'::text))) STORED NOT NULL,
    search text GENERATED ALWAYS AS (public.folded(((((COALESCE((fields ->> 'name'::text), ''::text) || ' '::text) || COALESCE((fields ->> 'serialNumber'::text), ''::text)) || ' '::text) || COALESCE((fields ->> 'model'::text), ''::text)))) STORED NOT NULL,
    CONSTRAINT asset_rev_check CHECK ((rev >= 1))
);

ALTER TABLE ONLY public.asset FORCE ROW LEVEL SECURITY;

ALTER TABLE public.asset OWNER TO fieldbeat_owner;

-- Name: attachment; Type: TABLE; Schema: public; Owner: fieldbeat_owner

CREATE TABLE public.attachment (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    rev bigint NOT NULL,
    fields jsonb NOT NULL,
    stamps bytea NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    changed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    deleted_at timestamp with time zone,
    record_id uuid GENERATED ALWAYS AS (((fields ->> 'recordId'::text))::uuid) STORED NOT NULL,
    author_id uuid GENERATED ALWAYS AS (((fields ->> 'authorId'::text))::uuid) STORED,
    sha256 text GENERATED ALWAYS AS ((fields ->> 'sha256'::text)) STORED NOT NULL,
    bytes bigint GENERATED ALWAYS AS (((fields ->> 'bytes'::text))::bigint) STORED NOT NULL,
    content_type text GENERATED ALWAYS AS ((fields ->> 'contentType'::text)) STORED NOT NULL,
    status text GENERATED ALWAYS AS ((fields ->> 'status'::text)) STORED NOT NULL,
    CONSTRAINT attachment_rev_check CHECK ((rev >= 1))
);

ALTER TABLE ONLY public.attachment FORCE ROW LEVEL SECURITY;

ALTER TABLE public.attachment OWNER TO fieldbeat_owner;

-- Name: blob; Type: TABLE; Schema: public; Owner: fieldbeat_owner

CREATE TABLE public.blob (
    tenant_id uuid NOT NULL,
    sha256 text NOT NULL,
    place uuid NOT NULL,
    bytes bigint NOT NULL,
    content_type text NOT NULL,
    thumbnail text NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    seen_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT blob_bytes_check CHECK ((bytes > 0)),
    CONSTRAINT blob_sha256_check CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text)),
    CONSTRAINT blob_thumbnail_check CHECK ((thumbnail = ANY (ARRAY['PENDING'::text, 'READY'::text, 'NONE'::text])))
);

ALTER TABLE ONLY public.blob FORCE ROW LEVEL SECURITY;

ALTER TABLE public.blob OWNER TO fieldbeat_owner;

-- Name: business_hours; Type: TABLE; Schema: public; Owner: fieldbeat_owner

CREATE TABLE public.business_hours (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    rev bigint NOT NULL,
    fields jsonb NOT NULL,
    stamps bytea NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    changed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    deleted_at timestamp with time zone,
    name text GENERATED ALWAYS AS ((fields ->> 'name'::text)) STORED,
    is_default boolean GENERATED ALWAYS AS (((fields ->> 'isDefault'::text))::boolean) STORED,
    CONSTRAINT business_hours_rev_check CHECK ((rev >= 1))
);

ALTER TABLE ONLY public.business_hours FORCE ROW LEVEL SECURITY;

ALTER TABLE public.business_hours OWNER TO fieldbeat_owner;

-- Name: conflict; Type: TABLE; Schema: public; Owner: fieldbeat_owner

CREATE TABLE public.conflict (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    rev bigint NOT NULL,
    fields jsonb NOT NULL,
    stamps bytea NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    changed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    deleted_at timestamp with time zone,
    collection text GENERATED ALWAYS AS ((fields ->> 'collection'::text)) STORED,
    record_id uuid GENERATED ALWAYS AS (((fields ->> 'recordId'::text))::uuid) STORED,
    field text GENERATED ALWAYS AS ((fields ->> 'field'::text)) STORED,
    status text GENERATED ALWAYS AS ((fields ->> 'status'::text)) STORED,
    winner_replica integer NOT NULL,
    loser_replica integer NOT NULL,
    record_rev bigint NOT NULL,
    winner_rev bigint NOT NULL,
    loser_rev bigint NOT NULL,
    CONSTRAINT conflict_rev_check CHECK ((rev >= 1)),
    CONSTRAINT conflict_status_check CHECK ((status = ANY (ARRAY['OPEN'::text, 'RESOLVED'::text, 'DISMISSED'::text, 'SUPERSEDED'::text])))
);

ALTER TABLE ONLY public.conflict FORCE ROW LEVEL SECURITY;

ALTER TABLE public.conflict OWNER TO fieldbeat_owner;

-- Name: contact; Type: TABLE; Schema: public; Owner: fieldbeat_owner

CREATE TABLE public.contact (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    rev bigint NOT NULL,
    fields jsonb NOT NULL,
    stamps bytea NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    changed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    deleted_at timestamp with time zone,
    account_id uuid GENERATED ALWAYS AS (((fields ->> 'accountId'::text))::uuid) STORED NOT NULL,
    name text GENERATED ALWAYS AS ((fields ->> 'name'::text)) STORED,
    job_title text GENERATED ALWAYS AS ((fields ->> 'jobTitle'::text)) STORED,
    CONSTRAINT contact_rev_check CHECK ((rev >= 1))
);

ALTER TABLE ONLY public.contact FORCE ROW LEVEL SECURITY;

ALTER TABLE public.contact OWNER TO fieldbeat_owner;

-- Name: credential; Type: TABLE; Schema: public; Owner: fieldbeat_owner

CREATE TABLE public.credential (
    tenant_id uuid NOT NULL,
    user_id uuid NOT NULL,
    password_hash text NOT NULL,
    changed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

ALTER TABLE ONLY public.credential FORCE ROW LEVEL SECURITY;

ALTER TABLE public.credential OWNER TO fieldbeat_owner;

-- Name: day_profile; Type: TABLE; Schema: public; Owner: fieldbeat_owner

CREATE TABLE public.day_profile (
    tenant_id uuid NOT NULL,
    user_id uuid NOT NULL,
    start_latitude double precision NOT NULL,
    start_longitude double precision NOT NULL,
    end_latitude double precision,
    end_longitude double precision,
    visits_max integer,
    travel_minutes_max integer,
    changed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT day_profile_check CHECK (((end_latitude IS NULL) = (end_longitude IS NULL))),
    CONSTRAINT day_profile_end_latitude_check CHECK (((end_latitude >= ('-90'::integer)::double precision) AND (end_latitude <= (90)::double precision))),
    CONSTRAINT day_profile_end_longitude_check CHECK (((end_longitude >= ('-180'::integer)::double precision) AND (end_longitude <= (180)::double precision))),
    CONSTRAINT day_profile_start_latitude_check CHECK (((start_latitude >= ('-90'::integer)::double precision) AND (start_latitude <= (90)::double precision))),
    CONSTRAINT day_profile_start_longitude_check CHECK (((start_longitude >= ('-180'::integer)::double precision) AND (start_longitude <= (180)::double precision))),
    CONSTRAINT day_profile_travel_minutes_max_check CHECK ((travel_minutes_max >= 0)),
    CONSTRAINT day_profile_visits_max_check CHECK ((visits_max >= 1))
);

ALTER TABLE ONLY public.day_profile FORCE ROW LEVEL SECURITY;

ALTER TABLE public.day_profile OWNER TO fieldbeat_owner;

-- Name: deleted_record; Type: TABLE; Schema: public; Owner: fieldbeat_owner

CREATE TABLE public.deleted_record (
    tenant_id uuid NOT NULL,
    collection text NOT NULL,
    id uuid NOT NULL,
    rev bigint NOT NULL,
    at timestamp with time zone NOT NULL
);

ALTER TABLE ONLY public.deleted_record FORCE ROW LEVEL SECURITY;

ALTER TABLE public.deleted_record OWNER TO fieldbeat_owner;

-- Name: device; Type: TABLE; Schema: public; Owner: fieldbeat_owner

CREATE TABLE public.device (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    install_id uuid NOT NULL,
    user_id uuid NOT NULL,
    platform text NOT NULL,
    name text,
    app_version text,
    schema_version integer NOT NULL,
    push_token text,
    incarnation integer NOT NULL,
    last_seq bigint DEFAULT 0 NOT NULL,
    last_hlc bigint DEFAULT 0 NOT NULL,
    ratchet bigint DEFAULT 0 NOT NULL,
    skew_ms bigint,
    given bytea,
    given_at timestamp with time zone,
    wiped_at timestamp with time zone,
    registered_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    seen_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT device_platform_check CHECK ((platform = ANY (ARRAY['IOS'::text, 'ANDROID'::text, 'WEB'::text, 'OTHER'::text])))
);

ALTER TABLE ONLY public.device FORCE ROW LEVEL SECURITY;

ALTER TABLE public.device OWNER TO fieldbeat_owner;

-- Name: escalation; Type: TABLE; Schema: public; Owner: fieldbeat_owner

CREATE TABLE public.escalation (
    tenant_id uuid NOT NULL,
    ticket_id uuid NOT NULL,
    metric text NOT NULL,
    instance integer NOT NULL,
    step integer NOT NULL,
    deadline_version integer NOT NULL,
    user_id uuid NOT NULL,
    level integer NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

ALTER TABLE ONLY public.escalation FORCE ROW LEVEL SECURITY;

ALTER TABLE public.escalation OWNER TO fieldbeat_owner;

-- Name: escalation_stop; Type: TABLE; Schema: public; Owner: fieldbeat_owner

CREATE TABLE public.escalation_stop (
    tenant_id uuid NOT NULL,
    ticket_id uuid NOT NULL,
    metric text NOT NULL,
    instance integer NOT NULL,
    stopped_by uuid NOT NULL,
    stopped_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

ALTER TABLE ONLY public.escalation_stop FORCE ROW LEVEL SECURITY;

ALTER TABLE public.escalation_stop OWNER TO fieldbeat_owner;

-- Name: failed_attempts; Type: TABLE; Schema: public; Owner: fieldbeat_owner

CREATE TABLE public.failed_attempts (
    subject bytea NOT NULL,
    free integer NOT NULL,
    failures integer NOT NULL,
    last_at timestamp with time zone NOT NULL,
    waits_until timestamp with time zone NOT NULL,
    CONSTRAINT failed_attempts_failures_check CHECK ((failures > 0)),
    CONSTRAINT failed_attempts_subject_check CHECK ((octet_length(subject) = 32))
);

ALTER TABLE public.failed_attempts OWNER TO fieldbeat_owner;

-- Name: feed; Type: TABLE; Schema: public; Owner: fieldbeat_owner

CREATE TABLE public.feed (
    tenant_id uuid NOT NULL,
    scope_id text NOT NULL,
    seq bigint NOT NULL,
    collection text NOT NULL,
    record_id uuid NOT NULL,
    kind text NOT NULL,
    rev bigint NOT NULL,
    doc text,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    head text GENERATED ALWAYS AS ((((((((('},{"scope":"'::text || scope_id) || '","collection":"'::text) || collection) || '","id":"'::text) || record_id) || '","kind":"'::text) || kind) || '",'::text)) STORED,
    CONSTRAINT feed_kind_check CHECK ((kind = ANY (ARRAY['PUT'::text, 'DELETE'::text, 'EVICT'::text])))
);

ALTER TABLE ONLY public.feed FORCE ROW LEVEL SECURITY;

ALTER TABLE public.feed OWNER TO fieldbeat_owner;

-- Name: field_write; Type: TABLE; Schema: public; Owner: fieldbeat_owner

CREATE TABLE public.field_write (
    tenant_id uuid NOT NULL,
    collection text NOT NULL,
    record_id uuid NOT NULL,
    field text NOT NULL,
    rev bigint NOT NULL,
    replica integer NOT NULL,
    seq bigint NOT NULL,
    hlc bigint NOT NULL,
    rank smallint DEFAULT 0 NOT NULL,
    epoch integer DEFAULT 0 NOT NULL,
    value jsonb,
    actor_id uuid NOT NULL,
    device_id uuid,
    applied_at timestamp with time zone NOT NULL,
    outcome text NOT NULL,
    rule text NOT NULL,
    timing text DEFAULT 'SERVER'::text NOT NULL,
    CONSTRAINT field_write_outcome_check CHECK ((outcome = ANY (ARRAY['WON'::text, 'LOST'::text, 'ADDED'::text]))),
    CONSTRAINT field_write_timing_check CHECK ((timing = ANY (ARRAY['SERVER'::text, 'BOOT'::text, 'DEVICE'::text])))
);

ALTER TABLE ONLY public.field_write FORCE ROW LEVEL SECURITY;

ALTER TABLE public.field_write OWNER TO fieldbeat_owner;

-- Name: import_batch; Type: TABLE; Schema: public; Owner: fieldbeat_owner

CREATE TABLE public.import_batch (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    source text NOT NULL,
    content_hash bytea NOT NULL,
    actor_id uuid NOT NULL,
    rows_total integer NOT NULL,
    "position" integer DEFAULT 0 NOT NULL,
    added integer DEFAULT 0 NOT NULL,
    changed integer DEFAULT 0 NOT NULL,
    unchanged integer DEFAULT 0 NOT NULL,
    refused integer DEFAULT 0 NOT NULL,
    started_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    finished_at timestamp with time zone,
    undone_at timestamp with time zone,
    CONSTRAINT import_batch_check CHECK ((("position" >= 0) AND ("position" <= rows_total))),
    CONSTRAINT import_batch_source_check CHECK (((length(source) >= 1) AND (length(source) <= 100)))
);

ALTER TABLE ONLY public.import_batch FORCE ROW LEVEL SECURITY;

ALTER TABLE public.import_batch OWNER TO fieldbeat_owner;

-- Name: import_row; Type: TABLE; Schema: public; Owner: fieldbeat_owner

CREATE TABLE public.import_row (
    tenant_id uuid NOT NULL,
    batch_id uuid NOT NULL,
    place integer NOT NULL,
    source text NOT NULL,
    collection text NOT NULL,
    key text NOT NULL,
    record_id uuid NOT NULL,
    rev bigint NOT NULL,
    said jsonb NOT NULL,
    before jsonb,
    undone_at timestamp with time zone
);

ALTER TABLE ONLY public.import_row FORCE ROW LEVEL SECURITY;

ALTER TABLE public.import_row OWNER TO fieldbeat_owner;

-- Name: incarnation; Type: TABLE; Schema: public; Owner: fieldbeat_owner

CREATE TABLE public.incarnation (
    tenant_id uuid NOT NULL,
    replica integer NOT NULL,
    device_id uuid NOT NULL,
    user_id uuid NOT NULL,
    previous integer,
    previous_last_seq bigint,
    issued_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

ALTER TABLE ONLY public.incarnation FORCE ROW LEVEL SECURITY;

ALTER TABLE public.incarnation OWNER TO fieldbeat_owner;

-- Name: installation; Type: TABLE; Schema: public; Owner: fieldbeat_owner

CREATE TABLE public.installation (
    one boolean DEFAULT true NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    epoch integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT installation_epoch_check CHECK ((epoch >= 1)),
    CONSTRAINT installation_one_check CHECK (one)
);

ALTER TABLE public.installation OWNER TO fieldbeat_owner;

-- Name: knowledge_article; Type: TABLE; Schema: public; Owner: fieldbeat_owner

CREATE TABLE public.knowledge_article (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    rev bigint NOT NULL,
    fields jsonb NOT NULL,
    stamps bytea NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    changed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    deleted_at timestamp with time zone,
    title text GENERATED ALWAYS AS ((fields ->> 'title'::text)) STORED NOT NULL,
    status text GENERATED ALWAYS AS ((fields ->> 'status'::text)) STORED NOT NULL,
    language text GENERATED ALWAYS AS ((fields ->> 'language'::text)) STORED NOT NULL,
    author_id uuid GENERATED ALWAYS AS (((fields ->> 'authorId'::text))::uuid) STORED NOT NULL,
    previous_id uuid GENERATED ALWAYS AS (((fields ->> 'previousId'::text))::uuid) STORED,
    tags text[] GENERATED ALWAYS AS (public.text_array((fields -> 'tags'::text))) STORED NOT NULL,
    heading text GENERATED ALWAYS AS (public.folded((((fields ->> 'title'::text) || ' '::text) || (fields ->> 'tags'::text)))) STORED NOT NULL,
    search text GENERATED ALWAYS AS (public.folded((((((fields ->> 'title'::text) || ' '::text) || (fields ->> 'tags'::text)) || ' '::text) || (fields ->> 'body'::text)))) STORED NOT NULL,
    CONSTRAINT knowledge_article_rev_check CHECK ((rev >= 1))
);

ALTER TABLE ONLY public.knowledge_article FORCE ROW LEVEL SECURITY;

ALTER TABLE public.knowledge_article OWNER TO fieldbeat_owner;

-- Name: leave; Type: TABLE; Schema: public; Owner: fieldbeat_owner

CREATE TABLE public.leave (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    from_on date NOT NULL,
    until_on date NOT NULL,
    part text NOT NULL,
    kind text NOT NULL,
    entered_by uuid NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    changed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT leave_check CHECK ((until_on > from_on)),
    CONSTRAINT leave_kind_check CHECK ((kind = ANY (ARRAY['VACATION'::text, 'SICK'::text, 'TRAINING'::text, 'OTHER'::text]))),
    CONSTRAINT leave_part_check CHECK ((part = ANY (ARRAY['DAY'::text, 'MORNING'::text, 'AFTERNOON'::text])))
);

ALTER TABLE ONLY public.leave FORCE ROW LEVEL SECURITY;

ALTER TABLE public.leave OWNER TO fieldbeat_owner;

-- Name: location_read; Type: TABLE; Schema: public; Owner: fieldbeat_owner

CREATE TABLE public.location_read (
    tenant_id uuid NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    reader_id uuid NOT NULL,
    rep_id uuid NOT NULL,
    visit_id uuid,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    via text DEFAULT 'VISIT'::text NOT NULL,
    visits integer DEFAULT 1 NOT NULL,
    CONSTRAINT location_read_check CHECK (((visit_id IS NULL) = (via = 'SYNC'::text))),
    CONSTRAINT location_read_via_check CHECK ((via = ANY (ARRAY['VISIT'::text, 'HISTORY'::text, 'CONFLICT'::text, 'SYNC'::text]))),
    CONSTRAINT location_read_visits_check CHECK ((visits >= 1))
);

ALTER TABLE ONLY public.location_read FORCE ROW LEVEL SECURITY;

ALTER TABLE public.location_read OWNER TO fieldbeat_owner;

-- Name: login; Type: TABLE; Schema: public; Owner: fieldbeat_owner

CREATE TABLE public.login (
    email text NOT NULL,
    tenant_id uuid NOT NULL,
    user_id uuid NOT NULL,
    CONSTRAINT login_email_check CHECK ((email = lower(email)))
);

ALTER TABLE public.login OWNER TO fieldbeat_owner;

-- Name: notification; Type: TABLE; Schema: public; Owner: fieldbeat_owner

CREATE TABLE public.notification (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    rev bigint NOT NULL,
    fields jsonb NOT NULL,
    stamps bytea NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    changed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    deleted_at timestamp with time zone,
    user_id uuid GENERATED ALWAYS AS (((fields ->> 'userId'::text))::uuid) STORED NOT NULL,
    status text GENERATED ALWAYS AS ((fields ->> 'status'::text)) STORED NOT NULL,
    CONSTRAINT notification_rev_check CHECK ((rev >= 1))
);

ALTER TABLE ONLY public.notification FORCE ROW LEVEL SECURITY;

ALTER TABLE public.notification OWNER TO fieldbeat_owner;

-- Name: on_call_rota; Type: TABLE; Schema: public; Owner: fieldbeat_owner

CREATE TABLE public.on_call_rota (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    rev bigint NOT NULL,
    fields jsonb NOT NULL,
    stamps bytea NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    changed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    deleted_at timestamp with time zone,
    name text GENERATED ALWAYS AS ((fields ->> 'name'::text)) STORED,
    territory_id uuid GENERATED ALWAYS AS (((fields ->> 'territoryId'::text))::uuid) STORED,
    CONSTRAINT on_call_rota_rev_check CHECK ((rev >= 1))
);

ALTER TABLE ONLY public.on_call_rota FORCE ROW LEVEL SECURITY;

ALTER TABLE public.on_call_rota OWNER TO fieldbeat_owner;

-- Name: outbox; Type: TABLE; Schema: public; Owner: fieldbeat_owner

CREATE TABLE public.outbox (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    cause uuid NOT NULL,
    effect text NOT NULL,
    payload jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    due_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    done_at timestamp with time zone
);

ALTER TABLE ONLY public.outbox FORCE ROW LEVEL SECURITY;

ALTER TABLE public.outbox OWNER TO fieldbeat_owner;

-- Name: part; Type: TABLE; Schema: public; Owner: fieldbeat_owner

CREATE TABLE public.part (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    rev bigint NOT NULL,
    fields jsonb NOT NULL,
    stamps bytea NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    changed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    deleted_at timestamp with time zone,
    sku text GENERATED ALWAYS AS ((fields ->> 'sku'::text)) STORED NOT NULL,
    name text GENERATED ALWAYS AS ((fields ->> 'name'::text)) STORED NOT NULL,
    status text GENERATED ALWAYS AS ((fields ->> 'status'::text)) STORED NOT NULL,
    search text GENERATED ALWAYS AS (public.folded((((fields ->> 'name'::text) || ' '::text) || (fields ->> 'sku'::text)))) STORED NOT NULL,
    CONSTRAINT part_rev_check CHECK ((rev >= 1))
);

ALTER TABLE ONLY public.part FORCE ROW LEVEL SECURITY;

ALTER TABLE public.part OWNER TO fieldbeat_owner;

-- Name: part_cost; Type: TABLE; Schema: public; Owner: fieldbeat_owner

CREATE TABLE public.part_cost (
    tenant_id uuid NOT NULL,
    part_id uuid NOT NULL,
    from_on date NOT NULL,
    amount numeric(18,4) NOT NULL,
    set_by uuid NOT NULL,
    set_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT part_cost_amount_check CHECK (((amount >= (0)::numeric) AND (amount <= (1000000000)::numeric)))
);

ALTER TABLE ONLY public.part_cost FORCE ROW LEVEL SECURITY;

ALTER TABLE public.part_cost OWNER TO fieldbeat_owner;

-- Name: person; Type: TABLE; Schema: public; Owner: fieldbeat_owner

CREATE TABLE public.person (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    rev bigint NOT NULL,
    fields jsonb NOT NULL,
    stamps bytea NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    changed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    deleted_at timestamp with time zone,
    name text GENERATED ALWAYS AS ((fields ->> 'name'::text)) STORED,
    email text GENERATED ALWAYS AS (lower((fields ->> 'email'::text))) STORED,
    role text GENERATED ALWAYS AS ((fields ->> 'role'::text)) STORED,
    manager_id uuid GENERATED ALWAYS AS (((fields ->> 'managerId'::text))::uuid) STORED,
    time_zone text GENERATED ALWAYS AS ((fields ->> 'timeZone'::text)) STORED,
    deactivated_at timestamp with time zone,
    CONSTRAINT person_rev_check CHECK ((rev >= 1)),
    CONSTRAINT person_role_check CHECK ((role = ANY (ARRAY['REP'::text, 'SUPERVISOR'::text, 'ADMIN'::text])))
);

ALTER TABLE ONLY public.person FORCE ROW LEVEL SECURITY;

ALTER TABLE public.person OWNER TO fieldbeat_owner;

-- Name: plan_outcome; Type: TABLE; Schema: public; Owner: fieldbeat_owner

CREATE TABLE public.plan_outcome (
    tenant_id uuid NOT NULL,
    plan_id uuid NOT NULL,
    plan_hash text NOT NULL,
    effort text NOT NULL,
    days jsonb NOT NULL,
    unserved jsonb NOT NULL,
    amends uuid,
    changes jsonb,
    made_by uuid NOT NULL,
    made_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT plan_outcome_effort_check CHECK ((effort = ANY (ARRAY['QUICK'::text, 'FULL'::text])))
);

ALTER TABLE ONLY public.plan_outcome FORCE ROW LEVEL SECURITY;

ALTER TABLE public.plan_outcome OWNER TO fieldbeat_owner;

-- Name: plan_run; Type: TABLE; Schema: public; Owner: fieldbeat_owner

CREATE TABLE public.plan_run (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    asked_by uuid NOT NULL,
    from_on date NOT NULL,
    until_on date NOT NULL,
    effort text NOT NULL,
    publish boolean NOT NULL,
    asked_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT plan_run_effort_check CHECK ((effort = ANY (ARRAY['QUICK'::text, 'FULL'::text])))
);

ALTER TABLE ONLY public.plan_run FORCE ROW LEVEL SECURITY;

ALTER TABLE public.plan_run OWNER TO fieldbeat_owner;

-- Name: plan_run_rep; Type: TABLE; Schema: public; Owner: fieldbeat_owner

CREATE TABLE public.plan_run_rep (
    tenant_id uuid NOT NULL,
    run_id uuid NOT NULL,
    rep_id uuid NOT NULL,
    plan_id uuid,
    refused text,
    done_at timestamp with time zone
);

ALTER TABLE ONLY public.plan_run_rep FORCE ROW LEVEL SECURITY;

ALTER TABLE public.plan_run_rep OWNER TO fieldbeat_owner;

-- Name: portal_entry; Type: TABLE; Schema: public; Owner: fieldbeat_owner

CREATE TABLE public.portal_entry (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    token_id uuid NOT NULL,
    kind text NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT portal_entry_kind_check CHECK ((kind = ANY (ARRAY['TICKET'::text, 'MESSAGE'::text])))
);

ALTER TABLE ONLY public.portal_entry FORCE ROW LEVEL SECURITY;

ALTER TABLE public.portal_entry OWNER TO fieldbeat_owner;

-- Name: portal_token; Type: TABLE; Schema: public; Owner: fieldbeat_owner

CREATE TABLE public.portal_token (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    contact_id uuid NOT NULL,
    token_hash bytea NOT NULL,
    issued_by uuid NOT NULL,
    issued_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    revoked_at timestamp with time zone
);

ALTER TABLE ONLY public.portal_token FORCE ROW LEVEL SECURITY;

ALTER TABLE public.portal_token OWNER TO fieldbeat_owner;

-- Name: refresh_token; Type: TABLE; Schema: public; Owner: fieldbeat_owner

CREATE TABLE public.refresh_token (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    family_id uuid NOT NULL,
    user_id uuid NOT NULL,
    token_hash bytea NOT NULL,
    issued_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone,
    revoked_at timestamp with time zone
);

ALTER TABLE ONLY public.refresh_token FORCE ROW LEVEL SECURITY;

ALTER TABLE public.refresh_token OWNER TO fieldbeat_owner;

-- Name: scope_head; Type: TABLE; Schema: public; Owner: fieldbeat_owner

CREATE TABLE public.scope_head (
    tenant_id uuid NOT NULL,
    scope_id text NOT NULL,
    head bigint NOT NULL,
    live_rows bigint DEFAULT 0 NOT NULL,
    checksum numeric(20,0) DEFAULT 0 NOT NULL,
    horizon bigint DEFAULT 0 NOT NULL,
    CONSTRAINT scope_head_head_check CHECK ((head >= 0))
)
WITH (fillfactor='50');

ALTER TABLE ONLY public.scope_head FORCE ROW LEVEL SECURITY;

ALTER TABLE public.scope_head OWNER TO fieldbeat_owner;

-- Name: settled_mutation; Type: TABLE; Schema: public; Owner: fieldbeat_owner

CREATE TABLE public.settled_mutation (
    tenant_id uuid NOT NULL,
    replica integer NOT NULL,
    seq bigint NOT NULL,
    user_id uuid NOT NULL,
    uuid uuid NOT NULL,
    repeats boolean DEFAULT false NOT NULL,
    device_id uuid NOT NULL,
    collection text NOT NULL,
    record_id uuid NOT NULL,
    op text NOT NULL,
    payload_hash bytea NOT NULL,
    status text NOT NULL,
    rev bigint,
    conflict_ids uuid[] DEFAULT '{}'::uuid[] NOT NULL,
    existing_id uuid,
    code text,
    message text,
    fields text[] DEFAULT '{}'::text[] NOT NULL,
    patch text,
    at timestamp with time zone NOT NULL,
    settled_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT settled_mutation_check CHECK (((status = 'REJECTED'::text) = (code IS NOT NULL))),
    CONSTRAINT settled_mutation_status_check CHECK ((status = ANY (ARRAY['APPLIED'::text, 'MERGED'::text, 'CONFLICT'::text, 'REJECTED'::text])))
);

ALTER TABLE ONLY public.settled_mutation FORCE ROW LEVEL SECURITY;

ALTER TABLE public.settled_mutation OWNER TO fieldbeat_owner;

-- Name: signing_key; Type: TABLE; Schema: public; Owner: fieldbeat_owner

CREATE TABLE public.signing_key (
    kid text NOT NULL,
    purpose text NOT NULL,
    secret bytea NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    retired_at timestamp with time zone,
    expires_at timestamp with time zone,
    CONSTRAINT signing_key_check CHECK (((expires_at IS NULL) = (retired_at IS NULL))),
    CONSTRAINT signing_key_purpose_check CHECK ((purpose = ANY (ARRAY['ACCESS'::text, 'SEAL'::text]))),
    CONSTRAINT signing_key_secret_check CHECK ((octet_length(secret) >= 32))
);

ALTER TABLE public.signing_key OWNER TO fieldbeat_owner;

-- Name: sla_applied; Type: TABLE; Schema: public; Owner: fieldbeat_owner

CREATE TABLE public.sla_applied (
    tenant_id uuid NOT NULL,
    ticket_id uuid NOT NULL,
    at timestamp with time zone NOT NULL,
    known_at timestamp with time zone NOT NULL,
    policy_id uuid,
    version integer,
    hours_rev bigint
);

ALTER TABLE ONLY public.sla_applied FORCE ROW LEVEL SECURITY;

ALTER TABLE public.sla_applied OWNER TO fieldbeat_owner;

-- Name: sla_clock; Type: TABLE; Schema: public; Owner: fieldbeat_owner

CREATE TABLE public.sla_clock (
    tenant_id uuid NOT NULL,
    ticket_id uuid NOT NULL,
    metric text NOT NULL,
    instance integer NOT NULL,
    started_at timestamp with time zone NOT NULL,
    target interval,
    elapsed interval NOT NULL,
    anchor_at timestamp with time zone NOT NULL,
    runs boolean NOT NULL,
    deadline timestamp with time zone,
    ended_at timestamp with time zone,
    breached_at timestamp with time zone,
    breached_by_change boolean NOT NULL,
    retracted_at timestamp with time zone,
    unverified_at timestamp with time zone,
    policy_id uuid NOT NULL,
    version integer NOT NULL,
    hours_rev bigint NOT NULL,
    deadline_version integer NOT NULL
);

ALTER TABLE ONLY public.sla_clock FORCE ROW LEVEL SECURITY;

ALTER TABLE public.sla_clock OWNER TO fieldbeat_owner;

-- Name: sla_policy; Type: TABLE; Schema: public; Owner: fieldbeat_owner

CREATE TABLE public.sla_policy (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    rev bigint NOT NULL,
    fields jsonb NOT NULL,
    stamps bytea NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    changed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    deleted_at timestamp with time zone,
    name text GENERATED ALWAYS AS ((fields ->> 'name'::text)) STORED NOT NULL,
    "position" integer GENERATED ALWAYS AS (((fields ->> 'position'::text))::integer) STORED NOT NULL,
    status text GENERATED ALWAYS AS ((fields ->> 'status'::text)) STORED NOT NULL,
    business_hours_id uuid GENERATED ALWAYS AS (((fields ->> 'businessHoursId'::text))::uuid) STORED,
    CONSTRAINT sla_policy_rev_check CHECK ((rev >= 1))
);

ALTER TABLE ONLY public.sla_policy FORCE ROW LEVEL SECURITY;

ALTER TABLE public.sla_policy OWNER TO fieldbeat_owner;

-- Name: sla_recalculation; Type: TABLE; Schema: public; Owner: fieldbeat_owner

CREATE TABLE public.sla_recalculation (
    tenant_id uuid NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    started_at timestamp with time zone NOT NULL,
    finished_at timestamp with time zone,
    total integer NOT NULL,
    done integer NOT NULL,
    last_id uuid
);

ALTER TABLE ONLY public.sla_recalculation FORCE ROW LEVEL SECURITY;

ALTER TABLE public.sla_recalculation OWNER TO fieldbeat_owner;

-- Name: sla_step; Type: TABLE; Schema: public; Owner: fieldbeat_owner

CREATE TABLE public.sla_step (
    tenant_id uuid NOT NULL,
    ticket_id uuid NOT NULL,
    metric text NOT NULL,
    instance integer NOT NULL,
    step integer NOT NULL,
    deadline_version integer NOT NULL,
    due_at timestamp with time zone NOT NULL,
    levels integer[] NOT NULL,
    taken_at timestamp with time zone
);

ALTER TABLE ONLY public.sla_step FORCE ROW LEVEL SECURITY;

ALTER TABLE public.sla_step OWNER TO fieldbeat_owner;

-- Name: sla_terms; Type: TABLE; Schema: public; Owner: fieldbeat_owner

CREATE TABLE public.sla_terms (
    tenant_id uuid NOT NULL,
    policy_id uuid NOT NULL,
    version integer NOT NULL,
    hours_rev bigint NOT NULL,
    policy jsonb NOT NULL,
    hours jsonb
);

ALTER TABLE ONLY public.sla_terms FORCE ROW LEVEL SECURITY;

ALTER TABLE public.sla_terms OWNER TO fieldbeat_owner;

-- Name: snapshot_chunk; Type: TABLE; Schema: public; Owner: fieldbeat_owner

CREATE TABLE public.snapshot_chunk (
    tenant_id uuid NOT NULL,
    scope_id text NOT NULL,
    schema_version integer NOT NULL,
    head bigint NOT NULL,
    n integer NOT NULL,
    collection text NOT NULL,
    last_id uuid NOT NULL,
    live_rows integer NOT NULL,
    frame bytea NOT NULL
);
ALTER TABLE ONLY public.snapshot_chunk ALTER COLUMN frame SET STORAGE EXTERNAL;

ALTER TABLE ONLY public.snapshot_chunk FORCE ROW LEVEL SECURITY;

ALTER TABLE public.snapshot_chunk OWNER TO fieldbeat_owner;

-- Name: snapshot_set; Type: TABLE; Schema: public; Owner: fieldbeat_owner

CREATE TABLE public.snapshot_set (
    tenant_id uuid NOT NULL,
    scope_id text NOT NULL,
    schema_version integer NOT NULL,
    head bigint NOT NULL,
    live_rows bigint NOT NULL,
    checksum numeric(20,0) NOT NULL,
    chunks integer NOT NULL,
    built_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

ALTER TABLE ONLY public.snapshot_set FORCE ROW LEVEL SECURITY;

ALTER TABLE public.snapshot_set OWNER TO fieldbeat_owner;

-- Name: snapshot_stream; Type: TABLE; Schema: public; Owner: fieldbeat_owner

CREATE TABLE public.snapshot_stream (
    tenant_id uuid NOT NULL,
    device_id uuid NOT NULL,
    id uuid NOT NULL,
    as_of bytea NOT NULL,
    scopes text NOT NULL,
    started_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    today jsonb DEFAULT '[]'::jsonb NOT NULL
);

ALTER TABLE ONLY public.snapshot_stream FORCE ROW LEVEL SECURITY;

ALTER TABLE public.snapshot_stream OWNER TO fieldbeat_owner;

-- Name: tenant; Type: TABLE; Schema: public; Owner: fieldbeat_owner

CREATE TABLE public.tenant (
    id uuid NOT NULL,
    name text NOT NULL,
    demo boolean DEFAULT false NOT NULL,
    last_replica integer DEFAULT 0 NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT tenant_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200)))
);

ALTER TABLE ONLY public.tenant FORCE ROW LEVEL SECURITY;

ALTER TABLE public.tenant OWNER TO fieldbeat_owner;

-- Name: territory; Type: TABLE; Schema: public; Owner: fieldbeat_owner

CREATE TABLE public.territory (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    rev bigint NOT NULL,
    fields jsonb NOT NULL,
    stamps bytea NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    changed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    deleted_at timestamp with time zone,
    name text GENERATED ALWAYS AS ((fields ->> 'name'::text)) STORED,
    labels text[] GENERATED ALWAYS AS (public.text_array((fields -> 'labels'::text))) STORED,
    CONSTRAINT territory_rev_check CHECK ((rev >= 1))
);

ALTER TABLE ONLY public.territory FORCE ROW LEVEL SECURITY;

ALTER TABLE public.territory OWNER TO fieldbeat_owner;

-- Name: territory_assignment; Type: TABLE; Schema: public; Owner: fieldbeat_owner

CREATE TABLE public.territory_assignment (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    territory_id uuid NOT NULL,
    user_id uuid NOT NULL,
    from_on date NOT NULL,
    until_on date,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT territory_assignment_check CHECK (((until_on IS NULL) OR (until_on > from_on)))
);

ALTER TABLE ONLY public.territory_assignment FORCE ROW LEVEL SECURITY;

ALTER TABLE public.territory_assignment OWNER TO fieldbeat_owner;

-- Name: ticket; Type: TABLE; Schema: public; Owner: fieldbeat_owner

CREATE TABLE public.ticket (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    rev bigint NOT NULL,
    fields jsonb NOT NULL,
    stamps bytea NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    changed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    deleted_at timestamp with time zone,
    account_id uuid GENERATED ALWAYS AS (((fields ->> 'accountId'::text))::uuid) STORED NOT NULL,
    assignee_id uuid GENERATED ALWAYS AS (((fields ->> 'assigneeId'::text))::uuid) STORED,
    number bigint GENERATED ALWAYS AS (((fields ->> 'number'::text))::bigint) STORED,
    status text GENERATED ALWAYS AS ((fields ->> 'status'::text)) STORED NOT NULL,
    priority text GENERATED ALWAYS AS ((fields ->> 'priority'::text)) STORED NOT NULL,
    subject text GENERATED ALWAYS AS ((fields ->> 'subject'::text)) STORED NOT NULL,
    kind text GENERATED ALWAYS AS ((fields ->> 'kind'::text)) STORED,
    offered_to_id uuid GENERATED ALWAYS AS (((fields ->> 'offeredToId'::text))::uuid) STORED,
    merged_into_id uuid GENERATED ALWAYS AS (((fields ->> 'mergedIntoId'::text))::uuid) STORED,
    tags text[] GENERATED ALWAYS AS (public.text_array((fields -> 'tags'::text))) STORED,
    search text GENERATED ALWAYS AS (public.folded(((((COALESCE((fields ->> 'number'::text), ''::text) || ' '::text) || COALESCE((fields ->> 'subject'::text), ''::text)) || ' '::text) || COALESCE((fields ->> 'description'::text), ''::text)))) STORED,
    opened_at timestamp with time zone GENERATED ALWAYS AS (public.instant((fields ->> 'openedAt'::text))) STORED,
    asset_id uuid GENERATED ALWAYS AS (((fields ->> 'assetId'::text))::uuid) STORED,
    CONSTRAINT ticket_rev_check CHECK ((rev >= 1))
);

ALTER TABLE ONLY public.ticket FORCE ROW LEVEL SECURITY;

ALTER TABLE public.ticket OWNER TO fieldbeat_owner;

-- Name: ticket_counter; Type: TABLE; Schema: public; Owner: fieldbeat_owner

CREATE TABLE public.ticket_counter (
    tenant_id uuid NOT NULL,
    last_number bigint NOT NULL,
    CONSTRAINT ticket_counter_last_number_check CHECK ((last_number >= 0))
);

ALTER TABLE ONLY public.ticket_counter FORCE ROW LEVEL SECURITY;

ALTER TABLE public.ticket_counter OWNER TO fieldbeat_owner;

-- Name: ticket_filter; Type: TABLE; Schema: public; Owner: fieldbeat_owner

CREATE TABLE public.ticket_filter (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    name text NOT NULL,
    wanted jsonb NOT NULL,
    CONSTRAINT ticket_filter_name_check CHECK (((length(name) >= 1) AND (length(name) <= 100)))
);

ALTER TABLE ONLY public.ticket_filter FORCE ROW LEVEL SECURITY;

ALTER TABLE public.ticket_filter OWNER TO fieldbeat_owner;

-- Name: ticket_message; Type: TABLE; Schema: public; Owner: fieldbeat_owner

CREATE TABLE public.ticket_message (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    rev bigint NOT NULL,
    fields jsonb NOT NULL,
    stamps bytea NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    changed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    deleted_at timestamp with time zone,
    ticket_id uuid GENERATED ALWAYS AS (((fields ->> 'ticketId'::text))::uuid) STORED NOT NULL,
    author_id uuid GENERATED ALWAYS AS (((fields ->> 'authorId'::text))::uuid) STORED,
    public boolean GENERATED ALWAYS AS (((fields ->> 'public'::text))::boolean) STORED NOT NULL,
    contact_id uuid GENERATED ALWAYS AS (((fields ->> 'onBehalfOfContactId'::text))::uuid) STORED,
    at timestamp with time zone GENERATED ALWAYS AS (public.instant((fields ->> 'at'::text))) STORED,
    CONSTRAINT ticket_message_rev_check CHECK ((rev >= 1))
);

ALTER TABLE ONLY public.ticket_message FORCE ROW LEVEL SECURITY;

ALTER TABLE public.ticket_message OWNER TO fieldbeat_owner;

-- Name: ticket_part; Type: TABLE; Schema: public; Owner: fieldbeat_owner

CREATE TABLE public.ticket_part (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    rev bigint NOT NULL,
    fields jsonb NOT NULL,
    stamps bytea NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    changed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    deleted_at timestamp with time zone,
    ticket_id uuid GENERATED ALWAYS AS (((fields ->> 'ticketId'::text))::uuid) STORED NOT NULL,
    part_id uuid GENERATED ALWAYS AS (((fields ->> 'partId'::text))::uuid) STORED NOT NULL,
    author_id uuid GENERATED ALWAYS AS (((fields ->> 'authorId'::text))::uuid) STORED,
    quantity bigint GENERATED ALWAYS AS (((fields ->> 'quantity'::text))::bigint) STORED NOT NULL,
    at timestamp with time zone GENERATED ALWAYS AS (public.instant((fields ->> 'at'::text))) STORED,
    CONSTRAINT ticket_part_rev_check CHECK ((rev >= 1))
);

ALTER TABLE ONLY public.ticket_part FORCE ROW LEVEL SECURITY;

ALTER TABLE public.ticket_part OWNER TO fieldbeat_owner;

-- Name: ticket_rating; Type: TABLE; Schema: public; Owner: fieldbeat_owner

CREATE TABLE public.ticket_rating (
    tenant_id uuid NOT NULL,
    ticket_id uuid NOT NULL,
    contact_id uuid NOT NULL,
    score integer NOT NULL,
    comment text,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT ticket_rating_comment_check CHECK ((length(comment) <= 2000)),
    CONSTRAINT ticket_rating_score_check CHECK (((score >= 1) AND (score <= 5)))
);

ALTER TABLE ONLY public.ticket_rating FORCE ROW LEVEL SECURITY;

ALTER TABLE public.ticket_rating OWNER TO fieldbeat_owner;

-- Name: upload; Type: TABLE; Schema: public; Owner: fieldbeat_owner

CREATE TABLE public.upload (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    attachment_id uuid NOT NULL,
    user_id uuid NOT NULL,
    sha256 text NOT NULL,
    bytes bigint NOT NULL,
    content_type text NOT NULL,
    received bigint DEFAULT 0 NOT NULL,
    parts uuid[] DEFAULT '{}'::uuid[] NOT NULL,
    metadata text NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    done_at timestamp with time zone,
    CONSTRAINT upload_bytes_check CHECK ((bytes > 0)),
    CONSTRAINT upload_check CHECK (((received >= 0) AND (received <= bytes))),
    CONSTRAINT upload_sha256_check CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text))
);

ALTER TABLE ONLY public.upload FORCE ROW LEVEL SECURITY;

ALTER TABLE public.upload OWNER TO fieldbeat_owner;

-- Name: visit; Type: TABLE; Schema: public; Owner: fieldbeat_owner

CREATE TABLE public.visit (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    rev bigint NOT NULL,
    fields jsonb NOT NULL,
    stamps bytea NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    changed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    deleted_at timestamp with time zone,
    account_id uuid GENERATED ALWAYS AS (((fields ->> 'accountId'::text))::uuid) STORED NOT NULL,
    rep_id uuid GENERATED ALWAYS AS (((fields ->> 'repId'::text))::uuid) STORED,
    plan_id uuid GENERATED ALWAYS AS (((fields ->> 'planId'::text))::uuid) STORED,
    status text GENERATED ALWAYS AS ((fields ->> 'status'::text)) STORED NOT NULL,
    starts_at timestamp with time zone GENERATED ALWAYS AS (public.instant((fields #>> '{window,plannedStart}'::text[]))) STORED NOT NULL,
    ends_at timestamp with time zone GENERATED ALWAYS AS (public.instant((fields #>> '{window,plannedEnd}'::text[]))) STORED NOT NULL,
    CONSTRAINT visit_rev_check CHECK ((rev >= 1))
);

ALTER TABLE ONLY public.visit FORCE ROW LEVEL SECURITY;

ALTER TABLE public.visit OWNER TO fieldbeat_owner;

-- Name: visit_plan; Type: TABLE; Schema: public; Owner: fieldbeat_owner

CREATE TABLE public.visit_plan (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    rev bigint NOT NULL,
    fields jsonb NOT NULL,
    stamps bytea NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    changed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    deleted_at timestamp with time zone,
    rep_id uuid GENERATED ALWAYS AS (((fields ->> 'repId'::text))::uuid) STORED NOT NULL,
    from_on date GENERATED ALWAYS AS (public.local_date((fields ->> 'from'::text))) STORED NOT NULL,
    until_on date GENERATED ALWAYS AS (public.local_date((fields ->> 'until'::text))) STORED NOT NULL,
    status text GENERATED ALWAYS AS ((fields ->> 'status'::text)) STORED NOT NULL,
    CONSTRAINT visit_plan_rev_check CHECK ((rev >= 1))
);

ALTER TABLE ONLY public.visit_plan FORCE ROW LEVEL SECURITY;

ALTER TABLE public.visit_plan OWNER TO fieldbeat_owner;

-- Name: visit_plan_line; Type: TABLE; Schema: public; Owner: fieldbeat_owner

CREATE TABLE public.visit_plan_line (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    rev bigint NOT NULL,
    fields jsonb NOT NULL,
    stamps bytea NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    changed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    deleted_at timestamp with time zone,
    plan_id uuid GENERATED ALWAYS AS (((fields ->> 'planId'::text))::uuid) STORED NOT NULL,
    account_id uuid GENERATED ALWAYS AS (((fields ->> 'accountId'::text))::uuid) STORED NOT NULL,
    CONSTRAINT visit_plan_line_rev_check CHECK ((rev >= 1))
);

ALTER TABLE ONLY public.visit_plan_line FORCE ROW LEVEL SECURITY;

ALTER TABLE public.visit_plan_line OWNER TO fieldbeat_owner;

-- Name: visit_rule; Type: TABLE; Schema: public; Owner: fieldbeat_owner

CREATE TABLE public.visit_rule (
    tenant_id uuid NOT NULL,
    account_id uuid NOT NULL,
    per_cycle integer,
    duration_minutes integer,
    gap_min_days integer,
    gap_max_days integer,
    hours jsonb,
    weekdays text[] DEFAULT '{}'::text[] NOT NULL,
    preferred_weekdays text[] DEFAULT '{}'::text[] NOT NULL,
    must_visit date[] DEFAULT '{}'::date[] NOT NULL,
    holidays text DEFAULT 'MOVE_AFTER'::text NOT NULL,
    changed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    skills text[] DEFAULT '{}'::text[] NOT NULL,
    CONSTRAINT visit_rule_duration_minutes_check CHECK (((duration_minutes >= 1) AND (duration_minutes <= 1440))),
    CONSTRAINT visit_rule_gap_max_days_check CHECK (((gap_max_days >= 0) AND (gap_max_days <= 366))),
    CONSTRAINT visit_rule_gap_min_days_check CHECK (((gap_min_days >= 0) AND (gap_min_days <= 366))),
    CONSTRAINT visit_rule_holidays_check CHECK ((holidays = ANY (ARRAY['MOVE_BEFORE'::text, 'MOVE_AFTER'::text, 'SKIP'::text]))),
    CONSTRAINT visit_rule_per_cycle_check CHECK (((per_cycle >= 0) AND (per_cycle <= 100)))
);

ALTER TABLE ONLY public.visit_rule FORCE ROW LEVEL SECURITY;

ALTER TABLE public.visit_rule OWNER TO fieldbeat_owner;

-- Name: visit_template; Type: TABLE; Schema: public; Owner: fieldbeat_owner

CREATE TABLE public.visit_template (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    rev bigint NOT NULL,
    fields jsonb NOT NULL,
    stamps bytea NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    changed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    deleted_at timestamp with time zone,
    name text GENERATED ALWAYS AS ((fields ->> 'name'::text)) STORED NOT NULL,
    status text GENERATED ALWAYS AS ((fields ->> 'status'::text)) STORED NOT NULL,
    CONSTRAINT visit_template_rev_check CHECK ((rev >= 1))
);

ALTER TABLE ONLY public.visit_template FORCE ROW LEVEL SECURITY;

ALTER TABLE public.visit_template OWNER TO fieldbeat_owner;

-- Name: account account_pkey; Type: CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.account
    ADD CONSTRAINT account_pkey PRIMARY KEY (tenant_id, id);

-- Name: activity activity_pkey; Type: CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.activity
    ADD CONSTRAINT activity_pkey PRIMARY KEY (tenant_id, person_id, at, id);

-- Name: alembic_version alembic_version_pkc; Type: CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);

-- Name: article_link article_link_pkey; Type: CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.article_link
    ADD CONSTRAINT article_link_pkey PRIMARY KEY (tenant_id, ticket_id, article_id);

-- Name: article_vote article_vote_pkey; Type: CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.article_vote
    ADD CONSTRAINT article_vote_pkey PRIMARY KEY (tenant_id, article_id, user_id);

-- Name: asset asset_pkey; Type: CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.asset
    ADD CONSTRAINT asset_pkey PRIMARY KEY (tenant_id, id);

-- Name: attachment attachment_pkey; Type: CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.attachment
    ADD CONSTRAINT attachment_pkey PRIMARY KEY (tenant_id, id);

-- Name: blob blob_pkey; Type: CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.blob
    ADD CONSTRAINT blob_pkey PRIMARY KEY (tenant_id, sha256);

-- Name: business_hours business_hours_pkey; Type: CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.business_hours
    ADD CONSTRAINT business_hours_pkey PRIMARY KEY (tenant_id, id);

-- Name: conflict conflict_pkey; Type: CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.conflict
    ADD CONSTRAINT conflict_pkey PRIMARY KEY (tenant_id, id);

-- Name: contact contact_pkey; Type: CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.contact
    ADD CONSTRAINT contact_pkey PRIMARY KEY (tenant_id, id);

-- Name: credential credential_pkey; Type: CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.credential
    ADD CONSTRAINT credential_pkey PRIMARY KEY (tenant_id, user_id);

-- Name: day_profile day_profile_pkey; Type: CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.day_profile
    ADD CONSTRAINT day_profile_pkey PRIMARY KEY (tenant_id, user_id);

-- Name: deleted_record deleted_record_pkey; Type: CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.deleted_record
    ADD CONSTRAINT deleted_record_pkey PRIMARY KEY (tenant_id, collection, id);

-- Name: device device_pkey; Type: CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.device
    ADD CONSTRAINT device_pkey PRIMARY KEY (tenant_id, id);

-- Name: device device_tenant_id_install_id_user_id_key; Type: CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.device
    ADD CONSTRAINT device_tenant_id_install_id_user_id_key UNIQUE (tenant_id, install_id, user_id);

-- Name: escalation escalation_pkey; Type: CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.escalation
    ADD CONSTRAINT escalation_pkey PRIMARY KEY (tenant_id, ticket_id, metric, instance, step, deadline_version, user_id);

-- Name: escalation_stop escalation_stop_pkey; Type: CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.escalation_stop
    ADD CONSTRAINT escalation_stop_pkey PRIMARY KEY (tenant_id, ticket_id, metric, instance);

-- Name: failed_attempts failed_attempts_pkey; Type: CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.failed_attempts
    ADD CONSTRAINT failed_attempts_pkey PRIMARY KEY (subject);

-- Name: feed feed_order; Type: CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.feed
    ADD CONSTRAINT feed_order UNIQUE (tenant_id, scope_id, seq);

-- Name: feed feed_pkey; Type: CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.feed
    ADD CONSTRAINT feed_pkey PRIMARY KEY (tenant_id, scope_id, collection, record_id);

-- Name: field_write field_write_pkey; Type: CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.field_write
    ADD CONSTRAINT field_write_pkey PRIMARY KEY (tenant_id, collection, record_id, field, rev);

-- Name: import_batch import_batch_pkey; Type: CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.import_batch
    ADD CONSTRAINT import_batch_pkey PRIMARY KEY (tenant_id, id);

-- Name: import_row import_row_pkey; Type: CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.import_row
    ADD CONSTRAINT import_row_pkey PRIMARY KEY (tenant_id, batch_id, place);

-- Name: incarnation incarnation_pkey; Type: CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.incarnation
    ADD CONSTRAINT incarnation_pkey PRIMARY KEY (tenant_id, replica);

-- Name: installation installation_pkey; Type: CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.installation
    ADD CONSTRAINT installation_pkey PRIMARY KEY (one);

-- Name: knowledge_article knowledge_article_pkey; Type: CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.knowledge_article
    ADD CONSTRAINT knowledge_article_pkey PRIMARY KEY (tenant_id, id);

-- Name: leave leave_pkey; Type: CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.leave
    ADD CONSTRAINT leave_pkey PRIMARY KEY (tenant_id, id);

-- Name: location_read location_read_pkey; Type: CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.location_read
    ADD CONSTRAINT location_read_pkey PRIMARY KEY (tenant_id, id);

-- Name: login login_pkey; Type: CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.login
    ADD CONSTRAINT login_pkey PRIMARY KEY (email);

-- Name: login login_tenant_id_user_id_key; Type: CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.login
    ADD CONSTRAINT login_tenant_id_user_id_key UNIQUE (tenant_id, user_id);

-- Name: notification notification_pkey; Type: CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.notification
    ADD CONSTRAINT notification_pkey PRIMARY KEY (tenant_id, id);

-- Name: on_call_rota on_call_rota_pkey; Type: CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.on_call_rota
    ADD CONSTRAINT on_call_rota_pkey PRIMARY KEY (tenant_id, id);

-- Name: outbox outbox_pkey; Type: CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (tenant_id, id);

-- Name: outbox outbox_tenant_id_cause_effect_key; Type: CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_tenant_id_cause_effect_key UNIQUE (tenant_id, cause, effect);

-- Name: part_cost part_cost_pkey; Type: CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.part_cost
    ADD CONSTRAINT part_cost_pkey PRIMARY KEY (tenant_id, part_id, from_on);

-- Name: part part_pkey; Type: CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.part
    ADD CONSTRAINT part_pkey PRIMARY KEY (tenant_id, id);

-- Name: person person_pkey; Type: CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.person
    ADD CONSTRAINT person_pkey PRIMARY KEY (tenant_id, id);

-- Name: plan_outcome plan_outcome_pkey; Type: CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.plan_outcome
    ADD CONSTRAINT plan_outcome_pkey PRIMARY KEY (tenant_id, plan_id);

-- Name: plan_run plan_run_pkey; Type: CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.plan_run
    ADD CONSTRAINT plan_run_pkey PRIMARY KEY (tenant_id, id);

-- Name: plan_run_rep plan_run_rep_pkey; Type: CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.plan_run_rep
    ADD CONSTRAINT plan_run_rep_pkey PRIMARY KEY (tenant_id, run_id, rep_id);

-- Name: portal_entry portal_entry_pkey; Type: CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.portal_entry
    ADD CONSTRAINT portal_entry_pkey PRIMARY KEY (tenant_id, id);

-- Name: portal_token portal_token_pkey; Type: CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.portal_token
    ADD CONSTRAINT portal_token_pkey PRIMARY KEY (tenant_id, id);

-- Name: refresh_token refresh_token_pkey; Type: CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.refresh_token
    ADD CONSTRAINT refresh_token_pkey PRIMARY KEY (tenant_id, id);

-- Name: scope_head scope_head_pkey; Type: CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.scope_head
    ADD CONSTRAINT scope_head_pkey PRIMARY KEY (tenant_id, scope_id);

-- Name: settled_mutation settled_mutation_pkey; Type: CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.settled_mutation
    ADD CONSTRAINT settled_mutation_pkey PRIMARY KEY (tenant_id, replica, seq);

-- Name: signing_key signing_key_pkey; Type: CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.signing_key
    ADD CONSTRAINT signing_key_pkey PRIMARY KEY (kid);

-- Name: sla_applied sla_applied_pkey; Type: CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.sla_applied
    ADD CONSTRAINT sla_applied_pkey PRIMARY KEY (tenant_id, ticket_id, at);

-- Name: sla_clock sla_clock_pkey; Type: CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.sla_clock
    ADD CONSTRAINT sla_clock_pkey PRIMARY KEY (tenant_id, ticket_id, metric, instance);

-- Name: sla_policy sla_policy_pkey; Type: CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.sla_policy
    ADD CONSTRAINT sla_policy_pkey PRIMARY KEY (tenant_id, id);

-- Name: sla_recalculation sla_recalculation_pkey; Type: CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.sla_recalculation
    ADD CONSTRAINT sla_recalculation_pkey PRIMARY KEY (tenant_id);

-- Name: sla_step sla_step_pkey; Type: CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.sla_step
    ADD CONSTRAINT sla_step_pkey PRIMARY KEY (tenant_id, ticket_id, metric, instance, step, deadline_version);

-- Name: sla_terms sla_terms_pkey; Type: CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.sla_terms
    ADD CONSTRAINT sla_terms_pkey PRIMARY KEY (tenant_id, policy_id, version, hours_rev);

-- Name: snapshot_chunk snapshot_chunk_pkey; Type: CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.snapshot_chunk
    ADD CONSTRAINT snapshot_chunk_pkey PRIMARY KEY (tenant_id, scope_id, schema_version, head, n);

-- Name: snapshot_set snapshot_set_pkey; Type: CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.snapshot_set
    ADD CONSTRAINT snapshot_set_pkey PRIMARY KEY (tenant_id, scope_id, schema_version, head);

-- Name: snapshot_stream snapshot_stream_pkey; Type: CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.snapshot_stream
    ADD CONSTRAINT snapshot_stream_pkey PRIMARY KEY (tenant_id, device_id);

-- Name: tenant tenant_pkey; Type: CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.tenant
    ADD CONSTRAINT tenant_pkey PRIMARY KEY (id);

-- Name: territory_assignment territory_assignment_pkey; Type: CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.territory_assignment
    ADD CONSTRAINT territory_assignment_pkey PRIMARY KEY (tenant_id, id);

-- Name: territory territory_pkey; Type: CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.territory
    ADD CONSTRAINT territory_pkey PRIMARY KEY (tenant_id, id);

-- Name: ticket_counter ticket_counter_pkey; Type: CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.ticket_counter
    ADD CONSTRAINT ticket_counter_pkey PRIMARY KEY (tenant_id);

-- Name: ticket_filter ticket_filter_pkey; Type: CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.ticket_filter
    ADD CONSTRAINT ticket_filter_pkey PRIMARY KEY (tenant_id, id);

-- Name: ticket_filter ticket_filter_tenant_id_user_id_name_key; Type: CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.ticket_filter
    ADD CONSTRAINT ticket_filter_tenant_id_user_id_name_key UNIQUE (tenant_id, user_id, name);

-- Name: ticket_message ticket_message_pkey; Type: CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.ticket_message
    ADD CONSTRAINT ticket_message_pkey PRIMARY KEY (tenant_id, id);

-- Name: ticket_part ticket_part_pkey; Type: CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.ticket_part
    ADD CONSTRAINT ticket_part_pkey PRIMARY KEY (tenant_id, id);

-- Name: ticket ticket_pkey; Type: CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.ticket
    ADD CONSTRAINT ticket_pkey PRIMARY KEY (tenant_id, id);

-- Name: ticket_rating ticket_rating_pkey; Type: CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.ticket_rating
    ADD CONSTRAINT ticket_rating_pkey PRIMARY KEY (tenant_id, ticket_id);

-- Name: upload upload_pkey; Type: CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.upload
    ADD CONSTRAINT upload_pkey PRIMARY KEY (tenant_id, id);

-- Name: visit visit_pkey; Type: CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.visit
    ADD CONSTRAINT visit_pkey PRIMARY KEY (tenant_id, id);

-- Name: visit_plan_line visit_plan_line_pkey; Type: CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.visit_plan_line
    ADD CONSTRAINT visit_plan_line_pkey PRIMARY KEY (tenant_id, id);

-- Name: visit_plan visit_plan_pkey; Type: CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.visit_plan
    ADD CONSTRAINT visit_plan_pkey PRIMARY KEY (tenant_id, id);

-- Name: visit_rule visit_rule_pkey; Type: CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.visit_rule
    ADD CONSTRAINT visit_rule_pkey PRIMARY KEY (tenant_id, account_id);

-- Name: visit_template visit_template_pkey; Type: CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.visit_template
    ADD CONSTRAINT visit_template_pkey PRIMARY KEY (tenant_id, id);

-- Name: account_code; Type: INDEX; Schema: public; Owner: fieldbeat_owner

CREATE UNIQUE INDEX account_code ON public.account USING btree (tenant_id, code) WHERE (deleted_at IS NULL);

-- Name: account_name; Type: INDEX; Schema: public; Owner: fieldbeat_owner

CREATE INDEX account_name ON public.account USING btree (tenant_id, name, id);

-- Name: account_owner; Type: INDEX; Schema: public; Owner: fieldbeat_owner

CREATE INDEX account_owner ON public.account USING btree (tenant_id, owner_id, id);

-- Name: account_place; Type: INDEX; Schema: public; Owner: fieldbeat_owner

CREATE INDEX account_place ON public.account USING btree (tenant_id, latitude, longitude) WHERE (latitude IS NOT NULL);

-- Name: account_search; Type: INDEX; Schema: public; Owner: fieldbeat_owner

CREATE INDEX account_search ON public.account USING gin (tenant_id, search public.gin_trgm_ops);

-- Name: account_tags; Type: INDEX; Schema: public; Owner: fieldbeat_owner

CREATE INDEX account_tags ON public.account USING gin (tenant_id, tags);

-- Name: account_territory; Type: INDEX; Schema: public; Owner: fieldbeat_owner

CREATE INDEX account_territory ON public.account USING btree (tenant_id, territory_id, name, id);

-- Name: activity_at; Type: INDEX; Schema: public; Owner: fieldbeat_owner

CREATE INDEX activity_at ON public.activity USING btree (tenant_id, at);

-- Name: article_link_article; Type: INDEX; Schema: public; Owner: fieldbeat_owner

CREATE INDEX article_link_article ON public.article_link USING btree (tenant_id, article_id, at, ticket_id);

-- Name: article_vote_user; Type: INDEX; Schema: public; Owner: fieldbeat_owner

CREATE INDEX article_vote_user ON public.article_vote USING btree (tenant_id, user_id, article_id);

-- Name: asset_account; Type: INDEX; Schema: public; Owner: fieldbeat_owner

CREATE INDEX asset_account ON public.asset USING btree (tenant_id, account_id, name, id);

-- Name: asset_name; Type: INDEX; Schema: public; Owner: fieldbeat_owner

CREATE INDEX asset_name ON public.asset USING btree (tenant_id, name, id);

-- Name: asset_search; Type: INDEX; Schema: public; Owner: fieldbeat_owner

CREATE INDEX asset_search ON public.asset USING gin (tenant_id, search public.gin_trgm_ops);

-- Name: asset_serial_number; Type: INDEX; Schema: public; Owner: fieldbeat_owner

CREATE UNIQUE INDEX asset_serial_number ON public.asset USING btree (tenant_id, serial_number) WHERE (deleted_at IS NULL);

-- Name: asset_warranty; Type: INDEX; Schema: public; Owner: fieldbeat_owner

CREATE INDEX asset_warranty ON public.asset USING btree (tenant_id, warranty_until) WHERE (warranty_until IS NOT NULL);

-- Name: attachment_record; Type: INDEX; Schema: public; Owner: fieldbeat_owner

CREATE INDEX attachment_record ON public.attachment USING btree (tenant_id, record_id, id);

-- Name: attachment_sha256; Type: INDEX; Schema: public; Owner: fieldbeat_owner

CREATE INDEX attachment_sha256 ON public.attachment USING btree (tenant_id, sha256);

-- Name: blob_seen; Type: INDEX; Schema: public; Owner: fieldbeat_owner

CREATE INDEX blob_seen ON public.blob USING btree (tenant_id, seen_at, sha256);

-- Name: business_hours_default; Type: INDEX; Schema: public; Owner: fieldbeat_owner

CREATE UNIQUE INDEX business_hours_default ON public.business_hours USING btree (tenant_id) WHERE (is_default AND (deleted_at IS NULL));

-- Name: business_hours_name; Type: INDEX; Schema: public; Owner: fieldbeat_owner

CREATE INDEX business_hours_name ON public.business_hours USING btree (tenant_id, name, id) WHERE (deleted_at IS NULL);

-- Name: conflict_record; Type: INDEX; Schema: public; Owner: fieldbeat_owner

CREATE INDEX conflict_record ON public.conflict USING btree (tenant_id, collection, record_id, status);

-- Name: conflict_status; Type: INDEX; Schema: public; Owner: fieldbeat_owner

CREATE INDEX conflict_status ON public.conflict USING btree (tenant_id, status, id);

-- Name: contact_account; Type: INDEX; Schema: public; Owner: fieldbeat_owner

CREATE INDEX contact_account ON public.contact USING btree (tenant_id, account_id, name, id);

-- Name: deleted_record_at; Type: INDEX; Schema: public; Owner: fieldbeat_owner

CREATE INDEX deleted_record_at ON public.deleted_record USING btree (tenant_id, at);

-- Name: device_user; Type: INDEX; Schema: public; Owner: fieldbeat_owner

CREATE INDEX device_user ON public.device USING btree (tenant_id, user_id, id);

-- Name: failed_attempts_last; Type: INDEX; Schema: public; Owner: fieldbeat_owner

CREATE INDEX failed_attempts_last ON public.failed_attempts USING btree (last_at);

-- Name: feed_gone; Type: INDEX; Schema: public; Owner: fieldbeat_owner

CREATE INDEX feed_gone ON public.feed USING btree (tenant_id, at) WHERE (kind <> 'PUT'::text);

-- Name: field_write_rev; Type: INDEX; Schema: public; Owner: fieldbeat_owner

CREATE INDEX field_write_rev ON public.field_write USING btree (tenant_id, collection, record_id, rev DESC);

-- Name: import_batch_source; Type: INDEX; Schema: public; Owner: fieldbeat_owner

CREATE INDEX import_batch_source ON public.import_batch USING btree (tenant_id, source, started_at DESC, id);

-- Name: import_row_key; Type: INDEX; Schema: public; Owner: fieldbeat_owner

CREATE INDEX import_row_key ON public.import_row USING btree (tenant_id, source, collection, key, rev DESC) WHERE (undone_at IS NULL);

-- Name: incarnation_device; Type: INDEX; Schema: public; Owner: fieldbeat_owner

CREATE INDEX incarnation_device ON public.incarnation USING btree (tenant_id, device_id);

-- Name: knowledge_article_author; Type: INDEX; Schema: public; Owner: fieldbeat_owner

CREATE INDEX knowledge_article_author ON public.knowledge_article USING btree (tenant_id, author_id, id);

-- Name: knowledge_article_heading; Type: INDEX; Schema: public; Owner: fieldbeat_owner

CREATE INDEX knowledge_article_heading ON public.knowledge_article USING gin (tenant_id, heading public.gin_trgm_ops);

-- Name: knowledge_article_search; Type: INDEX; Schema: public; Owner: fieldbeat_owner

CREATE INDEX knowledge_article_search ON public.knowledge_article USING gin (tenant_id, search public.gin_trgm_ops);

-- Name: knowledge_article_successor; Type: INDEX; Schema: public; Owner: fieldbeat_owner

CREATE UNIQUE INDEX knowledge_article_successor ON public.knowledge_article USING btree (tenant_id, previous_id) WHERE ((previous_id IS NOT NULL) AND (status <> 'OBSOLETE'::text) AND (deleted_at IS NULL));

-- Name: knowledge_article_tags; Type: INDEX; Schema: public; Owner: fieldbeat_owner

CREATE INDEX knowledge_article_tags ON public.knowledge_article USING gin (tenant_id, tags);

-- Name: knowledge_article_title; Type: INDEX; Schema: public; Owner: fieldbeat_owner

CREATE INDEX knowledge_article_title ON public.knowledge_article USING btree (tenant_id, title, id);

-- Name: leave_user; Type: INDEX; Schema: public; Owner: fieldbeat_owner

CREATE INDEX leave_user ON public.leave USING btree (tenant_id, user_id, from_on);

-- Name: location_read_rep; Type: INDEX; Schema: public; Owner: fieldbeat_owner

CREATE INDEX location_read_rep ON public.location_read USING btree (tenant_id, rep_id, at, id);

-- Name: notification_user_at; Type: INDEX; Schema: public; Owner: fieldbeat_owner

CREATE INDEX notification_user_at ON public.notification USING btree (tenant_id, user_id, created_at DESC, id DESC);

-- Name: on_call_rota_name; Type: INDEX; Schema: public; Owner: fieldbeat_owner

CREATE INDEX on_call_rota_name ON public.on_call_rota USING btree (tenant_id, name, id) WHERE (deleted_at IS NULL);

-- Name: on_call_rota_territory; Type: INDEX; Schema: public; Owner: fieldbeat_owner

CREATE UNIQUE INDEX on_call_rota_territory ON public.on_call_rota USING btree (tenant_id, territory_id) NULLS NOT DISTINCT WHERE (deleted_at IS NULL);

-- Name: outbox_due; Type: INDEX; Schema: public; Owner: fieldbeat_owner

CREATE INDEX outbox_due ON public.outbox USING btree (tenant_id, due_at, id) WHERE (done_at IS NULL);

-- Name: part_name; Type: INDEX; Schema: public; Owner: fieldbeat_owner

CREATE INDEX part_name ON public.part USING btree (tenant_id, name, id);

-- Name: part_sku; Type: INDEX; Schema: public; Owner: fieldbeat_owner

CREATE UNIQUE INDEX part_sku ON public.part USING btree (tenant_id, sku) WHERE (deleted_at IS NULL);

-- Name: person_manager; Type: INDEX; Schema: public; Owner: fieldbeat_owner

CREATE INDEX person_manager ON public.person USING btree (tenant_id, manager_id);

-- Name: person_name; Type: INDEX; Schema: public; Owner: fieldbeat_owner

CREATE INDEX person_name ON public.person USING btree (tenant_id, name, id);

-- Name: plan_outcome_amends; Type: INDEX; Schema: public; Owner: fieldbeat_owner

CREATE INDEX plan_outcome_amends ON public.plan_outcome USING btree (tenant_id, amends) WHERE (amends IS NOT NULL);

-- Name: plan_run_rep_open; Type: INDEX; Schema: public; Owner: fieldbeat_owner

CREATE INDEX plan_run_rep_open ON public.plan_run_rep USING btree (tenant_id, run_id, rep_id) WHERE (done_at IS NULL);

-- Name: portal_entry_token; Type: INDEX; Schema: public; Owner: fieldbeat_owner

CREATE INDEX portal_entry_token ON public.portal_entry USING btree (tenant_id, token_id, kind, at);

-- Name: portal_token_contact; Type: INDEX; Schema: public; Owner: fieldbeat_owner

CREATE INDEX portal_token_contact ON public.portal_token USING btree (tenant_id, contact_id, issued_at, id);

-- Name: refresh_token_family; Type: INDEX; Schema: public; Owner: fieldbeat_owner

CREATE INDEX refresh_token_family ON public.refresh_token USING btree (tenant_id, family_id);

-- Name: refresh_token_user; Type: INDEX; Schema: public; Owner: fieldbeat_owner

CREATE INDEX refresh_token_user ON public.refresh_token USING btree (tenant_id, user_id);

-- Name: settled_mutation_create; Type: INDEX; Schema: public; Owner: fieldbeat_owner

CREATE INDEX settled_mutation_create ON public.settled_mutation USING btree (tenant_id, device_id, record_id) WHERE (op = 'CREATE'::text);

-- Name: settled_mutation_once; Type: INDEX; Schema: public; Owner: fieldbeat_owner

CREATE UNIQUE INDEX settled_mutation_once ON public.settled_mutation USING btree (tenant_id, user_id, uuid) WHERE (NOT repeats);

-- Name: settled_mutation_rejected; Type: INDEX; Schema: public; Owner: fieldbeat_owner

CREATE INDEX settled_mutation_rejected ON public.settled_mutation USING btree (tenant_id, user_id, settled_at DESC, replica, seq) WHERE (status = 'REJECTED'::text);

-- Name: settled_mutation_repeats; Type: INDEX; Schema: public; Owner: fieldbeat_owner

CREATE INDEX settled_mutation_repeats ON public.settled_mutation USING btree (tenant_id, replica, seq) WHERE repeats;

-- Name: signing_key_current; Type: INDEX; Schema: public; Owner: fieldbeat_owner

CREATE UNIQUE INDEX signing_key_current ON public.signing_key USING btree (purpose) WHERE (retired_at IS NULL);

-- Name: sla_clock_deadline; Type: INDEX; Schema: public; Owner: fieldbeat_owner

CREATE INDEX sla_clock_deadline ON public.sla_clock USING btree (tenant_id, deadline) WHERE (ended_at IS NULL);

-- Name: sla_clock_paused; Type: INDEX; Schema: public; Owner: fieldbeat_owner

CREATE INDEX sla_clock_paused ON public.sla_clock USING btree (tenant_id, anchor_at, ticket_id) WHERE ((metric = 'RESOLUTION'::text) AND (ended_at IS NULL) AND (NOT runs) AND (target IS NOT NULL));

-- Name: sla_policy_name; Type: INDEX; Schema: public; Owner: fieldbeat_owner

CREATE INDEX sla_policy_name ON public.sla_policy USING btree (tenant_id, name, id);

-- Name: sla_policy_position; Type: INDEX; Schema: public; Owner: fieldbeat_owner

CREATE INDEX sla_policy_position ON public.sla_policy USING btree (tenant_id, "position", id) WHERE (status = 'ACTIVE'::text);

-- Name: sla_step_due; Type: INDEX; Schema: public; Owner: fieldbeat_owner

CREATE INDEX sla_step_due ON public.sla_step USING btree (tenant_id, due_at, ticket_id) WHERE (taken_at IS NULL);

-- Name: territory_assignment_territory; Type: INDEX; Schema: public; Owner: fieldbeat_owner

CREATE INDEX territory_assignment_territory ON public.territory_assignment USING btree (tenant_id, territory_id, from_on);

-- Name: territory_assignment_user; Type: INDEX; Schema: public; Owner: fieldbeat_owner

CREATE INDEX territory_assignment_user ON public.territory_assignment USING btree (tenant_id, user_id, from_on);

-- Name: territory_name; Type: INDEX; Schema: public; Owner: fieldbeat_owner

CREATE UNIQUE INDEX territory_name ON public.territory USING btree (tenant_id, name) WHERE (deleted_at IS NULL);

-- Name: ticket_account; Type: INDEX; Schema: public; Owner: fieldbeat_owner

CREATE INDEX ticket_account ON public.ticket USING btree (tenant_id, account_id, id);

-- Name: ticket_account_number; Type: INDEX; Schema: public; Owner: fieldbeat_owner

CREATE INDEX ticket_account_number ON public.ticket USING btree (tenant_id, account_id, number DESC);

-- Name: ticket_asset; Type: INDEX; Schema: public; Owner: fieldbeat_owner

CREATE INDEX ticket_asset ON public.ticket USING btree (tenant_id, asset_id, number) WHERE (asset_id IS NOT NULL);

-- Name: ticket_assignee; Type: INDEX; Schema: public; Owner: fieldbeat_owner

CREATE INDEX ticket_assignee ON public.ticket USING btree (tenant_id, assignee_id, status, id);

-- Name: ticket_merged; Type: INDEX; Schema: public; Owner: fieldbeat_owner

CREATE INDEX ticket_merged ON public.ticket USING btree (tenant_id, merged_into_id, id) WHERE (merged_into_id IS NOT NULL);

-- Name: ticket_message_at; Type: INDEX; Schema: public; Owner: fieldbeat_owner

CREATE INDEX ticket_message_at ON public.ticket_message USING btree (tenant_id, ticket_id, at, id);

-- Name: ticket_message_ticket; Type: INDEX; Schema: public; Owner: fieldbeat_owner

CREATE INDEX ticket_message_ticket ON public.ticket_message USING btree (tenant_id, ticket_id, id);

-- Name: ticket_number; Type: INDEX; Schema: public; Owner: fieldbeat_owner

CREATE UNIQUE INDEX ticket_number ON public.ticket USING btree (tenant_id, number);

-- Name: ticket_offered; Type: INDEX; Schema: public; Owner: fieldbeat_owner

CREATE INDEX ticket_offered ON public.ticket USING btree (tenant_id, offered_to_id, id) WHERE (offered_to_id IS NOT NULL);

-- Name: ticket_opened; Type: INDEX; Schema: public; Owner: fieldbeat_owner

CREATE INDEX ticket_opened ON public.ticket USING btree (tenant_id, opened_at, id);

-- Name: ticket_part_part; Type: INDEX; Schema: public; Owner: fieldbeat_owner

CREATE INDEX ticket_part_part ON public.ticket_part USING btree (tenant_id, part_id, id);

-- Name: ticket_part_ticket; Type: INDEX; Schema: public; Owner: fieldbeat_owner

CREATE INDEX ticket_part_ticket ON public.ticket_part USING btree (tenant_id, ticket_id, at, id);

-- Name: ticket_search; Type: INDEX; Schema: public; Owner: fieldbeat_owner

CREATE INDEX ticket_search ON public.ticket USING gin (tenant_id, search public.gin_trgm_ops);

-- Name: ticket_tags; Type: INDEX; Schema: public; Owner: fieldbeat_owner

CREATE INDEX ticket_tags ON public.ticket USING gin (tenant_id, tags);

-- Name: upload_expires; Type: INDEX; Schema: public; Owner: fieldbeat_owner

CREATE INDEX upload_expires ON public.upload USING btree (tenant_id, expires_at, id);

-- Name: upload_user; Type: INDEX; Schema: public; Owner: fieldbeat_owner

CREATE INDEX upload_user ON public.upload USING btree (tenant_id, user_id, attachment_id) WHERE (done_at IS NULL);

-- Name: visit_account; Type: INDEX; Schema: public; Owner: fieldbeat_owner

CREATE INDEX visit_account ON public.visit USING btree (tenant_id, account_id, starts_at, id);

-- Name: visit_due; Type: INDEX; Schema: public; Owner: fieldbeat_owner

CREATE INDEX visit_due ON public.visit USING btree (tenant_id, ends_at, id) WHERE ((status = ANY (ARRAY['PLANNED'::text, 'EN_ROUTE'::text])) AND (deleted_at IS NULL));

-- Name: visit_open; Type: INDEX; Schema: public; Owner: fieldbeat_owner

CREATE INDEX visit_open ON public.visit USING btree (tenant_id, rep_id, id) WHERE (status = 'CHECKED_IN'::text);

-- Name: visit_placed; Type: INDEX; Schema: public; Owner: fieldbeat_owner

CREATE INDEX visit_placed ON public.visit USING btree (tenant_id, ends_at, id) WHERE (((fields #>> '{checkIn,latitude}'::text[]) IS NOT NULL) OR ((fields #>> '{checkOut,latitude}'::text[]) IS NOT NULL));

-- Name: visit_plan_line_account; Type: INDEX; Schema: public; Owner: fieldbeat_owner

CREATE INDEX visit_plan_line_account ON public.visit_plan_line USING btree (tenant_id, account_id, id);

-- Name: visit_plan_line_plan; Type: INDEX; Schema: public; Owner: fieldbeat_owner

CREATE INDEX visit_plan_line_plan ON public.visit_plan_line USING btree (tenant_id, plan_id, id);

-- Name: visit_plan_rep; Type: INDEX; Schema: public; Owner: fieldbeat_owner

CREATE INDEX visit_plan_rep ON public.visit_plan USING btree (tenant_id, rep_id, from_on, id);

-- Name: visit_plan_visits; Type: INDEX; Schema: public; Owner: fieldbeat_owner

CREATE INDEX visit_plan_visits ON public.visit USING btree (tenant_id, plan_id, starts_at, id) WHERE (plan_id IS NOT NULL);

-- Name: visit_rep; Type: INDEX; Schema: public; Owner: fieldbeat_owner

CREATE INDEX visit_rep ON public.visit USING btree (tenant_id, rep_id, starts_at, id);

-- Name: visit_start; Type: INDEX; Schema: public; Owner: fieldbeat_owner

CREATE INDEX visit_start ON public.visit USING btree (tenant_id, starts_at, id);

-- Name: visit_template_name; Type: INDEX; Schema: public; Owner: fieldbeat_owner

CREATE INDEX visit_template_name ON public.visit_template USING btree (tenant_id, name, id);

-- Name: account account_tenant_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.account
    ADD CONSTRAINT account_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenant(id);

-- Name: account account_tenant_id_owner_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.account
    ADD CONSTRAINT account_tenant_id_owner_id_fkey FOREIGN KEY (tenant_id, owner_id) REFERENCES public.person(tenant_id, id);

-- Name: account account_tenant_id_territory_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.account
    ADD CONSTRAINT account_tenant_id_territory_id_fkey FOREIGN KEY (tenant_id, territory_id) REFERENCES public.territory(tenant_id, id);

-- Name: activity activity_tenant_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.activity
    ADD CONSTRAINT activity_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenant(id);

-- Name: article_link article_link_tenant_id_article_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.article_link
    ADD CONSTRAINT article_link_tenant_id_article_id_fkey FOREIGN KEY (tenant_id, article_id) REFERENCES public.knowledge_article(tenant_id, id);

-- Name: article_link article_link_tenant_id_linked_by_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.article_link
    ADD CONSTRAINT article_link_tenant_id_linked_by_fkey FOREIGN KEY (tenant_id, linked_by) REFERENCES public.person(tenant_id, id);

-- Name: article_link article_link_tenant_id_ticket_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.article_link
    ADD CONSTRAINT article_link_tenant_id_ticket_id_fkey FOREIGN KEY (tenant_id, ticket_id) REFERENCES public.ticket(tenant_id, id);

-- Name: article_vote article_vote_tenant_id_article_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.article_vote
    ADD CONSTRAINT article_vote_tenant_id_article_id_fkey FOREIGN KEY (tenant_id, article_id) REFERENCES public.knowledge_article(tenant_id, id);

-- Name: article_vote article_vote_tenant_id_user_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.article_vote
    ADD CONSTRAINT article_vote_tenant_id_user_id_fkey FOREIGN KEY (tenant_id, user_id) REFERENCES public.person(tenant_id, id);

-- Name: asset asset_tenant_id_account_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.asset
    ADD CONSTRAINT asset_tenant_id_account_id_fkey FOREIGN KEY (tenant_id, account_id) REFERENCES public.account(tenant_id, id);

-- Name: asset asset_tenant_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.asset
    ADD CONSTRAINT asset_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenant(id);

-- Name: attachment attachment_tenant_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.attachment
    ADD CONSTRAINT attachment_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenant(id);

-- Name: blob blob_tenant_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.blob
    ADD CONSTRAINT blob_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenant(id);

-- Name: business_hours business_hours_tenant_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.business_hours
    ADD CONSTRAINT business_hours_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenant(id);

-- Name: conflict conflict_tenant_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.conflict
    ADD CONSTRAINT conflict_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenant(id);

-- Name: contact contact_tenant_id_account_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.contact
    ADD CONSTRAINT contact_tenant_id_account_id_fkey FOREIGN KEY (tenant_id, account_id) REFERENCES public.account(tenant_id, id);

-- Name: contact contact_tenant_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.contact
    ADD CONSTRAINT contact_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenant(id);

-- Name: credential credential_tenant_id_user_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.credential
    ADD CONSTRAINT credential_tenant_id_user_id_fkey FOREIGN KEY (tenant_id, user_id) REFERENCES public.person(tenant_id, id);

-- Name: day_profile day_profile_tenant_id_user_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.day_profile
    ADD CONSTRAINT day_profile_tenant_id_user_id_fkey FOREIGN KEY (tenant_id, user_id) REFERENCES public.person(tenant_id, id);

-- Name: deleted_record deleted_record_tenant_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.deleted_record
    ADD CONSTRAINT deleted_record_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenant(id);

-- Name: device device_tenant_id_user_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.device
    ADD CONSTRAINT device_tenant_id_user_id_fkey FOREIGN KEY (tenant_id, user_id) REFERENCES public.person(tenant_id, id);

-- Name: escalation_stop escalation_stop_tenant_id_stopped_by_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.escalation_stop
    ADD CONSTRAINT escalation_stop_tenant_id_stopped_by_fkey FOREIGN KEY (tenant_id, stopped_by) REFERENCES public.person(tenant_id, id);

-- Name: escalation_stop escalation_stop_tenant_id_ticket_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.escalation_stop
    ADD CONSTRAINT escalation_stop_tenant_id_ticket_id_fkey FOREIGN KEY (tenant_id, ticket_id) REFERENCES public.ticket(tenant_id, id);

-- Name: escalation escalation_tenant_id_ticket_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.escalation
    ADD CONSTRAINT escalation_tenant_id_ticket_id_fkey FOREIGN KEY (tenant_id, ticket_id) REFERENCES public.ticket(tenant_id, id);

-- Name: escalation escalation_tenant_id_user_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.escalation
    ADD CONSTRAINT escalation_tenant_id_user_id_fkey FOREIGN KEY (tenant_id, user_id) REFERENCES public.person(tenant_id, id);

-- Name: import_batch import_batch_tenant_id_actor_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.import_batch
    ADD CONSTRAINT import_batch_tenant_id_actor_id_fkey FOREIGN KEY (tenant_id, actor_id) REFERENCES public.person(tenant_id, id);

-- Name: import_batch import_batch_tenant_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.import_batch
    ADD CONSTRAINT import_batch_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenant(id);

-- Name: import_row import_row_tenant_id_batch_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.import_row
    ADD CONSTRAINT import_row_tenant_id_batch_id_fkey FOREIGN KEY (tenant_id, batch_id) REFERENCES public.import_batch(tenant_id, id);

-- Name: incarnation incarnation_tenant_id_device_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.incarnation
    ADD CONSTRAINT incarnation_tenant_id_device_id_fkey FOREIGN KEY (tenant_id, device_id) REFERENCES public.device(tenant_id, id);

-- Name: knowledge_article knowledge_article_tenant_id_author_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.knowledge_article
    ADD CONSTRAINT knowledge_article_tenant_id_author_id_fkey FOREIGN KEY (tenant_id, author_id) REFERENCES public.person(tenant_id, id);

-- Name: knowledge_article knowledge_article_tenant_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.knowledge_article
    ADD CONSTRAINT knowledge_article_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenant(id);

-- Name: knowledge_article knowledge_article_tenant_id_previous_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.knowledge_article
    ADD CONSTRAINT knowledge_article_tenant_id_previous_id_fkey FOREIGN KEY (tenant_id, previous_id) REFERENCES public.knowledge_article(tenant_id, id);

-- Name: leave leave_tenant_id_entered_by_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.leave
    ADD CONSTRAINT leave_tenant_id_entered_by_fkey FOREIGN KEY (tenant_id, entered_by) REFERENCES public.person(tenant_id, id);

-- Name: leave leave_tenant_id_user_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.leave
    ADD CONSTRAINT leave_tenant_id_user_id_fkey FOREIGN KEY (tenant_id, user_id) REFERENCES public.person(tenant_id, id);

-- Name: location_read location_read_tenant_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.location_read
    ADD CONSTRAINT location_read_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenant(id);

-- Name: location_read location_read_tenant_id_reader_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.location_read
    ADD CONSTRAINT location_read_tenant_id_reader_id_fkey FOREIGN KEY (tenant_id, reader_id) REFERENCES public.person(tenant_id, id);

-- Name: location_read location_read_tenant_id_rep_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.location_read
    ADD CONSTRAINT location_read_tenant_id_rep_id_fkey FOREIGN KEY (tenant_id, rep_id) REFERENCES public.person(tenant_id, id);

-- Name: location_read location_read_tenant_id_visit_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.location_read
    ADD CONSTRAINT location_read_tenant_id_visit_id_fkey FOREIGN KEY (tenant_id, visit_id) REFERENCES public.visit(tenant_id, id);

-- Name: login login_tenant_id_user_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.login
    ADD CONSTRAINT login_tenant_id_user_id_fkey FOREIGN KEY (tenant_id, user_id) REFERENCES public.person(tenant_id, id);

-- Name: notification notification_tenant_id_user_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.notification
    ADD CONSTRAINT notification_tenant_id_user_id_fkey FOREIGN KEY (tenant_id, user_id) REFERENCES public.person(tenant_id, id);

-- Name: on_call_rota on_call_rota_tenant_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.on_call_rota
    ADD CONSTRAINT on_call_rota_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenant(id);

-- Name: on_call_rota on_call_rota_tenant_id_territory_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.on_call_rota
    ADD CONSTRAINT on_call_rota_tenant_id_territory_id_fkey FOREIGN KEY (tenant_id, territory_id) REFERENCES public.territory(tenant_id, id);

-- Name: outbox outbox_tenant_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenant(id);

-- Name: part_cost part_cost_tenant_id_part_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.part_cost
    ADD CONSTRAINT part_cost_tenant_id_part_id_fkey FOREIGN KEY (tenant_id, part_id) REFERENCES public.part(tenant_id, id);

-- Name: part_cost part_cost_tenant_id_set_by_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.part_cost
    ADD CONSTRAINT part_cost_tenant_id_set_by_fkey FOREIGN KEY (tenant_id, set_by) REFERENCES public.person(tenant_id, id);

-- Name: part part_tenant_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.part
    ADD CONSTRAINT part_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenant(id);

-- Name: person person_reports_to; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.person
    ADD CONSTRAINT person_reports_to FOREIGN KEY (tenant_id, manager_id) REFERENCES public.person(tenant_id, id);

-- Name: person person_tenant_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.person
    ADD CONSTRAINT person_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenant(id);

-- Name: plan_outcome plan_outcome_tenant_id_amends_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.plan_outcome
    ADD CONSTRAINT plan_outcome_tenant_id_amends_fkey FOREIGN KEY (tenant_id, amends) REFERENCES public.visit_plan(tenant_id, id);

-- Name: plan_outcome plan_outcome_tenant_id_made_by_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.plan_outcome
    ADD CONSTRAINT plan_outcome_tenant_id_made_by_fkey FOREIGN KEY (tenant_id, made_by) REFERENCES public.person(tenant_id, id);

-- Name: plan_outcome plan_outcome_tenant_id_plan_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.plan_outcome
    ADD CONSTRAINT plan_outcome_tenant_id_plan_id_fkey FOREIGN KEY (tenant_id, plan_id) REFERENCES public.visit_plan(tenant_id, id);

-- Name: plan_run_rep plan_run_rep_tenant_id_plan_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.plan_run_rep
    ADD CONSTRAINT plan_run_rep_tenant_id_plan_id_fkey FOREIGN KEY (tenant_id, plan_id) REFERENCES public.visit_plan(tenant_id, id);

-- Name: plan_run_rep plan_run_rep_tenant_id_rep_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.plan_run_rep
    ADD CONSTRAINT plan_run_rep_tenant_id_rep_id_fkey FOREIGN KEY (tenant_id, rep_id) REFERENCES public.person(tenant_id, id);

-- Name: plan_run_rep plan_run_rep_tenant_id_run_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.plan_run_rep
    ADD CONSTRAINT plan_run_rep_tenant_id_run_id_fkey FOREIGN KEY (tenant_id, run_id) REFERENCES public.plan_run(tenant_id, id);

-- Name: plan_run plan_run_tenant_id_asked_by_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.plan_run
    ADD CONSTRAINT plan_run_tenant_id_asked_by_fkey FOREIGN KEY (tenant_id, asked_by) REFERENCES public.person(tenant_id, id);

-- Name: plan_run plan_run_tenant_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.plan_run
    ADD CONSTRAINT plan_run_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenant(id);

-- Name: portal_entry portal_entry_tenant_id_token_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.portal_entry
    ADD CONSTRAINT portal_entry_tenant_id_token_id_fkey FOREIGN KEY (tenant_id, token_id) REFERENCES public.portal_token(tenant_id, id);

-- Name: portal_token portal_token_tenant_id_contact_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.portal_token
    ADD CONSTRAINT portal_token_tenant_id_contact_id_fkey FOREIGN KEY (tenant_id, contact_id) REFERENCES public.contact(tenant_id, id);

-- Name: portal_token portal_token_tenant_id_issued_by_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.portal_token
    ADD CONSTRAINT portal_token_tenant_id_issued_by_fkey FOREIGN KEY (tenant_id, issued_by) REFERENCES public.person(tenant_id, id);

-- Name: refresh_token refresh_token_tenant_id_user_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.refresh_token
    ADD CONSTRAINT refresh_token_tenant_id_user_id_fkey FOREIGN KEY (tenant_id, user_id) REFERENCES public.person(tenant_id, id);

-- Name: scope_head scope_head_tenant_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.scope_head
    ADD CONSTRAINT scope_head_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenant(id);

-- Name: sla_applied sla_applied_tenant_id_policy_id_version_hours_rev_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.sla_applied
    ADD CONSTRAINT sla_applied_tenant_id_policy_id_version_hours_rev_fkey FOREIGN KEY (tenant_id, policy_id, version, hours_rev) REFERENCES public.sla_terms(tenant_id, policy_id, version, hours_rev);

-- Name: sla_applied sla_applied_tenant_id_ticket_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.sla_applied
    ADD CONSTRAINT sla_applied_tenant_id_ticket_id_fkey FOREIGN KEY (tenant_id, ticket_id) REFERENCES public.ticket(tenant_id, id);

-- Name: sla_clock sla_clock_tenant_id_policy_id_version_hours_rev_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.sla_clock
    ADD CONSTRAINT sla_clock_tenant_id_policy_id_version_hours_rev_fkey FOREIGN KEY (tenant_id, policy_id, version, hours_rev) REFERENCES public.sla_terms(tenant_id, policy_id, version, hours_rev);

-- Name: sla_clock sla_clock_tenant_id_ticket_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.sla_clock
    ADD CONSTRAINT sla_clock_tenant_id_ticket_id_fkey FOREIGN KEY (tenant_id, ticket_id) REFERENCES public.ticket(tenant_id, id);

-- Name: sla_policy sla_policy_tenant_id_business_hours_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.sla_policy
    ADD CONSTRAINT sla_policy_tenant_id_business_hours_id_fkey FOREIGN KEY (tenant_id, business_hours_id) REFERENCES public.business_hours(tenant_id, id);

-- Name: sla_policy sla_policy_tenant_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.sla_policy
    ADD CONSTRAINT sla_policy_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenant(id);

-- Name: sla_recalculation sla_recalculation_tenant_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.sla_recalculation
    ADD CONSTRAINT sla_recalculation_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenant(id);

-- Name: sla_step sla_step_tenant_id_ticket_id_metric_instance_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.sla_step
    ADD CONSTRAINT sla_step_tenant_id_ticket_id_metric_instance_fkey FOREIGN KEY (tenant_id, ticket_id, metric, instance) REFERENCES public.sla_clock(tenant_id, ticket_id, metric, instance) ON DELETE CASCADE;

-- Name: sla_terms sla_terms_tenant_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.sla_terms
    ADD CONSTRAINT sla_terms_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenant(id);

-- Name: snapshot_chunk snapshot_chunk_tenant_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.snapshot_chunk
    ADD CONSTRAINT snapshot_chunk_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenant(id);

-- Name: snapshot_set snapshot_set_tenant_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.snapshot_set
    ADD CONSTRAINT snapshot_set_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenant(id);

-- Name: snapshot_stream snapshot_stream_tenant_id_device_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.snapshot_stream
    ADD CONSTRAINT snapshot_stream_tenant_id_device_id_fkey FOREIGN KEY (tenant_id, device_id) REFERENCES public.device(tenant_id, id);

-- Name: territory_assignment territory_assignment_tenant_id_territory_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.territory_assignment
    ADD CONSTRAINT territory_assignment_tenant_id_territory_id_fkey FOREIGN KEY (tenant_id, territory_id) REFERENCES public.territory(tenant_id, id);

-- Name: territory_assignment territory_assignment_tenant_id_user_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.territory_assignment
    ADD CONSTRAINT territory_assignment_tenant_id_user_id_fkey FOREIGN KEY (tenant_id, user_id) REFERENCES public.person(tenant_id, id);

-- Name: territory territory_tenant_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.territory
    ADD CONSTRAINT territory_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenant(id);

-- Name: ticket_counter ticket_counter_tenant_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.ticket_counter
    ADD CONSTRAINT ticket_counter_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenant(id);

-- Name: ticket_filter ticket_filter_tenant_id_user_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.ticket_filter
    ADD CONSTRAINT ticket_filter_tenant_id_user_id_fkey FOREIGN KEY (tenant_id, user_id) REFERENCES public.person(tenant_id, id);

-- Name: ticket_message ticket_message_tenant_id_contact_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.ticket_message
    ADD CONSTRAINT ticket_message_tenant_id_contact_id_fkey FOREIGN KEY (tenant_id, contact_id) REFERENCES public.contact(tenant_id, id);

-- Name: ticket_message ticket_message_tenant_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.ticket_message
    ADD CONSTRAINT ticket_message_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenant(id);

-- Name: ticket_message ticket_message_tenant_id_ticket_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.ticket_message
    ADD CONSTRAINT ticket_message_tenant_id_ticket_id_fkey FOREIGN KEY (tenant_id, ticket_id) REFERENCES public.ticket(tenant_id, id);

-- Name: ticket_part ticket_part_tenant_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.ticket_part
    ADD CONSTRAINT ticket_part_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenant(id);

-- Name: ticket_part ticket_part_tenant_id_part_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.ticket_part
    ADD CONSTRAINT ticket_part_tenant_id_part_id_fkey FOREIGN KEY (tenant_id, part_id) REFERENCES public.part(tenant_id, id);

-- Name: ticket_part ticket_part_tenant_id_ticket_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.ticket_part
    ADD CONSTRAINT ticket_part_tenant_id_ticket_id_fkey FOREIGN KEY (tenant_id, ticket_id) REFERENCES public.ticket(tenant_id, id);

-- Name: ticket_rating ticket_rating_tenant_id_contact_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.ticket_rating
    ADD CONSTRAINT ticket_rating_tenant_id_contact_id_fkey FOREIGN KEY (tenant_id, contact_id) REFERENCES public.contact(tenant_id, id);

-- Name: ticket_rating ticket_rating_tenant_id_ticket_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.ticket_rating
    ADD CONSTRAINT ticket_rating_tenant_id_ticket_id_fkey FOREIGN KEY (tenant_id, ticket_id) REFERENCES public.ticket(tenant_id, id);

-- Name: ticket ticket_tenant_id_account_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.ticket
    ADD CONSTRAINT ticket_tenant_id_account_id_fkey FOREIGN KEY (tenant_id, account_id) REFERENCES public.account(tenant_id, id);

-- Name: ticket ticket_tenant_id_asset_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.ticket
    ADD CONSTRAINT ticket_tenant_id_asset_id_fkey FOREIGN KEY (tenant_id, asset_id) REFERENCES public.asset(tenant_id, id);

-- Name: ticket ticket_tenant_id_assignee_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.ticket
    ADD CONSTRAINT ticket_tenant_id_assignee_id_fkey FOREIGN KEY (tenant_id, assignee_id) REFERENCES public.person(tenant_id, id);

-- Name: ticket ticket_tenant_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.ticket
    ADD CONSTRAINT ticket_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenant(id);

-- Name: ticket ticket_tenant_id_merged_into_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.ticket
    ADD CONSTRAINT ticket_tenant_id_merged_into_id_fkey FOREIGN KEY (tenant_id, merged_into_id) REFERENCES public.ticket(tenant_id, id);

-- Name: ticket ticket_tenant_id_offered_to_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.ticket
    ADD CONSTRAINT ticket_tenant_id_offered_to_id_fkey FOREIGN KEY (tenant_id, offered_to_id) REFERENCES public.person(tenant_id, id);

-- Name: upload upload_tenant_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.upload
    ADD CONSTRAINT upload_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenant(id);

-- Name: upload upload_tenant_id_user_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.upload
    ADD CONSTRAINT upload_tenant_id_user_id_fkey FOREIGN KEY (tenant_id, user_id) REFERENCES public.person(tenant_id, id);

-- Name: visit_plan_line visit_plan_line_tenant_id_account_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.visit_plan_line
    ADD CONSTRAINT visit_plan_line_tenant_id_account_id_fkey FOREIGN KEY (tenant_id, account_id) REFERENCES public.account(tenant_id, id);

-- Name: visit_plan_line visit_plan_line_tenant_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.visit_plan_line
    ADD CONSTRAINT visit_plan_line_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenant(id);

-- Name: visit_plan_line visit_plan_line_tenant_id_plan_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.visit_plan_line
    ADD CONSTRAINT visit_plan_line_tenant_id_plan_id_fkey FOREIGN KEY (tenant_id, plan_id) REFERENCES public.visit_plan(tenant_id, id);

-- Name: visit_plan visit_plan_tenant_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.visit_plan
    ADD CONSTRAINT visit_plan_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenant(id);

-- Name: visit_plan visit_plan_tenant_id_rep_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.visit_plan
    ADD CONSTRAINT visit_plan_tenant_id_rep_id_fkey FOREIGN KEY (tenant_id, rep_id) REFERENCES public.person(tenant_id, id);

-- Name: visit_rule visit_rule_tenant_id_account_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.visit_rule
    ADD CONSTRAINT visit_rule_tenant_id_account_id_fkey FOREIGN KEY (tenant_id, account_id) REFERENCES public.account(tenant_id, id);

-- Name: visit_template visit_template_tenant_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.visit_template
    ADD CONSTRAINT visit_template_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenant(id);

-- Name: visit visit_tenant_id_account_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.visit
    ADD CONSTRAINT visit_tenant_id_account_id_fkey FOREIGN KEY (tenant_id, account_id) REFERENCES public.account(tenant_id, id);

-- Name: visit visit_tenant_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.visit
    ADD CONSTRAINT visit_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenant(id);

-- Name: visit visit_tenant_id_plan_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.visit
    ADD CONSTRAINT visit_tenant_id_plan_id_fkey FOREIGN KEY (tenant_id, plan_id) REFERENCES public.visit_plan(tenant_id, id);

-- Name: visit visit_tenant_id_rep_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: fieldbeat_owner

ALTER TABLE ONLY public.visit
    ADD CONSTRAINT visit_tenant_id_rep_id_fkey FOREIGN KEY (tenant_id, rep_id) REFERENCES public.person(tenant_id, id);

-- Name: account; Type: ROW SECURITY; Schema: public; Owner: fieldbeat_owner

ALTER TABLE public.account ENABLE ROW LEVEL SECURITY;

-- Name: activity; Type: ROW SECURITY; Schema: public; Owner: fieldbeat_owner

ALTER TABLE public.activity ENABLE ROW LEVEL SECURITY;

-- Name: article_link; Type: ROW SECURITY; Schema: public; Owner: fieldbeat_owner

ALTER TABLE public.article_link ENABLE ROW LEVEL SECURITY;

-- Name: article_vote; Type: ROW SECURITY; Schema: public; Owner: fieldbeat_owner

ALTER TABLE public.article_vote ENABLE ROW LEVEL SECURITY;

-- Name: asset; Type: ROW SECURITY; Schema: public; Owner: fieldbeat_owner

ALTER TABLE public.asset ENABLE ROW LEVEL SECURITY;

-- Name: attachment; Type: ROW SECURITY; Schema: public; Owner: fieldbeat_owner

ALTER TABLE public.attachment ENABLE ROW LEVEL SECURITY;

-- Name: blob; Type: ROW SECURITY; Schema: public; Owner: fieldbeat_owner

ALTER TABLE public.blob ENABLE ROW LEVEL SECURITY;

-- Name: business_hours; Type: ROW SECURITY; Schema: public; Owner: fieldbeat_owner

ALTER TABLE public.business_hours ENABLE ROW LEVEL SECURITY;

-- Name: conflict; Type: ROW SECURITY; Schema: public; Owner: fieldbeat_owner

ALTER TABLE public.conflict ENABLE ROW LEVEL SECURITY;

-- Name: contact; Type: ROW SECURITY; Schema: public; Owner: fieldbeat_owner

ALTER TABLE public.contact ENABLE ROW LEVEL SECURITY;

-- Name: credential; Type: ROW SECURITY; Schema: public; Owner: fieldbeat_owner

ALTER TABLE public.credential ENABLE ROW LEVEL SECURITY;

-- Name: day_profile; Type: ROW SECURITY; Schema: public; Owner: fieldbeat_owner

ALTER TABLE public.day_profile ENABLE ROW LEVEL SECURITY;

-- Name: deleted_record; Type: ROW SECURITY; Schema: public; Owner: fieldbeat_owner

ALTER TABLE public.deleted_record ENABLE ROW LEVEL SECURITY;

-- Name: device; Type: ROW SECURITY; Schema: public; Owner: fieldbeat_owner

ALTER TABLE public.device ENABLE ROW LEVEL SECURITY;

-- Name: escalation; Type: ROW SECURITY; Schema: public; Owner: fieldbeat_owner

ALTER TABLE public.escalation ENABLE ROW LEVEL SECURITY;

-- Name: escalation_stop; Type: ROW SECURITY; Schema: public; Owner: fieldbeat_owner

ALTER TABLE public.escalation_stop ENABLE ROW LEVEL SECURITY;

-- Name: feed; Type: ROW SECURITY; Schema: public; Owner: fieldbeat_owner

ALTER TABLE public.feed ENABLE ROW LEVEL SECURITY;

-- Name: field_write; Type: ROW SECURITY; Schema: public; Owner: fieldbeat_owner

ALTER TABLE public.field_write ENABLE ROW LEVEL SECURITY;

-- Name: import_batch; Type: ROW SECURITY; Schema: public; Owner: fieldbeat_owner

ALTER TABLE public.import_batch ENABLE ROW LEVEL SECURITY;

-- Name: import_row; Type: ROW SECURITY; Schema: public; Owner: fieldbeat_owner

ALTER TABLE public.import_row ENABLE ROW LEVEL SECURITY;

-- Name: incarnation; Type: ROW SECURITY; Schema: public; Owner: fieldbeat_owner

ALTER TABLE public.incarnation ENABLE ROW LEVEL SECURITY;

-- Name: knowledge_article; Type: ROW SECURITY; Schema: public; Owner: fieldbeat_owner

ALTER TABLE public.knowledge_article ENABLE ROW LEVEL SECURITY;

-- Name: leave; Type: ROW SECURITY; Schema: public; Owner: fieldbeat_owner

ALTER TABLE public.leave ENABLE ROW LEVEL SECURITY;

-- Name: location_read; Type: ROW SECURITY; Schema: public; Owner: fieldbeat_owner

ALTER TABLE public.location_read ENABLE ROW LEVEL SECURITY;

-- Name: notification; Type: ROW SECURITY; Schema: public; Owner: fieldbeat_owner

ALTER TABLE public.notification ENABLE ROW LEVEL SECURITY;

-- Name: on_call_rota; Type: ROW SECURITY; Schema: public; Owner: fieldbeat_owner

ALTER TABLE public.on_call_rota ENABLE ROW LEVEL SECURITY;

-- Name: outbox; Type: ROW SECURITY; Schema: public; Owner: fieldbeat_owner

ALTER TABLE public.outbox ENABLE ROW LEVEL SECURITY;

-- Name: account owner; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY owner ON public.account TO fieldbeat_owner USING (true);

-- Name: activity owner; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY owner ON public.activity TO fieldbeat_owner USING (true);

-- Name: article_link owner; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY owner ON public.article_link TO fieldbeat_owner USING (true);

-- Name: article_vote owner; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY owner ON public.article_vote TO fieldbeat_owner USING (true);

-- Name: asset owner; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY owner ON public.asset TO fieldbeat_owner USING (true);

-- Name: attachment owner; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY owner ON public.attachment TO fieldbeat_owner USING (true);

-- Name: blob owner; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY owner ON public.blob TO fieldbeat_owner USING (true);

-- Name: business_hours owner; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY owner ON public.business_hours TO fieldbeat_owner USING (true);

-- Name: conflict owner; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY owner ON public.conflict TO fieldbeat_owner USING (true);

-- Name: contact owner; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY owner ON public.contact TO fieldbeat_owner USING (true);

-- Name: credential owner; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY owner ON public.credential TO fieldbeat_owner USING (true);

-- Name: day_profile owner; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY owner ON public.day_profile TO fieldbeat_owner USING (true);

-- Name: deleted_record owner; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY owner ON public.deleted_record TO fieldbeat_owner USING (true);

-- Name: device owner; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY owner ON public.device TO fieldbeat_owner USING (true);

-- Name: escalation owner; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY owner ON public.escalation TO fieldbeat_owner USING (true);

-- Name: escalation_stop owner; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY owner ON public.escalation_stop TO fieldbeat_owner USING (true);

-- Name: feed owner; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY owner ON public.feed TO fieldbeat_owner USING (true);

-- Name: field_write owner; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY owner ON public.field_write TO fieldbeat_owner USING (true);

-- Name: import_batch owner; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY owner ON public.import_batch TO fieldbeat_owner USING (true);

-- Name: import_row owner; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY owner ON public.import_row TO fieldbeat_owner USING (true);

-- Name: incarnation owner; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY owner ON public.incarnation TO fieldbeat_owner USING (true);

-- Name: knowledge_article owner; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY owner ON public.knowledge_article TO fieldbeat_owner USING (true);

-- Name: leave owner; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY owner ON public.leave TO fieldbeat_owner USING (true);

-- Name: location_read owner; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY owner ON public.location_read TO fieldbeat_owner USING (true);

-- Name: notification owner; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY owner ON public.notification TO fieldbeat_owner USING (true);

-- Name: on_call_rota owner; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY owner ON public.on_call_rota TO fieldbeat_owner USING (true);

-- Name: outbox owner; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY owner ON public.outbox TO fieldbeat_owner USING (true);

-- Name: part owner; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY owner ON public.part TO fieldbeat_owner USING (true);

-- Name: part_cost owner; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY owner ON public.part_cost TO fieldbeat_owner USING (true);

-- Name: person owner; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY owner ON public.person TO fieldbeat_owner USING (true);

-- Name: plan_outcome owner; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY owner ON public.plan_outcome TO fieldbeat_owner USING (true);

-- Name: plan_run owner; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY owner ON public.plan_run TO fieldbeat_owner USING (true);

-- Name: plan_run_rep owner; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY owner ON public.plan_run_rep TO fieldbeat_owner USING (true);

-- Name: portal_entry owner; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY owner ON public.portal_entry TO fieldbeat_owner USING (true);

-- Name: portal_token owner; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY owner ON public.portal_token TO fieldbeat_owner USING (true);

-- Name: refresh_token owner; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY owner ON public.refresh_token TO fieldbeat_owner USING (true);

-- Name: scope_head owner; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY owner ON public.scope_head TO fieldbeat_owner USING (true);

-- Name: settled_mutation owner; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY owner ON public.settled_mutation TO fieldbeat_owner USING (true);

-- Name: sla_applied owner; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY owner ON public.sla_applied TO fieldbeat_owner USING (true);

-- Name: sla_clock owner; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY owner ON public.sla_clock TO fieldbeat_owner USING (true);

-- Name: sla_policy owner; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY owner ON public.sla_policy TO fieldbeat_owner USING (true);

-- Name: sla_recalculation owner; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY owner ON public.sla_recalculation TO fieldbeat_owner USING (true);

-- Name: sla_step owner; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY owner ON public.sla_step TO fieldbeat_owner USING (true);

-- Name: sla_terms owner; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY owner ON public.sla_terms TO fieldbeat_owner USING (true);

-- Name: snapshot_chunk owner; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY owner ON public.snapshot_chunk TO fieldbeat_owner USING (true);

-- Name: snapshot_set owner; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY owner ON public.snapshot_set TO fieldbeat_owner USING (true);

-- Name: snapshot_stream owner; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY owner ON public.snapshot_stream TO fieldbeat_owner USING (true);

-- Name: tenant owner; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY owner ON public.tenant TO fieldbeat_owner USING (true);

-- Name: territory owner; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY owner ON public.territory TO fieldbeat_owner USING (true);

-- Name: territory_assignment owner; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY owner ON public.territory_assignment TO fieldbeat_owner USING (true);

-- Name: ticket owner; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY owner ON public.ticket TO fieldbeat_owner USING (true);

-- Name: ticket_counter owner; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY owner ON public.ticket_counter TO fieldbeat_owner USING (true);

-- Name: ticket_filter owner; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY owner ON public.ticket_filter TO fieldbeat_owner USING (true);

-- Name: ticket_message owner; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY owner ON public.ticket_message TO fieldbeat_owner USING (true);

-- Name: ticket_part owner; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY owner ON public.ticket_part TO fieldbeat_owner USING (true);

-- Name: ticket_rating owner; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY owner ON public.ticket_rating TO fieldbeat_owner USING (true);

-- Name: upload owner; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY owner ON public.upload TO fieldbeat_owner USING (true);

-- Name: visit owner; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY owner ON public.visit TO fieldbeat_owner USING (true);

-- Name: visit_plan owner; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY owner ON public.visit_plan TO fieldbeat_owner USING (true);

-- Name: visit_plan_line owner; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY owner ON public.visit_plan_line TO fieldbeat_owner USING (true);

-- Name: visit_rule owner; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY owner ON public.visit_rule TO fieldbeat_owner USING (true);

-- Name: visit_template owner; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY owner ON public.visit_template TO fieldbeat_owner USING (true);

-- Name: part; Type: ROW SECURITY; Schema: public; Owner: fieldbeat_owner

ALTER TABLE public.part ENABLE ROW LEVEL SECURITY;

-- Name: part_cost; Type: ROW SECURITY; Schema: public; Owner: fieldbeat_owner

ALTER TABLE public.part_cost ENABLE ROW LEVEL SECURITY;

-- Name: person; Type: ROW SECURITY; Schema: public; Owner: fieldbeat_owner

ALTER TABLE public.person ENABLE ROW LEVEL SECURITY;

-- Name: plan_outcome; Type: ROW SECURITY; Schema: public; Owner: fieldbeat_owner

ALTER TABLE public.plan_outcome ENABLE ROW LEVEL SECURITY;

-- Name: plan_run; Type: ROW SECURITY; Schema: public; Owner: fieldbeat_owner

ALTER TABLE public.plan_run ENABLE ROW LEVEL SECURITY;

-- Name: plan_run_rep; Type: ROW SECURITY; Schema: public; Owner: fieldbeat_owner

ALTER TABLE public.plan_run_rep ENABLE ROW LEVEL SECURITY;

-- Name: portal_entry; Type: ROW SECURITY; Schema: public; Owner: fieldbeat_owner

ALTER TABLE public.portal_entry ENABLE ROW LEVEL SECURITY;

-- Name: portal_token; Type: ROW SECURITY; Schema: public; Owner: fieldbeat_owner

ALTER TABLE public.portal_token ENABLE ROW LEVEL SECURITY;

-- Name: refresh_token; Type: ROW SECURITY; Schema: public; Owner: fieldbeat_owner

ALTER TABLE public.refresh_token ENABLE ROW LEVEL SECURITY;

-- Name: scope_head; Type: ROW SECURITY; Schema: public; Owner: fieldbeat_owner

ALTER TABLE public.scope_head ENABLE ROW LEVEL SECURITY;

-- Name: settled_mutation; Type: ROW SECURITY; Schema: public; Owner: fieldbeat_owner

ALTER TABLE public.settled_mutation ENABLE ROW LEVEL SECURITY;

-- Name: sla_applied; Type: ROW SECURITY; Schema: public; Owner: fieldbeat_owner

ALTER TABLE public.sla_applied ENABLE ROW LEVEL SECURITY;

-- Name: sla_clock; Type: ROW SECURITY; Schema: public; Owner: fieldbeat_owner

ALTER TABLE public.sla_clock ENABLE ROW LEVEL SECURITY;

-- Name: sla_policy; Type: ROW SECURITY; Schema: public; Owner: fieldbeat_owner

ALTER TABLE public.sla_policy ENABLE ROW LEVEL SECURITY;

-- Name: sla_recalculation; Type: ROW SECURITY; Schema: public; Owner: fieldbeat_owner

ALTER TABLE public.sla_recalculation ENABLE ROW LEVEL SECURITY;

-- Name: sla_step; Type: ROW SECURITY; Schema: public; Owner: fieldbeat_owner

ALTER TABLE public.sla_step ENABLE ROW LEVEL SECURITY;

-- Name: sla_terms; Type: ROW SECURITY; Schema: public; Owner: fieldbeat_owner

ALTER TABLE public.sla_terms ENABLE ROW LEVEL SECURITY;

-- Name: snapshot_chunk; Type: ROW SECURITY; Schema: public; Owner: fieldbeat_owner

ALTER TABLE public.snapshot_chunk ENABLE ROW LEVEL SECURITY;

-- Name: snapshot_set; Type: ROW SECURITY; Schema: public; Owner: fieldbeat_owner

ALTER TABLE public.snapshot_set ENABLE ROW LEVEL SECURITY;

-- Name: snapshot_stream; Type: ROW SECURITY; Schema: public; Owner: fieldbeat_owner

ALTER TABLE public.snapshot_stream ENABLE ROW LEVEL SECURITY;

-- Name: account tenant; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY tenant ON public.account USING ((tenant_id = (NULLIF(current_setting('fieldbeat.tenant_id'::text, true), ''::text))::uuid));

-- Name: activity tenant; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY tenant ON public.activity USING ((tenant_id = (NULLIF(current_setting('fieldbeat.tenant_id'::text, true), ''::text))::uuid));

-- Name: article_link tenant; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY tenant ON public.article_link USING ((tenant_id = (NULLIF(current_setting('fieldbeat.tenant_id'::text, true), ''::text))::uuid));

-- Name: article_vote tenant; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY tenant ON public.article_vote USING ((tenant_id = (NULLIF(current_setting('fieldbeat.tenant_id'::text, true), ''::text))::uuid));

-- Name: asset tenant; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY tenant ON public.asset USING ((tenant_id = (NULLIF(current_setting('fieldbeat.tenant_id'::text, true), ''::text))::uuid));

-- Name: attachment tenant; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY tenant ON public.attachment USING ((tenant_id = (NULLIF(current_setting('fieldbeat.tenant_id'::text, true), ''::text))::uuid));

-- Name: blob tenant; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY tenant ON public.blob USING ((tenant_id = (NULLIF(current_setting('fieldbeat.tenant_id'::text, true), ''::text))::uuid));

-- Name: business_hours tenant; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY tenant ON public.business_hours USING ((tenant_id = (NULLIF(current_setting('fieldbeat.tenant_id'::text, true), ''::text))::uuid));

-- Name: conflict tenant; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY tenant ON public.conflict USING ((tenant_id = (NULLIF(current_setting('fieldbeat.tenant_id'::text, true), ''::text))::uuid));

-- Name: contact tenant; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY tenant ON public.contact USING ((tenant_id = (NULLIF(current_setting('fieldbeat.tenant_id'::text, true), ''::text))::uuid));

-- Name: credential tenant; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY tenant ON public.credential USING ((tenant_id = (NULLIF(current_setting('fieldbeat.tenant_id'::text, true), ''::text))::uuid));

-- Name: day_profile tenant; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY tenant ON public.day_profile USING ((tenant_id = (NULLIF(current_setting('fieldbeat.tenant_id'::text, true), ''::text))::uuid));

-- Name: deleted_record tenant; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY tenant ON public.deleted_record USING ((tenant_id = (NULLIF(current_setting('fieldbeat.tenant_id'::text, true), ''::text))::uuid));

-- Name: device tenant; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY tenant ON public.device USING ((tenant_id = (NULLIF(current_setting('fieldbeat.tenant_id'::text, true), ''::text))::uuid));

-- Name: escalation tenant; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY tenant ON public.escalation USING ((tenant_id = (NULLIF(current_setting('fieldbeat.tenant_id'::text, true), ''::text))::uuid));

-- Name: escalation_stop tenant; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY tenant ON public.escalation_stop USING ((tenant_id = (NULLIF(current_setting('fieldbeat.tenant_id'::text, true), ''::text))::uuid));

-- Name: feed tenant; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY tenant ON public.feed USING ((tenant_id = (NULLIF(current_setting('fieldbeat.tenant_id'::text, true), ''::text))::uuid));

-- Name: field_write tenant; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY tenant ON public.field_write USING ((tenant_id = (NULLIF(current_setting('fieldbeat.tenant_id'::text, true), ''::text))::uuid));

-- Name: import_batch tenant; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY tenant ON public.import_batch USING ((tenant_id = (NULLIF(current_setting('fieldbeat.tenant_id'::text, true), ''::text))::uuid));

-- Name: import_row tenant; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY tenant ON public.import_row USING ((tenant_id = (NULLIF(current_setting('fieldbeat.tenant_id'::text, true), ''::text))::uuid));

-- Name: incarnation tenant; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY tenant ON public.incarnation USING ((tenant_id = (NULLIF(current_setting('fieldbeat.tenant_id'::text, true), ''::text))::uuid));

-- Name: knowledge_article tenant; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY tenant ON public.knowledge_article USING ((tenant_id = (NULLIF(current_setting('fieldbeat.tenant_id'::text, true), ''::text))::uuid));

-- Name: leave tenant; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY tenant ON public.leave USING ((tenant_id = (NULLIF(current_setting('fieldbeat.tenant_id'::text, true), ''::text))::uuid));

-- Name: location_read tenant; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY tenant ON public.location_read USING ((tenant_id = (NULLIF(current_setting('fieldbeat.tenant_id'::text, true), ''::text))::uuid));

-- Name: notification tenant; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY tenant ON public.notification USING ((tenant_id = (NULLIF(current_setting('fieldbeat.tenant_id'::text, true), ''::text))::uuid));

-- Name: on_call_rota tenant; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY tenant ON public.on_call_rota USING ((tenant_id = (NULLIF(current_setting('fieldbeat.tenant_id'::text, true), ''::text))::uuid));

-- Name: outbox tenant; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY tenant ON public.outbox USING ((tenant_id = (NULLIF(current_setting('fieldbeat.tenant_id'::text, true), ''::text))::uuid));

-- Name: part tenant; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY tenant ON public.part USING ((tenant_id = (NULLIF(current_setting('fieldbeat.tenant_id'::text, true), ''::text))::uuid));

-- Name: part_cost tenant; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY tenant ON public.part_cost USING ((tenant_id = (NULLIF(current_setting('fieldbeat.tenant_id'::text, true), ''::text))::uuid));

-- Name: person tenant; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY tenant ON public.person USING ((tenant_id = (NULLIF(current_setting('fieldbeat.tenant_id'::text, true), ''::text))::uuid));

-- Name: plan_outcome tenant; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY tenant ON public.plan_outcome USING ((tenant_id = (NULLIF(current_setting('fieldbeat.tenant_id'::text, true), ''::text))::uuid));

-- Name: plan_run tenant; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY tenant ON public.plan_run USING ((tenant_id = (NULLIF(current_setting('fieldbeat.tenant_id'::text, true), ''::text))::uuid));

-- Name: plan_run_rep tenant; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY tenant ON public.plan_run_rep USING ((tenant_id = (NULLIF(current_setting('fieldbeat.tenant_id'::text, true), ''::text))::uuid));

-- Name: portal_entry tenant; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY tenant ON public.portal_entry USING ((tenant_id = (NULLIF(current_setting('fieldbeat.tenant_id'::text, true), ''::text))::uuid));

-- Name: portal_token tenant; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY tenant ON public.portal_token USING ((tenant_id = (NULLIF(current_setting('fieldbeat.tenant_id'::text, true), ''::text))::uuid));

-- Name: refresh_token tenant; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY tenant ON public.refresh_token USING ((tenant_id = (NULLIF(current_setting('fieldbeat.tenant_id'::text, true), ''::text))::uuid));

-- Name: scope_head tenant; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY tenant ON public.scope_head USING ((tenant_id = (NULLIF(current_setting('fieldbeat.tenant_id'::text, true), ''::text))::uuid));

-- Name: settled_mutation tenant; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY tenant ON public.settled_mutation USING ((tenant_id = (NULLIF(current_setting('fieldbeat.tenant_id'::text, true), ''::text))::uuid));

-- Name: sla_applied tenant; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY tenant ON public.sla_applied USING ((tenant_id = (NULLIF(current_setting('fieldbeat.tenant_id'::text, true), ''::text))::uuid));

-- Name: sla_clock tenant; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY tenant ON public.sla_clock USING ((tenant_id = (NULLIF(current_setting('fieldbeat.tenant_id'::text, true), ''::text))::uuid));

-- Name: sla_policy tenant; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY tenant ON public.sla_policy USING ((tenant_id = (NULLIF(current_setting('fieldbeat.tenant_id'::text, true), ''::text))::uuid));

-- Name: sla_recalculation tenant; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY tenant ON public.sla_recalculation USING ((tenant_id = (NULLIF(current_setting('fieldbeat.tenant_id'::text, true), ''::text))::uuid));

-- Name: sla_step tenant; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY tenant ON public.sla_step USING ((tenant_id = (NULLIF(current_setting('fieldbeat.tenant_id'::text, true), ''::text))::uuid));

-- Name: sla_terms tenant; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY tenant ON public.sla_terms USING ((tenant_id = (NULLIF(current_setting('fieldbeat.tenant_id'::text, true), ''::text))::uuid));

-- Name: snapshot_chunk tenant; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY tenant ON public.snapshot_chunk USING ((tenant_id = (NULLIF(current_setting('fieldbeat.tenant_id'::text, true), ''::text))::uuid));

-- Name: snapshot_set tenant; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY tenant ON public.snapshot_set USING ((tenant_id = (NULLIF(current_setting('fieldbeat.tenant_id'::text, true), ''::text))::uuid));

-- Name: snapshot_stream tenant; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY tenant ON public.snapshot_stream USING ((tenant_id = (NULLIF(current_setting('fieldbeat.tenant_id'::text, true), ''::text))::uuid));

-- Name: tenant; Type: ROW SECURITY; Schema: public; Owner: fieldbeat_owner

ALTER TABLE public.tenant ENABLE ROW LEVEL SECURITY;

-- Name: tenant tenant; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY tenant ON public.tenant USING ((id = (NULLIF(current_setting('fieldbeat.tenant_id'::text, true), ''::text))::uuid));

-- Name: territory tenant; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY tenant ON public.territory USING ((tenant_id = (NULLIF(current_setting('fieldbeat.tenant_id'::text, true), ''::text))::uuid));

-- Name: territory_assignment tenant; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY tenant ON public.territory_assignment USING ((tenant_id = (NULLIF(current_setting('fieldbeat.tenant_id'::text, true), ''::text))::uuid));

-- Name: ticket tenant; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY tenant ON public.ticket USING ((tenant_id = (NULLIF(current_setting('fieldbeat.tenant_id'::text, true), ''::text))::uuid));

-- Name: ticket_counter tenant; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY tenant ON public.ticket_counter USING ((tenant_id = (NULLIF(current_setting('fieldbeat.tenant_id'::text, true), ''::text))::uuid));

-- Name: ticket_filter tenant; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY tenant ON public.ticket_filter USING ((tenant_id = (NULLIF(current_setting('fieldbeat.tenant_id'::text, true), ''::text))::uuid));

-- Name: ticket_message tenant; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY tenant ON public.ticket_message USING ((tenant_id = (NULLIF(current_setting('fieldbeat.tenant_id'::text, true), ''::text))::uuid));

-- Name: ticket_part tenant; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY tenant ON public.ticket_part USING ((tenant_id = (NULLIF(current_setting('fieldbeat.tenant_id'::text, true), ''::text))::uuid));

-- Name: ticket_rating tenant; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY tenant ON public.ticket_rating USING ((tenant_id = (NULLIF(current_setting('fieldbeat.tenant_id'::text, true), ''::text))::uuid));

-- Name: upload tenant; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY tenant ON public.upload USING ((tenant_id = (NULLIF(current_setting('fieldbeat.tenant_id'::text, true), ''::text))::uuid));

-- Name: visit tenant; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY tenant ON public.visit USING ((tenant_id = (NULLIF(current_setting('fieldbeat.tenant_id'::text, true), ''::text))::uuid));

-- Name: visit_plan tenant; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY tenant ON public.visit_plan USING ((tenant_id = (NULLIF(current_setting('fieldbeat.tenant_id'::text, true), ''::text))::uuid));

-- Name: visit_plan_line tenant; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY tenant ON public.visit_plan_line USING ((tenant_id = (NULLIF(current_setting('fieldbeat.tenant_id'::text, true), ''::text))::uuid));

-- Name: visit_rule tenant; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY tenant ON public.visit_rule USING ((tenant_id = (NULLIF(current_setting('fieldbeat.tenant_id'::text, true), ''::text))::uuid));

-- Name: visit_template tenant; Type: POLICY; Schema: public; Owner: fieldbeat_owner

CREATE POLICY tenant ON public.visit_template USING ((tenant_id = (NULLIF(current_setting('fieldbeat.tenant_id'::text, true), ''::text))::uuid));

-- Name: territory; Type: ROW SECURITY; Schema: public; Owner: fieldbeat_owner

ALTER TABLE public.territory ENABLE ROW LEVEL SECURITY;

-- Name: territory_assignment; Type: ROW SECURITY; Schema: public; Owner: fieldbeat_owner

ALTER TABLE public.territory_assignment ENABLE ROW LEVEL SECURITY;

-- Name: ticket; Type: ROW SECURITY; Schema: public; Owner: fieldbeat_owner

ALTER TABLE public.ticket ENABLE ROW LEVEL SECURITY;

-- Name: ticket_counter; Type: ROW SECURITY; Schema: public; Owner: fieldbeat_owner

ALTER TABLE public.ticket_counter ENABLE ROW LEVEL SECURITY;

-- Name: ticket_filter; Type: ROW SECURITY; Schema: public; Owner: fieldbeat_owner

ALTER TABLE public.ticket_filter ENABLE ROW LEVEL SECURITY;

-- Name: ticket_message; Type: ROW SECURITY; Schema: public; Owner: fieldbeat_owner

ALTER TABLE public.ticket_message ENABLE ROW LEVEL SECURITY;

-- Name: ticket_part; Type: ROW SECURITY; Schema: public; Owner: fieldbeat_owner

ALTER TABLE public.ticket_part ENABLE ROW LEVEL SECURITY;

-- Name: ticket_rating; Type: ROW SECURITY; Schema: public; Owner: fieldbeat_owner

ALTER TABLE public.ticket_rating ENABLE ROW LEVEL SECURITY;

-- Name: upload; Type: ROW SECURITY; Schema: public; Owner: fieldbeat_owner

ALTER TABLE public.upload ENABLE ROW LEVEL SECURITY;

-- Name: visit; Type: ROW SECURITY; Schema: public; Owner: fieldbeat_owner

ALTER TABLE public.visit ENABLE ROW LEVEL SECURITY;

-- Name: visit_plan; Type: ROW SECURITY; Schema: public; Owner: fieldbeat_owner

ALTER TABLE public.visit_plan ENABLE ROW LEVEL SECURITY;

-- Name: visit_plan_line; Type: ROW SECURITY; Schema: public; Owner: fieldbeat_owner

ALTER TABLE public.visit_plan_line ENABLE ROW LEVEL SECURITY;

-- Name: visit_rule; Type: ROW SECURITY; Schema: public; Owner: fieldbeat_owner

ALTER TABLE public.visit_rule ENABLE ROW LEVEL SECURITY;

-- Name: visit_template; Type: ROW SECURITY; Schema: public; Owner: fieldbeat_owner

ALTER TABLE public.visit_template ENABLE ROW LEVEL SECURITY;

-- Name: SCHEMA public; Type: ACL; Schema: -; Owner: pg_database_owner

GRANT USAGE ON SCHEMA public TO fieldbeat_app;

-- Name: FUNCTION accounts_by_distance(held uuid[], words text[], alike boolean, in_status text[], in_kind text[], in_tier text[], with_tags text[], of_owner uuid, of_territory uuid, from_latitude double precision, from_longitude double precision, radius_m double precision, south double precision, north double precision, west double precision, east double precision, after_m double precision, after_id uuid, rows_max integer); Type: ACL; Schema: public; Owner: fieldbeat_owner

REVOKE ALL ON FUNCTION public.accounts_by_distance(held uuid[], words text[], alike boolean, in_status text[], in_kind text[], in_tier text[], with_tags text[], of_owner uuid, of_territory uuid, from_latitude double precision, from_longitude double precision, radius_m double precision, south double precision, north double precision, west double precision, east double precision, after_m double precision, after_id uuid, rows_max integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.accounts_by_distance(held uuid[], words text[], alike boolean, in_status text[], in_kind text[], in_tier text[], with_tags text[], of_owner uuid, of_territory uuid, from_latitude double precision, from_longitude double precision, radius_m double precision, south double precision, north double precision, west double precision, east double precision, after_m double precision, after_id uuid, rows_max integer) TO fieldbeat_app;

-- Name: FUNCTION accounts_by_name(held uuid[], words text[], alike boolean, in_status text[], in_kind text[], in_tier text[], with_tags text[], of_owner uuid, of_territory uuid, after_name text, after_id uuid, rows_max integer); Type: ACL; Schema: public; Owner: fieldbeat_owner

REVOKE ALL ON FUNCTION public.accounts_by_name(held uuid[], words text[], alike boolean, in_status text[], in_kind text[], in_tier text[], with_tags text[], of_owner uuid, of_territory uuid, after_name text, after_id uuid, rows_max integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.accounts_by_name(held uuid[], words text[], alike boolean, in_status text[], in_kind text[], in_tier text[], with_tags text[], of_owner uuid, of_territory uuid, after_name text, after_id uuid, rows_max integer) TO fieldbeat_app;

-- Name: FUNCTION articles_by_title(people uuid[], words text[], alike boolean, with_tags text[], in_language text, in_status text[], after_title text, after_id uuid, rows_max integer); Type: ACL; Schema: public; Owner: fieldbeat_owner

REVOKE ALL ON FUNCTION public.articles_by_title(people uuid[], words text[], alike boolean, with_tags text[], in_language text, in_status text[], after_title text, after_id uuid, rows_max integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.articles_by_title(people uuid[], words text[], alike boolean, with_tags text[], in_language text, in_status text[], after_title text, after_id uuid, rows_max integer) TO fieldbeat_app;

-- Name: FUNCTION articles_like(words text[], rows_max integer); Type: ACL; Schema: public; Owner: fieldbeat_owner

REVOKE ALL ON FUNCTION public.articles_like(words text[], rows_max integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.articles_like(words text[], rows_max integer) TO fieldbeat_app;

-- Name: FUNCTION assets_by_name(held uuid[], words text[], in_status text[], with_tags text[], of_account uuid, ends_before date, covered_on date, after_name text, after_id uuid, rows_max integer); Type: ACL; Schema: public; Owner: fieldbeat_owner

REVOKE ALL ON FUNCTION public.assets_by_name(held uuid[], words text[], in_status text[], with_tags text[], of_account uuid, ends_before date, covered_on date, after_name text, after_id uuid, rows_max integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.assets_by_name(held uuid[], words text[], in_status text[], with_tags text[], of_account uuid, ends_before date, covered_on date, after_name text, after_id uuid, rows_max integer) TO fieldbeat_app;

-- Name: FUNCTION claim_login(wanted text, claimant uuid); Type: ACL; Schema: public; Owner: fieldbeat_owner

REVOKE ALL ON FUNCTION public.claim_login(wanted text, claimant uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.claim_login(wanted text, claimant uuid) TO fieldbeat_app;

-- Name: FUNCTION create_tenant(new_id uuid, new_name text, is_demo boolean); Type: ACL; Schema: public; Owner: fieldbeat_owner

REVOKE ALL ON FUNCTION public.create_tenant(new_id uuid, new_name text, is_demo boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION public.create_tenant(new_id uuid, new_name text, is_demo boolean) TO fieldbeat_app;

-- Name: FUNCTION demo_tenant(); Type: ACL; Schema: public; Owner: fieldbeat_owner

REVOKE ALL ON FUNCTION public.demo_tenant() FROM PUBLIC;
GRANT ALL ON FUNCTION public.demo_tenant() TO fieldbeat_app;

-- Name: FUNCTION due_effects(kinds text[], effects_max integer); Type: ACL; Schema: public; Owner: fieldbeat_owner

REVOKE ALL ON FUNCTION public.due_effects(kinds text[], effects_max integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.due_effects(kinds text[], effects_max integer) TO fieldbeat_app;

-- Name: FUNCTION find_login(wanted text); Type: ACL; Schema: public; Owner: fieldbeat_owner

REVOKE ALL ON FUNCTION public.find_login(wanted text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.find_login(wanted text) TO fieldbeat_app;

-- Name: FUNCTION find_tenants(wanted text); Type: ACL; Schema: public; Owner: fieldbeat_owner

REVOKE ALL ON FUNCTION public.find_tenants(wanted text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.find_tenants(wanted text) TO fieldbeat_app;

-- Name: FUNCTION forget_places(visit_ids uuid[]); Type: ACL; Schema: public; Owner: fieldbeat_owner

REVOKE ALL ON FUNCTION public.forget_places(visit_ids uuid[]) FROM PUBLIC;
GRANT ALL ON FUNCTION public.forget_places(visit_ids uuid[]) TO fieldbeat_app;

-- Name: FUNCTION release_login(person_id uuid); Type: ACL; Schema: public; Owner: fieldbeat_owner

REVOKE ALL ON FUNCTION public.release_login(person_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.release_login(person_id uuid) TO fieldbeat_app;

-- Name: FUNCTION stale_snapshots(version integer, rows_min bigint, moved_min bigint, scopes_max integer); Type: ACL; Schema: public; Owner: fieldbeat_owner

REVOKE ALL ON FUNCTION public.stale_snapshots(version integer, rows_min bigint, moved_min bigint, scopes_max integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.stale_snapshots(version integer, rows_min bigint, moved_min bigint, scopes_max integer) TO fieldbeat_app;

-- Name: FUNCTION tenants_with_clocks(tenants_max integer); Type: ACL; Schema: public; Owner: fieldbeat_owner

REVOKE ALL ON FUNCTION public.tenants_with_clocks(tenants_max integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.tenants_with_clocks(tenants_max integer) TO fieldbeat_app;

-- Name: FUNCTION tenants_with_due_steps(tenants_max integer); Type: ACL; Schema: public; Owner: fieldbeat_owner

REVOKE ALL ON FUNCTION public.tenants_with_due_steps(tenants_max integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.tenants_with_due_steps(tenants_max integer) TO fieldbeat_app;

-- Name: FUNCTION tenants_with_garbage(age interval, tenants_max integer); Type: ACL; Schema: public; Owner: fieldbeat_owner

REVOKE ALL ON FUNCTION public.tenants_with_garbage(age interval, tenants_max integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.tenants_with_garbage(age interval, tenants_max integer) TO fieldbeat_app;

-- Name: FUNCTION tenants_with_missed_visits(grace interval, tenants_max integer); Type: ACL; Schema: public; Owner: fieldbeat_owner

REVOKE ALL ON FUNCTION public.tenants_with_missed_visits(grace interval, tenants_max integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.tenants_with_missed_visits(grace interval, tenants_max integer) TO fieldbeat_app;

-- Name: FUNCTION tenants_with_old_activities(age interval, tenants_max integer); Type: ACL; Schema: public; Owner: fieldbeat_owner

REVOKE ALL ON FUNCTION public.tenants_with_old_activities(age interval, tenants_max integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.tenants_with_old_activities(age interval, tenants_max integer) TO fieldbeat_app;

-- Name: FUNCTION tenants_with_old_places(age interval, tenants_max integer); Type: ACL; Schema: public; Owner: fieldbeat_owner

REVOKE ALL ON FUNCTION public.tenants_with_old_places(age interval, tenants_max integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.tenants_with_old_places(age interval, tenants_max integer) TO fieldbeat_app;

-- Name: FUNCTION tenants_with_stale_clocks(tenants_max integer); Type: ACL; Schema: public; Owner: fieldbeat_owner

REVOKE ALL ON FUNCTION public.tenants_with_stale_clocks(tenants_max integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.tenants_with_stale_clocks(tenants_max integer) TO fieldbeat_app;

-- Name: FUNCTION tenants_with_stale_files(grace interval, tenants_max integer); Type: ACL; Schema: public; Owner: fieldbeat_owner

REVOKE ALL ON FUNCTION public.tenants_with_stale_files(grace interval, tenants_max integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.tenants_with_stale_files(grace interval, tenants_max integer) TO fieldbeat_app;

-- Name: FUNCTION tenants_with_tombstones(age interval, tenants_max integer); Type: ACL; Schema: public; Owner: fieldbeat_owner

REVOKE ALL ON FUNCTION public.tenants_with_tombstones(age interval, tenants_max integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.tenants_with_tombstones(age interval, tenants_max integer) TO fieldbeat_app;

-- Name: FUNCTION tickets_by_number(held uuid[], people uuid[], words text[], in_status text[], in_priority text[], in_kind text[], with_tags text[], of_assignee uuid, offered_to uuid, of_account uuid, below_number bigint, rows_max integer, among uuid[], due_after timestamp with time zone, due_until timestamp with time zone); Type: ACL; Schema: public; Owner: fieldbeat_owner

REVOKE ALL ON FUNCTION public.tickets_by_number(held uuid[], people uuid[], words text[], in_status text[], in_priority text[], in_kind text[], with_tags text[], of_assignee uuid, offered_to uuid, of_account uuid, below_number bigint, rows_max integer, among uuid[], due_after timestamp with time zone, due_until timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION public.tickets_by_number(held uuid[], people uuid[], words text[], in_status text[], in_priority text[], in_kind text[], with_tags text[], of_assignee uuid, offered_to uuid, of_account uuid, below_number bigint, rows_max integer, among uuid[], due_after timestamp with time zone, due_until timestamp with time zone) TO fieldbeat_app;

-- Name: FUNCTION waiting_plans(reps_max integer); Type: ACL; Schema: public; Owner: fieldbeat_owner

REVOKE ALL ON FUNCTION public.waiting_plans(reps_max integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.waiting_plans(reps_max integer) TO fieldbeat_app;

-- Name: FUNCTION work_lag(); Type: ACL; Schema: public; Owner: fieldbeat_owner

REVOKE ALL ON FUNCTION public.work_lag() FROM PUBLIC;
GRANT ALL ON FUNCTION public.work_lag() TO fieldbeat_app;

-- Name: TABLE account; Type: ACL; Schema: public; Owner: fieldbeat_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.account TO fieldbeat_app;

-- Name: TABLE activity; Type: ACL; Schema: public; Owner: fieldbeat_owner

GRANT SELECT,INSERT,DELETE ON TABLE public.activity TO fieldbeat_app;

-- Name: TABLE alembic_version; Type: ACL; Schema: public; Owner: fieldbeat_owner

GRANT SELECT ON TABLE public.alembic_version TO fieldbeat_app;

-- Name: TABLE article_link; Type: ACL; Schema: public; Owner: fieldbeat_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.article_link TO fieldbeat_app;

-- Name: TABLE article_vote; Type: ACL; Schema: public; Owner: fieldbeat_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.article_vote TO fieldbeat_app;

-- Name: TABLE asset; Type: ACL; Schema: public; Owner: fieldbeat_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.asset TO fieldbeat_app;

-- Name: TABLE attachment; Type: ACL; Schema: public; Owner: fieldbeat_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.attachment TO fieldbeat_app;

-- Name: TABLE blob; Type: ACL; Schema: public; Owner: fieldbeat_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.blob TO fieldbeat_app;

-- Name: TABLE business_hours; Type: ACL; Schema: public; Owner: fieldbeat_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.business_hours TO fieldbeat_app;

-- Name: TABLE conflict; Type: ACL; Schema: public; Owner: fieldbeat_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.conflict TO fieldbeat_app;

-- Name: TABLE contact; Type: ACL; Schema: public; Owner: fieldbeat_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.contact TO fieldbeat_app;

-- Name: TABLE credential; Type: ACL; Schema: public; Owner: fieldbeat_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.credential TO fieldbeat_app;

-- Name: TABLE day_profile; Type: ACL; Schema: public; Owner: fieldbeat_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.day_profile TO fieldbeat_app;

-- Name: TABLE deleted_record; Type: ACL; Schema: public; Owner: fieldbeat_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.deleted_record TO fieldbeat_app;

-- Name: TABLE device; Type: ACL; Schema: public; Owner: fieldbeat_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.device TO fieldbeat_app;

-- Name: TABLE escalation; Type: ACL; Schema: public; Owner: fieldbeat_owner

GRANT SELECT,INSERT ON TABLE public.escalation TO fieldbeat_app;

-- Name: TABLE escalation_stop; Type: ACL; Schema: public; Owner: fieldbeat_owner

GRANT SELECT,INSERT ON TABLE public.escalation_stop TO fieldbeat_app;

-- Name: TABLE failed_attempts; Type: ACL; Schema: public; Owner: fieldbeat_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.failed_attempts TO fieldbeat_app;

-- Name: TABLE feed; Type: ACL; Schema: public; Owner: fieldbeat_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.feed TO fieldbeat_app;

-- Name: TABLE field_write; Type: ACL; Schema: public; Owner: fieldbeat_owner

GRANT SELECT,INSERT ON TABLE public.field_write TO fieldbeat_app;

-- Name: TABLE import_batch; Type: ACL; Schema: public; Owner: fieldbeat_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.import_batch TO fieldbeat_app;

-- Name: TABLE import_row; Type: ACL; Schema: public; Owner: fieldbeat_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.import_row TO fieldbeat_app;

-- Name: TABLE incarnation; Type: ACL; Schema: public; Owner: fieldbeat_owner

GRANT SELECT,INSERT ON TABLE public.incarnation TO fieldbeat_app;

-- Name: TABLE installation; Type: ACL; Schema: public; Owner: fieldbeat_owner

GRANT SELECT ON TABLE public.installation TO fieldbeat_app;

-- Name: TABLE knowledge_article; Type: ACL; Schema: public; Owner: fieldbeat_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.knowledge_article TO fieldbeat_app;

-- Name: TABLE leave; Type: ACL; Schema: public; Owner: fieldbeat_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.leave TO fieldbeat_app;

-- Name: TABLE location_read; Type: ACL; Schema: public; Owner: fieldbeat_owner

GRANT SELECT,INSERT ON TABLE public.location_read TO fieldbeat_app;

-- Name: TABLE notification; Type: ACL; Schema: public; Owner: fieldbeat_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.notification TO fieldbeat_app;

-- Name: TABLE on_call_rota; Type: ACL; Schema: public; Owner: fieldbeat_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.on_call_rota TO fieldbeat_app;

-- Name: TABLE outbox; Type: ACL; Schema: public; Owner: fieldbeat_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.outbox TO fieldbeat_app;

-- Name: TABLE part; Type: ACL; Schema: public; Owner: fieldbeat_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.part TO fieldbeat_app;

-- Name: TABLE part_cost; Type: ACL; Schema: public; Owner: fieldbeat_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.part_cost TO fieldbeat_app;

-- Name: TABLE person; Type: ACL; Schema: public; Owner: fieldbeat_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.person TO fieldbeat_app;

-- Name: TABLE plan_outcome; Type: ACL; Schema: public; Owner: fieldbeat_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.plan_outcome TO fieldbeat_app;

-- Name: TABLE plan_run; Type: ACL; Schema: public; Owner: fieldbeat_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.plan_run TO fieldbeat_app;

-- Name: TABLE plan_run_rep; Type: ACL; Schema: public; Owner: fieldbeat_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.plan_run_rep TO fieldbeat_app;

-- Name: TABLE portal_entry; Type: ACL; Schema: public; Owner: fieldbeat_owner

GRANT SELECT,INSERT ON TABLE public.portal_entry TO fieldbeat_app;

-- Name: TABLE portal_token; Type: ACL; Schema: public; Owner: fieldbeat_owner

GRANT SELECT,INSERT,UPDATE ON TABLE public.portal_token TO fieldbeat_app;

-- Name: TABLE refresh_token; Type: ACL; Schema: public; Owner: fieldbeat_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.refresh_token TO fieldbeat_app;

-- Name: TABLE scope_head; Type: ACL; Schema: public; Owner: fieldbeat_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.scope_head TO fieldbeat_app;

-- Name: TABLE settled_mutation; Type: ACL; Schema: public; Owner: fieldbeat_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.settled_mutation TO fieldbeat_app;

-- Name: TABLE signing_key; Type: ACL; Schema: public; Owner: fieldbeat_owner

GRANT SELECT,INSERT,UPDATE ON TABLE public.signing_key TO fieldbeat_app;

-- Name: TABLE sla_applied; Type: ACL; Schema: public; Owner: fieldbeat_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.sla_applied TO fieldbeat_app;

-- Name: TABLE sla_clock; Type: ACL; Schema: public; Owner: fieldbeat_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.sla_clock TO fieldbeat_app;

-- Name: TABLE sla_policy; Type: ACL; Schema: public; Owner: fieldbeat_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.sla_policy TO fieldbeat_app;

-- Name: TABLE sla_recalculation; Type: ACL; Schema: public; Owner: fieldbeat_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.sla_recalculation TO fieldbeat_app;

-- Name: TABLE sla_step; Type: ACL; Schema: public; Owner: fieldbeat_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.sla_step TO fieldbeat_app;

-- Name: TABLE sla_terms; Type: ACL; Schema: public; Owner: fieldbeat_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.sla_terms TO fieldbeat_app;

-- Name: TABLE snapshot_chunk; Type: ACL; Schema: public; Owner: fieldbeat_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.snapshot_chunk TO fieldbeat_app;

-- Name: TABLE snapshot_set; Type: ACL; Schema: public; Owner: fieldbeat_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.snapshot_set TO fieldbeat_app;

-- Name: TABLE snapshot_stream; Type: ACL; Schema: public; Owner: fieldbeat_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.snapshot_stream TO fieldbeat_app;

-- Name: TABLE tenant; Type: ACL; Schema: public; Owner: fieldbeat_owner

GRANT SELECT,UPDATE ON TABLE public.tenant TO fieldbeat_app;

-- Name: TABLE territory; Type: ACL; Schema: public; Owner: fieldbeat_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.territory TO fieldbeat_app;

-- Name: TABLE territory_assignment; Type: ACL; Schema: public; Owner: fieldbeat_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.territory_assignment TO fieldbeat_app;

-- Name: TABLE ticket; Type: ACL; Schema: public; Owner: fieldbeat_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.ticket TO fieldbeat_app;

-- Name: TABLE ticket_counter; Type: ACL; Schema: public; Owner: fieldbeat_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.ticket_counter TO fieldbeat_app;

-- Name: TABLE ticket_filter; Type: ACL; Schema: public; Owner: fieldbeat_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.ticket_filter TO fieldbeat_app;

-- Name: TABLE ticket_message; Type: ACL; Schema: public; Owner: fieldbeat_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.ticket_message TO fieldbeat_app;

-- Name: TABLE ticket_part; Type: ACL; Schema: public; Owner: fieldbeat_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.ticket_part TO fieldbeat_app;

-- Name: TABLE ticket_rating; Type: ACL; Schema: public; Owner: fieldbeat_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.ticket_rating TO fieldbeat_app;

-- Name: TABLE upload; Type: ACL; Schema: public; Owner: fieldbeat_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.upload TO fieldbeat_app;

-- Name: TABLE visit; Type: ACL; Schema: public; Owner: fieldbeat_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.visit TO fieldbeat_app;

-- Name: TABLE visit_plan; Type: ACL; Schema: public; Owner: fieldbeat_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.visit_plan TO fieldbeat_app;

-- Name: TABLE visit_plan_line; Type: ACL; Schema: public; Owner: fieldbeat_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.visit_plan_line TO fieldbeat_app;

-- Name: TABLE visit_rule; Type: ACL; Schema: public; Owner: fieldbeat_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.visit_rule TO fieldbeat_app;

-- Name: TABLE visit_template; Type: ACL; Schema: public; Owner: fieldbeat_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.visit_template TO fieldbeat_app;
