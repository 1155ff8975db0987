package io.stria.runtime;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Runs a command where a seccomp filter refuses the system calls of io_uring, as containers do:
 * {@code WithoutIoUring ERRNO COMMAND...}. Ends as the command does.
 */
public final class WithoutIoUring {
    private static final int PR_SET_NO_NEW_PRIVS = 38;
    private static final int PR_SET_SECCOMP = 22;
    private static final long SECCOMP_MODE_FILTER = 2;

    /** The same on every architecture: io_uring_setup, io_uring_enter, io_uring_register. */
    private static final int FIRST_NUMBER = 425;

    private static final int ENTER_NUMBER = 426;
    private static final int LAST_NUMBER = 427;

    private static final int LOAD_WORD = 0x20;
    private static final int JUMP_IF_GREATER_OR_EQUAL = 0x35;
    private static final int JUMP_IF_GREATER = 0x25;
    private static final int RETURN = 0x06;
    private static final int REFUSE = 0x0005_0000;
    private static final int ALLOW = 0x7fff_0000;

    private static final MethodHandle PRCTL = prctl();

    private WithoutIoUring() {}

    /** The command line that runs a command without io_uring. */
    public static List<String> command(int errno, List<String> command) {
        List<String> whole = new ArrayList<>();
        whole.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        whole.add("--enable-native-access=ALL-UNNAMED");
        whole.add("-XX:TieredStopAtLevel=1");
        whole.addAll(List.of("-cp", System.getProperty("java.class.path")));
        whole.addAll(List.of(WithoutIoUring.class.getName(), Integer.toString(errno)));
        whole.addAll(command);
        return whole;
    }

    public static void main(String[] arguments) throws Throwable {
        String[] command = Arrays.copyOfRange(arguments, 1, arguments.length);
        Thread filtered = new Thread(() -> run(Integer.parseInt(arguments[0]), command));
        filtered.start();
        filtered.join();
    }

    /** On a thread of its own, since a filter holds for the thread and what it starts. */
    private static void run(int errno, String[] command) {
        refuse(errno);
        try {
            System.exit(new ProcessBuilder(command).inheritIO().start().waitFor());
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void refuse(int errno) {
        refuse(errno, FIRST_NUMBER, LAST_NUMBER);
    }

    /** From now on this thread's rings take nothing. */
    public static void refuseToEnter(int errno) {
        refuse(errno, ENTER_NUMBER, ENTER_NUMBER);
    }

    private static void refuse(int errno, int first, int last) {
        try (Arena arena = Arena.ofConfined()) {
            int[][] filter = {
                {LOAD_WORD, 0, 0, 0},
                {JUMP_IF_GREATER_OR_EQUAL, 0, 2, first},
                {JUMP_IF_GREATER, 1, 0, last},
                {RETURN, 0, 0, REFUSE | errno},
                {RETURN, 0, 0, ALLOW},
            };
            MemorySegment instructions = arena.allocate(8L * filter.length, 8);
            for (int i = 0; i < filter.length; i++) {
                instructions.set(ValueLayout.JAVA_SHORT, 8L * i, (short) filter[i][0]);
                instructions.set(ValueLayout.JAVA_BYTE, 8L * i + 2, (byte) filter[i][1]);
                instructions.set(ValueLayout.JAVA_BYTE, 8L * i + 3, (byte) filter[i][2]);
                instructions.set(ValueLayout.JAVA_INT, 8L * i + 4, filter[i][3]);
            }
            MemorySegment program = arena.allocate(16, 8);
            program.set(ValueLayout.JAVA_SHORT, 0, (short) filter.length);
            program.set(ValueLayout.JAVA_LONG, 8, instructions.address());
            call(PR_SET_NO_NEW_PRIVS, 1, 0);
            call(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, program.address());
        }
    }

    private static void call(int option, long second, long third) {
        try {
            int result = (int) PRCTL.invokeExact(option, second, third, 0L, 0L);
            if (result != 0) {
                throw new IllegalStateException("prctl " + option + " is refused");
            }
        } catch (RuntimeException e) {
            throw e;
        } catch (Throwable t) {
            throw new AssertionError(t);
        }
    }

    @SuppressWarnings("restricted")
    private static MethodHandle prctl() {
        Linker linker = Linker.nativeLinker();
        MemoryLayout word = ValueLayout.JAVA_LONG;
        return linker.downcallHandle(
                linker.defaultLookup().find("prctl").orElseThrow(),
                FunctionDescriptor.of(
                        ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, word, word, word, word),
                Linker.Option.firstVariadicArg(1));
    }
}
