package io.stria.dataplane.volume;

import io.stria.dataplane.device.FragmentFormat;
import io.stria.dataplane.device.FragmentOp;
import io.stria.dataplane.device.FragmentRequest;
import io.stria.dataplane.device.IoStatus;
import io.stria.dataplane.device.Version;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Compares stores that the map lists as in sync, each time they have attached anew, before they
 * vote or are read (design rule 9). A store may have come back wiped, or rolled back to an older
 * image, and nobody has noticed. Up to its own watermark it has everything. Above that, whatever
 * any store lists and is known to be on all locations must be on this one too: at a take-over all
 * up to the highest watermark reported, later also what this owner has finished itself.
 *
 * <p>After a power cut all watermarks lag by a little and there is nothing amiss: the comparison
 * then covers the little that lies between. A store that lacks something is proposed as behind, and
 * caught up with nothing taken for granted.
 */
final class Comparison implements ListSweep.Listener, FragmentRequest.Completion {
    /** The newest version of a block that is known to be everywhere. */
    private record Owed(long version, boolean tombstone) {}

    /** The store did not list what it owes: it may have been dropped meanwhile, or never been. */
    private record Doubt(StoreLink link, long block, int chunk, Owed owed) {}

    private final VolumeOwner owner;
    private final FragmentRequest request = new FragmentRequest();
    private final MemorySegment fragment;

    /** The stores compared now, with the association each had when that began. */
    private final Map<StoreLink, Long> compared = new HashMap<>();

    private final Map<Long, Owed> owed = new TreeMap<>();
    private final Map<StoreLink, Map<Long, Long>> newest = new HashMap<>();
    private final ArrayDeque<Doubt> doubts = new ArrayDeque<>();
    private final int[] slots;
    private @Nullable ListSweep sweep;
    private @Nullable Doubt checked;

    Comparison(VolumeOwner owner) {
        this.owner = owner;
        this.slots = new int[owner.layout().fragments()];
        this.fragment =
                VolumeOwner.newListBuffer(FragmentFormat.stride(owner.layout().fragmentBytes()));
    }

    /** Begins when there is a store to compare, and all whose word counts can be asked. */
    void advance() {
        if (sweep != null || owner.allTrusted() || !owner.allInSyncAttached()) {
            return;
        }
        long above = -1L;
        compared.clear();
        for (StoreLink link : owner.links()) {
            if (link.isBehind() || link.isTrusted() || link.isConvicted()) {
                continue;
            }
            if (!Version.isNewer(owner.newestFinished(), link.attachedWatermark)) {
                link.trust();
            } else {
                compared.put(link, link.association());
                above =
                        Version.isNewer(above, link.attachedWatermark)
                                ? link.attachedWatermark
                                : above;
            }
        }
        if (!compared.isEmpty()) {
            begin(above);
        }
    }

    private void begin(long above) {
        ListSweep started = new ListSweep(owner, this);
        for (StoreLink link : owner.links()) {
            if (!link.isBehind() && !link.isConvicted()) {
                started.add(link, above);
            }
        }
        sweep = started;
        started.next();
    }

    @Override
    public void onListFailed() {
        giveUp();
    }

    /** Begins anew later, with the stores that are there then. */
    private void giveUp() {
        sweep = null;
        doubts.clear();
        owner.retryLater();
    }

    @Override
    public void onListed() {
        ListSweep listed = java.util.Objects.requireNonNull(sweep);
        owed.clear();
        newest.clear();
        for (StoreLink link : compared.keySet()) {
            newest.put(link, new HashMap<>());
        }
        listed.forEach(this::note);
        owed.forEach(this::compareBlock);
        checkNext();
    }

    private void note(StoreLink source, long block, long version, int flags) {
        if (owner.isFinished(version)) {
            Owed known = owed.get(block);
            if (known == null || Version.isNewer(version, known.version())) {
                owed.put(block, new Owed(version, (flags & FragmentFormat.TOMBSTONE) != 0));
            }
        }
        Map<Long, Long> listed = newest.get(source);
        if (listed != null) {
            listed.merge(block, version, (a, b) -> Version.isNewer(a, b) ? a : b);
        }
    }

    private void compareBlock(long block, Owed what) {
        owner.locate(block, slots);
        for (int chunk = 0; chunk < slots.length; chunk++) {
            StoreLink link = owner.link(slots[chunk]);
            Map<Long, Long> listed = newest.get(link);
            if (listed != null
                    && Version.isNewer(what.version(), listed.getOrDefault(block, Version.NONE))) {
                doubts.add(new Doubt(link, block, chunk, what));
            }
        }
    }

    /** A list is taken at no one instant, and a tombstone may have been forgotten: ask. */
    private void checkNext() {
        ListSweep listed = java.util.Objects.requireNonNull(sweep);
        if (owner.isStopped()) {
            return;
        }
        Doubt next = doubts.poll();
        while (next != null && next.link().isConvicted()) {
            next = doubts.poll();
        }
        if (next != null) {
            check(next);
        } else if (listed.isComplete()) {
            sweep = null;
            trustThoseThatStayed();
        } else {
            listed.next();
        }
    }

    private void check(Doubt doubt) {
        if (!isSameAssociation(doubt.link())) {
            giveUp();
            return;
        }
        StripeLayout layout = owner.layout();
        checked = doubt;
        request.op = FragmentOp.READ;
        request.address =
                layout.address(
                        layout.page(doubt.block()),
                        doubt.chunk(),
                        layout.indexInPage(doubt.block()));
        request.count = 1;
        request.fragmentBytes = layout.fragmentBytes();
        request.version = 0;
        request.buffer = fragment;
        request.bufferOffset = 0;
        request.bufferBytes = FragmentFormat.stride(layout.fragmentBytes());
        request.completion = this;
        doubt.link().submit(request);
    }

    @Override
    public void complete(FragmentRequest completed, IoStatus status, long result) {
        Doubt doubt = java.util.Objects.requireNonNull(checked);
        checked = null;
        doubt.link().answered(status);
        if (status != IoStatus.OK) {
            giveUp();
            return;
        }
        int metadata = owner.layout().fragmentBytes();
        int flags = FragmentFormat.flags(fragment, metadata);
        boolean empty = (flags & (FragmentFormat.ABSENT | FragmentFormat.TOMBSTONE)) != 0;
        boolean lacks =
                (flags & FragmentFormat.BAD) == 0 // reads find and repair what is corrupt
                        && Version.isNewer(
                                doubt.owed().version(), FragmentFormat.version(fragment, metadata))
                        && !(empty && doubt.owed().tombstone());
        if (lacks && isSameAssociation(doubt.link())) {
            doubt.link()
                    .convict(
                            "it lacks version "
                                    + Version.toString(doubt.owed().version())
                                    + " of block "
                                    + doubt.block()
                                    + ", which it had");
        }
        checkNext();
    }

    private boolean isSameAssociation(StoreLink link) {
        return link.isAttached() && compared.getOrDefault(link, -1L) == link.association();
    }

    private void trustThoseThatStayed() {
        for (StoreLink link : owner.links()) {
            if (compared.containsKey(link) && isSameAssociation(link) && !link.isConvicted()) {
                link.trust();
            }
        }
    }
}
