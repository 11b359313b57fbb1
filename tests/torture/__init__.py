"""Nothing lost, nothing twice, proved by force: real processes killed at random between two simulated services."""
