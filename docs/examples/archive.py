"""Packs a log in one process while another counts what it says: two paths, one longer than the other.

    python3 archive.py LOG
"""
import collections
import operator
import os
import sys
import zlib


class Line:
    def __init__(self, text):
        self.host, self.verb, self.path, self.status = text.split(" ")


def count(text):
    lines = []
    for row in text.splitlines():
        lines.append(Line(row))
    hosts = collections.Counter(map(operator.attrgetter("host"), lines))
    failed = [line for line in lines if line.status == "500"]
    failed.sort(key=operator.attrgetter("path"))
    return hosts, failed


with open(sys.argv[1], "rb") as log:
    data = log.read()
packer = os.fork()
if packer == 0:
    packed = zlib.compress(data, 9)
    with open(sys.argv[1] + ".z", "wb") as archive:
        archive.write(packed)
    os._exit(0)
hosts, failed = count(data.decode())
os.waitpid(packer, 0)
print(len(data), len(hosts), len(failed))
