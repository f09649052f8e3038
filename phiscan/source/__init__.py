"""Where files come from: the walk over folders, and the safe opening of what it finds."""
