"""A file server asked over SMB for its rights, as the account that the operator states, with smbprotocol.

Only the server of a mount is asked, at the address at which the kernel has it mounted where the mount says so;
referrals to other machines (DFS) are not followed. Nothing is opened for reading or writing: the right that is asked
for is READ_CONTROL. Importing this imports smbprotocol: whoever needs it imports it late.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

import smbprotocol.exceptions as wrong
from smbprotocol.connection import Connection
from smbprotocol.file_info import InfoType
from smbprotocol.ioctl import CtlCode, IOCTLFlags, SMB2IOCTLRequest, SMB2IOCTLResponse
from smbprotocol.open import (
    CreateDisposition,
    ImpersonationLevel,
    Open,
    ShareAccess,
    SMB2QueryInfoRequest,
    SMB2QueryInfoResponse,
)
from smbprotocol.session import Session
from smbprotocol.tree import TreeConnect

from phiscan.expose.nt import srvsvc
from phiscan.expose.nt.account import Account

# They tell of every file that is asked about, by its name.
for _name in ("smbprotocol", "spnego"):
    logging.getLogger(_name).setLevel(logging.CRITICAL + 1)

_CONNECTS_WITHIN: Final = 5  # seconds
_ANSWERS_WITHIN: Final = 10
_READ_CONTROL: Final = 0x20000
_PIPE_ACCESS: Final = 0x3  # to read and write its data
_ALL_SHARING: Final = (
    ShareAccess.FILE_SHARE_READ | ShareAccess.FILE_SHARE_WRITE | ShareAccess.FILE_SHARE_DELETE
)  # whoever works with the file is not disturbed
_THE_LINK_ITSELF: Final = 0x00200000  # FILE_OPEN_REPARSE_POINT
_OWNER_GROUP_DACL: Final = 0x7
_LONGEST: Final = 0x10000


class Unasked(Exception):
    """The server could not be asked, or does not answer this. The text is a phrase of ours."""


class Down(Unasked):
    """So it will be with whatever else is asked."""


class _Patient(Connection):  # type: ignore[misc]
    """A connection on which no answer is waited for without an end."""

    def receive(
        self, request: Any, wait: bool = True, timeout: float | None = None, resolve_symlinks: bool = True
    ) -> Any:
        return super().receive(request, wait, _ANSWERS_WITHIN if timeout is None else timeout, False)


@dataclass(slots=True)
class Asking:
    """A session with one share. `host` is the server as it is mounted, `address` where it is reached."""

    host: str
    address: str
    port: int
    share: str
    account: Account
    _connection: Any = field(init=False, repr=False)
    _session: Any = field(init=False, repr=False)
    _tree: Any = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Connect. Raises Down."""
        self._connection = _Patient(uuid.uuid4(), self.address, self.port, require_signing=True)
        try:
            _asked(self._connect)
        except Unasked as error:
            self.close()
            raise Down(str(error)) from None

    def _connect(self) -> None:
        account = self.account
        self._connection.connect(timeout=_CONNECTS_WITHIN)
        self._session = Session(
            self._connection,
            username=account.full or None,
            password=account.password or None,
            require_encryption=False,
            hostname_override=self.host,
            auth_protocol="kerberos" if account.kerberos else "ntlm",
        )
        self._session.connect()
        self._tree = TreeConnect(self._session, rf"\\{self.host}\{self.share}")
        self._tree.connect()

    def close(self) -> None:
        """End the session."""
        try:
            self._connection.disconnect(close=False)
        except Exception:  # it is gone already, in whichever way
            return

    def descriptor(self, path: str) -> bytes:
        r"""Return the descriptor of the file or folder at `a\b` of the share. Raises Unasked or Down."""
        return _asked(lambda: self._descriptor(path))

    def _descriptor(self, path: str) -> bytes:
        opened = Open(self._tree, path)
        create, _ = opened.create(
            ImpersonationLevel.Identification, _READ_CONTROL, 0, _ALL_SHARING, CreateDisposition.FILE_OPEN,
            _THE_LINK_ITSELF, send=False,
        )  # fmt: skip
        query = SMB2QueryInfoRequest()
        query["info_type"] = InfoType.SMB2_0_INFO_SECURITY
        query["output_buffer_length"] = min(_LONGEST, self._connection.max_transact_size)
        query["additional_information"] = _OWNER_GROUP_DACL
        query["file_id"] = b"\xff" * 16  # of what the message before opens
        close, _ = opened.close(send=False)
        close["file_id"] = b"\xff" * 16
        sent = self._connection.send_compound(
            [create, query, close], self._session.session_id, self._tree.tree_connect_id, related=True
        )
        answers = [self._answer(one) for one in sent]
        failed = next((one for one in answers[:2] if isinstance(one, Exception)), None)
        if failed is not None:
            raise failed
        found = SMB2QueryInfoResponse()
        found.unpack(answers[1]["data"].get_value())
        return bytes(found["buffer"].get_value())

    def _answer(self, request: Any) -> Any:
        """Return an answer, or the error that it is: all of a compound have to be taken."""
        try:
            return self._connection.receive(request)
        except wrong.SMBResponseException as error:
            return error

    def share_descriptor(self) -> bytes | None:
        """Return the share's own descriptor; None where it has none. Raises Unasked or Down."""
        return _asked(self._share_descriptor)

    def _share_descriptor(self) -> bytes | None:
        tree = TreeConnect(self._session, rf"\\{self.host}\IPC$")
        tree.connect()
        pipe = Open(tree, "srvsvc")
        try:
            _opened(pipe)
            srvsvc.check_bound(self._through(pipe, srvsvc.bind()))
            answer, last = srvsvc.body(self._through(pipe, srvsvc.request(rf"\\{self.host}", self.share)))
            while not last:
                more, last = srvsvc.body(bytes(pipe.read(0, srvsvc.MOST)))
                answer += more
                srvsvc.whole(len(answer))
            return srvsvc.descriptor(answer)
        finally:
            if pipe.connected:
                pipe.close()
            tree.disconnect()

    def _through(self, pipe: Any, message: bytes) -> bytes:
        ask = SMB2IOCTLRequest()
        ask["ctl_code"] = CtlCode.FSCTL_PIPE_TRANSCEIVE
        ask["file_id"] = pipe.file_id
        ask["max_output_response"] = srvsvc.MOST
        ask["flags"] = IOCTLFlags.SMB2_0_IOCTL_IS_FSCTL
        ask["buffer"] = message
        sent = self._connection.send(ask, pipe.tree_connect.session.session_id, pipe.tree_connect.tree_connect_id)
        found = SMB2IOCTLResponse()
        found.unpack(self._connection.receive(sent)["data"].get_value())
        return bytes(found["buffer"].get_value())


