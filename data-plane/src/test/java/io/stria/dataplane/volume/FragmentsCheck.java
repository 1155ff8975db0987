package io.stria.dataplane.volume;

import io.stria.clustermap.Scheme;
import io.stria.dataplane.device.BlockDevice;
import io.stria.dataplane.device.Version;
import io.stria.rdp.RdpCode;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;

/** Looks into stores whether all fragments of a block agree. */
final class FragmentsCheck {
    private final StripeLayout layout;
    private final List<MemoryStore> stores;

    /**
     * @param stores by slot
     */
    FragmentsCheck(StripeLayout layout, List<MemoryStore> stores) {
        this.layout = layout;
        this.stores = stores;
    }

    /**
     * All fragments of the block are of one version, and are those of a fresh encoding of their
     * data; or none is there.
     *
     * @param at slots of the chunks of its page
     */
    void check(long block, int[] at) {
        byte[][] found = new byte[at.length][];
        TreeSet<Long> versions = new TreeSet<>();
        for (int j = 0; j < at.length; j++) {
            long address = layout.address(layout.page(block), j, layout.indexInPage(block));
            found[j] = stores.get(at[j]).newest(address);
            versions.add(
                    found[j] == null ? Version.NONE : stores.get(at[j]).newestVersion(address));
        }
        if (versions.size() != 1) {
            throw new AssertionError(
                    "at the end block %d has fragments of %s"
                            .formatted(block, versions.stream().map(Version::toString).toList()));
        }
        if (versions.first() != Version.NONE) {
            checkParity(block, found);
        }
    }

    private void checkParity(long block, byte[][] found) {
        Scheme scheme = layout.scheme();
        int f = scheme.fragmentBytes();
        MemorySegment data = Arena.ofAuto().allocate(BlockDevice.BLOCK_BYTES, 64);
        MemorySegment parity = Arena.ofAuto().allocate(2L * f, 64);
        for (int j = 0; j < scheme.dataFragments(); j++) {
            MemorySegment.copy(found[j], 0, data, ValueLayout.JAVA_BYTE, (long) j * f, f);
        }
        RdpCode.of(scheme.dataFragments()).encode(data, 0, parity, 0, parity, f);
        for (int p = 0; p < 2; p++) {
            byte[] expected = parity.asSlice((long) p * f, f).toArray(ValueLayout.JAVA_BYTE);
            if (!Arrays.equals(expected, found[scheme.dataFragments() + p])) {
                throw new AssertionError(
                        "parity " + p + " of block " + block + " does not match its data");
            }
        }
    }
}
