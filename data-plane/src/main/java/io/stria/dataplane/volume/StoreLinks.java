package io.stria.dataplane.volume;

import io.stria.clustermap.VolumeEntry;
import io.stria.dataplane.device.Version;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;

/**
 * The stores of one owner's slots, by slot: which of them the map uses, and whether all are there,
 * in sync, compared and well. Proposes as behind those that writes wait for in vain. On the owner's
 * thread.
 */
final class StoreLinks implements Iterable<StoreLink> {
    /** One command may take so many times as long as a store may be silent. */
    private static final int COMMAND_PATIENCE = 2;

    /**
     * After so many times as long as a store may be silent its node would count as down, if it were
     * that: whoever is not reached still is there, and others may reach it.
     */
    private static final int WAY_PATIENCE = 4;

    private final VolumeOwner owner;
    private final OwnerProposals proposals;
    private final long silentStoreNs;
    private final List<StoreLink> links = new ArrayList<>();
    private SlotStores stores;
    private boolean noneBehind;
    private boolean noneForgetful = true;
    private boolean trustedAtLastChange;

    /** When the owner was last seen without its lease, or began. */
    private long leaselessNs;

    /** Somebody has yet to be told, see {@link #takeChange}. */
    private boolean changed;

    StoreLinks(VolumeOwner owner, SlotStores stores, OwnerProposals proposals, long silentStoreNs) {
        this.owner = owner;
        this.stores = stores;
        this.proposals = proposals;
        this.silentStoreNs = silentStoreNs;
        this.leaselessNs = owner.nowNs();
    }

    StoreLink get(int slot) {
        return links.get(slot);
    }

    /** Slots of the newest map. */
    int size() {
        return links.size();
    }

    @Override
    public Iterator<StoreLink> iterator() {
        return links.iterator();
    }

    Stream<StoreLink> stream() {
        return links.stream();
    }

    /** Follows the map: which slots there are, which are used, and which are behind. */
    void onMap(VolumeEntry volume, SlotStores newer) {
        for (int slot = links.size(); slot < newer.slots(); slot++) {
            links.add(new StoreLink(slot, newer.store(slot), owner, owner.nowNs()));
        }
        noneBehind = volume.behind().isEmpty();
        stores = newer;
        followUse();
        for (StoreLink link : links) {
            Long mark = volume.behind().get(link.slot);
            if (link.mark(mark == null ? StoreLink.NO_MARK : mark, owner.nowNs())) {
                changed();
            }
        }
    }

    /** Slots that the map does not use any more may still be needed for a while. */
    void followUse() {
        for (StoreLink link : links) {
            if (link.use(owner.needs(link.slot) && !stores.isLost(link.slot))) {
                changed();
            }
        }
    }

    /** Whether there may still be something to ask of the slot's device. */
    boolean uses(int slot) {
        return slot < links.size() && links.get(slot).isUsed();
    }

    /** The device is lost for good: whatever it held has to be rebuilt. */
    boolean isLost(int slot) {
        return stores.isLost(slot);
    }

    /** A store has come, gone, been compared, or lost something. */
    void changed() {
        changed = true;
        noneForgetful = true;
        for (int i = 0; i < links.size(); i++) {
            StoreLink link = links.get(i);
            noneForgetful &= !(link.isUsed() && link.isForgetful());
        }
        trustedAtLastChange = allTrusted();
    }

    /** What waits for stores is to look at them once more, though they are as they were. */
    void lookAgain() {
        changed = true;
    }

    boolean hasChanged() {
        return changed;
    }

    /** Whether what waits for stores has to look at them; once for each change. */
    boolean takeChange() {
        boolean was = changed;
        changed = false;
        return was;
    }

    /** The owner itself has stood still: what was not heard meanwhile is nobody's silence. */
    void forgiveSilence(long pauseNs, long nowNs) {
        links.forEach(link -> link.forgiveSilence(pauseNs, nowNs));
    }

