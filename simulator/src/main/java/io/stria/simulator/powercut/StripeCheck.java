package io.stria.simulator.powercut;

import io.stria.clustermap.Scheme;
import io.stria.dataplane.device.BlockDevice;
import io.stria.dataplane.device.DeviceAddress;
import io.stria.dataplane.device.FragmentFormat;
import io.stria.dataplane.device.FragmentOp;
import io.stria.dataplane.device.FragmentRequest;
import io.stria.dataplane.device.IoStatus;
import io.stria.dataplane.device.Version;
import io.stria.rdp.RdpCode;
import io.stria.runtime.sim.Stamps;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Promise 5, behind the owner's back: all n+2 fragments of each block are there, whole, of one
 * version and what the block's content asks for; or none is.
 */
final class StripeCheck {
    private final Machine machine;
    private final Scheme scheme;
    private final int slots;
    private final int perChunk;
    private final int stride;
    private int waiting;

    StripeCheck(Machine machine) {
        this.machine = machine;
        this.scheme = machine.volume().scheme();
        this.slots = machine.disks().size();
        this.perChunk = (512 << Machine.PAGE_SHIFT) / scheme.fragmentBytes();
        this.stride = FragmentFormat.stride(scheme.fragmentBytes());
    }

    /** Attaches at the next epoch, so the owner is fenced from now on. */
    void run(long[] stamps) {
        for (int slot = 0; slot < slots; slot++) {
            submit(slot, FragmentOp.ATTACH, 0, 0, MemorySegment.NULL);
        }
        await();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment[] chunks = new MemorySegment[scheme.fragments()];
            for (int chunk = 0; chunk < chunks.length; chunk++) {
                chunks[chunk] = arena.allocate((long) perChunk * stride, 64);
            }
            MemorySegment block = arena.allocate(BlockDevice.BLOCK_BYTES, 64);
            MemorySegment parity = arena.allocate(2L * scheme.fragmentBytes(), 64);
            int pages = (Machine.BLOCKS + perChunk - 1) / perChunk;
            for (int page = 0; page < pages; page++) {
                for (int chunk = 0; chunk < chunks.length; chunk++) {
                    long lpa = (long) page * scheme.fragments() + chunk;
                    submit(
                            (page + chunk) % slots,
                            FragmentOp.READ,
                            lpa << Machine.PAGE_SHIFT,
                            perChunk,
                            chunks[chunk]);
                }
                await();
                int end = Math.min(perChunk, Machine.BLOCKS - page * perChunk);
                for (int i = 0; i < end; i++) {
                    check(page * perChunk + i, i, stamps, chunks, block, parity);
                }
            }
        }
    }

    private void submit(int slot, FragmentOp op, long vlba, int count, MemorySegment buffer) {
        FragmentRequest request = new FragmentRequest();
        request.op = op;
        request.address = DeviceAddress.of(Machine.VUID, vlba);
        request.count = count;
        request.fragmentBytes = scheme.fragmentBytes();
        request.epoch = machine.volume().epoch() + 1;
        request.association = Long.MAX_VALUE;
        request.buffer = buffer;
        request.bufferBytes = (int) buffer.byteSize();
        request.completion =
                (completed, status, result) -> {
                    waiting--;
                    if (status != IoStatus.OK) {
                        throw new AssertionError(
                                "%s of slot %d ended with %s".formatted(op, slot, status));
                    }
                };
        waiting++;
        machine.store(slot).submit(request);
    }

    private void await() {
        machine.expect(() -> waiting == 0, () -> "answers of all stores");
    }

    private void check(
            int number,
            int i,
            long[] stamps,
            MemorySegment[] chunks,
            MemorySegment block,
            MemorySegment parity) {
        int bytes = scheme.fragmentBytes();
        boolean zeros = stamps[number] == Stamps.ZEROS;
        if (!zeros) {
            Stamps.fill(block, 0, BlockDevice.BLOCK_BYTES, number, stamps[number]);
            RdpCode.of(scheme.dataFragments()).encode(block, 0, parity, 0, parity, bytes);
        }
        long version = -1;
        for (int chunk = 0; chunk < chunks.length; chunk++) {
            long at = (long) i * stride;
            int flags = FragmentFormat.flags(chunks[chunk], at + bytes);
            boolean empty = (flags & (FragmentFormat.TOMBSTONE | FragmentFormat.ABSENT)) != 0;
            if (empty != zeros || (flags & FragmentFormat.BAD) != 0) {
                throw wrong(number, chunk, "has flags " + flags + ", stamp " + stamps[number]);
            }
            if (empty) {
                continue;
            }
            long found = FragmentFormat.version(chunks[chunk], at + bytes);
            if (version != -1 && version != found) {
                throw wrong(
                        number,
                        chunk,
                        "is of version %s and others of %s"
                                .formatted(Version.toString(found), Version.toString(version)));
            }
            version = found;
            MemorySegment expected =
                    chunk < scheme.dataFragments()
                            ? block.asSlice((long) chunk * bytes, bytes)
                            : parity.asSlice(
                                    (long) (chunk - scheme.dataFragments()) * bytes, bytes);
            if (MemorySegment.mismatch(chunks[chunk], at, at + bytes, expected, 0, bytes) != -1) {
                throw wrong(number, chunk, "is not that of its block");
            }
        }
    }

    private static AssertionError wrong(int block, int chunk, String what) {
        return new AssertionError("fragment %d of block %d %s".formatted(chunk, block, what));
    }
}
