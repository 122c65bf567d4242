"""`python -m fieldbeat` and the program `fieldbeat`."""

import sys

from fieldbeat.cli import app
from fieldbeat.cli.plainly import EXPECTED, one_line


def main() -> None:
    """Run the command line. What is expected to go wrong is told in one line, with exit code 1."""
    try:
        app()
    except EXPECTED as error:
        sys.exit(f"fieldbeat: {one_line(error)}")


if __name__ == "__main__":
    main()
