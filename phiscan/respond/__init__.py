"""Responses to incidents: off by default, configured per rule, done by a helper of its own.

The daemon reads and writes nothing but its store; with an incident it writes there what is to be done about it
(`asking.py`). `phiscan incidents respond` is another process with other rights: it takes that up, looks whether the
file is still the one that was judged, and moves it away, shuts it, or writes to whom it belongs. Nothing is ever
deleted.
"""
