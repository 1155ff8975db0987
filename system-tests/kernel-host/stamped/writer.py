"""Keeps stamped writes, and reads that are checked at once, in flight; one at a time on a block."""

import errno
import random
import time

from async_io import AsyncIo
from bounds import ACKNOWLEDGED, READ
from io_errors import Errors
from judge import Judge
from stamp import BLOCK

PAUSE_S = 0.01  # after an error: a device that has gone fails at once, and nobody should spin on it


class Stall:
    """The longest time without an acknowledged write, the one that lasts now included."""

    def __init__(self, now):
        self.start = self.last = now
        self.longest = self.longest_at = 0

    def acknowledged(self, now):
        if now - self.last > self.longest:
            self.longest, self.longest_at = now - self.last, self.last - self.start
        self.last = now


class Writer:
    def __init__(self, file, bounds, arguments):
        self.bounds = bounds
        self.judge = Judge(bounds)
        self.errors = Errors()
        self.io = AsyncIo(file, arguments.in_flight)
        self.reads = arguments.reads
        self.rate = arguments.rate
        self.random = random.Random(bounds.writer + bounds.sequence)
        self.free = list(range(arguments.in_flight))
        self.flying = {}  # slot -> (block, sequence, or 0 when it reads)
        self.busy = set()
        self.acknowledged = 0
        self.allowance = 0.0
        self.stopped = False

    def stop(self, *_):
        self.stopped = True

    def run(self, writes):
        start = now = refilled = told = time.monotonic()
        stall = Stall(start)
        while not self.stopped or self.flying:
            self.allowance = min(self.allowance + (now - refilled) * self.rate, len(self.free) + 1)
            refilled = now
            self.launch()
            self.land(stall)
            now = time.monotonic()
            if writes and self.acknowledged >= writes:
                self.stopped = True
            if now - told >= 0.5:
                told = now
                self.bounds.save()
                print(f"acknowledged {self.acknowledged} in_flight {len(self.flying)}", flush=True)
        stall.acknowledged(now)
        self.bounds.save()
        return {
            "seconds": round(now - start, 3),
            "acknowledged": self.acknowledged,
            "longest_stall_ms": round(stall.longest * 1000),
            "longest_stall_at_ms": round(stall.longest_at * 1000),
            **self.errors.report(),
            **self.judge.report(),
        }

    def launch(self):
        slots = []
        while self.free and not self.stopped and (not self.rate or self.allowance >= 1):
            block = self.bounds.first + self.random.randrange(self.bounds.blocks)
            if block in self.busy:
                if len(self.busy) * 2 > self.bounds.blocks:
                    break
                continue
            slots.append(self.prepare(self.free.pop(), block))
            self.allowance -= 1
        while slots:
            taken, error = self.io.submit(slots)
            slots = slots[taken:]
            if error:
                time.sleep(PAUSE_S)
            if error and error != errno.EAGAIN:
                self.finish(slots.pop(0), -error)

    def prepare(self, slot, block):
        is_write = self.random.randrange(100) >= self.reads
        sequence = self.bounds.issue(block) if is_write else 0
        if is_write:
            self.io.fill(slot, self.judge.stamp.content(block, sequence))
        self.io.prepare(slot, is_write, block)
        self.flying[slot] = block, sequence
        self.busy.add(block)
        return slot

    def land(self, stall):
        if not self.flying:
            time.sleep(0.002)
            return
        wait = 0.2 if self.stopped or not self.rate or not self.free else 1.0 / self.rate
        failed = False
        for slot, result in self.io.completions(wait):
            if self.flying[slot][1] and result == BLOCK:
                stall.acknowledged(time.monotonic())
            failed |= result != BLOCK
            self.finish(slot, result)
        if failed:
            time.sleep(PAUSE_S)

    def finish(self, slot, result):
        block, sequence = self.flying.pop(slot)
        self.busy.remove(block)
        self.free.append(slot)
        if result != BLOCK:
            self.errors.add("write" if sequence else "read", -result if result < 0 else errno.EIO)
        elif sequence:
            self.acknowledged += 1
            self.bounds.know(ACKNOWLEDGED, block, sequence)
        else:
            self.bounds.know(READ, block, self.judge.check(block, self.io.data(slot)))
