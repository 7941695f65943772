"""``python -m mitbadak``: the command line."""

import sys

from mitbadak.cli import main

if __name__ == "__main__":
    sys.exit(main())
