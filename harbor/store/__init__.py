"""PostgreSQL, and the only home of SQLAlchemy."""
