"""The store of what was finished: a SQLite file of blocks, verified whenever it is read."""

from mcpolar.store.blocks import Kept, Place, Store
from mcpolar.store.database import SCHEMA

__all__ = ["SCHEMA", "Kept", "Place", "Store"]
