"""The daemon: what arrives is read, what is read becomes incidents, nothing is lost."""
