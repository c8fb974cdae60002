"""The explorer: a page of one file that previews, and a server on this machine that certifies."""

from mcpolar.explore.page import page

__all__ = ["page"]
