package io.stria.dataplane.device;

import io.stria.clustermap.VolumeEntry;

/** Device-level addresses: VUID (24 bits) &lt;&lt; 39 | vLBA (39 bits, in units of 512 bytes). */
public final class DeviceAddress {
    public static final int VUID_SHIFT = VolumeEntry.ADDRESS_BITS;
    public static final long VLBA_MASK = (1L << VUID_SHIFT) - 1;

    private DeviceAddress() {}

    /**
     * @throws IllegalArgumentException if it were in the address space of another volume: checked
     *     also where assertions are not
     */
    public static long of(int vuid, long vlba) {
        if ((vlba & ~VLBA_MASK) != 0 || vuid < 0 || vuid > VolumeEntry.VUID_MAX) {
            throw new IllegalArgumentException("no volume %d has a %d".formatted(vuid, vlba));
        }
        return ((long) vuid << VUID_SHIFT) | vlba;
    }

    public static int vuid(long address) {
        return (int) (address >>> VUID_SHIFT);
    }

    public static long vlba(long address) {
        return address & VLBA_MASK;
    }

    /** LPA of the chunk that holds the address, where a chunk is 2^pageShift units of 512 bytes. */
    public static long lpa(long address, int pageShift) {
        return (address & VLBA_MASK) >>> pageShift;
    }
}
