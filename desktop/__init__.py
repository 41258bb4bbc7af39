"""Where it meets: threads, timers, files, processes, and the one place that puts everything together."""
