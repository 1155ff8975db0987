package io.stria.dataplane.volume;

import io.stria.dataplane.device.BlockDevice;
import io.stria.dataplane.device.FragmentFormat;
import io.stria.dataplane.device.FragmentRequest;
import io.stria.dataplane.device.Version;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/**
 * The fragments that came for one read of a {@link StripeReader}, and what they say of each block.
 * A block is taken from n fragments of one version, and that version is the newest that any
 * fragment showed; it never goes to an older one on its own.
 */
final class StripeFindings {
    /** What was found out about one block. */
    enum Verdict {
        DATA,
        /** Never written, or unmapped. */
        EMPTY,
        /** Fewer than n good fragments of the newest version, and some locations did not answer. */
        TOO_FEW_ANSWERS,
        /**
         * All n+2 locations answered, and still no version has n good fragments that is the newest.
         */
        LOST
    }

    private final StripeLayout layout;
    private final StripeCodec codec;
    private final FragmentRequest[] requests;
    private final MemorySegment buffer;
    private final ByteBuffer view;
    private final Verdict[] verdicts = new Verdict[StripeOp.BLOCKS_MAX];
    private final long[] versions = new long[StripeOp.BLOCKS_MAX];
    private final int[] goods = new int[StripeOp.BLOCKS_MAX];
    private final int[] suspects = new int[StripeOp.BLOCKS_MAX];
    private final int[] told = new int[StripeOp.BLOCKS_MAX];
    private MemorySegment target = MemorySegment.NULL;
    private long targetOffset;
    private boolean discarded;

    // Chunks as bits, see judge.
    private int answered;
    private int voters;
    private int needed;

    /**
     * @param requests by chunk, which say what stores have put into the target themselves
     */
    StripeFindings(StripeLayout layout, StripeCodec codec, FragmentRequest[] requests) {
        this.layout = layout;
        this.codec = codec;
        this.requests = requests;
        this.buffer = codec.newBuffer();
        this.view = buffer.asByteBuffer();
    }

    /** Another read begins, whose blocks go to the target. */
    void begin(MemorySegment to, long toOffset) {
        target = to;
        targetOffset = toOffset;
        discarded = false;
        for (FragmentRequest request : requests) {
            request.directDone = 0;
        }
    }

    /**
     * Says where the chunk's fragments go to.
     *
     * @param direct data fragments may go to the target straight away
     */
    void receive(int chunk, int blocks, boolean direct) {
        FragmentRequest request = requests[chunk];
        request.buffer = buffer;
        request.bufferOffset = codec.offset(chunk, 0);
        request.bufferBytes = blocks * FragmentFormat.stride(layout.fragmentBytes());
        boolean straight = direct && !discarded && chunk < layout.dataFragments();
        request.direct = straight ? target : MemorySegment.NULL;
        request.directOffset = targetOffset + (long) chunk * layout.fragmentBytes();
        request.directStride = BlockDevice.BLOCK_BYTES;
        request.directDone = 0;
    }

    /** The target is no longer to be touched. */
    void discardTarget(int blocks) {
        discarded = true;
        for (int j = 0; j < layout.dataFragments(); j++) {
            requests[j].direct = MemorySegment.NULL;
            for (int i = 0; i < blocks; i++) {
                takeBack(j, i);
            }
        }
    }

    boolean isDiscarded() {
        return discarded;
    }

    /** A fragment that lies in the target is put where all others are. */
    private void takeBack(int chunk, int i) {
        FragmentRequest request = requests[chunk];
        if ((request.directDone & 1 << i) != 0) {
            request.directDone &= ~(1 << i);
            long place = request.directOffset + (long) i * request.directStride;
            int bytes = layout.fragmentBytes();
            MemorySegment.copy(target, place, buffer, codec.offset(chunk, i), bytes);
        }
    }

    Verdict verdict(int i) {
        return verdicts[i];
    }

    /** Version of a block with verdict DATA or EMPTY; of any other, the newest that was seen. */
    long version(int i) {
        return versions[i];
    }

