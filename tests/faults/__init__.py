"""Real faults against real processes, and a program that looks at everything afterwards (docs/faults/README.md)."""
