"""`mcpolar cite`: BibTeX of the package and of the paper."""

from __future__ import annotations

from mcpolar.cli.destinations import Bibliography
from mcpolar.report import tables
from mcpolar.report.citation import bibtex


def cite(*, output: Bibliography = None) -> None:
    """Print BibTeX entries of this version of the package and of the paper whose model it implements.

    Parameters
    ----------
    output
        File (.bib) to write instead of standard output.
    """
    tables.put(bibtex(), output)
