package io.stria.runtime.sim;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a power cut may take: for each page that was written since the last flush, the content that
 * is safe and every version since. Each device block of it survives in one of these versions, and
 * which one says nothing about the block beside it.
 */
final class WriteCache {
    /** A write of the blocks in the mask left the page with this content. */
    private record Version(long sequence, int mask, byte @Nullable [] content) {}

    private static final class CachedPage {
        byte @Nullable [] safe;
        final List<Version> versions = new ArrayList<>(2);

        CachedPage(byte @Nullable [] safe) {
            this.safe = safe;
        }
    }

    /** A page written more often than that without a flush: the device has written it meanwhile. */
    private static final int VERSIONS_MAX = 8;

    private final Map<Long, CachedPage> pages = new LinkedHashMap<>();
    private final int blockBytes;
    private final int wholePage;
    private final long versionsMax;
    private long versionCount;

    WriteCache(int blockBytes, long bytesMax) {
        this.blockBytes = blockBytes;
        this.wholePage = (1 << (SparseImage.PAGE_BYTES / blockBytes)) - 1;
        this.versionsMax = bytesMax / SparseImage.PAGE_BYTES;
    }

    int pageCount() {
        return pages.size();
    }

    void wrote(
            long index,
            int mask,
            byte @Nullable [] before,
            byte @Nullable [] after,
            long sequence) {
        CachedPage page = pages.get(index);
        if (page == null) {
            page = new CachedPage(before);
            pages.put(index, page);
        }
        page.versions.add(new Version(sequence, mask, after));
        versionCount++;
        if (page.versions.size() > VERSIONS_MAX) {
            writeOutOldest(page);
        }
        if (versionCount > versionsMax) {
            Iterator<CachedPage> oldest = pages.values().iterator();
            versionCount -= oldest.next().versions.size();
            oldest.remove();
        }
    }

    /** These blocks of the page are safe as they stand in {@code content}. */
    void settle(long index, int mask, byte @Nullable [] content) {
        CachedPage page = pages.get(index);
        if (page == null) {
            return;
        }
        page.safe = SparseImage.merge(page.safe, content, mask, blockBytes);
        page.versions.replaceAll(v -> new Version(v.sequence, v.mask & ~mask, v.content));
        int before = page.versions.size();
        page.versions.removeIf(v -> v.mask == 0);
        versionCount -= before - page.versions.size();
        if (page.versions.isEmpty()) {
            pages.remove(index);
        }
    }

    /** Every version up to this one is safe. */
    void flush(long sequence) {
        pages.values().removeIf(page -> flush(page, sequence));
    }

    private boolean flush(CachedPage page, long sequence) {
        if (page.versions.getLast().sequence <= sequence) {
            versionCount -= page.versions.size();
            return true;
        }
        while (page.versions.getFirst().sequence <= sequence) {
            writeOutOldest(page);
        }
        return false;
    }

    private void writeOutOldest(CachedPage page) {
        Version version = page.versions.removeFirst();
        versionCount--;
        page.safe =
                version.mask == wholePage
                        ? version.content
                        : SparseImage.merge(page.safe, version.content, version.mask, blockBytes);
    }

    /**
     * Leaves in the image what survives: each block falls back from its newest version to the one
     * before until one survives with the given chance; what is safe always does.
     */
    void powerCut(SparseImage image, SimulatedRandom random, double survival) {
        for (Map.Entry<Long, CachedPage> entry : pages.entrySet()) {
            byte @Nullable [] content = entry.getValue().safe;
            for (int block = 1; block <= wholePage; block <<= 1) {
                Version survivor = survivor(entry.getValue(), block, random, survival);
                if (survivor != null) {
                    content = SparseImage.merge(content, survivor.content, block, blockBytes);
                }
            }
            image.put(entry.getKey(), content);
        }
        clear();
    }

    private static @Nullable Version survivor(
            CachedPage page, int block, SimulatedRandom random, double survival) {
        for (Version version : page.versions.reversed()) {
            if ((version.mask & block) != 0 && random.chance(survival)) {
                return version;
            }
        }
        return null;
    }

    /** The medium rots: no version of this page is spared. */
    void flipBit(long index, int byteInPage, int bit) {
        CachedPage page = pages.get(index);
        if (page != null) {
            page.safe = flipped(page.safe, byteInPage, bit);
            page.versions.replaceAll(
                    v -> new Version(v.sequence, v.mask, flipped(v.content, byteInPage, bit)));
        }
    }

    static byte[] flipped(byte @Nullable [] content, int byteInPage, int bit) {
        byte[] result = content == null ? new byte[SparseImage.PAGE_BYTES] : content.clone();
        result[byteInPage] ^= (byte) (1 << bit);
        return result;
    }

    void clear() {
        pages.clear();
        versionCount = 0;
    }
}
