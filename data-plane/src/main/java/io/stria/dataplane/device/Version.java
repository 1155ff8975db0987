package io.stria.dataplane.device;

/**
 * Version of a write: volume epoch (24 bits) &lt;&lt; 40 | sequence (40 bits), in a long that is
 * compared unsigned. 0 is the version of what was never written.
 */
public final class Version {
    public static final long NONE = 0;
    public static final int SEQUENCE_BITS = 40;
    public static final long MAX_SEQUENCE = (1L << SEQUENCE_BITS) - 1;

    private Version() {}

    public static long of(int epoch, long sequence) {
        assert epoch >>> 24 == 0 && sequence >>> SEQUENCE_BITS == 0;
        return ((long) epoch << SEQUENCE_BITS) | sequence;
    }

    public static int epoch(long version) {
        return (int) (version >>> SEQUENCE_BITS);
    }

    public static long sequence(long version) {
        return version & MAX_SEQUENCE;
    }

    public static boolean isNewer(long version, long than) {
        return Long.compareUnsigned(version, than) > 0;
    }

    public static String toString(long version) {
        return epoch(version) + "." + sequence(version);
    }
}
