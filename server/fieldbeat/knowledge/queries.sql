-- Articles, votes on them, and what they solved. $1 is the tenant where it is not said otherwise.

-- name: lock_articles
-- An article ($2) and the version that it replaces, in the order of their ids. Index: primary key.
select a.id from knowledge_article a
where a.tenant_id = $1
  and a.id in (select e.id from knowledge_article e where e.tenant_id = $1 and e.id = $2
               union all
               select e.previous_id from knowledge_article e where e.tenant_id = $1 and e.id = $2)
order by a.id
for no key update of a;

-- name: articles_by_ids
-- Those among the ids that the actor ($1 his id, $2 his role) may see: published, or by somebody whom he leads.
-- Index: primary key.
-- row: Article
select a.id, a.rev, a.title, a.fields ->> 'body' as body, a.tags, a.language, (a.fields ->> 'version')::integer as version,
       a.status, a.previous_id, a.author_id, (a.fields ->> 'submittedById')::uuid as submitted_by_id,
       (a.fields ->> 'approvedById')::uuid as approved_by_id, instant(a.fields ->> 'publishedAt') as published_at,
       a.created_at, a.changed_at
from knowledge_article a
where a.tenant_id = current_tenant() and a.id = any ($3::uuid[]) and a.deleted_at is null
  and (a.status = 'PUBLISHED' or a.author_id = any (array(select people_under($1, $2))))
order by a.id
limit cardinality($3);

-- name: articles_page
-- One page of what the actor ($1 his id, $2 his role; null: a customer) sees, by title. Index: by the filters, see the
-- function.
-- row: Article
select a.id, a.rev, a.title, a.fields ->> 'body' as body, a.tags, a.language, (a.fields ->> 'version')::integer as version,
       a.status, a.previous_id, a.author_id, (a.fields ->> 'submittedById')::uuid as submitted_by_id,
       (a.fields ->> 'approvedById')::uuid as approved_by_id, instant(a.fields ->> 'publishedAt') as published_at,
       a.created_at, a.changed_at
from articles_by_title(
    array(select people_under($1, $2) where $1 is not null), $3, $4, $5, $6, $7, $8, $9, $10) found
join knowledge_article a on a.tenant_id = current_tenant() and a.id = found.article_id
order by a.title, a.id
limit $10;

-- name: articles_alike
-- For each text ($3: words, a blank between them) at most $4 published articles that are most like it; `n` is the
-- text's number. $1, $2 the actor, to whom all that is published is open. Index: knowledge_article_heading.
-- row: Article with n
select wanted.n, a.id, a.rev, a.title, a.fields ->> 'body' as body, a.tags, a.language, (a.fields ->> 'version')::integer as version,
       a.status, a.previous_id, a.author_id, (a.fields ->> 'submittedById')::uuid as submitted_by_id,
       (a.fields ->> 'approvedById')::uuid as approved_by_id, instant(a.fields ->> 'publishedAt') as published_at,
       a.created_at, a.changed_at
from unnest($3::text[]) with ordinality as wanted (said, n)
cross join lateral articles_like(string_to_array(wanted.said, ' '), $4) found
join knowledge_article a on a.tenant_id = current_tenant() and a.id = found.article_id
where a.status = 'PUBLISHED' or a.author_id = any (array(select people_under($1, $2)))
order by wanted.n, found.likeness desc, a.id;

-- name: successor_of
-- Index: knowledge_article_successor.
select id from knowledge_article
where tenant_id = $1 and previous_id = $2 and status <> 'OBSOLETE' and deleted_at is null;

-- name: put_vote
insert into article_vote (tenant_id, article_id, user_id, helpful) values ($1, $2, $3, $4)
on conflict (tenant_id, article_id, user_id) do update set helpful = excluded.helpful, at = clock_timestamp();

-- name: votes_of
-- Of each article that has some; `mine` is that of one person ($2). Index: primary key.
-- row: Votes with article_id
select article_id, (count(*) filter (where helpful))::integer as helpful,
       (count(*) filter (where not helpful))::integer as unhelpful, bool_or(helpful) filter (where user_id = $2) as mine
from article_vote
where tenant_id = $1 and article_id = any ($3::uuid[])
group by article_id
order by article_id
limit cardinality($3);

-- name: put_link
insert into article_link (tenant_id, ticket_id, article_id, linked_by) values ($1, $2, $3, $4)
on conflict (tenant_id, ticket_id, article_id) do nothing;

-- name: drop_link
delete from article_link where tenant_id = $1 and ticket_id = $2 and article_id = $3 returning article_id;

-- name: move_links
-- Index: article_link_article.
update article_link set article_id = $3 where tenant_id = $1 and article_id = $2;

-- name: tickets_of_articles
-- At most 100 of each article, the newest link first; not scoped: whose tickets they are, the caller asks. Index:
-- article_link_article.
select l.article_id, l.ticket_id
from unnest($2::uuid[]) as wanted (id)
cross join lateral (
    select k.article_id, k.ticket_id, k.at from article_link k
    where k.tenant_id = $1 and k.article_id = wanted.id
    order by k.at desc, k.ticket_id
    limit 100) l
order by l.article_id, l.at desc, l.ticket_id;

-- name: articles_of_tickets
-- What solved these tickets ($3), as far as the actor ($1, $2) sees it. Index: article_link's primary key.
-- row: Article with ticket_id
select l.ticket_id, a.id, a.rev, a.title, a.fields ->> 'body' as body, a.tags, a.language, (a.fields ->> 'version')::integer as version,
       a.status, a.previous_id, a.author_id, (a.fields ->> 'submittedById')::uuid as submitted_by_id,
       (a.fields ->> 'approvedById')::uuid as approved_by_id, instant(a.fields ->> 'publishedAt') as published_at,
       a.created_at, a.changed_at
from article_link l
join knowledge_article a on a.tenant_id = l.tenant_id and a.id = l.article_id and a.deleted_at is null
where l.tenant_id = current_tenant() and l.ticket_id = any ($3::uuid[])
  and (a.status = 'PUBLISHED' or a.author_id = any (array(select people_under($1, $2))))
order by l.ticket_id, a.title, a.id;
