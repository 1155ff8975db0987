"""The kernel's asynchronous IO: one thread, no lock, the least CPU that Python can do it with."""

import ctypes
import mmap
import struct

from stamp import BLOCK


class AsyncIo:
    """The kernel's io_submit and io_getevents for 4 KiB reads and writes, a buffer per slot."""

    SETUP, GETEVENTS, SUBMIT = 206, 208, 209
    IOCB = struct.Struct("<QIIHhIQQqQII")
    EVENT = struct.Struct("<QQqq")

    def __init__(self, file, slots):
        self.file = file
        self.libc = ctypes.CDLL(None, use_errno=True)
        self.buffers = mmap.mmap(-1, slots * BLOCK)
        self.iocbs = ctypes.create_string_buffer(slots * self.IOCB.size)
        self.events = ctypes.create_string_buffer(slots * self.EVENT.size)
        self.pointers = (ctypes.c_uint64 * slots)()
        self.slots = slots
        self.buffer_at = ctypes.addressof(ctypes.c_char.from_buffer(self.buffers))
        self.context = ctypes.c_uint64()
        if self.libc.syscall(self.SETUP, slots, ctypes.byref(self.context)) < 0:
            raise OSError(ctypes.get_errno(), "io_setup")

    def data(self, slot):
        return self.buffers[slot * BLOCK : (slot + 1) * BLOCK]

    def fill(self, slot, content):
        self.buffers[slot * BLOCK : (slot + 1) * BLOCK] = bytes(content)

    def prepare(self, slot, is_write, block):
        at = self.buffer_at + slot * BLOCK
        iocb = (slot, 0, 0, int(is_write), 0, self.file, at, BLOCK, block * BLOCK, 0, 0, 0)
        self.IOCB.pack_into(self.iocbs, slot * self.IOCB.size, *iocb)

    def submit(self, slots):
        """How many of the slots were taken, and the error of the first that was not (0: none)."""
        for i, slot in enumerate(slots):
            self.pointers[i] = ctypes.addressof(self.iocbs) + slot * self.IOCB.size
        taken = self.libc.syscall(self.SUBMIT, self.context, ctypes.c_long(len(slots)), self.pointers)
        if taken < 0:
            return 0, ctypes.get_errno()
        return taken, 0

    def completions(self, timeout_s):
        """Waits for at least one; yields (slot, result: bytes moved or minus an error)."""
        limit = struct.pack("<qq", int(timeout_s), int(timeout_s % 1 * 1e9))
        count = self.libc.syscall(
            self.GETEVENTS, self.context, ctypes.c_long(1), ctypes.c_long(self.slots), self.events, limit
        )
        for i in range(max(count, 0)):
            slot, _, result, _ = self.EVENT.unpack_from(self.events, i * self.EVENT.size)
            yield slot, result
