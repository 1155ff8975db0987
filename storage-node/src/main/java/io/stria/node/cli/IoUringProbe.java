package io.stria.node.cli;

import io.stria.runtime.ffm.IoUring;
import java.io.IOException;

/** Whether the kernel gives this user an io_uring. */
final class IoUringProbe {
    private static final int ENTRIES = 8;

    private IoUringProbe() {}

    static boolean works() {
        try (IoUring _ = IoUring.open(ENTRIES, ENTRIES, 0)) {
            return true;
        } catch (IOException | RuntimeException e) {
            return false;
        }
    }
}
