"""Who has already read a file: what the access logs of the servers of this machine say, and what they cannot say.

    files (rotated, packed, followed) ─▶ wanted (one automaton over names) ─▶ formats ─▶ matching ─▶ readers

A log line is evidence: it is kept as it was written, with its file, its offset and a keyed hash. A path that a server
wrote with losses (`?`, `_`) or without the folder it was in matches by pattern, and is said to be probable. Nothing
found is told apart from nothing logged.
"""
