package io.stria.nvmf;

import io.stria.nvme.SubmissionEntry;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The commands of one connection: one until it is a queue, so that strangers cost little, then as
 * many as the queue has entries. Each is made when more are on their way than ever before: most
 * hosts ask for deep queues and fill few of them.
 */
final class CommandSlots {
    private final Connection connection;
    private final Arena arena;
    private MemorySegment entries = MemorySegment.NULL;

    /** Null from {@code made} on. */
    private Command[] commands = {};

    private int[] free = {};
    private int freeCount;
    private int made;

    CommandSlots(Connection connection, Arena arena) {
        this.connection = connection;
        this.arena = arena;
        grow(1);
    }

    /** Permits more, up to that many. */
    void grow(int count) {
        entries = arena.allocate((long) count * SubmissionEntry.BYTES, 64);
        commands = Arrays.copyOf(commands, count);
        free = Arrays.copyOf(free, count);
    }

    /** A free command, or null if all are in use. */
    @Nullable Command take() {
        if (freeCount > 0) {
            return commands[free[--freeCount]];
        }
        if (made == commands.length) {
            return null;
        }
        Command command = new Command(connection, this, made, entries);
        commands[made++] = command;
        return command;
    }

    void giveBack(Command command) {
        command.state = CommandState.FREE;
        free[freeCount++] = command.slot();
    }

    /** The command that the host calls so; null if there is none. */
    @Nullable Command find(int commandId) {
        for (int slot = 0; slot < made; slot++) {
            Command command = commands[slot];
            if (command.state != CommandState.FREE && command.commandId == commandId) {
                return command;
            }
        }
        return null;
    }

    /** The command in a slot that a host named; null if it was never in use. */
    @Nullable Command at(int slot) {
        return slot < made ? commands[slot] : null;
    }

    /** Whether a host owes data of a command that was due by then. */
    boolean isOverdue(long listeningNs) {
        for (int slot = 0; slot < made; slot++) {
            Command command = commands[slot];
            if (command.state == CommandState.AWAITING_DATA && command.dueNs <= listeningNs) {
                return true;
            }
        }
        return false;
    }

    /** Gives up those that a device works on; returns how many. */
    int giveUpExecuting() {
        int executing = 0;
        for (int slot = 0; slot < made; slot++) {
            if (commands[slot].state == CommandState.EXECUTING) {
                commands[slot].giveUp();
                executing++;
            }
        }
        return executing;
    }

    /** Frees all other commands. Some of those that a device works on may end meanwhile. */
    void dropAllButExecuting() {
        for (int slot = 0; slot < made; slot++) {
            Command command = commands[slot];
            if (command.state != CommandState.EXECUTING && command.state != CommandState.FREE) {
                command.nextToSend = null;
                command.free();
            }
        }
    }
}
