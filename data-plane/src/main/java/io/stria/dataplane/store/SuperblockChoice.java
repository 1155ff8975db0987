package io.stria.dataplane.store;

import org.jspecify.annotations.Nullable;

/**
 * Which copy of the superblock counts, or why the device is refused.
 *
 * @param damagedCopy the copy to write again, or -1
 */
record SuperblockChoice(
        @Nullable Superblock superblock, @Nullable String refusal, int damagedCopy) {

    static SuperblockChoice of(
            Area copies, DeviceIdentity expected, int deviceBlockBytes, long deviceBytes) {
        Superblock best = null;
        int damaged = -1;
        boolean magic = false;
        for (int copy = 0; copy < Superblock.COPY_OFFSETS.length; copy++) {
            int at = copy * Superblock.BYTES;
            magic |= Superblock.hasMagic(copies, at);
            if (!Superblock.isIntact(copies, at)) {
                damaged = copy;
                continue;
            }
            int version = Superblock.formatVersion(copies, at);
            if (version < Superblock.FORMAT_VERSION_OLDEST || version > Superblock.FORMAT_VERSION) {
                return refused(
                        "the device has format version %d, and this program knows versions %d to %d"
                                .formatted(
                                        version,
                                        Superblock.FORMAT_VERSION_OLDEST,
                                        Superblock.FORMAT_VERSION));
            }
            Superblock decoded = Superblock.decode(copies, at);
            if (decoded == null) {
                return refused("the superblock of the device contradicts itself");
            }
            if (best == null || decoded.generation() > best.generation()) {
                best = decoded;
            }
        }
        if (best == null) {
            return refused(
                    magic
                            ? "both superblocks of the device are damaged"
                            : "the device is not formatted for Stria");
        }
        String mismatch = mismatch(best, expected, deviceBlockBytes, deviceBytes);
        return mismatch != null ? refused(mismatch) : new SuperblockChoice(best, null, damaged);
    }

    private static SuperblockChoice refused(String reason) {
        return new SuperblockChoice(null, reason, -1);
    }

    private static @Nullable String mismatch(
            Superblock found, DeviceIdentity expected, int deviceBlockBytes, long deviceBytes) {
        DeviceIdentity identity = found.identity();
        if (!identity.clusterId().equals(expected.clusterId())) {
            return "the device belongs to cluster %s, not to %s"
                    .formatted(identity.clusterId(), expected.clusterId());
        }
        if (!identity.deviceId().equals(expected.deviceId())) {
            return "the device is %s, not %s".formatted(identity.deviceId(), expected.deviceId());
        }
        if (identity.pageShift() != expected.pageShift()) {
            return "the device has pages of m = %d, and the cluster of m = %d"
                    .formatted(identity.pageShift(), expected.pageShift());
        }
        if (found.layout().blockBytes() % deviceBlockBytes != 0) {
            return "the device was formatted for blocks of %d bytes, and has blocks of %d"
                    .formatted(found.layout().blockBytes(), deviceBlockBytes);
        }
        if (found.layout().endOffset() > deviceBytes) {
            return "the device was formatted with %,d bytes, and has %,d"
                    .formatted(found.layout().endOffset(), deviceBytes);
        }
        return null;
    }
}
