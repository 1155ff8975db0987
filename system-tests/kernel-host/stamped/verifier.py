"""Reads all the blocks of a log and judges them."""

import errno
import mmap
import os

from io_errors import Errors
from judge import Judge
from stamp import BLOCK

TOGETHER = 64


class Verifier:
    def __init__(self, file, bounds):
        self.file = file
        self.bounds = bounds
        self.judge = Judge(bounds)
        self.errors = Errors()
        self.buffer = memoryview(mmap.mmap(-1, TOGETHER * BLOCK))

    def run(self):
        end = self.bounds.first + self.bounds.blocks
        for block in range(self.bounds.first, end, TOGETHER):
            count = min(TOGETHER, end - block)
            if self.read(block, count):  # an error: which of the blocks has it?
                for one in range(block, block + count):
                    error = self.read(one, 1)
                    if error:
                        self.errors.add("read", error)
        return {**self.errors.report(), **self.judge.report()}

    def read(self, block, count):
        """Reads and judges the blocks; the error, or 0."""
        view = self.buffer[: count * BLOCK]
        try:
            if os.preadv(self.file, [view], block * BLOCK) != len(view):
                return errno.ENXIO
        except OSError as error:
            return error.errno
        for i in range(count):
            self.judge.check(block + i, bytes(view[i * BLOCK : (i + 1) * BLOCK]))
        return 0
