package io.stria.placement;

/**
 * The random numbers of placement: a hash of what is drawn for, so that every node draws the same.
 * Never change it: data is where these numbers said.
 *
 * <p>All values are 64 bits wide and wrap around; {@code >>>} shifts in zeros.
 *
 * <pre>
 * mix(z)           z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9     (the finaliser of SplitMix64)
 *                  z = (z ^ z >>> 27) * 0x94d049bb133111eb
 *                  z ^ z >>> 31
 * step(z, k)       mix(z + (k + 1) * 0x9e3779b97f4a7c15)
 *
 * page key         step(VUID * 2^40 + page, 0)                 VUID below 2^24, page below 2^40
 * draw key         step(page key, chunk index + i * p)         try i, below 2^32
 * r                step(draw key, b)                           jump from slot b; u = (r + 1) / 2^64
 * rendezvous key   step(page key, 2^32 + chunk index)
 * score            step(rendezvous key, slot)                  unsigned; the highest wins
 * </pre>
 */
final class DrawHash {
    private static final long GOLDEN_RATIO = 0x9e3779b97f4a7c15L;
    private static final long RENDEZVOUS = 1L << 32;

    private DrawHash() {}

    static long pageKey(int vuid, long page) {
        assert vuid >>> 24 == 0 && page >>> 40 == 0 : vuid + ", " + page;
        return step((long) vuid << 40 | page, 0);
    }

    static long drawKey(long pageKey, int index) {
        return step(pageKey, index);
    }

    static long rendezvousKey(long pageKey, int chunk) {
        return step(pageKey, RENDEZVOUS + chunk);
    }

    static long step(long key, long k) {
        long z = key + (k + 1) * GOLDEN_RATIO;
        z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
        z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
        return z ^ z >>> 31;
    }
}
