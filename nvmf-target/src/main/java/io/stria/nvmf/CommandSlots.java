package io.stria.nvmf;

import io.stria.nvme.SubmissionEntry;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The commands of one connection: one until it is a queue, so that strangers cost little, then as
 * many as the queue has entries.
 */
final class CommandSlots {
    private final Connection connection;
    private final Arena arena;
    private Command[] commands = {};
    private int[] free = {};
    private int freeCount;

    CommandSlots(Connection connection, Arena arena) {
        this.connection = connection;
        this.arena = arena;
        grow(1);
    }

    /** Makes more, up to that many. */
    void grow(int count) {
        int had = commands.length;
        MemorySegment entries = arena.allocate((long) count * SubmissionEntry.BYTES, 64);
        commands = Arrays.copyOf(commands, count);
        free = Arrays.copyOf(free, count);
        for (int slot = count - 1; slot >= had; slot--) {
            commands[slot] = new Command(connection, this, slot, entries);
            free[freeCount++] = slot;
        }
    }

    /** A free command, or null if all are in use. */
    @Nullable Command take() {
        return freeCount == 0 ? null : commands[free[--freeCount]];
    }

    void giveBack(Command command) {
        command.state = CommandState.FREE;
        free[freeCount++] = command.slot();
    }

    /** The command that the host calls so; null if there is none. */
    @Nullable Command find(int commandId) {
        for (Command command : commands) {
            if (command.state != CommandState.FREE && command.commandId == commandId) {
                return command;
            }
        }
        return null;
    }

    /** The command in a slot that a host named; null if there is no such slot. */
    @Nullable Command at(int slot) {
        return slot < commands.length ? commands[slot] : null;
    }

    /** Whether a host owes data of a command that was due by then. */
    boolean isOverdue(long listeningNs) {
        for (Command command : commands) {
            if (command.state == CommandState.AWAITING_DATA && command.dueNs <= listeningNs) {
                return true;
            }
        }
        return false;
    }

    /** Frees all commands but those that a device works on; returns how many those are. */
    int dropAllButExecuting() {
        int executing = 0;
        for (Command command : commands) {
            if (command.state == CommandState.EXECUTING) {
                executing++;
            } else if (command.state != CommandState.FREE) {
                command.nextToSend = null;
                command.free();
            }
        }
        return executing;
    }
}