    /** Chunks (as bits) whose fragment of the block was corrupt or older than the rest. */
    int suspects(int i) {
        return suspects[i];
    }

    /** Chunks (as bits) whose store says itself that its fragment of the block is bad. */
    int toldBad(int i) {
        return told[i];
    }

    /** How many locations showed a whole fragment, or none, of the block. */
    int good(int i) {
        return goods[i];
    }

    /** Whether that location itself has the newest version of the block, whole. */
    boolean isCurrent(int chunk, int i) {
        return (answered & ~suspects[i] & 1 << chunk) != 0;
    }

    /** Checksum that came with the fragment. */
    int crc(int chunk, int i) {
        return FragmentFormat.crc(buffer, codec.metadataOffset(chunk, i));
    }

    /** The fragment of the i-th block as that location gave it, with its metadata. */
    void copyFragment(int chunk, int i, MemorySegment to, long toOffset) {
        MemorySegment.copy(
                buffer,
                codec.offset(chunk, i),
                to,
                toOffset,
                FragmentFormat.stride(layout.fragmentBytes()));
    }

    /**
     * Looks at what has come.
     *
     * @param chunksAnswered as bits
     * @param chunksVoting as bits: their location is in sync, so they say which version is the
     *     newest
     * @param chunksNeeded as bits: while one of them has not answered nothing counts as lost
     * @param thorough every fragment is looked at, also when the data fragments are enough
     * @return whether every block has data, or was unmapped: there is no need to ask for more
     */
    boolean judge(
            int blocks, int chunksAnswered, int chunksVoting, int chunksNeeded, boolean thorough) {
        answered = chunksAnswered;
        voters = chunksVoting;
        needed = chunksNeeded;
        boolean all = true;
        for (int i = 0; i < blocks; i++) {
            if (thorough || !judgeDataFragments(i)) {
                for (int j = 0; j < layout.dataFragments(); j++) {
                    takeBack(j, i);
                }
                judgeAnyFragments(i);
                all &=
                        verdicts[i] == Verdict.DATA
                                || (verdicts[i] == Verdict.EMPTY && versions[i] != Version.NONE);
            }
        }
        return all;
    }

    /**
     * Chunks, as bits, of those that have answered, whose locations know which version they have of
     * each of the blocks. Of a header that cannot be read nothing is left, not even that.
     */
    int telling(int blocks, int chunksAnswered) {
        int telling = chunksAnswered;
        for (int left = chunksAnswered; left != 0; left &= left - 1) {
            int chunk = Integer.numberOfTrailingZeros(left);
            for (int i = 0; i < blocks; i++) {
                long metadata = codec.metadataOffset(chunk, i);
                if ((FragmentFormat.flags(buffer, metadata) & FragmentFormat.BAD) != 0
                        && FragmentFormat.version(buffer, metadata) == Version.NONE) {
                    telling &= ~(1 << chunk);
                }
            }
        }
        return telling;
    }

    /** The common case: all data fragments are there, whole, and of one version. */
    private boolean judgeDataFragments(int i) {
        long version = FragmentFormat.version(buffer, codec.metadataOffset(0, i));
        for (int j = 0; j < layout.dataFragments(); j++) {
            long metadata = codec.metadataOffset(j, i);
            if ((answered & 1 << j) == 0
                    || (voters & 1 << j) == 0
                    || FragmentFormat.flags(buffer, metadata) != 0
                    || FragmentFormat.version(buffer, metadata) != version
                    || !(isInPlace(j, i) || codec.isWhole(buffer, view, j, i))) {
                return false;
            }
        }
        // When more was asked for than the data fragments, the rest must not show anything newer.
        for (int j = layout.dataFragments(); j < layout.fragments(); j++) {
            if ((answered & 1 << j) != 0
                    && FragmentFormat.version(buffer, codec.metadataOffset(j, i)) != version) {
                return false;
            }
        }
        verdicts[i] = Verdict.DATA;
        versions[i] = version;
        suspects[i] = 0;
        told[i] = 0;
        goods[i] = layout.dataFragments();
        if (!discarded) {
            join(i);
        }
        return true;
    }

