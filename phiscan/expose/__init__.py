"""Who can read a place, and the evidence: one module per kind of it."""
