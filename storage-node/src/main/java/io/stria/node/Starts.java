package io.stria.node;

import io.stria.control.lease.Incarnation;
import java.security.SecureRandom;

/** Names of process starts. */
public final class Starts {
    private static final SecureRandom RANDOM = new SecureRandom();

    private Starts() {}

    /** Of a process that is started now; no other has it. */
    public static long draw() {
        return Incarnation.start(System.currentTimeMillis(), RANDOM.nextInt());
    }
}