    /** Its store has checked it and put it into the target. */
    private boolean isInPlace(int chunk, int i) {
        return (requests[chunk].directDone & 1 << i) != 0;
    }

    /** Puts the block together from its n data fragments, as far as they are not there yet. */
    private void join(int i) {
        for (int j = 0; j < layout.dataFragments(); j++) {
            if (!isInPlace(j, i)) {
                long to = targetOffset + (long) i * BlockDevice.BLOCK_BYTES;
                codec.join(buffer, j, i, target, to);
            }
        }
    }

    private void judgeAnyFragments(int i) {
        int good = 0;
        int bad = 0;
        long newest = Version.NONE;
        for (int j = 0; j < layout.fragments(); j++) {
            if ((answered & 1 << j) == 0) {
                continue;
            }
            long metadata = codec.metadataOffset(j, i);
            int flags = FragmentFormat.flags(buffer, metadata);
            boolean empty = (flags & (FragmentFormat.ABSENT | FragmentFormat.TOMBSTONE)) != 0;
            if ((flags & FragmentFormat.BAD) != 0) {
                bad |= 1 << j;
            } else if (empty || codec.isWhole(buffer, view, j, i)) {
                good |= 1 << j;
            }
            // What is bad still tells which version was there.
            long version = FragmentFormat.version(buffer, metadata);
            if ((voters & 1 << j) != 0 && Version.isNewer(version, newest)) {
                newest = version;
            }
        }
        told[i] = bad;
        settle(i, good & ~uselessOfBehind(i, newest), newest);
    }

    /** Of locations that are behind, only the newest version counts, data or tombstone. */
    private int uselessOfBehind(int i, long newest) {
        int useless = 0;
        for (int j = 0; j < layout.fragments(); j++) {
            long metadata = codec.metadataOffset(j, i);
            int known = FragmentFormat.flags(buffer, metadata) & ~FragmentFormat.TOMBSTONE;
            if ((voters & 1 << j) == 0
                    && (known != 0
                            || newest == Version.NONE
                            || FragmentFormat.version(buffer, metadata) != newest)) {
                useless |= 1 << j;
            }
        }
        return useless;
    }

    private void settle(int i, int good, long newest) {
        int data = 0;
        int empty = 0;
        boolean newestIsEmpty = newest == Version.NONE;
        for (int j = 0; j < layout.fragments(); j++) {
            if ((good & 1 << j) == 0) {
                continue;
            }
            long metadata = codec.metadataOffset(j, i);
            boolean isEmpty =
                    (FragmentFormat.flags(buffer, metadata)
                                    & (FragmentFormat.ABSENT | FragmentFormat.TOMBSTONE))
                            != 0;
            if (isEmpty) {
                empty |= 1 << j;
                newestIsEmpty |= FragmentFormat.version(buffer, metadata) == newest;
            } else if (FragmentFormat.version(buffer, metadata) == newest) {
                data |= 1 << j;
            }
        }
        versions[i] = newest;
        goods[i] = Integer.bitCount(good);
        int agreeing = newestIsEmpty ? empty : data;
        suspects[i] = answered & ~agreeing;
        if (Integer.bitCount(agreeing) < layout.dataFragments()) {
            verdicts[i] = (needed & ~answered) == 0 ? Verdict.LOST : Verdict.TOO_FEW_ANSWERS;
            return;
        }
        verdicts[i] = newestIsEmpty ? Verdict.EMPTY : Verdict.DATA;
        if (discarded) {
            return;
        }
        long to = targetOffset + (long) i * BlockDevice.BLOCK_BYTES;
        if (newestIsEmpty) {
            target.asSlice(to, BlockDevice.BLOCK_BYTES).fill((byte) 0);
        } else {
            codec.reconstruct(buffer, i, agreeing, target, to);
        }
    }
}
