"""The errors of this package. All are `SbError`; the string `code` is the stable one, as on the command line."""

from __future__ import annotations

from contextlib import contextmanager
from typing import Any, Dict, Iterator, Optional


class SbError(Exception):
    """What `sb` refused, or what hindered talking to it.

    code: the stable code, such as "probe.symbol_not_found" (docs/errors.md lists all).
    message: one sentence: what could not be done, and what was seen.
    number: the JSON-RPC error number (-32001 not found, -32002 not permitted, ...); None when no server said it.
    data: the facts of the code, such as candidates or errno.
    hint: what to do about it, or None.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        number: Optional[int] = None,
        data: Optional[Dict[str, Any]] = None,
        hint: Optional[str] = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.number = number
        self.data: Dict[str, Any] = data if data is not None else {}
        self.hint = hint

    def __str__(self) -> str:
        return self.message if self.hint is None else f"{self.message}\nhint: {self.hint}"

    def __reduce__(self) -> Any:
        # Exception's own pickling calls the class with `args` alone, which lacks the code.
        return (_restore, (type(self), dict(self.__dict__)))


class NoServer(SbError, ConnectionError):
    """No socket where one was looked for, or nobody listens there. code: "server.not_found"."""


class UntrustedServer(SbError, PermissionError):
    """The process behind the socket is neither root's nor the caller's own. code: "server.untrusted"."""


class ConnectionLost(SbError, ConnectionError):
    """The connection is gone, and all its probes with it; make a new `Client`. code: "server.gone"."""


class CallTimeout(SbError, TimeoutError):
    """No answer in time. A probe that is added late all the same is removed. code: "call.timeout"."""


class ForkedSession(SbError):
    """A session of the parent process was used in a child after fork(). code: "session.forked"."""


def _restore(kind: type, state: Dict[str, Any]) -> SbError:
    error: SbError = kind(state["code"], state["message"])
    error.__dict__.update(state)
    return error


def error_of_fault(fault: Any) -> SbError:
    """The error of a JSON-RPC error object {code, message, data: {code, hint, ...}}."""
    if not isinstance(fault, dict):
        return SbError("internal", f"Cannot read the server's error: {fault!r}")
    data = fault.get("data")
    facts = dict(data) if isinstance(data, dict) else {}
    code = facts.pop("code", "internal")
    hint = facts.pop("hint", None)
    return SbError(
        str(code),
        str(fault.get("message", "The server gave no message")),
        number=fault.get("code"),
        data=facts,
        hint=None if hint is None else str(hint),
    )


@contextmanager
def removing(gone: str, error: Optional[BaseException]) -> Iterator[None]:
    """Around a removal at the end of a with block: what is gone already is as good as removed.

    gone: the code that says so. error: the one that ends the block. That the server undid it is told only where it hides no
    other error: figures taken meanwhile are not to be trusted.
    """
    try:
        yield
    except ConnectionLost:
        if error is None:
            raise
    except SbError as refusal:
        if refusal.code != gone:
            raise
