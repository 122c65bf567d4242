"""A distance between places that lie closer than a number can be squared."""

from alembic import op

revision = "0042"
down_revision = "0041"

SQL = r"""
-- A difference below 0.1 mm counts as none: squared, a very small one is out of a number's range, which is an error.
create or replace function metres_between(lat1 double precision, lon1 double precision,
                                          lat2 double precision, lon2 double precision) returns double precision
language sql immutable strict parallel safe as $$
    select 2 * 6371008.8 * asin(sqrt(least(1.0,
        sind(case when abs(lat2 - lat1) < 1e-9 then 0 else lat2 - lat1 end / 2) ^ 2
        + cosd(lat1) * cosd(lat2) * sind(case when abs(lon2 - lon1) < 1e-9 then 0 else lon2 - lon1 end / 2) ^ 2)))
$$;
"""


def upgrade() -> None:
    op.execute(SQL)
