"""`python -m fieldbeat` and the program `fieldbeat`."""

from fieldbeat.cli import app


def main() -> None:
    """Run the command line."""
    app()


if __name__ == "__main__":
    main()
