package io.stria.dataplane.store;

import io.stria.dataplane.device.FragmentFormat;
import io.stria.dataplane.device.FragmentOp;
import io.stria.dataplane.device.FragmentRequest;
import io.stria.dataplane.device.IoStatus;
import io.stria.dataplane.device.Version;

/**
 * Makes changes records of the batch that is being filled, with their data, which must have the
 * checksums that came with it. Each method returns false if the change has to wait for room;
 * otherwise it is staged, or has ended with an error.
 */
final class Staging {
    private final Pages pages;
    private final PageIndex index;
    private final Area image;
    private final GroupCommit commit;
    private final JournalRoom room;
    private final Completions completions;
    private final StoreCounters counters;

    Staging(
            Pages pages,
            JournalRing ring,
            GroupCommit commit,
            JournalRoom room,
            Completions completions,
            StoreCounters counters) {
        this.pages = pages;
        this.index = pages.index;
        this.image = ring.image();
        this.commit = commit;
        this.room = room;
        this.completions = completions;
        this.counters = counters;
    }

    boolean write(StoreOp op) {
        int bytes = 1 << op.fragmentShift;
        int descriptor = JournalRecord.descriptorBytes(JournalRecord.WRITE, op.count);
        int at = room.find(op, descriptor + op.count * bytes);
        if (at == GroupCommit.NO_ROOM) {
            return false;
        }
        FragmentRequest request = op.request;
        int data = at + descriptor;
        for (int i = 0; i < op.count; i++) {
            long source = request.bufferOffset + (long) i * FragmentFormat.stride(bytes);
            int crc = FragmentFormat.crc(request.buffer, source + bytes);
            image.copyFrom(request.buffer, source, data, bytes);
            if (image.crc(data, bytes) != crc || contradicts(op, op.first + i, crc)) {
                return reject(op);
            }
            JournalRecord.putCrc(image, at, i, crc);
            data += bytes;
        }
        zeroArrayPadding(at, op.count);
        putHead(op, at, JournalRecord.WRITE);
        pages.reserve(op.count);
        counters.fragmentBytesAccepted += (long) op.count * bytes;
        stage(op, at);
        return true;
    }

    private boolean reject(StoreOp op) {
        counters.rejectedWrites++;
        completions.finish(op, IoStatus.INVALID, 0);
        return true;
    }

    /** The array of an odd number of CRCs leaves four bytes. */
    private void zeroArrayPadding(int at, int count) {
        if (count % 2 != 0) {
            JournalRecord.putCrc(image, at, count, 0);
        }
    }

    /** One version never stands for two contents. */
    private boolean contradicts(StoreOp op, int fragment, int crc) {
        int known = pages.entries.find(op.pageId, fragment, op.request.version);
        return known != JournalEntries.NONE
                && (!JournalRecord.hasData(pages.entries.flags(known))
                        || pages.entries.crc(known) != crc);
    }

    /** One record for each run of fragments of one version; all of them in one batch. */
    boolean home(StoreOp op) {
        int descriptors = 0;
        for (int i = 0; i < op.count; i += runOfVersion(op, i)) {
            descriptors += JournalRecord.descriptorBytes(JournalRecord.HOME, runOfVersion(op, i));
        }
        // Until its record is there its page is not merged, so it may take what copies leave.
        int at =
                room.find(
                        op,
                        descriptors,
                        op.urgent ? GroupCommit.Need.TAKE_OVER : GroupCommit.Need.COPY);
        if (at == GroupCommit.NO_ROOM) {
            return false;
        }
        counters.fragmentBytesAccepted += (long) op.count << op.fragmentShift;
        int i = 0;
        while (true) {
            int run = runOfVersion(op, i);
            putHome(op, at, i, run);
            i += run;
            if (i == op.count) {
                stage(op, at);
                return true;
            }
            commit.add(at);
            at += JournalRecord.descriptorBytes(JournalRecord.HOME, run);
        }
    }

    /** How many fragments from the i-th on have the version of that one. */
    private static int runOfVersion(StoreOp op, int i) {
        if (op.request.op == FragmentOp.WRITE) {
            return op.count;
        }
        int run = 1;
        while (i + run < op.count && versionOf(op, i + run) == versionOf(op, i)) {
            run++;
        }
        return run;
    }

    private static long metadata(StoreOp op, int i) {
        int bytes = 1 << op.fragmentShift;
        return op.request.bufferOffset + (long) i * FragmentFormat.stride(bytes) + bytes;
    }

    private static long versionOf(StoreOp op, int i) {
        return FragmentFormat.version(op.request.buffer, metadata(op, i));
    }

    private void putHome(StoreOp op, int at, int first, int count) {
        for (int i = 0; i < count; i++) {
            int crc = FragmentFormat.crc(op.request.buffer, metadata(op, first + i));
            JournalRecord.putCrc(image, at, i, crc);
        }
        zeroArrayPadding(at, count);
        putHead(op, at, JournalRecord.HOME, versionOf(op, first), op.first + first, count);
    }

