"""A QR code on the terminal, or in a file that only its owner can read."""

import os
from io import BytesIO, StringIO
from pathlib import Path

import click
import segno

KINDS = (".png", ".svg")
WHITE_ON_BLACK, AS_BEFORE = "\x1b[97;40m", "\x1b[0m"
"""Said outright: a terminal with dark letters on white would show it inside out."""
PIXELS_PER_MODULE = 8
ONLY_OURS = 0o600


class QrFile(click.Path):
    """A path that ends in .png or .svg, in a folder that exists."""

    def __init__(self) -> None:
        super().__init__(dir_okay=False, writable=True, path_type=Path)

    def convert(
        self, value: object, param: click.Parameter | None, context: click.Context | None
    ) -> Path:
        path = Path(str(super().convert(value, param, context)))  # type: ignore[arg-type]
        if path.suffix.lower() not in KINDS:
            self.fail(f"{path} does not end in .png or .svg", param, context)
        if not path.absolute().parent.is_dir():
            self.fail(f"there is no folder {path.parent}", param, context)
        return path


def on_terminal(content: str) -> str:
    """Lines to print; as few modules as it can have, for a small window."""
    drawn = StringIO()
    segno.make_qr(content, error="l").terminal(drawn, compact=True)
    return "\n".join(
        f"{WHITE_ON_BLACK}{line}{AS_BEFORE}" for line in drawn.getvalue().splitlines()
    )


def write_file(content: str, path: Path) -> None:
    """It is as secret as what stands in it. Raises OSError."""
    drawn = BytesIO()
    code = segno.make_qr(content, error="m")
    code.save(drawn, kind=path.suffix.lower().removeprefix("."), scale=PIXELS_PER_MODULE)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, ONLY_OURS)
    with os.fdopen(handle, "wb") as file:
        os.fchmod(file.fileno(), ONLY_OURS)
        file.write(drawn.getvalue())
