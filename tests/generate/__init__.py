"""Generators of fictitious laboratories: people, comments, tables, the leak-shaped file and a small share.

Written without looking at the recognizers, from what French laboratory software exports and what people
type into its comment fields. Everything is seeded: the same call gives the same bytes. Nobody here exists:
names are random combinations, telephone numbers lie in ranges that are never allotted to subscribers,
e-mail addresses in reserved domains.
"""
