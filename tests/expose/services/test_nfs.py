"""What is read of /etc/exports: exactly which grants, and as the real `exportfs` reads it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from phiscan.expose.grant import Grant, Identity, Reach
from phiscan.expose.machine import Machine, Trouble
from phiscan.expose.services import nfs
from phiscan.model import Level, Reason
from tests.expose.machines import evidence, machine, rights
from tests.running import need

EXPORTS = "/etc/exports"


def read(root: Path, text: str) -> list[Grant]:
    return nfs.grants(machine(root, {EXPORTS: text}))


def test_an_export_for_everybody(tmp_path: Path) -> None:
    assert read(tmp_path, "# labo\n/srv/labo *(rw,no_root_squash)\n") == [
        Grant(
            service="nfs",
            path=b"/srv/labo",
            level=Level.PUBLIC,
            evidence=(Reason("nfs", "*(rw,no_root_squash)", f"{EXPORTS}:2", "/srv/labo"),),
            forged=True,
            write=True,
            listen=(("", 2049),),
            name="/srv/labo",
            seen=b"/srv/labo",
            follows_links=False,
            entered=True,
        )
    ]


def test_clients(tmp_path: Path) -> None:
    text = (
        "/a\n"
        "/b (ro)\n"
        "/c labo1(rw) 10.0.0.0/8(ro) *.chu.fr @postes 127.0.0.1(rw)\n"
        "/d 192.168.1.0/255.255.255.0 2001:db8::/32(rw) ::/0\n"
        "/e gss/krb5(rw)\n"
    )
    assert [(one.name, *evidence(one)[0], one.level, one.reach, rights(one)) for one in read(tmp_path, text)] == [
        ("/a", "no client (default every host)", f"{EXPORTS}:1", Level.PUBLIC, Reach.EVERYWHERE, "r-l"),
        ("/b", "(ro)", f"{EXPORTS}:2", Level.PUBLIC, Reach.EVERYWHERE, "r-l"),
        ("/c", "labo1(rw)", f"{EXPORTS}:3", Level.SHARED, Reach.PRIVATE, "rwl"),
        ("/c", "10.0.0.0/8(ro)", f"{EXPORTS}:3", Level.PUBLIC, Reach.PRIVATE, "r-l"),
        ("/c", "*.chu.fr", f"{EXPORTS}:3", Level.PUBLIC, Reach.PRIVATE, "r-l"),
        ("/c", "@postes", f"{EXPORTS}:3", Level.PUBLIC, Reach.PRIVATE, "r-l"),
        ("/c", "127.0.0.1(rw)", f"{EXPORTS}:3", Level.SHARED, Reach.LOOPBACK, "rwl"),
        ("/d", "192.168.1.0/255.255.255.0", f"{EXPORTS}:4", Level.PUBLIC, Reach.PRIVATE, "r-l"),
        ("/d", "2001:db8::/32(rw)", f"{EXPORTS}:4", Level.PUBLIC, Reach.PRIVATE, "rwl"),
        ("/d", "::/0", f"{EXPORTS}:4", Level.PUBLIC, Reach.EVERYWHERE, "r-l"),
        ("/e", "gss/krb5(rw)", f"{EXPORTS}:5", Level.SHARED, Reach.EVERYWHERE, "rwl"),
    ]


def test_who_clients_are(tmp_path: Path) -> None:
    text = (
        "/a *(sec=krb5p,rw)\n"
        "/b *(sec=krb5:sys,ro)\n"
        "/c *(all_squash,anonuid=1001,anongid=900)\n"
        "/d *(sec=none,rw)\n"
        "/e -no_root_squash *(sec=sys,all_squash,sec=krb5,no_all_squash)\n"
    )
    anonymous = Identity("uid 65534", 65534, frozenset({65534}))
    assert [(one.name, one.level, one.identity, one.forged, one.squashes_root) for one in read(tmp_path, text)] == [
        ("/a", Level.SHARED, None, False, True),
        ("/b", Level.PUBLIC, None, True, True),
        ("/c", Level.PUBLIC, Identity("uid 1001", 1001, frozenset({900})), False, True),
        ("/d", Level.PUBLIC, anonymous, False, True),
        ("/e", Level.PUBLIC, anonymous, False, False),
    ]


def test_where_and_what_is_broken(tmp_path: Path) -> None:
    files = {
        EXPORTS: "/a *(ro\nrelative *(ro)\n",
        "/etc/exports.d/b.exports": "/b\\040c *\n/b\\040c *(rw)\n",
        "/etc/exports.d/.hidden.exports": "/h *\n",
        "/etc/exports.d/c.other": "/c *\n",
        "/etc/nfs.conf": "[general]\nhost=1.1.1.1\n[nfsd]\n# port=1\nhost=127.0.0.1, ::1\nport=2050\n",
    }
    host = machine(tmp_path, files)
    found = nfs.grants(host)
    assert [(one.path, rights(one), one.reach, one.listen) for one in found] == [
        (path, "r-l", Reach.LOOPBACK, (("127.0.0.1", 2050), ("::1", 2050))) for path in (b"/a", b"/b c")
    ]
    assert host.troubles == [
        Trouble("nfs", f"{EXPORTS}:1", "options without an end: the server reads no further"),
        Trouble("nfs", f"{EXPORTS}:2", "does not begin with a folder"),
    ]


REAL = """\
DATA/a
DATA/a *(ro) # comment
DATA/a *(rw)
"DATA/b c" 10.0.0.0/8(rw,no_root_squash) 127.0.0.1
DATA/b\\040c -rw,sec=krb5 10.2.0.1 *.chu.fr(ro,sec=sys) @postes
DATA/c 10.3.0.1(rw) \\
   10.3.0.2(ro)
