"""The command line: `mcpolar bound | table | simulate | validate | …`.

Each command is a module of its own, imported only when it is called, so that `mcpolar --help` costs no numerics.
"""

from mcpolar.cli.application import main

__all__ = ["main"]
