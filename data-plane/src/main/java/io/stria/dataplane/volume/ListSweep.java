package io.stria.dataplane.volume;

import io.stria.dataplane.device.FragmentFormat;
import io.stria.dataplane.device.FragmentOp;
import io.stria.dataplane.device.FragmentRequest;
import io.stria.dataplane.device.IoStatus;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * Lists a volume on several stores at once, from its first block to its last, one stretch of blocks
 * at a time: those that every one of the stores has listed to their end. What a store says is not
 * trusted: entries that are not of its own chunks are passed over, and one that does not go forward
 * has failed.
 */
final class ListSweep {
    /** Hears of each stretch; the sweep is over after a failure. */
    interface Listener {
        void onListed();

        void onListFailed();
    }

    /** Is shown every version in the present stretch. */
    interface Visitor {
        void visit(StoreLink source, long block, long version, int flags);
    }

    private final VolumeOwner owner;
    private final StripeLayout layout;
    private final Listener listener;
    private final List<Lister> listers = new ArrayList<>();
    private final int[] slots;
    private long startBlock;
    private long endBlock;
    private int listing;
    private boolean failed;
    private boolean stopped;

    ListSweep(VolumeOwner owner, Listener listener) {
        this.owner = owner;
        this.layout = owner.layout();
        this.listener = listener;
        this.slots = new int[layout.fragments()];
    }

    /** The store is asked for its versions above the given one. */
    void add(StoreLink source, long above) {
        listers.add(new Lister(source, above));
    }

    /** Nothing is left behind the present stretch. */
    boolean isComplete() {
        return endBlock == owner.sizeBlocks();
    }

    /** Asks for the next stretch. */
    void next() {
        startBlock = endBlock;
        failed = false;
        listing = listers.size();
        for (Lister lister : listers) {
            lister.begin();
        }
        if (listers.isEmpty()) {
            endBlock = owner.sizeBlocks();
            listener.onListed();
        }
    }

    /** Nobody waits for what was asked; no listener hears of it any more. */
    void stop() {
        stopped = true;
    }

    /** Does not wait any longer for stores that have been lost. */
    void onLinksChanged() {
        for (Lister lister : listers) {
            lister.onLinksChanged();
        }
    }

    void forEach(Visitor visitor) {
        for (Lister lister : listers) {
            lister.forEach(visitor);
        }
    }

    private void ended() {
        if (--listing > 0 || stopped) {
            return;
        }
        if (failed) {
            listener.onListFailed();
            return;
        }
        endBlock = owner.sizeBlocks();
        for (Lister lister : listers) {
            endBlock = Math.min(endBlock, lister.completeBlocks());
        }
        assert endBlock > startBlock;
        listener.onListed();
    }

    /** One store's answers. */
    private final class Lister implements FragmentRequest.Completion {
        private final StoreLink source;
        private final FragmentRequest request = new FragmentRequest();
        private final MemorySegment buffer = owner.newListBuffer();
        private long entries;
        private boolean more;
        private boolean asked;

        Lister(StoreLink source, long above) {
            this.source = source;
            request.op = FragmentOp.LIST;
            request.fragmentBytes = layout.fragmentBytes();
            request.version = above;
            request.buffer = buffer;
            request.bufferBytes = (int) buffer.byteSize();
            request.completion = this;
        }

        void begin() {
            if (!source.isAttached()) {
                failed = true;
                ended();
                return;
            }
            request.address =
                    layout.address(
                            layout.page(startBlock),
                            Math.max(0, ownChunk(layout.page(startBlock))),
                            layout.indexInPage(startBlock));
            asked = true;
            source.submit(request);
        }

        void onLinksChanged() {
            if (asked && !source.isAttached()) {
                asked = false;
                failed = true;
                ended();
            }
        }

        @Override
        public void complete(FragmentRequest completed, IoStatus status, long result) {
            source.answered(completed, status);
            if (!asked) {
                return; // nobody waits for it any more
            }
            asked = false;
            entries = result & ~FragmentFormat.LIST_MORE;
            more = (result & FragmentFormat.LIST_MORE) != 0;
            if (status != IoStatus.OK) {
                failed = true;
            } else if (!goesForward()) {
                failed = true;
                owner.proposeBehind(source, "it lists what it was not asked for");
            }
            ended();
        }

        private boolean goesForward() {
            if (entries * FragmentFormat.LIST_ENTRY_BYTES > buffer.byteSize()
                    || more && entries == 0) {
                return false;
            }
            long previous = request.address;
            for (long i = 0; i < entries; i++) {
                long address = address(i);
                if (address < previous || address >>> 39 != request.vuid()) {
                    return false;
                }
                previous = address;
            }
            return true;
        }

        /** Versions of blocks below this one have all been listed. */
        long completeBlocks() {
            if (!more) {
                return Long.MAX_VALUE;
            }
            long last = address(entries - 1);
            long page = layout.pageOf(last);
            int chunk = layout.chunkOf(last);
            int own = ownChunk(page);
            if (chunk == own) {
                return layout.blockOf(last) + 1;
            }
            return (chunk > own ? page + 1 : page) * layout.blocksPerPage();
        }

        void forEach(Visitor visitor) {
            long page = -1;
            int own = -1;
            for (long i = 0; i < entries; i++) {
                long address = address(i);
                long block = layout.blockOf(address);
                if (block >= endBlock) {
                    return;
                }
                if (layout.pageOf(address) != page) {
                    page = layout.pageOf(address);
                    own = ownChunk(page);
                }
                if (layout.chunkOf(address) == own && block >= startBlock) {
                    visitor.visit(
                            source,
                            block,
                            FragmentFormat.listVersion(buffer, entry(i)),
                            FragmentFormat.listFlags(buffer, entry(i)));
                }
            }
        }

        /** The chunk of the page that is placed on this store, or -1. */
        private int ownChunk(long page) {
            owner.locatePage(page, slots);
            for (int chunk = 0; chunk < slots.length; chunk++) {
                if (slots[chunk] == source.slot) {
                    return chunk;
                }
            }
            return -1;
        }

        private long address(long i) {
            return FragmentFormat.listAddress(buffer, entry(i));
        }

        private static long entry(long i) {
            return i * FragmentFormat.LIST_ENTRY_BYTES;
        }
    }
}
