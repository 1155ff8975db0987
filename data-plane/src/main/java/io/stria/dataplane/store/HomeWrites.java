package io.stria.dataplane.store;

import io.stria.dataplane.device.FragmentFormat;
import io.stria.dataplane.device.FragmentRequest;
import io.stria.runtime.BlockFile;

/**
 * Writes that bypass the journal: runs of whole device blocks whose fragments hold nothing go to
 * their home directly; records without data make them live once they are durable there. As long as
 * such a write is under way, its page is not merged. What chunks that move are filled with goes the
 * same way.
 */
final class HomeWrites {
    private final BlockFile file;
    private final Layout layout;
    private final Pages pages;
    private final HeaderCache headers;
    private final MergeRule rule;
    private final ReadBuffers buffers;
    private final StoreCounters counters;
    private final int bytesMin;
    private StoreOp[] ops = new StoreOp[16];
    private long[] serials = new long[16];
    private int count;

    HomeWrites(
            BlockFile file,
            Layout layout,
            Pages pages,
            HeaderCache headers,
            ReadBuffers buffers,
            StoreCounters counters,
            int bytesMin) {
        this.file = file;
        this.layout = layout;
        this.pages = pages;
        this.headers = headers;
        this.rule = new MergeRule(pages.entries, headers);
        this.buffers = buffers;
        this.counters = counters;
        this.bytesMin = bytesMin;
    }

    boolean isActiveOn(int pageId) {
        for (int i = count - 1; i >= 0; i--) {
            if (!isActive(i)) {
                ops[i] = ops[--count];
                serials[i] = serials[count];
            } else if (ops[i].pageId == pageId) {
                return true;
            }
        }
        return false;
    }

    private boolean isActive(int i) {
        return ops[i].serial == serials[i]
                && (ops[i].state == StoreOp.State.WRITING_HOME
                        || ops[i].state == StoreOp.State.HOME_DURABLE
                        || ops[i].state == StoreOp.State.STAGED);
    }

    /** Long enough, and made of whole device blocks. */
    boolean mayBypass(StoreOp op) {
        int bytes = op.count << op.fragmentShift;
        return bytes >= bytesMin
                && (op.first << op.fragmentShift) % layout.blockBytes() == 0
                && bytes % layout.blockBytes() == 0;
    }

    /** With the header at hand: nothing is stored there, and nothing else is on its way. */
    boolean isVoid(StoreOp op) {
        for (int i = 0; i < op.count; i++) {
            int fragment = op.first + i;
            if (pages.entries.first(op.pageId, fragment) != JournalEntries.NONE
                    || !rule.isHomeVoid(op.slot, fragment, op.vuid.durable)) {
                return false;
            }
        }
        return !overlapsActive(op);
    }

    /**
     * The same for fragments that replace whatever there is: no header may say anything of them, so
     * that nothing is newer than what replaces it.
     */
    boolean isBlank(StoreOp op) {
        for (int i = 0; i < op.count; i++) {
            if (headers.version(op.slot, op.first + i) != 0) {
                return false;
            }
        }
        return isVoid(op);
    }

    /** A REPLACE of nothing but data that is whole. */
    static boolean isAllData(StoreOp op) {
        FragmentRequest request = op.request;
        int bytes = 1 << op.fragmentShift;
        for (int i = 0; i < op.count; i++) {
            long metadata = request.bufferOffset + (long) i * FragmentFormat.stride(bytes) + bytes;
            if (FragmentFormat.flags(request.buffer, metadata) != 0
                    || FragmentFormat.version(request.buffer, metadata) == 0) {
                return false;
            }
        }
        return true;
    }

    private boolean overlapsActive(StoreOp op) {
        for (int i = 0; i < count; i++) {
            if (isActive(i)
                    && ops[i].pageId == op.pageId
                    && ops[i].first < op.first + op.count
                    && op.first < ops[i].first + ops[i].count) {
                return true;
            }
        }
        return false;
    }

    boolean takeBuffer(StoreOp op) {
        op.buffer = buffers.takeForWrite();
        return op.buffer != ReadBuffers.NONE;
    }

    /** Copies the data and checks it; false if a checksum does not match. */
    boolean fill(StoreOp op) {
        FragmentRequest request = op.request;
        int bytes = 1 << op.fragmentShift;
        int stride = FragmentFormat.stride(bytes);
        Area area = buffers.area(op.buffer);
        int offset = buffers.offset(op.buffer);
        for (int i = 0; i < op.count; i++) {
            long source = request.bufferOffset + (long) i * stride;
            area.copyFrom(request.buffer, source, offset, bytes);
            if (area.crc(offset, bytes) != FragmentFormat.crc(request.buffer, source + bytes)) {
                return false;
            }
            offset += bytes;
        }
        return true;
    }

    void start(StoreOp op) {
        op.state = StoreOp.State.WRITING_HOME;
        if (count == ops.length) {
            ops = java.util.Arrays.copyOf(ops, count * 2);
            serials = java.util.Arrays.copyOf(serials, count * 2);
        }
        ops[count] = op;
        serials[count++] = op.serial;
        int bytes = op.count << op.fragmentShift;
        counters.homeBytesWritten += bytes;
        counters.bypassedBytes += bytes;
        op.spanBytes = bytes;
        op.iosInFlight++;
        file.write(
                layout.dataOffset(pages.index.page(op.pageId))
                        + ((long) op.first << op.fragmentShift),
                buffers.area(op.buffer).segment(),
                buffers.offset(op.buffer),
                bytes,
                true,
                op,
                0);
    }
}
