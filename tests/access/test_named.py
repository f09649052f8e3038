"""The logs that the configurations of servers name."""

from __future__ import annotations

from pathlib import Path

import pytest

from phiscan.access.named import Named, named


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("listen=YES\nvsftpd_log_file=/srv/ftp.log\nxferlog_file=/srv/xfer\n", ["/srv/ftp.log", "/srv/xfer"]),
        ("#vsftpd_log_file=/srv/a\n", []),
        ("TransferLog /srv/x\nExtendedLog /srv/full.log ALL full\nTransferLog NONE\n", ["/srv/full.log", "/srv/x"]),
        ('CustomLog "/srv/a web.log" combined\nCustomLog /srv/b.log common\n', ["/srv/a web.log", "/srv/b.log"]),
        ("CustomLog ${APACHE_LOG_DIR}/access.log combined\n", []),
        ('CustomLog "|/usr/bin/rotatelogs /srv/x 1" combined\n', []),
        ("  access_log /srv/n.log;\n  access_log /srv/m.log main;\naccess_log off;\n", ["/srv/m.log", "/srv/n.log"]),
        ("AltLog clf:/srv/pureftpd.log\n", ["/srv/pureftpd.log"]),
        ("access_log /srv/$host.log;\nTransferLog logs/x\n", []),
    ],
)
def test_what_is_named(tmp_path: Path, text: str, places: list[str]) -> None:
    file = tmp_path / "server.conf"
    file.write_text(text, "utf-8")
    assert named([str(file), str(tmp_path), str(tmp_path / "missing"), "/proc/1/root/etc/x"]) == tuple(places)


def test_they_are_read_again_when_the_files_are_others(tmp_path: Path) -> None:
    file = tmp_path / "vsftpd.conf"
    file.write_text("vsftpd_log_file=/srv/a\n")
    known = [frozenset({str(file)})]
    places = Named(lambda: known[0])
    assert places() == ("/srv/a",)
    file.write_text("vsftpd_log_file=/srv/b\n")
    assert places() == ("/srv/a",)
    known[0] = frozenset([str(file)])
    assert places() == ("/srv/b",)
