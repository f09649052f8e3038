"""Where the kernel tells nothing, or not of every folder, a paced walk finds what arrives."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
from collections.abc import Callable

from tests.daemon.test_operation import metrics
from tests.running import need
from tests.servers import free_port
from tests.watching import Watch, table, until

Make = Callable[..., Watch]
_NEW_USER = 0x10000000  # CLONE_NEWUSER
_LIMIT = "/proc/sys/user/max_inotify_watches"


def _few_watches() -> None:
    """Be in a namespace of one's own in which the kernel allows four watches; whoever else is here keeps its own."""
    me, group = os.geteuid(), os.getegid()
    if ctypes.CDLL(None).unshare(_NEW_USER) != 0:
        os._exit(77)
    try:
        for name, said in (("setgroups", "deny"), ("uid_map", f"{me} {me} 1"), ("gid_map", f"{group} {group} 1")):
            with open(f"/proc/self/{name}", "w") as file:
                file.write(said)
        with open(_LIMIT, "w") as file:
            file.write("4")
    except OSError:
        os._exit(77)


def _allowed() -> bool:
    child = os.fork()
    if child == 0:
        _few_watches()
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_what_is_mounted_below_a_root_is_watched_from_then_on(made: Make) -> None:
    need(os.geteuid() == 0 and shutil.which("mount") is not None, "mount, as root")
    watch = made()
    inner = watch.srv / "disque"
    inner.mkdir()
    watch.times |= {"pace": 0.2}
    watch.start()
    until(lambda: watch.events("walked") > 0)
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=755", "phiscan-test", str(inner)], check=False)
    need(done.returncode == 0, "a kernel that lets us mount")
    try:
        (inner / "labo").mkdir()
        (inner / "labo/a.csv").write_text(table(1))
        until(lambda: "disque/labo/a.csv" in watch.states(), watch.states)
        walks = watch.events("walked")
        (inner / "labo/b.csv").write_text(table(2))
        until(lambda: "disque/labo/b.csv" in watch.states(), watch.states)
        assert watch.events("walked") == walks  # it was an event
        watch.stop()
    finally:
        subprocess.run(["umount", "-l", str(inner)], check=True)


def test_too_few_watches_are_made_up_for_by_walks(made: Make) -> None:
    need(_allowed(), "a kernel that lets us limit watches in a namespace")
    port = free_port()
    watch = made(metrics=f"127.0.0.1:{port}")
    for number in range(8):
        (watch.srv / f"{number}").mkdir()
    watch.start(_few_watches)
    until(lambda: metrics(port).get("phiscan_roots_silent") == 1.0)
    found = metrics(port)
    assert (found["phiscan_folders_watched"], found["phiscan_roots_unavailable"]) == (4.0, 0.0)
    assert [one["root"] for one in watch.logged() if one["event"] == "too few watches, walking"] == [str(watch.srv)]
    for number in range(8):
        (watch.srv / f"{number}/a.csv").write_text(table(number))
    until(lambda: sorted(watch.states()) == [f"{number}/a.csv" for number in range(8)])
    (watch.srv / "new").mkdir()
    (watch.srv / "new/b.csv").write_text(table(20))
    until(lambda: "new/b.csv" in watch.states())
    walks = watch.events("walked")
    until(lambda: watch.events("walked") > walks + 1)  # and goes on


def test_a_mount_that_tells_nothing_is_walked(made: Make) -> None:
    port = free_port()
    watch = made(metrics=f"127.0.0.1:{port}")
    watch.bug = ["deaf"]
    watch.start()
    until(lambda: metrics(port).get("phiscan_roots_silent") == 1.0)
    assert metrics(port)["phiscan_folders_watched"] == 0.0
    (watch.srv / "a.csv").write_text(table(1))
    until(lambda: "a.csv" in watch.states())
    (watch.srv / "a.csv").unlink()
    until(lambda: watch.states()["a.csv"][0][1] == "resolved")
