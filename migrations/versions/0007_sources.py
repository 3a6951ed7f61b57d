"""How much a tracker counts; what messages say of hulls; alerts.

Revision: 0007, follows 0006. Safe beside workers of the version before: the columns have a
default, and nobody else writes the tables.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "alert",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("fleet_id", sa.Uuid(), nullable=False),
        sa.Column("tracker_id", sa.Uuid(), nullable=False),
        sa.Column("vessel_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.Column("is_over", sa.Boolean(), nullable=False),
        sa.CheckConstraint("kind ~ '^[a-z_]{1,40}$'", name=op.f("ck_alert_kind_shape")),
        sa.CheckConstraint("char_length(text) <= 256", name=op.f("ck_alert_text_length")),
        sa.CheckConstraint("latitude BETWEEN -90 AND 90", name=op.f("ck_alert_latitude_range")),
        sa.CheckConstraint(
            "longitude BETWEEN -180 AND 180", name=op.f("ck_alert_longitude_range")
        ),
        sa.CheckConstraint(
            "(latitude IS NULL) = (longitude IS NULL)", name=op.f("ck_alert_whole_place")
        ),
        sa.ForeignKeyConstraint(
            ["fleet_id"], ["fleet.id"], name=op.f("fk_alert_fleet_id_fleet")
        ),
        sa.ForeignKeyConstraint(
            ["tracker_id"], ["tracker.id"], name=op.f("fk_alert_tracker_id_tracker")
        ),
        sa.ForeignKeyConstraint(
            ["fleet_id", "vessel_id"],
            ["vessel.fleet_id", "vessel.id"],
            name=op.f("fk_alert_fleet_id_vessel_id_vessel"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert")),
        sa.UniqueConstraint(
            "fleet_id",
            "vessel_id",
            "kind",
            "recorded_at",
            "is_over",
            "text",
            postgresql_nulls_not_distinct=True,
            name=op.f("uq_alert_fleet_id_vessel_id_kind_recorded_at_is_over_text"),
        ),
    )
    op.create_index("ix_alert_fleet_id_received_at", "alert", ["fleet_id", "received_at"])
    op.create_table(
        "static_data",
        sa.Column("vessel_id", sa.Uuid(), nullable=False),
        sa.Column("tracker_id", sa.Uuid(), nullable=False),
        sa.Column("fleet_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("call_sign", sa.Text(), nullable=True),
        sa.Column("imo_number", sa.Text(), nullable=True),
        sa.Column("ship_type", sa.SmallInteger(), nullable=True),
        sa.Column("length_metres", sa.Double(), nullable=True),
        sa.Column("beam_metres", sa.Double(), nullable=True),
        sa.Column("draught_metres", sa.Double(), nullable=True),
        sa.Column("destination", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tracker_id"], ["tracker.id"], name=op.f("fk_static_data_tracker_id_tracker")
        ),
        sa.ForeignKeyConstraint(
            ["fleet_id", "vessel_id"],
            ["vessel.fleet_id", "vessel.id"],
            name=op.f("fk_static_data_fleet_id_vessel_id_vessel"),
        ),
        sa.PrimaryKeyConstraint("vessel_id", "tracker_id", name=op.f("pk_static_data")),
    )
    # What every position needs is locked last and for a moment.
    op.execute("""
        ALTER TABLE tracker
        ADD COLUMN precedence smallint NOT NULL DEFAULT 10
            CONSTRAINT ck_tracker_precedence_range CHECK (precedence BETWEEN 1 AND 1000),
        ADD COLUMN patience_s integer NOT NULL DEFAULT 720
            CONSTRAINT ck_tracker_patience_s_range CHECK (patience_s BETWEEN 0 AND 604800)
    """)


def downgrade():
    op.drop_column("tracker", "patience_s")
    op.drop_column("tracker", "precedence")
    op.drop_table("static_data")
    op.drop_table("alert")
