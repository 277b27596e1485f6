"""What goes wrong with the next requests."""
import threading

from problem import Problem


class Faults:
    """A count of None means: until told otherwise. Kinds are those of acme.py, "any" is each."""

    def __init__(self):
        self.lock = threading.Lock()
        self.reset()

    def reset(self):
        self.outages, self.limits, self.lost = {}, {}, {}  # kind: [count, Retry-After, portal URL], as far as each has it

    def add(self, table, kind, count, *more):
        with self.lock:
            if count == 0:
                table.pop(kind, None)
            else:
                table[kind] = [count, *more]

    def take(self, table, kind):
        with self.lock:
            for name in (kind, "any"):
                if name in table:
                    fault = table[name]
                    if fault[0] is not None:
                        fault[0] -= 1
                        if fault[0] == 0:
                            del table[name]
                    return fault
        return None

    def before(self, kind):
        if fault := self.take(self.outages, kind):
            raise Problem(503, "serverInternal", "down, as told", retry_after=fault[1])
        if fault := self.take(self.limits, kind):
            detail = "too many requests of this kind" + (": see " + fault[2] if fault[2] else "")
            raise Problem(429, "rateLimited", detail, retry_after=fault[1], help_url=fault[2])

    def loses(self, kind):
        """Whether the answer to a request whose work is done gets lost."""
        return self.take(self.lost, kind) is not None
