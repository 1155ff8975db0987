package io.stria.placement;

import io.stria.clustermap.Scheme;

/**
 * What one scheme asks of one list of slots.
 *
 * @param chunks n + 2
 * @param prime the next prime above the largest chunk index; a try adds it once more
 */
record SchemeRules(int chunks, int prime, Caps caps) {

    static SchemeRules of(Scheme scheme, Caps caps) {
        return new SchemeRules(scheme.fragments(), primeAbove(scheme.fragments() - 1), caps);
    }

    private static int primeAbove(int number) {
        int candidate = number + 1;
        while (!isPrime(candidate)) {
            candidate++;
        }
        return candidate;
    }

    /** Of a number above 1. */
    private static boolean isPrime(int number) {
        for (int divisor = 2; divisor * divisor <= number; divisor++) {
            if (number % divisor == 0) {
                return false;
            }
        }
        return true;
    }
}
