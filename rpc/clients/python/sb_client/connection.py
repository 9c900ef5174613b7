"""A connection for threads: whoever waits for an answer reads for all, so that no thread of its own is needed."""

from __future__ import annotations

import select
import socket
import threading
import time
from typing import Any, Callable, List, Mapping, Optional, Sequence, Tuple

from .conversation import Call, Conversation
from .errors import CallTimeout, ConnectionLost, ForkedSession, SbError
from .forks import Session

#: Seconds that closing waits for the server; it removes the probes in any case.
FAREWELL = 5.0

#: What is said of a session that `close` ended.
CLOSED = "The session was closed by its own process"
_READ_BYTES = 1 << 16


def _deadline(timeout: Optional[float]) -> Optional[float]:
    return None if timeout is None else time.monotonic() + timeout


def _remaining(deadline: Optional[float]) -> Optional[float]:
    return None if deadline is None else max(0.0, deadline - time.monotonic())


class Connection:
    """One conversation over one socket, for any number of threads of the process that opened it."""

    def __init__(self, connected: socket.socket) -> None:
        self._socket = connected
        self._session = Session(connected)
        #: Guards `conversation` and `_reader`; notified when either changes.
        self._turn = threading.Condition()
        #: Held while a line is written, so that lines do not mix.
        self._writing = threading.RLock()
        self._reader: Optional[int] = None
        self._is_closing = False
        self.conversation = Conversation()

    @property
    def is_own(self) -> bool:
        return self._session.is_own

    def check_own(self) -> None:
        """Raises ForkedSession in a child of the process that opened the connection."""
        if not self._session.is_own:
            raise ForkedSession(
                "session.forked",
                "Cannot use a session of the parent process after fork()",
                hint="Make a new Client in the child",
            )

    def call(
        self,
        method: str,
        params: Mapping[str, Any],
        timeout: Optional[float],
        settle: Optional[Callable[[Any], Any]] = None,
    ) -> Any:
        """Sends a request and waits for what `settle` makes of its result. Raises SbError."""
        self.check_own()
        with self._turn:
            call, line = self.conversation.request(method, params, settle)
        self._converse([call], line, timeout)
        return call.value()

    def batch(self, requests: Sequence[Tuple[str, Mapping[str, Any]]], timeout: Optional[float]) -> List[Call]:
        """Sends requests in one line and waits for all. Raises SbError where the batch as a whole failed."""
        self.check_own()
        with self._turn:
            calls, line = self.conversation.batch(requests)
        self._converse(calls, line, timeout)
        return calls

    def change(self, alter: Callable[[Conversation], None]) -> None:
        """Changes the conversation under its lock, and wakes who waits. Raises ForkedSession."""
        self.check_own()
        with self._turn:
            alter(self.conversation)
            self._turn.notify_all()

    def wait(self, is_ready: Callable[[], bool], timeout: Optional[float]) -> bool:
        """Reads until `is_ready()`, what is there already in any case. False when the time was over before. Raises ConnectionLost, ForkedSession."""
        self.check_own()
        deadline = _deadline(timeout)
        has_read = False
        while True:
            with self._turn:
                if is_ready():
                    return True
                if self.conversation.lost is not None:
                    raise self.conversation.lost
                if has_read and deadline is not None and time.monotonic() >= deadline:
                    return False
                has_read = True
                # This thread's own number is left over where a signal came between these lines.
                if self._reader not in (None, threading.get_ident()):
                    self._turn.wait(_remaining(deadline))
                    continue
                self._reader = threading.get_ident()
            self._read(_remaining(deadline))

    def close(self) -> None:
        """Ends the session, and waits until the server has undone it. Nothing happens in a child of fork()."""
        if not self._session.is_own:
            return
        with self._turn:
            if self._is_closing:
                return
            self._is_closing = True
        try:
            # The server hangs up when no further delay of the session can start.
            self._shut_down(socket.SHUT_WR)
            self.wait(lambda: self.conversation.lost is not None, FAREWELL)
        finally:
            self._lose("The server did not say that the session is undone")
            # Who reads or writes now comes back at once, and nobody begins: the number may be closed then.
            with self._turn:
                while self._reader not in (None, threading.get_ident()):
                    self._turn.wait()
            with self._writing:
                self._socket.close()

    def _converse(self, calls: Sequence[Call], line: bytes, timeout: Optional[float]) -> None:
        deadline = _deadline(timeout)
        is_sent = False
        try:
            self._send(line, deadline)
            is_sent = True
            if not self.wait(lambda: all(call.is_done for call in calls), _remaining(deadline)):
                raise self._timeout(calls)
        except BaseException:
            with self._turn:
                self.conversation.give_up(calls, is_sent)
            raise

    def _timeout(self, calls: Sequence[Call]) -> SbError:
        return CallTimeout("call.timeout", f"Cannot wait any longer for the answer of {calls[0].method}")

    def _send(self, line: bytes, deadline: Optional[float]) -> None:
        with self._writing:
            view = memoryview(line)
            try:
                while view:
                    if self._is_closing:
                        raise ConnectionLost("server.gone", CLOSED)
                    try:
                        view = view[self._socket.send(view, socket.MSG_NOSIGNAL) :]
                    except BlockingIOError:
                        if not self._poll(select.POLLOUT, _remaining(deadline)):
                            raise CallTimeout("call.timeout", "Cannot send a request: the server does not read")
            except OSError as error:
                if not isinstance(error, SbError):
                    self._lose(f"Cannot send a request: {error.strerror}")
                    raise self._loss() from error
                self._lose_within(view, line)
                raise
            except BaseException:
                self._lose_within(view, line)
                raise

    def _lose_within(self, rest: memoryview, line: bytes) -> None:
        """Half a line was sent: what follows could not be told from it."""
        if 0 < len(rest) < len(line):
            self._lose("A request was interrupted while it was being sent")

    def _read(self, timeout: Optional[float]) -> None:
        """Reads once, as the one reader, and lets the next one read."""
        outgoing = b""
        try:
            data = self._receive(timeout)
            with self._turn:
                if data is not None:
                    self.conversation.receive(data)
                outgoing = bytes(self.conversation.outgoing)
                self.conversation.outgoing.clear()
                is_lost = self.conversation.lost is not None
            if is_lost:
                self._shut_down()
        except OSError as error:
            self._lose(f"Cannot read from the server: {error.strerror}")
        finally:
            with self._turn:
                self._reader = None
                self._turn.notify_all()
        if outgoing:
            self._send(outgoing, None)

    def _receive(self, timeout: Optional[float]) -> Optional[bytes]:
        """What the server sent; None when nothing came in time."""
        try:
            data = self._socket.recv(_READ_BYTES)
        except BlockingIOError:
            if not self._poll(select.POLLIN, timeout):
                return None
            data = self._socket.recv(_READ_BYTES)
        if not data:
            self._lose(CLOSED if self._is_closing else "The server closed the connection")
        return data

    def _poll(self, event: int, timeout: Optional[float]) -> bool:
        # Not select(): it cannot take descriptors from 1024 on.
        poll = select.poll()
        poll.register(self._socket, event)
        return bool(poll.poll(None if timeout is None else timeout * 1000))

    def _lose(self, message: str) -> None:
        with self._turn:
            self.conversation.fail(ConnectionLost("server.gone", message))
            self._turn.notify_all()
        self._shut_down()

    def _loss(self) -> SbError:
        lost = self.conversation.lost
        return lost if lost is not None else ConnectionLost("server.gone", "The connection is lost")

    def _shut_down(self, how: int = socket.SHUT_RDWR) -> None:
        try:
            self._socket.shutdown(how)
        except OSError:
            pass  # The peer was first.
