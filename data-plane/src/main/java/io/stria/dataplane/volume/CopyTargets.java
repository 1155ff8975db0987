package io.stria.dataplane.volume;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * The stores that get the chunks of one window of pages, each with the association over which it is
 * listed and filled. One that attaches anew may have come back without what it was given, or with
 * what it had before: nobody looks for that where the map does not have the page (rules 9 and 11 of
 * docs/correctness.md). On the owner's thread.
 */
final class CopyTargets {
    private final VolumeOwner owner;
    private final Map<StoreLink, Long> associations = new HashMap<>();

    CopyTargets(VolumeOwner owner) {
        this.owner = owner;
    }

    /** All that pages move to, but for those slots. */
    void begin(Set<Integer> without) {
        associations.clear();
        for (StoreLink link : owner.links()) {
            if (owner.pages().placing().to().contains(link.slot)
                    && !without.contains(link.slot)
                    && link.isAttached()) {
                associations.put(link, link.association());
            }
        }
    }

    /** Each of them has what it was given. */
    boolean haveStayed() {
        for (Map.Entry<StoreLink, Long> target : associations.entrySet()) {
            StoreLink link = target.getKey();
            if (!link.isAttached() || link.association() != target.getValue()) {
                return false;
            }
        }
        return true;
    }

    /** These pages have moved to them. */
    void moved(PageRange pages) {
        associations.forEach((link, over) -> link.movedHere(pages, over));
    }
}
