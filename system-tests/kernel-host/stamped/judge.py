"""Decides about a block that was read."""

from stamp import BLOCK, HEADER, MAGIC, SECTOR, Stamp

EXAMPLES = 20


class Judge:
    """Compares what was read with the bounds, and counts what is wrong by kind."""

    def __init__(self, bounds):
        self.bounds = bounds
        self.stamp = Stamp(bounds.writer)
        self.checked = 0
        self.wrong = {"lost": 0, "torn": 0, "misplaced": 0, "never_written": 0}
        self.examples = []

    def check(self, block, data):
        """The sequence that the block holds, 0 when it holds none or is wrong."""
        self.checked += 1
        known = self.bounds.known[block - self.bounds.first]
        issued = self.bounds.issued[block - self.bounds.first]
        magic, at, sequence, writer, _ = HEADER.unpack_from(data)
        if (magic, writer) != (MAGIC, self.bounds.writer) or data != self.stamp.content(at, sequence):
            return self.diagnose(block, data, known, issued)
        if at != block:
            return self.blame("misplaced", block, known, issued, f"block {at}, sequence {sequence}")
        if sequence < known:
            return self.blame("lost", block, known, issued, f"sequence {sequence}")
        if sequence > issued:
            return self.blame("never_written", block, known, issued, f"sequence {sequence}")
        return sequence

    def diagnose(self, block, data, known, issued):
        """What a block that is not one whole stamped block of this writer is."""
        headers = [HEADER.unpack_from(data, at) for at in range(0, BLOCK, SECTOR)]
        own = [header[0] == MAGIC and header[3] == self.bounds.writer for header in headers]
        if any(own):
            sectors = [header[1:3] if mine else None for header, mine in zip(headers, own)]
            return self.blame("torn", block, known, issued, f"(block, sequence) by sector: {sectors}")
        if known:
            return self.blame("lost", block, known, issued, "no stamp of this writer")
        return 0

    def blame(self, kind, block, known, issued, found):
        self.wrong[kind] += 1
        if len(self.examples) < EXAMPLES:
            self.examples.append(f"{kind}: block {block} must hold {known}..{issued}, holds {found}")
        return 0

    def report(self):
        return {"checked": self.checked, **self.wrong, "examples": self.examples}

    def exit_code(self):
        return 1 if any(self.wrong.values()) else 0
