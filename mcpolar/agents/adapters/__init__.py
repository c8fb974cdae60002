"""Runs that were made elsewhere, read as traces: the formats of kept frameworks, and long tables of any origin.

Nothing of a file is executed, and nothing is read past its declared size. An error names the file, the row or entry,
the column or key, and what was expected.
"""

from mcpolar.agents.adapters.reading import LARGEST_ENTRY, Columns
from mcpolar.agents.adapters.trace import FORMATS, read_trace, told_format

__all__ = ["FORMATS", "LARGEST_ENTRY", "Columns", "read_trace", "told_format"]
