"""Asks an FTP server of this machine whether it lets in anybody, and whether what it shows is the folder expected."""

from __future__ import annotations

import contextlib
import ftplib
import os

from phiscan.expose.grant import Grant
from phiscan.expose.probe.asking import Answer, Target, names_in, readable_file

_FAILED = (OSError, EOFError, ftplib.Error)


def lets_in(target: Target, patience: float) -> bool:
    """Whether an FTP server lets in a visitor without an account."""
    with contextlib.ExitStack() as stack, contextlib.suppress(*_FAILED, UnicodeError):
        _login(target, patience, stack)
        return True
    return False


def ask(grant: Grant, target: Target, patience: float) -> Answer:
    """Log in without an account, list the folder, else open a file in it."""
    with contextlib.ExitStack() as stack:
        try:
            ftp = _login(target, patience, stack)
        except ftplib.error_perm:
            return Answer(False, "an anonymous login is refused")
        except (*_FAILED, UnicodeError):
            return Answer(None, "no answer")
        try:
            file = None if grant.list else readable_file(grant)
            if file is not None:  # a server that shows no names may refuse to go there as well
                _no_byte(ftp, os.path.join(os.fsdecode(grant.seen), file[0]), file[1])
                return Answer(True, "an anonymous login reads it")
            ftp.cwd(os.fsdecode(grant.seen))
            return _listed(grant, ftp) if grant.list else Answer(True, "an anonymous login enters it")
        except ftplib.error_perm:
            return Answer(False, "an anonymous login does not get there")
        except (*_FAILED, UnicodeError):
            return Answer(None, "no answer")


def _login(target: Target, patience: float, stack: contextlib.ExitStack) -> ftplib.FTP:
    ftp = ftplib.FTP(encoding="utf-8")  # noqa: S321  that is what is asked here
    stack.callback(ftp.close)
    ftp.connect(target.address, target.port, timeout=patience)
    ftp.login()
    return ftp


def _listed(grant: Grant, ftp: ftplib.FTP) -> Answer:
    """Compare a listing with the folder: another folder that anybody may list proves nothing of this one."""
    try:
        seen = {os.path.basename(name) for name in ftp.nlst()}
    except ftplib.error_perm as error:
        seen = set()
        if not str(error).startswith("550"):  # some servers say so of an empty folder
            raise
    there = names_in(grant)
    if there is None:
        return Answer(True, "an anonymous login lists it")
    if seen <= there | {".", ".."}:
        return Answer(True, "an anonymous login lists it")
    return Answer(False, "an anonymous login sees another folder")


def _no_byte(ftp: ftplib.FTP, name: str, size: int) -> None:
    """Have a file opened for reading, from its end: the log tells of a transfer of which nobody has got anything."""
    ftp.voidcmd("TYPE I")
    with ftp.transfercmd(f"RETR {name}", rest=size) as data:
        data.recv(1)
    ftp.voidresp()
