"""The format of a stamped block: 8 sectors of 512 bytes, each of them

      0  magic     8 bytes
      8  block     u64, counted from the start of the device
     16  sequence  u64, counted from 1 by the writer
     24  writer    u32
     28  zero      u32
     32  filler    480 bytes, chosen by block and sequence from the writer's 1 MiB of noise

so every byte of a block follows from (writer, block, sequence), and reading compares them all.
"""

import random
import struct

BLOCK = 4096
SECTOR = 512
MAGIC = b"StriaStm"
HEADER = struct.Struct("<8sQQII")


class Stamp:
    """Makes the one possible content of (writer, block, sequence)."""

    def __init__(self, writer):
        self.writer = writer
        self.noise = random.Random(writer).randbytes(1 << 20)

    def content(self, block, sequence):
        mixed = (block * 0x9E3779B97F4A7C15 ^ sequence * 0xC2B2AE3D27D4EB4F) & (1 << 64) - 1
        at = (mixed >> 20) % (len(self.noise) - BLOCK)
        data = bytearray(self.noise[at : at + BLOCK])
        header = HEADER.pack(MAGIC, block, sequence, self.writer, 0)
        for sector in range(0, BLOCK, SECTOR):
            data[sector : sector + HEADER.size] = header
        return data
