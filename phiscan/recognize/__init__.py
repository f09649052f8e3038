"""From chunks to hits: the YAML recognizers, the automaton, and the two paths, text and table."""
