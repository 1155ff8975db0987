package io.stria.nvmf;

import io.stria.dataplane.device.IoStatus;
import io.stria.nvme.SmartLog;
import io.stria.runtime.Counters;
import io.stria.runtime.LatencyHistogram;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * What hosts have had a volume do on this node, since it was added. Its reactor counts; any thread
 * may read.
 */
public final class IoCounters {
    /** What a host asks for; the check of data that it has already (Compare, Verify) reads. */
    public enum Kind {
        READ,
        WRITE,
        UNMAP,
        FLUSH,
        CHECK
    }

    private static final int KINDS = Kind.values().length;
    private static final int STATUSES = IoStatus.values().length;

    private final Counters ended = new Counters(STATUSES);
    private final Counters done = new Counters(KINDS);
    private final Counters bytes = new Counters(KINDS);
    private final Counters refusals = new Counters(1);
    private final LatencyHistogram[] latencies = new LatencyHistogram[KINDS];

    public IoCounters() {
        Arrays.setAll(latencies, kind -> new LatencyHistogram());
    }

    /** Commands that ended well. */
    public long done(Kind kind) {
        return done.get(kind.ordinal());
    }

    /** Data that they moved; 0 of kinds that move none. */
    public long bytes(Kind kind) {
        return bytes.get(kind.ordinal());
    }

    /** Commands that ended like this. */
    public long ended(IoStatus status) {
        return ended.get(status.ordinal());
    }

    /** From a command's capsule to its device's answer, of those that ended well. */
    public LatencyHistogram latency(Kind kind) {
        return latencies[kind.ordinal()];
    }

    public long reads() {
        return done(Kind.READ) + done(Kind.CHECK);
    }

    public long readBytes() {
        return bytes(Kind.READ) + bytes(Kind.CHECK);
    }

    public long writes() {
        return done(Kind.WRITE);
    }

    public long writeBytes() {
        return bytes(Kind.WRITE);
    }

    public long unmaps() {
        return done(Kind.UNMAP);
    }

    public long mediaErrors() {
        return ended(IoStatus.MEDIA_ERROR);
    }

    /** Commands that another path may serve. */
    public long refused() {
        return refusals.get(0);
    }

    void onRefused() {
        refusals.increment(0);
    }

    void onEnded(Kind kind, IoStatus status, long movedBytes, long elapsedNs) {
        ended.increment(status.ordinal());
        if (status == IoStatus.OK) {
            done.increment(kind.ordinal());
            bytes.add(kind.ordinal(), movedBytes);
            latency(kind).record(elapsedNs);
        } else if (status == IoStatus.NOT_SERVING || status == IoStatus.FENCED) {
            onRefused();
        }
    }

    void write(MemorySegment log, long errorEntries) {
        SmartLog.write(
                log, 0, reads(), readBytes(), writes(), writeBytes(), mediaErrors(), errorEntries);
    }
}
