"""What DVC runs: one file a stage, each reads, calls, and writes."""