    /**
     * Attaches those that can be, and looks after those that do not do what they are told. An owner
     * without its lease was itself cut off, as far as it knows: what it has not heard until it has
     * it back is nobody's silence, and its connections may need as long again to go on.
     *
     * @return whether one of them is about to be something else than it is
     */
    boolean tick(long nowNs, boolean leased) {
        if (!leased) {
            leaselessNs = nowNs;
        }
        boolean busy = false;
        boolean cutOff = false;
        for (StoreLink link : links) {
            link.tick(nowNs, owner.mayCatchUp(link));
            if (link.isUsed()) {
                busy |= link.needsTicks(nowNs);
                watch(link, nowNs);
                cutOff |= isCutOff(link, nowNs);
            }
        }
        if (cutOff) {
            proposals.cutOff(nowNs);
        }
        return busy;
    }

    /**
     * No block waits for ever for a store that is silent, or hangs one command and answers others.
     */
    private void watch(StoreLink link, long nowNs) {
        long leasedNs = nowNs - leaselessNs;
        boolean stuck = Math.min(link.stuckNs(nowNs), leasedNs) > COMMAND_PATIENCE * silentStoreNs;
        if (link.mayMiss()) {
            if (stuck && link.syncing) {
                link.detach(); // it no longer gets the writes, which need not wait for it
            }
        } else if (Math.min(link.silentNs(nowNs), leasedNs) > silentStoreNs) {
            owner.proposeBehind(link, "it does not answer");
        } else if (stuck) {
            owner.proposeBehind(link, "it does not answer a command, though it does others");
        } else if (link.isFlapping(nowNs)) {
            owner.proposeBehind(link, "its connection breaks again and again");
        } else if (link.isForgetful() && !link.isBehind() && link.isAttached()) {
            owner.proposeBehind(link, "it has page headers that cannot be read");
        }
    }

    /** Writes wait for it, since no more slots may be behind, and there is no way to it. */
    private boolean isCutOff(StoreLink link, long nowNs) {
        return Math.min(link.cutOffNs(nowNs), nowNs - leaselessNs) > WAY_PATIENCE * silentStoreNs
                && !link.mayMiss()
                && owner.pages().placing().uses(link.slot);
    }

    /** The map names no slot as behind. */
    boolean noneBehind() {
        return noneBehind;
    }

    /**
     * No slot is behind, so stores may forget tombstones. Otherwise what says that a block was
     * unmapped while a slot was away must stay, for that slot to be told.
     */
    boolean allInSync() {
        return noneBehind && noneForgetful && trustedAtLastChange;
    }

    /** Whoever went away with less is to be compared again. */
    void distrustThoseThatLag(long inherited) {
        for (StoreLink link : links) {
            if (Version.isNewer(inherited, link.attachedWatermark)) {
                link.distrust();
            }
        }
    }

    /** All slots that the map lists as in sync are attached and have been compared. */
    boolean allTrusted() {
        for (int i = 0; i < links.size(); i++) {
            StoreLink link = links.get(i);
            if (link.isUsed() && !link.isBehind() && !link.isTrusted()) {
                return false;
            }
        }
        return true;
    }

    /** All slots that the map lists as in sync are there, have been compared, and are well. */
    boolean allSound() {
        for (int i = 0; i < links.size(); i++) {
            if (isUnsound(links.get(i))) {
                return false;
            }
        }
        return true;
    }

    /** The same of these alone. */
    boolean areSound(int[] slots) {
        for (int slot : slots) {
            if (isUnsound(links.get(slot))) {
                return false;
            }
        }
        return true;
    }

    private static boolean isUnsound(StoreLink link) {
        return link.isUsed() && !link.isBehind() && !link.isSound();
    }

    /**
     * All are sound but some that have been gone for long, so few that each page has a location
     * that is: two of it may be behind, and one of these is the one that is to be caught up. A
     * sound location knows of every write that has ended.
     */
    boolean enoughAreSound() {
        long nowNs = owner.nowNs();
        int gone = 0;
        for (int i = 0; i < links.size(); i++) {
            StoreLink link = links.get(i);
            if (isUnsound(link)) {
                if (!link.isGone(nowNs, nowNs - leaselessNs)) {
                    return false;
                }
                gone++;
            }
        }
        return gone < owner.layout().dataFragments();
    }

    boolean allInSyncAttached() {
        for (StoreLink link : links) {
            if (link.isUsed() && !link.isBehind() && !link.isAttached()) {
                return false;
            }
        }
        return true;
    }
}
