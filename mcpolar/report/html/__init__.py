"""Results as one page for the browser: it needs no network, and whoever gets it can check what it was made from."""

from mcpolar.report.html.document import report_page
from mcpolar.report.html.reading import Result, read_results

__all__ = ["Result", "read_results", "report_page"]
