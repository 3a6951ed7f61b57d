"""Kinds of vessels, thresholds of fleets, a quarantine that counts and can be emptied.

Revision: 0002, follows 0001. Safe beside workers of the version before: they leave `digest`
empty, so the unique index never refuses what they repeat; and `vessel` and `fleet`, which
every position needs, are locked last, for as long as adding columns takes.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

COUNT_WHAT_IS_THERE = """
INSERT INTO quarantine_count (fleet_id, vessel_id, reason, reports, last_at)
SELECT fleet_id, vessel_id, reason, count(*), max(received_at)
FROM rejected_report GROUP BY fleet_id, vessel_id, reason
"""


def upgrade():
    count_what_is_there()
    give_quarantine_indexes_and_columns()
    give_vessels_a_kind()
    give_fleets_thresholds()


def count_what_is_there():
    op.create_table(
        "quarantine_count",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("fleet_id", sa.Uuid(), nullable=False),
        sa.Column("vessel_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("reports", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["fleet_id"], ["fleet.id"], name=op.f("fk_quarantine_count_fleet_id_fleet")
        ),
        sa.ForeignKeyConstraint(
            ["vessel_id"], ["vessel.id"], name=op.f("fk_quarantine_count_vessel_id_vessel")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quarantine_count")),
        sa.UniqueConstraint(
            "fleet_id",
            "vessel_id",
            "reason",
            name=op.f("uq_quarantine_count_fleet_id_vessel_id_reason"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.execute(COUNT_WHAT_IS_THERE)


def give_quarantine_indexes_and_columns():
    op.create_index(
        "ix_rejected_report_tracker_id_id",
        "rejected_report",
        ["tracker_id", sa.literal_column("id DESC")],
    )
    op.create_index("ix_rejected_report_received_at", "rejected_report", ["received_at"])
    op.create_index(
        "ix_rejected_report_suspects",
        "rejected_report",
        ["tracker_id", "vessel_id", sa.literal_column("id DESC")],
        postgresql_where=sa.text("reason = 'teleport'"),
    )
    for name, kind in (
        ("recorded_at", sa.DateTime(timezone=True)),
        ("latitude", sa.Double()),
        ("longitude", sa.Double()),
        ("digest", sa.LargeBinary()),
    ):
        op.add_column("rejected_report", sa.Column(name, kind, nullable=True))
    op.create_index(
        "uq_rejected_report_tracker_id_reason_digest",
        "rejected_report",
        ["tracker_id", "reason", "digest"],
        unique=True,
        postgresql_where=sa.text("digest IS NOT NULL"),
    )


def give_vessels_a_kind():
    op.add_column(
        "vessel",
        sa.Column("kind", sa.Text(), server_default=sa.text("'other'"), nullable=False),
    )
    op.create_check_constraint(
        op.f("ck_vessel_kind_shape"), "vessel", "kind ~ '^[a-z_]{1,40}$'"
    )


def give_fleets_thresholds():
    op.add_column(
        "fleet",
        sa.Column("thresholds", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    )
    op.add_column(
        "fleet",
        sa.Column("revision", sa.Integer(), server_default=sa.text("1"), nullable=False),
    )


def downgrade():
    for name in (
        "uq_rejected_report_tracker_id_reason_digest",
        "ix_rejected_report_suspects",
        "ix_rejected_report_received_at",
        "ix_rejected_report_tracker_id_id",
    ):
        op.drop_index(name, table_name="rejected_report")
    op.drop_table("quarantine_count")
    for name in ("digest", "longitude", "latitude", "recorded_at"):
        op.drop_column("rejected_report", name)
    op.drop_column("fleet", "revision")
    op.drop_column("fleet", "thresholds")
    op.drop_constraint(op.f("ck_vessel_kind_shape"), "vessel")
    op.drop_column("vessel", "kind")
