"""The command `harbor`: one module per noun, loaded when it is asked for."""


def main() -> None:
    """The entry point; the rest is imported here, so that one noun does not load them all."""
    from harbor.cli.command import harbor

    harbor()
