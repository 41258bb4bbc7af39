"""The neighbour: the district centre's service. Shares models/ with the console, and nothing else."""
