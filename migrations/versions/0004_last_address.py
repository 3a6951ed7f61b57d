"""Where each tracker was last heard from.

Revision: 0004, follows 0003.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("tracker", sa.Column("last_address", sa.Text(), nullable=True))


def downgrade():
    op.drop_column("tracker", "last_address")
