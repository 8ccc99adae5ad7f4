"""The command `hslint`, and `python -m hslint`, which is the same."""

import sys

from hslint.import_path import exclude_inspected

exclude_inspected(sys.argv[1:])  # before anything else is imported

try:
    from hslint.cli import main
except KeyboardInterrupt:  # Ctrl-C may come that early
    sys.exit(130)

if __name__ == "__main__":
    main()
