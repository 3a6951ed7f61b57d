"""Formats of trackers and of what is in quarantine; devices behind one tracker.

Revision: 0006, follows 0005. Safe beside workers of the version before: both columns have a
default. What every position needs, `tracker`, is locked last and in one statement.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ADD_FORMAT = """
ALTER TABLE {table} ADD COLUMN format text NOT NULL DEFAULT 'harbor'
    CONSTRAINT ck_{table}_format_shape CHECK (format ~ '^[a-z][a-z0-9_]{{0,31}}$')
"""


def upgrade():
    op.execute(ADD_FORMAT.format(table="rejected_report"))
    op.create_table(
        "tracker_device",
        sa.Column("tracker_id", sa.Uuid(), nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("fleet_id", sa.Uuid(), nullable=False),
        sa.Column("vessel_id", sa.Uuid(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "char_length(device) BETWEEN 1 AND 64", name=op.f("ck_tracker_device_device_length")
        ),
        sa.ForeignKeyConstraint(
            ["tracker_id"], ["tracker.id"], name=op.f("fk_tracker_device_tracker_id_tracker")
        ),
        sa.ForeignKeyConstraint(
            ["fleet_id", "vessel_id"],
            ["vessel.fleet_id", "vessel.id"],
            name=op.f("fk_tracker_device_fleet_id_vessel_id_vessel"),
        ),
        sa.PrimaryKeyConstraint("tracker_id", "device", name=op.f("pk_tracker_device")),
    )
    op.execute(ADD_FORMAT.format(table="tracker"))


def downgrade():
    op.drop_table("tracker_device")
    op.drop_column("rejected_report", "format")
    op.drop_column("tracker", "format")
