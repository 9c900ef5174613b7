"""What is about to be there: awaited, or entered at once."""

from __future__ import annotations

from types import TracebackType
from typing import Any, AsyncContextManager, Coroutine, Generator, Generic, Optional, Type, TypeVar

T = TypeVar("T", bound=AsyncContextManager[Any])


class Pending(Generic[T]):
    """`value = await pending`, or `async with pending as value:`, which ends the value after the block."""

    def __init__(self, coming: Coroutine[Any, Any, T]) -> None:
        self._coming = coming
        self._value: Optional[T] = None

    def __await__(self) -> Generator[Any, None, T]:
        return self._coming.__await__()

    async def __aenter__(self) -> T:
        self._value = await self._coming
        await self._value.__aenter__()
        return self._value

    async def __aexit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        assert self._value is not None
        await self._value.__aexit__(kind, error, trace)
