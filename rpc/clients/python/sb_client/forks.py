"""Children of fork(): they let go of their parent's connections.

A child that kept the descriptor would keep the session alive after its parent's end, and with it the delays.
"""

from __future__ import annotations

import os
import socket
import threading
import weakref
from typing import Set

_lock = threading.Lock()
_sessions: "weakref.WeakSet[Session]" = weakref.WeakSet()


class Session:
    """A connected socket that belongs to the process that opened it."""

    def __init__(self, connected: socket.socket) -> None:
        self._socket = connected
        self._pid = os.getpid()
        with _lock:
            _sessions.add(self)

    @property
    def is_own(self) -> bool:
        """Whether this process opened it, and not a parent."""
        return self._pid == os.getpid()

    def leave(self) -> None:
        # Detached first: what the child inherited must not close that number later, when it is another file's.
        descriptor = self._socket.detach()
        if descriptor >= 0:
            os.close(descriptor)


def _leave_all() -> None:
    global _lock
    # Another thread of the parent may have held it.
    _lock = threading.Lock()
    left: Set[Session] = set(_sessions)
    _sessions.clear()
    for session in left:
        session.leave()


os.register_at_fork(after_in_child=_leave_all)
