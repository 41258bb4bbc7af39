"""Keeping in step with the district centre (docs/sync.md)."""