DATA/c 10.4.0.1 (rw)
DATA/c gss/krb5(ro)
DATA/d 10.5.0.1(sec=sys:krb5,rw)
DATA/d 10.6.0.1(sec=krb5,rw,sec=sys,ro) 10.6.0.2(sec=krb5,rw,sec=sys)
DATA/d -rw 10.7.0.1 -ro 10.7.0.2
DATA/d -sec=krb5,rw 10.8.0.1(ro)
DATA/d -rw,all_squash 10.9.0.1(sec=sys:none,ro,sec=krb5,rw)
DATA/e -all_squash -rw 10.10.0.1
DATA/e "10.11.0.1"(rw)
DATA/e 10.12.0.1(rw,anonuid=12,anongid=13,all_squash)
DATA/e 10.13.0.0/255.255.0.0(rw) 2001:db8::/32(ro)
DATA/f -rw 10.14.0.1 -ro
DATA/f -ro 10.15.0.1(rw)#x 10.15.0.2
"""


def test_as_exportfs_reads_it(tmp_path: Path) -> None:
    exportfs = shutil.which("exportfs", path="/usr/sbin:/usr/bin")
    need(exportfs is not None and shutil.which("unshare") is not None and os.geteuid() == 0, "exportfs, run by root,")
    # The last line ends the reading: what follows `)` there is no option list.
    text = REAL.replace("DATA", str(tmp_path))
    for name in ("a", "b c", "c", "d", "e", "f", "state"):
        (tmp_path / name).mkdir()
    (tmp_path / "exports").write_text(text, "utf-8")
    script = (
        'mount --make-rprivate / && mount --bind "$0/state" /var/lib/nfs && mount --bind "$0/exports" /etc/exports'
        " && exportfs -a >/dev/null 2>&1; cat /var/lib/nfs/etab"
    )
    told = subprocess.run(
        ["unshare", "--mount", "sh", "-c", script, str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"},
    )
    need(told.returncode == 0, "a name space of one's own for mounts")
    theirs = {one for line in told.stdout.splitlines() if (one := _entry(line)) is not None}
    host = Machine(root="/", given={"nfs": [str(tmp_path / "exports")]})
    ours = {_stated(one) for one in nfs.grants(host) if one.path.startswith(os.fsencode(tmp_path))}
    beyond = {one for one in ours if one[1] in ("-rw", "10.15.0.1", "10.15.0.2")}  # no host of that name; not read
    assert theirs == ours - beyond
    assert len(theirs) == 26
    assert [trouble.source for trouble in host.troubles] == [f"{tmp_path}/exports:{text.count(chr(10))}"]


_Stated = tuple[
    str, str, bool, bool, bool
]  # folder, client, and of sec=sys or else the first: writes, squashes root, all


def _entry(line: str) -> _Stated | None:
    match = re.fullmatch(r"(\S+)\t([^(]*)\((.*)\)", line)
    assert match is not None
    path = re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), match[1])
    flavours: dict[str, list[str]] = {}
    for group in re.findall(r"sec=([^,]+)((?:,(?!sec=)[^,]+)*)", match[3]):
        flavours |= dict.fromkeys(group[0].split(":"), group[1].split(","))
    options = flavours.get("sys") or flavours.get("none") or next(iter(flavours.values()))
    return path, match[2], "rw" in options, "root_squash" in options, "all_squash" in options


def _stated(grant: Grant) -> _Stated:
    text = grant.evidence[0].setting
    client = re.sub(r"^(-\S+ )+", "", text).partition("(")[0]
    if text.endswith("no client (default every host)"):
        client = ""
    elif not client:
        client = "*"
    squashed = grant.identity is not None
    return grant.name, client, grant.write, grant.squashes_root, squashed
