package io.stria.dataplane.volume;

import io.stria.clustermap.Scheme;
import io.stria.dataplane.device.DeviceAddress;

/**
 * Arithmetic of one volume's stripes. A page holds {@code blocksPerPage} consecutive blocks; chunk
 * j of page g is all fragments j of those blocks, one after the other, at LPA {@code g * (n + 2) +
 * j}.
 *
 * @param vuid the volume's address space
 * @param scheme n+2
 * @param pageShift m: a chunk is 2^m units of 512 bytes
 */
record StripeLayout(int vuid, Scheme scheme, int pageShift) {
    static final int SECTOR_BYTES = 512;

    int fragments() {
        return scheme.fragments();
    }

    int dataFragments() {
        return scheme.dataFragments();
    }

    int fragmentBytes() {
        return scheme.fragmentBytes();
    }

    int blocksPerPage() {
        return (SECTOR_BYTES << pageShift) / fragmentBytes();
    }

    long page(long block) {
        return block / blocksPerPage();
    }

    int indexInPage(long block) {
        return (int) (block % blocksPerPage());
    }

    /** Device-level address of the fragment of the block with this index in chunk j of the page. */
    long address(long page, int chunk, int index) {
        long lpa = page * fragments() + chunk;
        return DeviceAddress.of(
                vuid, (lpa << pageShift) + (long) index * (fragmentBytes() / SECTOR_BYTES));
    }

    long pageOf(long address) {
        return DeviceAddress.lpa(address, pageShift) / fragments();
    }

    int chunkOf(long address) {
        return (int) (DeviceAddress.lpa(address, pageShift) % fragments());
    }

    /** The block that owns the fragment at the address. */
    long blockOf(long address) {
        long inChunk = DeviceAddress.vlba(address) & ((1L << pageShift) - 1);
        return pageOf(address) * blocksPerPage() + inChunk / (fragmentBytes() / SECTOR_BYTES);
    }
}
