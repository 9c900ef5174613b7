"""Slows CPython's PyObject_GetAttr in this process by 5 µs a call, for the length of a block, and prints the difference.

    sudo sb serve &
    PYTHONPATH=rpc/clients/python /usr/bin/python3 examples/python_getattr.py
"""
import os
import time

import sb_client

READS = 100_000
DELAY_NS = 5_000


class Point:
    pass


point = Point()
point.field = 1
name = "".join(["fi", "eld"])


def nanoseconds_a_read():
    start = time.perf_counter_ns()
    for _ in range(READS):
        getattr(point, name)
    return (time.perf_counter_ns() - start) / READS


def file_of_the_interpreter():
    """The ELF file that has CPython's functions: libpython where the interpreter is linked to it, else its own."""
    with open("/proc/self/maps") as maps:
        libraries = [line.split(maxsplit=5)[-1].rstrip() for line in maps if "/libpython3" in line]
    return libraries[0] if libraries else os.readlink("/proc/self/exe")


with sb_client.Client() as client:
    before = nanoseconds_a_read()
    with client.probe(file_of_the_interpreter(), "PyObject_GetAttr", DELAY_NS) as probe:
        slowed = nanoseconds_a_read()
    after = nanoseconds_a_read()

stats = probe.final
print(f"{READS} reads, {before:.0f} ns each")
print(f"with {DELAY_NS} ns more in PyObject_GetAttr: {slowed:.0f} ns each, {slowed - before:.0f} ns more")
print(f"afterwards: {after:.0f} ns each")
print(f"{stats['hits']} hits, {stats['mean_ns']} ns longer each, {stats['floor_ns']} ns of them the probe's own floor")