    boolean unmap(StoreOp op) {
        return op.isReplacement() ? tombstonesAlone(op) : tombstones(op);
    }

    private boolean tombstonesAlone(StoreOp op) {
        int at = room.find(op, JournalRecord.descriptorBytes(JournalRecord.REPLACE, op.count));
        if (at == GroupCommit.NO_ROOM) {
            return false;
        }
        stageNoData(op, at, op.request.version, FragmentFormat.TOMBSTONE);
        return true;
    }

    private boolean tombstones(StoreOp op) {
        int at = room.find(op, JournalRecord.HEAD_BYTES);
        if (at == GroupCommit.NO_ROOM) {
            return false;
        }
        putHead(op, at, JournalRecord.UNMAP);
        pages.reserve(op.count);
        stage(op, at);
        return true;
    }

    boolean replace(StoreOp op) {
        int bytes = 1 << op.fragmentShift;
        int descriptor = JournalRecord.descriptorBytes(JournalRecord.REPLACE, op.count);
        int at = room.find(op, descriptor + op.count * bytes);
        if (at == GroupCommit.NO_ROOM) {
            return false;
        }
        FragmentRequest request = op.request;
        int data = at + descriptor;
        for (int i = 0; i < op.count; i++) {
            long source = request.bufferOffset + (long) i * FragmentFormat.stride(bytes);
            long version = FragmentFormat.version(request.buffer, source + bytes);
            int crc = FragmentFormat.crc(request.buffer, source + bytes);
            int flags = FragmentFormat.flags(request.buffer, source + bytes);
            boolean bad = flags == FragmentFormat.BAD;
            boolean valid =
                    (bad || (flags & FragmentFormat.BAD) == 0)
                            && (version != 0) == ((flags & FragmentFormat.ABSENT) == 0);
            if (valid && JournalRecord.hasData(flags)) {
                image.copyFrom(request.buffer, source, data, bytes);
                int actual = image.crc(data, bytes);
                crc = bad ? ~actual : crc; // what is known to be bad never matches again
                valid = bad || actual == crc;
                data += bytes;
            }
            if (!valid) {
                return reject(op);
            }
            JournalRecord.putReplace(
                    image,
                    at,
                    i,
                    version,
                    JournalRecord.hasData(flags) ? crc : 0,
                    flags
                            & (FragmentFormat.TOMBSTONE
                                    | FragmentFormat.ABSENT
                                    | FragmentFormat.BAD));
        }
        putHead(op, at, JournalRecord.REPLACE);
        pages.reserveReplacements(op.count);
        counters.fragmentBytesAccepted += data - at - descriptor;
        stage(op, at);
        return true;
    }

    /**
     * A REPLACE by absence, in the journal too. It takes no room that others are kept for, and does
     * not wait in their way: nobody needs at once what it frees.
     */
    boolean free(StoreOp op) {
        int bytes = JournalRecord.descriptorBytes(JournalRecord.REPLACE, op.count);
        int at = room.findAtOnce(op, bytes);
        if (at == GroupCommit.NO_ROOM) {
            completions.finish(op, IoStatus.NO_SPACE, 0);
            return true;
        }
        stageNoData(op, at, Version.NONE, FragmentFormat.ABSENT);
        return true;
    }

    /** A REPLACE of all its fragments by the same, which has no data. */
    private void stageNoData(StoreOp op, int at, long version, int flags) {
        for (int i = 0; i < op.count; i++) {
            JournalRecord.putReplace(image, at, i, version, 0, flags);
        }
        putHead(op, at, JournalRecord.REPLACE);
        pages.reserveReplacements(op.count);
        stage(op, at);
    }

    /** The oldest command of its VUID: everything before it is through. */
    boolean delete(StoreOp op) {
        int at = room.find(op, JournalRecord.HEAD_BYTES, GroupCommit.Need.COPY);
        if (at == GroupCommit.NO_ROOM) {
            return false;
        }
        op.vuid.deleting = true;
        JournalRecord.putHead(
                image, at, JournalRecord.DELETE, 0, 0, op.key, 0, PageIndex.NONE, 0, 0);
        commit.add(at, op);
        return true;
    }

    private void putHead(StoreOp op, int at, int type) {
        putHead(op, at, type, op.request.version, op.first, op.count);
    }

    private void putHead(StoreOp op, int at, int type, long version, int first, int count) {
        int page = index.page(op.pageId);
        int flags =
                page != PageIndex.NONE && index.has(op.pageId, PageIndex.UNWRITTEN)
                        ? JournalRecord.UNWRITTEN
                        : 0;
        JournalRecord.putHead(
                image, at, type, op.fragmentShift, flags, op.key, version, page, first, count);
    }

    private void stage(StoreOp op, int at) {
        if (index.page(op.pageId) != PageIndex.NONE) {
            index.set(op.pageId, PageIndex.NAMED, true);
        }
        commit.add(at, op);
    }
}
