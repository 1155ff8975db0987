package io.stria.runtime.ffm;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/**
 * Makes method handles of C functions. A handle must be kept in a {@code static final} field, or
 * the call costs a hundred times as much.
 */
@SuppressWarnings("restricted")
final class Binding {
    private static final Linker LINKER = Linker.nativeLinker();
    private static final StructLayout CAPTURE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO =
            CAPTURE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

    static final Linker.Option WITH_ERRNO = Linker.Option.captureCallState("errno");

    /** Bytes of the segment that a handle made {@link #WITH_ERRNO} takes as its first argument. */
    static final long CAPTURE_BYTES = CAPTURE.byteSize();

    private Binding() {}

    /** A function of the C library, which the process has loaded already. */
    static MethodHandle libc(
            String function, FunctionDescriptor descriptor, Linker.Option... options) {
        MemorySegment address =
                LINKER.defaultLookup()
                        .find(function)
                        .orElseThrow(() ->
                                new UnsatisfiedLinkError(
                                        "the C library has no function "
                                                + function
                                                + ": Stria needs Linux with glibc or"
                                                + " musl"));
        return LINKER.downcallHandle(address, descriptor, options);
    }

    /** What {@code errno} was right after the call that filled {@code capture}. */
    static int errno(MemorySegment capture) {
        return (int) ERRNO.get(capture, 0L);
    }

    static FunctionDescriptor intOf(MemoryLayout... arguments) {
        return FunctionDescriptor.of(ValueLayout.JAVA_INT, arguments);
    }

    static FunctionDescriptor longOf(MemoryLayout... arguments) {
        return FunctionDescriptor.of(ValueLayout.JAVA_LONG, arguments);
    }

    /** A method handle declares {@code Throwable}, a C function throws nothing. */
    static AssertionError impossible(Throwable cause) {
        return new AssertionError("a native call threw", cause);
    }
}
