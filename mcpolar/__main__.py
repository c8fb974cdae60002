"""`python -m mcpolar` is the command `mcpolar`."""

from mcpolar.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
