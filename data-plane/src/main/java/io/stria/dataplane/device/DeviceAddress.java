package io.stria.dataplane.device;

/** Device-level addresses: VUID (24 bits) &lt;&lt; 39 | vLBA (39 bits, in units of 512 bytes). */
public final class DeviceAddress {
    public static final int VUID_SHIFT = 39;
    public static final long VLBA_MASK = (1L << VUID_SHIFT) - 1;

    private DeviceAddress() {}

    public static long of(int vuid, long vlba) {
        assert (vlba & ~VLBA_MASK) == 0 && vuid >>> 24 == 0;
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
