package io.stria.dataplane.store;

import java.util.Arrays;
import java.util.stream.LongStream;

/** Recovery: whose a page is by the journal's word, found by the page. */
final class NamedPages {
    /** Page and id of its owner, in one word each. */
    private final long[] sorted;

    NamedPages(PageIndex index) {
        LongStream.Builder named = LongStream.builder();
        for (int pageId = 0; pageId < index.highId(); pageId++) {
            if (index.isUsed(pageId) && index.has(pageId, PageIndex.NAMED)) {
                named.add((long) index.page(pageId) << 32 | pageId);
            }
        }
        sorted = named.build().sorted().toArray();
    }

    /** Id of the page's owner, or {@link PageIndex#NONE} if the journal names none. */
    int ownerOf(int page) {
        int at = Arrays.binarySearch(sorted, (long) page << 32);
        int first = at >= 0 ? at : -at - 1;
        return first < sorted.length && sorted[first] >>> 32 == page
                ? (int) sorted[first]
                : PageIndex.NONE;
    }
}
