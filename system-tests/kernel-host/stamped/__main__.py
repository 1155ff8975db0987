"""stamped: writes blocks that say what they are, and finds lost, stale, torn or misplaced ones later.

    python3 stamped write DEVICE LOG --blocks N [--first B] [--in-flight N] [--reads PERCENT]
                          [--rate PER-SECOND] [--writes N]
    python3 stamped verify DEVICE LOG

`write` keeps random 4 KiB writes (and reads, checked at once) in flight on blocks B to B+N-1, one on a
block at a time, until N writes were acknowledged or SIGTERM comes. It waits as long as the device does. LOG gets
every issue and acknowledgement; a LOG that exists already is continued, with higher sequences; a new one
is a new writer. `verify` reads all the blocks of a LOG. The last line of standard output is the report,
in JSON; exit code 1 says that a block was found wrong. IO errors are counted apart.
"""

import argparse
import json
import os
import signal
import sys

from bounds import Bounds
from verifier import Verifier
from writer import Writer


def write(arguments):
    bounds = Bounds(arguments.log, arguments.first, arguments.blocks)
    writer = Writer(os.open(arguments.device, os.O_RDWR | os.O_DIRECT), bounds, arguments)
    signal.signal(signal.SIGTERM, writer.stop)
    report = writer.run(arguments.writes)
    print(json.dumps(report), flush=True)
    return writer.judge.exit_code()


def verify(arguments):
    verifier = Verifier(os.open(arguments.device, os.O_RDONLY | os.O_DIRECT), Bounds(arguments.log))
    print(json.dumps(verifier.run()))
    return verifier.judge.exit_code()


def main():
    parser = argparse.ArgumentParser(prog="stamped")
    commands = parser.add_subparsers(required=True)
    for function in write, verify:
        command = commands.add_parser(function.__name__)
        command.set_defaults(function=function)
        command.add_argument("device")
        command.add_argument("log")
        if function == write:
            command.add_argument("--blocks", type=int, required=True)
            command.add_argument("--first", type=int, default=0)
            command.add_argument("--in-flight", type=int, default=16)
            command.add_argument("--reads", type=int, default=0, help="percent")
            command.add_argument("--rate", type=int, default=0, help="per second; 0: as fast as it goes")
            command.add_argument("--writes", type=int, default=0, help="0: no end")
    arguments = parser.parse_args()
    sys.exit(arguments.function(arguments))


main()
