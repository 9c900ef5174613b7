"""A handle: a live count of kernel operations."""

from __future__ import annotations

from types import TracebackType
from typing import Dict, Optional, Type, cast

from .connection import Connection
from .errors import removing
from .types import Counting, CountReading


def read_params(count: str, after: Optional[int], limit: Optional[int]) -> Dict[str, object]:
    """The parameters of `count.read`: what is None is left out."""
    asked = {"count": count, "after": after, "limit": limit}
    return {name: value for name, value in asked.items() if value is not None}


class Count:
    """A live count. As a context manager it is removed at the end of the block, in whatever way that ends.

    All methods raise SbError: "count.not_found" once it was removed, and ConnectionLost when the session is gone.
    """

    def __init__(self, connection: Connection, row: Counting, timeout: Optional[float]) -> None:
        self._connection = connection
        self._timeout = timeout
        #: The root of the tree, as the server sees it.
        self.pid = row["pid"]
        #: "c1", "c2", ...: unique in the server.
        self.id = row["count"]
        #: The last figures, once the count was removed by this handle.
        self.final: Optional[CountReading] = None

    def read(self, *, after: Optional[int] = None, limit: Optional[int] = None) -> CountReading:
        """What was counted so far.

        after: only processes with a row above this one. limit: processes at the most, 1 to 10000, 1000 by default.
        """
        return cast(CountReading, self._connection.call("count.read", read_params(self.id, after, limit), self._timeout))

    def remove(self) -> CountReading:
        """Ends the count. Returns the last figures, `final` too."""
        answer = self._connection.call("count.remove", {"count": self.id}, self._timeout)
        self.final = cast(CountReading, answer)
        return self.final

    def __enter__(self) -> Count:
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        # A child of fork() leaves its parent's count alone.
        if not self._connection.is_own or self.final is not None:
            return
        with removing("count.not_found", error):
            self.remove()

    def __repr__(self) -> str:
        return f"<Count {self.id} of {self.pid}>"
