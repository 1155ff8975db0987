"""IO errors by name; they are no proof of anything wrong in a block."""

import errno


class Errors:
    def __init__(self):
        self.counts = {}

    def add(self, operation, code):
        name = f"{operation} {errno.errorcode.get(code, code)}"
        self.counts[name] = self.counts.get(name, 0) + 1

    def report(self):
        return {"io_errors": sum(self.counts.values()), "io_errors_by_kind": self.counts}
