package io.stria.nvmf;

import io.stria.dataplane.device.BlockDevice;
import io.stria.dataplane.device.IoOp;
import io.stria.dataplane.device.IoRequest;
import io.stria.dataplane.device.IoStatus;
import io.stria.runtime.Timers;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/** Blocks in memory. Requests end after a while, in order; or when they are let go. */
final class MemoryDevice implements BlockDevice {
    private static final long LATENCY_NS = 20_000;

    private final Timers timers;
    private final MemorySegment memory;
    private final long blocks;
    private final ArrayDeque<IoRequest> held = new ArrayDeque<>();
    final List<String> log = new ArrayList<>();
    private LongSupplier latencyNs = () -> LATENCY_NS;
    private Consumer<IoRequest> onEffect = request -> {};
    private IoStatus answer = IoStatus.OK;
    private boolean holding;

    MemoryDevice(Timers timers, long blocks) {
        this.timers = timers;
        this.blocks = blocks;
        this.memory = MemorySegment.ofArray(new byte[Math.toIntExact(blocks * BLOCK_BYTES)]);
    }

    @Override
    public long blocks() {
        return blocks;
    }

    /** How long each request takes, from now on. */
    void latency(LongSupplier ns) {
        latencyNs = ns;
    }

    /** Sees each request at the moment when it takes effect. */
    void onEffect(Consumer<IoRequest> observer) {
        onEffect = observer;
    }

    /** From now on every request ends like this. */
    void answer(IoStatus status) {
        answer = status;
    }

    /** Requests stay in the device from now on. */
    void hold() {
        holding = true;
    }

    /** What follows goes, and what is held stays. */
    void holdNoMore() {
        holding = false;
    }

    /** Lets all of them go, and those that follow. */
    void letGo() {
        holding = false;
        while (!held.isEmpty()) {
            finishSoon(held.remove());
        }
    }

    /** Those that are held, oldest first. */
    IoRequest held(int index) {
        return List.copyOf(held).get(index);
    }

    int heldCount() {
        return held.size();
    }

    byte[] block(long block) {
        return memory.asSlice(block * BLOCK_BYTES, BLOCK_BYTES).toArray(ValueLayout.JAVA_BYTE);
    }

    @Override
    public void submit(IoRequest request) {
        String trimmed =
                request.headBytes() + request.tailBytes() == 0
                        ? ""
                        : " less %d, %d".formatted(request.headBytes(), request.tailBytes());
        log.add("%s %d+%d%s".formatted(request.op(), request.block(), request.blocks(), trimmed));
        if (holding) {
            held.add(request);
        } else {
            finishSoon(request);
        }
    }

    private void finishSoon(IoRequest request) {
        timers.schedule(latencyNs.getAsLong(), () -> finish(request));
    }

    private void finish(IoRequest request) {
        boolean inside =
                request.op() == IoOp.FLUSH
                        || (request.block() >= 0 && request.block() + request.blocks() <= blocks);
        if (!inside) {
            request.complete(IoStatus.OUT_OF_RANGE);
            return;
        }
        if (answer == IoStatus.OK) {
            onEffect.accept(request);
            move(request);
        }
        request.complete(answer);
    }

    private void move(IoRequest request) {
        long from = request.block() * BLOCK_BYTES + request.headBytes();
        long bytes =
                (long) request.blocks() * BLOCK_BYTES - request.headBytes() - request.tailBytes();
        switch (request.op()) {
            case READ ->
                    MemorySegment.copy(
                            memory, from, request.buffer(), request.bufferOffset(), bytes);
            case WRITE ->
                    MemorySegment.copy(
                            request.buffer(), request.bufferOffset(), memory, from, bytes);
            case UNMAP -> memory.asSlice(from, bytes).fill((byte) 0);
            case FLUSH -> {}
        }
    }
}
