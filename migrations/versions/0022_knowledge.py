"""Articles with their versions, votes on them, and the tickets that they solved."""

from alembic import op

revision = "0022"
down_revision = "0021"

SQL = """
set local lock_timeout = '5s';

create table knowledge_article (
    tenant_id uuid not null references tenant (id),
    id uuid not null,
    rev bigint not null check (rev >= 1),
    fields jsonb not null,
    stamps bytea not null,
    created_at timestamptz not null default clock_timestamp(),
    changed_at timestamptz not null default clock_timestamp(),
    deleted_at timestamptz,
    title text not null generated always as (fields ->> 'title') stored,
    status text not null generated always as (fields ->> 'status') stored,
    language text not null generated always as (fields ->> 'language') stored,
    author_id uuid not null generated always as ((fields ->> 'authorId')::uuid) stored,
    previous_id uuid generated always as ((fields ->> 'previousId')::uuid) stored,
    tags text[] not null generated always as (text_array(fields -> 'tags')) stored,
    heading text not null generated always as (folded((fields ->> 'title') || ' ' || (fields ->> 'tags'))) stored,
    search text not null generated always as (folded(
        (fields ->> 'title') || ' ' || (fields ->> 'tags') || ' ' || (fields ->> 'body'))) stored,
    primary key (tenant_id, id),
    foreign key (tenant_id, author_id) references person (tenant_id, id),
    foreign key (tenant_id, previous_id) references knowledge_article (tenant_id, id)
);
create index knowledge_article_title on knowledge_article (tenant_id, title, id);
create index knowledge_article_author on knowledge_article (tenant_id, author_id, id);
create index knowledge_article_heading on knowledge_article using gin (tenant_id, heading gin_trgm_ops);
create index knowledge_article_search on knowledge_article using gin (tenant_id, search gin_trgm_ops);
create index knowledge_article_tags on knowledge_article using gin (tenant_id, tags);
-- One version at a time is in work, or has taken the place of another.
create unique index knowledge_article_successor on knowledge_article (tenant_id, previous_id)
    where previous_id is not null and status <> 'OBSOLETE' and deleted_at is null;
select guard_tenant_table('knowledge_article');

create table article_vote (
    tenant_id uuid not null,
    article_id uuid not null,
    user_id uuid not null,
    helpful boolean not null,
    at timestamptz not null default clock_timestamp(),
    primary key (tenant_id, article_id, user_id),
    foreign key (tenant_id, article_id) references knowledge_article (tenant_id, id),
    foreign key (tenant_id, user_id) references person (tenant_id, id)
);
create index article_vote_user on article_vote (tenant_id, user_id, article_id);
select guard_tenant_table('article_vote');

-- A ticket was solved with an article.
create table article_link (
    tenant_id uuid not null,
    ticket_id uuid not null,
    article_id uuid not null,
    linked_by uuid not null,
    at timestamptz not null default clock_timestamp(),
    primary key (tenant_id, ticket_id, article_id),
    foreign key (tenant_id, ticket_id) references ticket (tenant_id, id),
    foreign key (tenant_id, article_id) references knowledge_article (tenant_id, id),
    foreign key (tenant_id, linked_by) references person (tenant_id, id)
);
create index article_link_article on article_link (tenant_id, article_id, at, ticket_id);
select guard_tenant_table('article_link');

-- One page of articles in the order of titles: what is published, and what one of `people` wrote. As accounts_by_name:
-- trigrams under row-level security need the owner, who sees the current tenant alone. `words` are folded; `alike` takes
-- titles and tags that are only similar, too; at most six count.
create function articles_by_title(
    people uuid[], words text[], alike boolean, with_tags text[], in_language text, in_status text[], after_title text,
    after_id uuid, rows_max integer)
returns table (article_id uuid)
language sql stable security definer set search_path = pg_catalog, public set plan_cache_mode = force_custom_plan
set pg_trgm.word_similarity_threshold = 0.45
as $$
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

-- The published articles whose titles and tags are most like some words, with how much they are; as articles_by_title.
create function articles_like(words text[], rows_max integer) returns table (article_id uuid, likeness real)
language sql stable security definer set search_path = pg_catalog, public set plan_cache_mode = force_custom_plan
set pg_trgm.word_similarity_threshold = 0.6
as $$
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

do $do$
declare app text := current_setting('fieldbeat.app_role');
begin
    revoke execute on function articles_by_title from public;
    revoke execute on function articles_like from public;
    execute format('grant execute on function articles_by_title to %I', app);
    execute format('grant execute on function articles_like to %I', app);
end
$do$;
"""


def upgrade() -> None:
    op.execute(SQL)
