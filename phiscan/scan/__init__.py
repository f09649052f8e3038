"""One scan: files handed out, read by workers, judged."""
