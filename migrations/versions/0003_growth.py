"""Daily partitions, the last position of silent vessels, how far thinning has come.

Revision: 0003, follows 0002.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ENSURE_PARTITION = """
CREATE OR REPLACE FUNCTION harbor_ensure_position_partition(
    moment timestamptz, period text DEFAULT 'month'
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    month text := 'position_' || to_char(moment, 'YYYY_MM');
    day text := 'position_' || to_char(moment, 'YYYY_MM_DD');
    name text := CASE period WHEN 'month' THEN month WHEN 'day' THEN day END;
    first timestamptz := date_trunc(period, moment);
BEGIN
    IF name IS NULL THEN
        RAISE 'a partition holds a month or a day, not a %', period;
    END IF;
    IF EXISTS (SELECT FROM pg_inherits WHERE inhparent = 'position'::regclass
               AND inhrelid IN (to_regclass(month), to_regclass(day))
               AND NOT inhdetachpending) THEN
        RETURN;
    END IF;
    -- One at a time; who waited finds it made.
    PERFORM pg_advisory_xact_lock(4715002);
    -- A month of which a day exists goes on by days: partitions never overlap.
    IF period = 'month' AND EXISTS (
        SELECT FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
        WHERE inhparent = 'position'::regclass AND relname LIKE month || '\\_%'
    ) THEN
        period := 'day';
        name := day;
        first := date_trunc('day', moment);
    END IF;
    IF EXISTS (SELECT FROM pg_inherits WHERE inhparent = 'position'::regclass
               AND inhrelid IN (to_regclass(month), to_regclass(day))) THEN
        IF EXISTS (SELECT FROM pg_inherits
                   WHERE inhrelid IN (to_regclass(month), to_regclass(day))
                   AND inhdetachpending) THEN
            RAISE '% is being dropped: come back', name USING ERRCODE = 'lock_not_available';
        END IF;
        RETURN;
    END IF;
    IF to_regclass(name) IS NOT NULL THEN
        IF obj_description(to_regclass(name), 'pg_class') = 'harbor: to be dropped' THEN
            RAISE '% is being dropped: come back', name USING ERRCODE = 'lock_not_available';
        END IF;
        RAISE 'the table % is no partition of position: rename it', name
            USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    -- Made aside and attached: CREATE ... PARTITION OF would lock out every reader.
    EXECUTE format('CREATE TABLE %I (LIKE position INCLUDING DEFAULTS INCLUDING CONSTRAINTS)',
        name);
    EXECUTE format('ALTER TABLE position ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
        name, first, first + ('1 ' || period)::interval);
END
$$
"""


def upgrade():
    op.create_table(
        "last_position",
        sa.Column("fleet_id", sa.Uuid(), nullable=False),
        sa.Column("vessel_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tracker_id", sa.Uuid(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("latitude", sa.Double(), nullable=False),
        sa.Column("longitude", sa.Double(), nullable=False),
        sa.Column("speed_knots", sa.Double(), nullable=True),
        sa.Column("course_degrees", sa.Double(), nullable=True),
        sa.Column("heading_degrees", sa.Double(), nullable=True),
        sa.Column("accuracy_metres", sa.Double(), nullable=True),
        sa.Column("altitude_metres", sa.Double(), nullable=True),
        sa.Column("battery_percent", sa.Double(), nullable=True),
        sa.Column("navigation_status", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("attributes", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.PrimaryKeyConstraint("fleet_id", "vessel_id", name=op.f("pk_last_position")),
    )
    op.create_table(
        "thinned_partition",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("done_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_vessel_id", sa.Uuid(), nullable=True),
        sa.Column("rows_inserted", sa.BigInteger(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_thinned_partition")),
    )
    op.execute("DROP FUNCTION IF EXISTS harbor_ensure_position_partition(timestamptz)")
    op.execute(ENSURE_PARTITION)


def downgrade():
    """The function stays: with its second argument left out it serves the code before."""
    op.drop_table("thinned_partition")
    op.drop_table("last_position")
