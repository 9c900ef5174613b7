"""Where the server's socket is, and whether the process behind it may be trusted."""

from __future__ import annotations

import os
import socket
import struct
from typing import List, Optional, Union

from .errors import NoServer, UntrustedServer

SYSTEM_SOCKET = "/run/sb/sb.sock"
_UCRED = struct.Struct("3i")  # struct ucred, unix(7): pid, uid, gid


def candidates(path: Union[str, "os.PathLike[str]", None]) -> List[str]:
    """The sockets to try, in this order: `path` alone, or $SB_SOCKET alone, or root's server and then the user's own."""
    named = os.fspath(path) if path is not None else os.environ.get("SB_SOCKET", "")
    if named:
        return [named]
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    return [SYSTEM_SOCKET] + ([os.path.join(runtime, "sb.sock")] if runtime else [])


def no_server(tried: List[str], reasons: List[str]) -> NoServer:
    """The error of having tried every candidate in vain."""
    seen = "; ".join(f"{path}: {reason}" for path, reason in zip(tried, reasons))
    return NoServer(
        "server.not_found",
        f"Cannot reach a server of sb: {seen}",
        data={"sockets": tried},
        hint="Start one with: sudo sb serve",
    )


def new_socket() -> socket.socket:
    """A stream socket that no started program inherits."""
    return socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)


def check_server(connected: socket.socket, path: str) -> None:
    """Raises UntrustedServer unless who listens there is root or the caller's own user (SO_PEERCRED, socket(7))."""
    credentials = connected.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _UCRED.size)
    uid: Optional[int] = _UCRED.unpack(credentials)[1]
    if uid not in (0, os.geteuid()):
        raise UntrustedServer(
            "server.untrusted",
            f'Cannot trust the server at "{path}": it runs as uid {uid}, not as root or {os.geteuid()}',
            data={"socket": path, "uid": uid},
        )


def connect(path: Union[str, "os.PathLike[str]", None], timeout: Optional[float]) -> socket.socket:
    """A connected, trusted, non-blocking socket.

    timeout: seconds that connecting may take (a server with a full backlog makes it wait); None is for ever.
    Raises NoServer, UntrustedServer.
    """
    tried = candidates(path)
    reasons = []
    for candidate in tried:
        connection = new_socket()
        try:
            connection.settimeout(timeout)
            connection.connect(candidate)
            check_server(connection, candidate)
            connection.setblocking(False)
            return connection
        except UntrustedServer:
            connection.close()
            raise
        except OSError as error:
            connection.close()
            reasons.append(error.strerror or str(error))
        except BaseException:
            connection.close()
            raise
    raise no_server(tried, reasons)
