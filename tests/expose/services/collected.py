"""Machines whose configuration was collected from elsewhere: files below a folder, accounts among them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from phiscan.expose.machine import Machine, Process

PASSWD = """\
root:x:0:0:root:/root:/bin/bash
ftp:x:103:111:ftp daemon,,,:/srv/ftp:/usr/sbin/nologin
labo:x:1001:1001::/home/labo:/bin/bash
bio:x:1002:1002::/home/bio:/bin/bash
"""
GROUP = "root:x:0:\nftp:x:111:\nlabo:x:1001:\nbio:x:1002:\ndepot:x:50:labo,bio\nnogroup:x:65534:\n"
SHELLS = "/bin/sh\n/bin/bash\n"


def machine(folder: Path, files: Mapping[str, str], processes: Sequence[Process] = ()) -> Machine:
    """Return a machine with some files, by their paths on it, and the accounts above."""
    for path, text in {"/etc/passwd": PASSWD, "/etc/group": GROUP, "/etc/shells": SHELLS, **files}.items():
        place = folder / path.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, "utf-8")
    return Machine(root=str(folder), processes=processes)
