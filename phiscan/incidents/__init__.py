"""Incidents: what they are, what becomes of them, and what people decide."""
