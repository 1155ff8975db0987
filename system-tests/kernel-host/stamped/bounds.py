"""What each block may hold: at least the newest sequence that was acknowledged or once read, at most the
newest that was issued; whatever was there before when nothing was acknowledged or read yet.

The log from which a later run knows it is one line of JSON (first, blocks, writer) and then records of
24 bytes: kind u32 (1 issued, 2 acknowledged, 3 read), padding u32, block u64, sequence u64. What is cut
off at its end is ignored.
"""

import json
import os
import random
import struct
import sys

RECORD = struct.Struct("<IIQQ")
ISSUED, ACKNOWLEDGED, READ = 1, 2, 3


class Bounds:
    def __init__(self, path, first=None, blocks=None):
        self.path = path
        if first is not None and not os.path.exists(path):
            head = {"first": first, "blocks": blocks, "writer": random.SystemRandom().getrandbits(32)}
            with open(path, "x") as file:
                file.write(json.dumps(head) + "\n")
        self.load()
        if first is not None and (first, blocks) != (self.first, self.blocks):
            sys.exit(f"stamped: {path} is of blocks {self.first} to {self.first + self.blocks - 1}")
        self.pending = bytearray()
        self.sequence = max(self.issued)

    def load(self):
        with open(self.path, "rb") as file:
            head = json.loads(file.readline())
            records = file.read()
        self.first, self.blocks, self.writer = head["first"], head["blocks"], head["writer"]
        self.issued, self.known = [0] * self.blocks, [0] * self.blocks
        whole = len(records) - len(records) % RECORD.size
        for kind, _, block, sequence in RECORD.iter_unpack(records[:whole]):
            bound = self.issued if kind == ISSUED else self.known
            bound[block - self.first] = max(bound[block - self.first], sequence)

    def issue(self, block):
        self.sequence += 1
        self.issued[block - self.first] = self.sequence
        self.pending += RECORD.pack(ISSUED, 0, block, self.sequence)
        return self.sequence

    def know(self, kind, block, sequence):
        if sequence > self.known[block - self.first]:
            self.known[block - self.first] = sequence
            self.pending += RECORD.pack(kind, 0, block, sequence)

    def save(self):
        if self.pending:
            with open(self.path, "ab", buffering=0) as file:
                file.write(self.pending)
            self.pending = bytearray()
