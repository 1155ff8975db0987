package io.stria.runtime.sim;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a device, in pages of 4 KiB that exist only where something was written. A page is
 * never changed, only replaced: copies of an image and old versions in a cache share pages for
 * free. Null stands for a page of zeros.
 */
final class SparseImage {
    static final int PAGE_BYTES = 4096;
    private static final int EXTENT_PAGES = 256;

    /** Pages that lie side by side; elements are null for zeros. */
    private record Extent(byte[][] pages) {
        Extent copy() {
            return new Extent(pages.clone());
        }
    }

    private @Nullable Extent[] extents = new Extent[16];

    SparseImage copy() {
        SparseImage copy = new SparseImage();
        copy.extents = extents.clone();
        for (int i = 0; i < extents.length; i++) {
            Extent extent = extents[i];
            copy.extents[i] = extent == null ? null : extent.copy();
        }
        return copy;
    }

    byte @Nullable [] page(long index) {
        int number = extentOf(index);
        Extent extent = number < extents.length ? extents[number] : null;
        return extent == null ? null : extent.pages[(int) (index % EXTENT_PAGES)];
    }

    void put(long index, byte @Nullable [] page) {
        int number = extentOf(index);
        if (number >= extents.length) {
            extents = Arrays.copyOf(extents, Math.max(number + 1, 2 * extents.length));
        }
        Extent extent = extents[number];
        if (extent == null) {
            extent = new Extent(new byte[EXTENT_PAGES][]);
            extents[number] = extent;
        }
        extent.pages[(int) (index % EXTENT_PAGES)] = page;
    }

    /** The first page at or after this one that is not zeros, or -1. */
    long nextUsed(long from) {
        long index = from;
        while (extentOf(index) < extents.length) {
            if (extents[extentOf(index)] == null) {
                index = (index / EXTENT_PAGES + 1) * EXTENT_PAGES;
            } else if (page(index) == null) {
                index++;
            } else {
                return index;
            }
        }
        return -1;
    }

    long usedPages() {
        long count = 0;
        for (long page = nextUsed(0); page >= 0; page = nextUsed(page + 1)) {
            count++;
        }
        return count;
    }

    private static int extentOf(long index) {
        return Math.toIntExact(index / EXTENT_PAGES);
    }

    /** A new page: {@code base}, with the blocks of the mask taken from {@code blocks}. */
    static byte[] merge(
            byte @Nullable [] base, byte @Nullable [] blocks, int mask, int blockBytes) {
        byte[] result = base == null ? new byte[PAGE_BYTES] : base.clone();
        for (int rest = mask; rest != 0; rest &= rest - 1) {
            int offset = Integer.numberOfTrailingZeros(rest) * blockBytes;
            if (blocks == null) {
                Arrays.fill(result, offset, offset + blockBytes, (byte) 0);
            } else {
                System.arraycopy(blocks, offset, result, offset, blockBytes);
            }
        }
        return result;
    }
}
