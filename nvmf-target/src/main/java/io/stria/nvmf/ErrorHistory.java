package io.stria.nvmf;

import io.stria.nvme.ErrorLog;
import io.stria.nvme.IoOpcode;
import io.stria.nvme.SubmissionEntry;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** The last commands of one controller that failed, for its error information log. */
final class ErrorHistory {
    /** ELPE + 1. */
    static final int ENTRIES = 64;

    private final MemorySegment ring =
            MemorySegment.ofArray(new byte[ENTRIES * ErrorLog.ENTRY_BYTES]);

    private long count;

    /** Errors since the controller was made. */
    long count() {
        return count;
    }

    void add(int queueId, Command command) {
        long slot = count++ % ENTRIES * ErrorLog.ENTRY_BYTES;
        long lba = queueId > 0 ? lba(command) : 0;
        ErrorLog.write(
                ring, slot, count, queueId, command.commandId, command.status, lba, command.nsid());
    }

    private static long lba(Command command) {
        return switch (command.opcode()) {
            case IoOpcode.READ,
                    IoOpcode.WRITE,
                    IoOpcode.COMPARE,
                    IoOpcode.WRITE_ZEROES,
                    IoOpcode.VERIFY ->
                    SubmissionEntry.startingLba(command.entry(), command.entryOffset());
            default -> 0;
        };
    }

    /** Newest first; unused entries are zero. */
    MemorySegment log(Arena arena) {
        MemorySegment log = arena.allocate(ring.byteSize(), Long.BYTES);
        for (long i = 0; i < Math.min(count, ENTRIES); i++) {
            long slot = (count - 1 - i) % ENTRIES * ErrorLog.ENTRY_BYTES;
            MemorySegment.copy(ring, slot, log, i * ErrorLog.ENTRY_BYTES, ErrorLog.ENTRY_BYTES);
        }
        return log;
    }
}
