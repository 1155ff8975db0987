package io.stria.control.rest;

import java.util.HashSet;
import java.util.Set;

/** Nonces of the last one to two periods, so that none is taken twice. Thread safe. */
final class NonceMemory {
    private final long periodMs;
    private Set<String> present = new HashSet<>();
    private Set<String> past = new HashSet<>();
    private long periodEndsMs;

    NonceMemory(long periodMs) {
        this.periodMs = periodMs;
    }

    synchronized boolean seenBefore(String nonce, long nowMs) {
        // What was sent before a clock went back so far is from the future now, and refused as
        // such.
        boolean clockWentBack = nowMs < periodEndsMs - 2 * periodMs;
        if (nowMs >= periodEndsMs || clockWentBack) {
            past = nowMs - periodEndsMs < periodMs ? present : new HashSet<>();
            present = new HashSet<>();
            periodEndsMs = nowMs + periodMs;
        }
        return past.contains(nonce) || !present.add(nonce);
    }

    synchronized int size() {
        return past.size() + present.size();
    }
}
