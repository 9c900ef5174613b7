"""The client for asyncio: the same names, awaited.

    import sb_client.aio

    async with sb_client.aio.connect() as client:
        async with client.probe("/usr/bin/python3", "PyObject_GetAttr", delay_ns=5000) as probe:
            await run_benchmark()
        print(probe.final["hits"])
"""

from .client import AsyncClient, connect
from .count import AsyncCount
from .probe import AsyncProbe, AsyncProbes, AsyncSubscription

__all__ = ["AsyncClient", "AsyncCount", "AsyncProbe", "AsyncProbes", "AsyncSubscription", "connect"]
