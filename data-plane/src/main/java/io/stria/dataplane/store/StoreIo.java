package io.stria.dataplane.store;

import io.stria.dataplane.device.FragmentOp;
import io.stria.dataplane.device.FragmentRequest;
import io.stria.dataplane.device.IoStatus;
import io.stria.runtime.Counters;
import io.stria.runtime.LatencyHistogram;

/** What owners have had a store do since it was opened. Its reactor counts; any thread may read. */
public final class StoreIo {
    private static final int OPS = FragmentOp.values().length;

    private final Counters done = new Counters(OPS);
    private final Counters failed = new Counters(OPS);
    private final Counters bytes = new Counters(OPS);
    private final LatencyHistogram reads = new LatencyHistogram();
    private final LatencyHistogram writes = new LatencyHistogram();

    /** Commands that ended well. */
    public long done(FragmentOp op) {
        return done.get(op.ordinal());
    }

    /** Commands that ended with anything else. */
    public long failed(FragmentOp op) {
        return failed.get(op.ordinal());
    }

    /** Data of fragments that were read or written, without their metadata. */
    public long bytes(FragmentOp op) {
        return bytes.get(op.ordinal());
    }

    /** From submit to answer. */
    public LatencyHistogram reads() {
        return reads;
    }

    /** From submit to answer, when the data is durable. */
    public LatencyHistogram writes() {
        return writes;
    }

    void onAnswered(FragmentRequest request, IoStatus status, long elapsedNs) {
        FragmentOp op = request.op;
        if (status != IoStatus.OK) {
            failed.increment(op.ordinal());
            return;
        }
        done.increment(op.ordinal());
        switch (op) {
            case READ, READ_AT -> {
                bytes.add(op.ordinal(), (long) request.count * request.fragmentBytes);
                reads.record(elapsedNs);
            }
            case WRITE, REPLACE -> {
                bytes.add(op.ordinal(), (long) request.count * request.fragmentBytes);
                writes.record(elapsedNs);
            }
            default -> {}
        }
    }
}