def _opened(pipe: Any) -> None:
    try:
        pipe.create(ImpersonationLevel.Impersonation, _PIPE_ACCESS, 0, _ALL_SHARING, CreateDisposition.FILE_OPEN, 0)
    except _GONE:  # it is the pipe that is not there
        raise Unasked("the server gives an error") from None


_Found = TypeVar("_Found")
_GONE: Final = (
    wrong.ObjectNameNotFound, wrong.ObjectPathNotFound, wrong.NoSuchFile, wrong.NotFound, wrong.DeletePending,
)  # fmt: skip
_REFUSED: Final = (
    wrong.LogonFailure, wrong.WrongPassword, wrong.PasswordExpired, wrong.SMBAuthenticationError, wrong.NoneMapped,
)  # fmt: skip
_OVER: Final = (wrong.UserSessionDeleted, wrong.SMBConnectionClosed, wrong.NetworkNameDelegated, OSError)


def _asked(ask: Callable[[], _Found]) -> _Found:
    """Return what is asked for. Raises Unasked or Down with a phrase of ours, never with what the server says."""
    try:
        return ask()
    except Unasked:
        raise
    except srvsvc.Denied:
        raise Unasked("the account may not read them") from None
    except wrong.AccessDenied:
        raise Unasked("the account may not read them") from None
    except _GONE:
        raise Unasked("no longer there") from None
    except wrong.PathNotCovered:
        raise Unasked("it lies on another server") from None
    except wrong.BadNetworkName:
        raise Down("the server has no such share") from None
    except _REFUSED:
        raise Down("the server refuses the account") from None
    except _OVER:
        raise Down("the server does not answer") from None
    except ImportError:
        raise Down("no Kerberos library is installed") from None
    except wrong.SMBResponseException:
        raise Unasked("the server gives an error") from None
    except ValueError:
        raise Unasked("the answer is not understood") from None
    except wrong.SMBException as error:
        guest = "guest" in str(error)
        raise Down("the account is let in as a guest only" if guest else "the server does not answer") from None
    except Exception:  # smbprotocol breaks in many ways on what is no SMB
        raise Down("the answer is not understood") from None
