"""`make bench`: ratios against a floor in the same run, each with its goal. None is a gate (these machines are noisy)."""
