package io.stria.runtime.ffm.spdk;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import io.stria.runtime.ffm.spdk.bindings.Bindings;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/**
 * The calls on the path of an IO. They are the bindings' functions, with pointers as plain numbers,
 * so that no call makes an object. None is critical: they may call back.
 */
@SuppressWarnings("restricted")
final class SpdkCalls {
    private static final Linker LINKER = Linker.nativeLinker();

    private static final FunctionDescriptor TRANSFER =
            intOf(
                    JAVA_LONG,
                    JAVA_LONG,
                    JAVA_LONG,
                    JAVA_LONG,
                    JAVA_LONG,
                    JAVA_INT,
                    JAVA_LONG,
                    JAVA_LONG,
                    JAVA_INT,
                    JAVA_SHORT,
                    JAVA_SHORT);
    private static final MethodHandle READ =
            handle(Bindings.spdk_nvme_ns_cmd_read_with_md$address(), TRANSFER);
    private static final MethodHandle WRITE =
            handle(Bindings.spdk_nvme_ns_cmd_write_with_md$address(), TRANSFER);
    private static final MethodHandle WRITE_ZEROES =
            handle(
                    Bindings.spdk_nvme_ns_cmd_write_zeroes$address(),
                    intOf(
                            JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG,
                            JAVA_INT));
    private static final MethodHandle DATASET_MANAGEMENT =
            handle(
                    Bindings.spdk_nvme_ns_cmd_dataset_management$address(),
                    intOf(
                            JAVA_LONG,
                            JAVA_LONG,
                            JAVA_INT,
                            JAVA_LONG,
                            JAVA_SHORT,
                            JAVA_LONG,
                            JAVA_LONG));
    private static final MethodHandle FLUSH =
            handle(
                    Bindings.spdk_nvme_ns_cmd_flush$address(),
                    intOf(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG));
    private static final MethodHandle PROCESS =
            handle(
                    Bindings.spdk_nvme_qpair_process_completions$address(),
                    intOf(JAVA_LONG, JAVA_INT));
    private static final MethodHandle PROCESS_ADMIN =
            handle(Bindings.spdk_nvme_ctrlr_process_admin_completions$address(), intOf(JAVA_LONG));

    /** Completion queue entry of NVMe: the last two bytes are phase and status. */
    private static final long STATUS_OFFSET = 14;

    private static final int STATUS_MASK = 0x7ff;
    private static final MemorySegment EVERYWHERE = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

    private SpdkCalls() {}

    static int read(
            long ns,
            long queue,
            long payload,
            long metadata,
            long lba,
            int count,
            long callback,
            long argument,
            int flags) {
        try {
            return (int)
                    READ.invokeExact(
                            ns, queue, payload, metadata, lba, count, callback, argument, flags,
                            (short) 0, (short) 0);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    static int write(
            long ns,
            long queue,
            long payload,
            long metadata,
            long lba,
            int count,
            long callback,
            long argument,
            int flags) {
        try {
            return (int)
                    WRITE.invokeExact(
                            ns, queue, payload, metadata, lba, count, callback, argument, flags,
                            (short) 0, (short) 0);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    static int writeZeroes(
            long ns, long queue, long lba, int count, long callback, long argument, int flags) {
        try {
            return (int) WRITE_ZEROES.invokeExact(ns, queue, lba, count, callback, argument, flags);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    /** With one range. */
    static int datasetManagement(
            long ns, long queue, int type, long range, long callback, long argument) {
        try {
            return (int)
                    DATASET_MANAGEMENT.invokeExact(
                            ns, queue, type, range, (short) 1, callback, argument);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    static int flush(long ns, long queue, long callback, long argument) {
        try {
            return (int) FLUSH.invokeExact(ns, queue, callback, argument);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    static int process(long queue, int completionsMax) {
        try {
            return (int) PROCESS.invokeExact(queue, completionsMax);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    static int processAdmin(long controller) {
        try {
            return (int) PROCESS_ADMIN.invokeExact(controller);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    /** What SPDK calls with an argument and the address of a completion; until the arena closes. */
    static MemorySegment callback(SpdkQueue queue, Arena arena) {
        try {
            MethodHandle onCompletion =
                    MethodHandles.lookup()
                            .findVirtual(
                                    SpdkQueue.class,
                                    "onCompletion",
                                    MethodType.methodType(void.class, long.class, long.class))
                            .bindTo(queue);
            return LINKER.upcallStub(
                    onCompletion, FunctionDescriptor.ofVoid(JAVA_LONG, JAVA_LONG), arena);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }

    /** Status code (lower eight bits) and its type of the completion at this address. */
    static int status(long completion) {
        return EVERYWHERE.get(JAVA_SHORT_UNALIGNED, completion + STATUS_OFFSET) >>> 1 & STATUS_MASK;
    }

    private static MethodHandle handle(MemorySegment function, FunctionDescriptor descriptor) {
        return LINKER.downcallHandle(function, descriptor);
    }

    private static FunctionDescriptor intOf(MemoryLayout... arguments) {
        return FunctionDescriptor.of(JAVA_INT, arguments);
    }

    private static AssertionError impossible(Throwable cause) {
        return new AssertionError("a native call threw", cause);
    }
}
