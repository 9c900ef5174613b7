"""A handle for asyncio: a live count of kernel operations."""

from __future__ import annotations

from types import TracebackType
from typing import Optional, Type, cast

from ..count import read_params
from ..errors import removing
from ..types import Counting, CountReading
from .connection import AsyncConnection


class AsyncCount:
    """A live count; `sb_client.Count` says what its methods do. `async with` removes it at the end of the block."""

    def __init__(self, connection: AsyncConnection, row: Counting, timeout: Optional[float]) -> None:
        self._connection = connection
        self._timeout = timeout
        #: The root of the tree, as the server sees it.
        self.pid = row["pid"]
        #: "c1", "c2", ...: unique in the server.
        self.id = row["count"]
        #: The last figures, once the count was removed by this handle.
        self.final: Optional[CountReading] = None

    async def read(self, *, after: Optional[int] = None, limit: Optional[int] = None) -> CountReading:
        """What was counted so far."""
        params = read_params(self.id, after, limit)
        return cast(CountReading, await self._connection.call("count.read", params, self._timeout))

    async def remove(self) -> CountReading:
        """Ends the count. Returns the last figures, `final` too."""
        answer = await self._connection.call("count.remove", {"count": self.id}, self._timeout)
        self.final = cast(CountReading, answer)
        return self.final

    async def __aenter__(self) -> AsyncCount:
        return self

    async def __aexit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        if not self._connection.is_own or self.final is not None:
            return
        with removing("count.not_found", error):
            await self.remove()

    def __repr__(self) -> str:
        return f"<AsyncCount {self.id} of {self.pid}>"
