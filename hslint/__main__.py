"""`python -m hslint`, the same as the command `hslint`."""

from hslint.cli import main

if __name__ == "__main__":
    main()
