"""A benchmark to slow down: reads attributes by a name made at run time, and prints what one read takes."""
import time


class Point:
    pass


COUNT = 100_000
point = Point()
point.field = 1
name = "".join(["fi", "eld"])
start = time.perf_counter_ns()
for _ in range(COUNT):
    getattr(point, name)
took = time.perf_counter_ns() - start
print(f"{COUNT} reads, {took / COUNT:.0f} ns each")
