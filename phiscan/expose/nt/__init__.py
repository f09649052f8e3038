"""The rights of a file server behind a mounted CIFS share: NT descriptors, share rights, and whom they let in."""
