package io.stria.nvmf;

import io.stria.nvme.SmartLog;
import java.lang.foreign.MemorySegment;

/** What hosts have had a volume do on this node, since it was added. Owned by its reactor. */
public final class IoCounters {
    private long reads;
    private long readBytes;
    private long writes;
    private long writeBytes;
    private long unmaps;
    private long mediaErrors;
    private long refused;

    public long reads() {
        return reads;
    }

    public long readBytes() {
        return readBytes;
    }

    public long writes() {
        return writes;
    }

    public long writeBytes() {
        return writeBytes;
    }

    public long unmaps() {
        return unmaps;
    }

    public long mediaErrors() {
        return mediaErrors;
    }

    /** Commands that another path may serve. */
    public long refused() {
        return refused;
    }

    void onRead(int bytes) {
        reads++;
        readBytes += bytes;
    }

    void onWrite(int bytes) {
        writes++;
        writeBytes += bytes;
    }

    void onUnmap() {
        unmaps++;
    }

    void onMediaError() {
        mediaErrors++;
    }

    void onRefused() {
        refused++;
    }

    void write(MemorySegment log, long errorEntries) {
        SmartLog.write(log, 0, reads, readBytes, writes, writeBytes, mediaErrors, errorEntries);
    }
}
