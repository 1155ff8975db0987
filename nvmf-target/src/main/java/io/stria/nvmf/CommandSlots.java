package io.stria.nvmf;

import io.stria.nvme.SubmissionEntry;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** The commands of one connection: as many as a queue can have, made when it is accepted. */
final class CommandSlots {
    private final Command[] commands;
    private final int[] free;
    private int freeCount;

    CommandSlots(Connection connection, Arena arena, int count) {
        MemorySegment entries = arena.allocate((long) count * SubmissionEntry.BYTES, 64);
        commands = new Command[count];
        free = new int[count];
        for (int i = 0; i < count; i++) {
            commands[i] = new Command(connection, this, i, entries);
            free[i] = count - 1 - i;
        }
        freeCount = count;
    }

    /** A free command, or null if so many are in use. */
    @Nullable Command take(int inUseMax) {
        boolean full = freeCount == 0 || commands.length - freeCount >= inUseMax;
        return full ? null : commands[free[--freeCount]];
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
