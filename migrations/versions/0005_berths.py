"""Berths: the places by which stops are named.

Revision: 0005, follows 0004.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "berth",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("fleet_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("latitude", sa.Double(), nullable=False),
        sa.Column("longitude", sa.Double(), nullable=False),
        sa.Column("radius_metres", sa.Double(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "char_length(name) BETWEEN 1 AND 80", name=op.f("ck_berth_name_length")
        ),
        sa.CheckConstraint("latitude BETWEEN -90 AND 90", name=op.f("ck_berth_latitude_range")),
        sa.CheckConstraint(
            "longitude BETWEEN -180 AND 180", name=op.f("ck_berth_longitude_range")
        ),
        sa.CheckConstraint(
            "radius_metres BETWEEN 1 AND 10000", name=op.f("ck_berth_radius_metres_range")
        ),
        sa.ForeignKeyConstraint(
            ["fleet_id"], ["fleet.id"], name=op.f("fk_berth_fleet_id_fleet")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_berth")),
    )
    op.create_index(
        "uq_berth_fleet_id_name",
        "berth",
        ["fleet_id", sa.text("lower(name)")],
        unique=True,
    )


def downgrade():
    op.drop_table("berth")
