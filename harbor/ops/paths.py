"""Where static files, templates and migrations are.

In a checkout they stand beside the package, in an installed wheel inside it.
"""

from pathlib import Path

PACKAGE = Path(__file__).parents[1]


def beside_package(name: str) -> Path:
    inside = PACKAGE / name
    return inside if inside.exists() else PACKAGE.parent / name
