"""One script a version of the store."""
