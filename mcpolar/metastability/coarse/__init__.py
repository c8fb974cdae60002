"""The chain of macrostates, estimated from an ensemble."""
