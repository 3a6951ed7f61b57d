"""Column types that several tables share."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, Text, func, text
from sqlalchemy.orm import mapped_column

Id = Annotated[UUID, mapped_column(primary_key=True, server_default=text("uuidv7()"))]
FleetId = Annotated[UUID, mapped_column(ForeignKey("fleet.id"))]
Moment = Annotated[datetime, mapped_column(DateTime(timezone=True))]
CreatedAt = Annotated[
    datetime, mapped_column(DateTime(timezone=True), server_default=func.now())
]
Words = Annotated[str, mapped_column(Text)]
Format = Annotated[str, mapped_column(Text, server_default=text("'harbor'"))]
FORMAT_SHAPE = "format ~ '^[a-z][a-z0-9_]{0,31}$'"
"""The constraint of a column of that type."""
