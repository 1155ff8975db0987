package io.stria.nvmf;

import io.stria.nvme.SubmissionEntry;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The commands of one connection, made when the size of its queue is known. */
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

    /** A free command, or null: the host has more under way than its queue has entries. */
    @Nullable Command take() {
        return freeCount == 0 ? null : commands[free[--freeCount]];
    }

    void giveBack(Command command) {
        command.state = CommandState.FREE;
        free[freeCount++] = command.slot();
    }

    /** The command in a slot that a host named; null if there is no such slot. */
    @Nullable Command at(int slot) {
        return slot < commands.length ? commands[slot] : null;
    }

    void forEachInUse(Consumer<Command> action) {
        for (Command command : commands) {
            if (command.state != CommandState.FREE) {
                action.accept(command);
            }
        }
    }
}
