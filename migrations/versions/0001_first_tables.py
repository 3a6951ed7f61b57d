"""Fleets, vessels, trackers, positions, people.

Revision: 0001, follows .
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ENSURE_PARTITION = """
CREATE FUNCTION harbor_ensure_position_partition(moment timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    first timestamptz := date_trunc('month', moment);
    name text := 'position_' || to_char(first, 'YYYY_MM');
BEGIN
    IF to_regclass(name) IS NOT NULL THEN
        RETURN;
    END IF;
    -- One at a time; who waited finds it made.
    PERFORM pg_advisory_xact_lock(4715002);
    IF to_regclass(name) IS NOT NULL THEN
        RETURN;
    END IF;
    -- Made aside and attached: CREATE ... PARTITION OF would lock out every reader.
    EXECUTE format('CREATE TABLE %I (LIKE position INCLUDING DEFAULTS INCLUDING CONSTRAINTS)',
        name);
    EXECUTE format('ALTER TABLE position ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
        name, first, first + interval '1 month');
END
$$
"""


def upgrade():
    op.create_table(
        "fleet",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fleet")),
        sa.UniqueConstraint("name", name=op.f("uq_fleet_name")),
    )
    op.create_table(
        "position",
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
        sa.CheckConstraint(
            "recorded_at >= '2020-01-01 00:00:00+00' AND recorded_at < '2100-01-01 00:00:00+00'",
            name=op.f("ck_position_recorded_at_range"),
        ),
        sa.CheckConstraint(
            "accuracy_metres BETWEEN 0 AND 1000000",
            name=op.f("ck_position_accuracy_metres_range"),
        ),
        sa.CheckConstraint(
            "altitude_metres BETWEEN -12000 AND 100000",
            name=op.f("ck_position_altitude_metres_range"),
        ),
        sa.CheckConstraint(
            "battery_percent BETWEEN 0 AND 100", name=op.f("ck_position_battery_percent_range")
        ),
        sa.CheckConstraint(
            "course_degrees >= 0 AND course_degrees < 360",
            name=op.f("ck_position_course_degrees_range"),
        ),
        sa.CheckConstraint(
            "heading_degrees >= 0 AND heading_degrees < 360",
            name=op.f("ck_position_heading_degrees_range"),
        ),
        sa.CheckConstraint(
            "latitude BETWEEN -90 AND 90", name=op.f("ck_position_latitude_range")
        ),
        sa.CheckConstraint(
            "longitude BETWEEN -180 AND 180", name=op.f("ck_position_longitude_range")
        ),
        sa.CheckConstraint(
            "speed_knots BETWEEN 0 AND 1000", name=op.f("ck_position_speed_knots_range")
        ),
        sa.PrimaryKeyConstraint(
            "fleet_id", "vessel_id", "recorded_at", "tracker_id", name=op.f("pk_position")
        ),
        postgresql_partition_by="RANGE (recorded_at)",
    )
    op.create_table(
        "api_key",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("fleet_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("last_characters", sa.Text(), nullable=False),
        sa.Column("vessel_ids", postgresql.ARRAY(sa.Uuid()), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("octet_length(sha256) = 32", name=op.f("ck_api_key_sha256_length")),
        sa.ForeignKeyConstraint(
            ["fleet_id"], ["fleet.id"], name=op.f("fk_api_key_fleet_id_fleet")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_key")),
        sa.UniqueConstraint("sha256", name=op.f("uq_api_key_sha256")),
    )
    op.create_table(
        "audit_event",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("fleet_id", sa.Uuid(), nullable=True),
        sa.Column(
            "at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.ForeignKeyConstraint(
            ["fleet_id"], ["fleet.id"], name=op.f("fk_audit_event_fleet_id_fleet")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_event")),
    )
    op.create_index("ix_audit_event_at", "audit_event", ["at"], unique=False)
    op.create_table(
        "feed_outbox",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("fleet_id", sa.Uuid(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["fleet_id"], ["fleet.id"], name=op.f("fk_feed_outbox_fleet_id_fleet")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feed_outbox")),
    )
    op.create_table(
        "user",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("fleet_id", sa.Uuid(), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("session_epoch", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_login_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "char_length(username) BETWEEN 1 AND 80", name=op.f("ck_user_username_length")
        ),
        sa.ForeignKeyConstraint(
            ["fleet_id"], ["fleet.id"], name=op.f("fk_user_fleet_id_fleet")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user")),
    )
    op.create_index(
        "uq_user_username", "user", [sa.literal_column("lower(username)")], unique=True
    )
    op.create_table(
        "vessel",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("fleet_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("imo_number", sa.Text(), nullable=True),
        sa.Column("mmsi", sa.Text(), nullable=True),
        sa.Column("call_sign", sa.Text(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revision", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.CheckConstraint(
            "call_sign ~ '^[A-Z0-9]{3,7}$'", name=op.f("ck_vessel_call_sign_shape")
        ),
        sa.CheckConstraint(
            "imo_number ~ '^[0-9]{7}$' AND mod(substr(imo_number, 1, 1)::int * 7 + substr(imo_number, 2, 1)::int * 6 + substr(imo_number, 3, 1)::int * 5 + substr(imo_number, 4, 1)::int * 4 + substr(imo_number, 5, 1)::int * 3 + substr(imo_number, 6, 1)::int * 2, 10) = right(imo_number, 1)::int",
            name=op.f("ck_vessel_imo_check_digit"),
        ),
        sa.CheckConstraint("mmsi ~ '^[2-7][0-9]{8}$'", name=op.f("ck_vessel_mmsi_shape")),
        sa.CheckConstraint(
            "char_length(name) BETWEEN 1 AND 80", name=op.f("ck_vessel_name_length")
        ),
        sa.ForeignKeyConstraint(
            ["fleet_id"], ["fleet.id"], name=op.f("fk_vessel_fleet_id_fleet")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vessel")),
        sa.UniqueConstraint("fleet_id", "id", name=op.f("uq_vessel_fleet_id_id")),
    )
    op.create_index(
        "uq_vessel_fleet_id_imo_number",
        "vessel",
        ["fleet_id", "imo_number"],
        unique=True,
        postgresql_where=sa.text("retired_at IS NULL"),
    )
    op.create_index(
        "uq_vessel_fleet_id_mmsi",
        "vessel",
        ["fleet_id", "mmsi"],
        unique=True,
        postgresql_where=sa.text("retired_at IS NULL"),
    )
    op.create_index(
        "uq_vessel_fleet_id_name",
        "vessel",
        ["fleet_id", sa.literal_column("lower(name)")],
        unique=True,
        postgresql_where=sa.text("retired_at IS NULL"),
    )
    op.create_table(
        "tracker",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("fleet_id", sa.Uuid(), nullable=False),
        sa.Column("vessel_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("secret_previous", sa.Text(), nullable=True),
        sa.Column("previous_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revision", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.CheckConstraint(
            "(secret_previous IS NULL) = (previous_until IS NULL)",
            name=op.f("ck_tracker_previous_has_an_end"),
        ),
        sa.CheckConstraint(
            "char_length(name) BETWEEN 1 AND 80", name=op.f("ck_tracker_name_length")
        ),
        sa.ForeignKeyConstraint(
            ["fleet_id", "vessel_id"],
            ["vessel.fleet_id", "vessel.id"],
            name=op.f("fk_tracker_fleet_id_vessel_id_vessel"),
        ),
        sa.ForeignKeyConstraint(
            ["fleet_id"], ["fleet.id"], name=op.f("fk_tracker_fleet_id_fleet")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tracker")),
        sa.UniqueConstraint("fleet_id", "name", name=op.f("uq_tracker_fleet_id_name")),
    )
    op.create_table(
        "rejected_report",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("fleet_id", sa.Uuid(), nullable=False),
        sa.Column("tracker_id", sa.Uuid(), nullable=False),
        sa.Column("vessel_id", sa.Uuid(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint(
            "octet_length(raw) <= 65536", name=op.f("ck_rejected_report_raw_length")
        ),
        sa.ForeignKeyConstraint(
            ["fleet_id"], ["fleet.id"], name=op.f("fk_rejected_report_fleet_id_fleet")
        ),
        sa.ForeignKeyConstraint(
            ["tracker_id"], ["tracker.id"], name=op.f("fk_rejected_report_tracker_id_tracker")
        ),
        sa.ForeignKeyConstraint(
            ["vessel_id"], ["vessel.id"], name=op.f("fk_rejected_report_vessel_id_vessel")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rejected_report")),
    )
    op.create_index(
        "ix_rejected_report_fleet_id_id",
        "rejected_report",
        ["fleet_id", sa.literal_column("id DESC")],
        unique=False,
    )
    op.execute(ENSURE_PARTITION)
    op.execute("SELECT harbor_ensure_position_partition(now())")
    op.execute("SELECT harbor_ensure_position_partition(now() + interval '1 month')")


def downgrade():
    op.execute("DROP FUNCTION harbor_ensure_position_partition")
    op.drop_index("ix_rejected_report_fleet_id_id", table_name="rejected_report")
    op.drop_table("rejected_report")
    op.drop_table("tracker")
    op.drop_index(
        "uq_vessel_fleet_id_name",
        table_name="vessel",
        postgresql_where=sa.text("retired_at IS NULL"),
    )
    op.drop_index(
        "uq_vessel_fleet_id_mmsi",
        table_name="vessel",
        postgresql_where=sa.text("retired_at IS NULL"),
    )
    op.drop_index(
        "uq_vessel_fleet_id_imo_number",
        table_name="vessel",
        postgresql_where=sa.text("retired_at IS NULL"),
    )
    op.drop_table("vessel")
    op.drop_index("uq_user_username", table_name="user")
    op.drop_table("user")
    op.drop_table("feed_outbox")
    op.drop_index("ix_audit_event_at", table_name="audit_event")
    op.drop_table("audit_event")
    op.drop_table("api_key")
    op.drop_table("position")
    op.drop_table("fleet")
