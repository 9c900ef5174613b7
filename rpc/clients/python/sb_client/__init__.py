"""Python client of `sb serve`: delays in native functions, for one process tree, that vanish with the client.

    import sb_client

    with sb_client.Client() as client:
        with client.probe("/usr/bin/python3", "PyObject_GetAttr", delay_ns=5000) as probe:
            run_benchmark()
        print(probe.final["hits"])

`sb_client.aio` has the same for asyncio, `sb_client.native` the functions of the original package.
"""

from . import native
from .client import Client
from .count import Count
from .errors import CallTimeout, ConnectionLost, ForkedSession, NoServer, SbError, UntrustedServer
from .probe import Probe, Probes, Subscription

__all__ = [
    "CallTimeout",
    "Client",
    "ConnectionLost",
    "Count",
    "ForkedSession",
    "NoServer",
    "Probe",
    "Probes",
    "SbError",
    "Subscription",
    "UntrustedServer",
    "native",
]

__version__ = "0.1.0"
