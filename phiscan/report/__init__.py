"""What people and programs read of a scan: the report as types, and one module per way to write it."""
