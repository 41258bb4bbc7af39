"""The unit of work, by the name screens may use (they never import the store)."""

from models.store.work import Work

__all__ = ["Work"]
