"""The console's entry: hands the command line over to desktop/commands.py."""

import sys

from desktop.commands import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
