package io.stria.node;

import io.stria.runtime.ffm.LinuxFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Finds devices that do not answer before the reactor opens them, which would stand still with its
 * other devices: each is opened once on a thread of its own, and its first block is read. Nothing
 * is made of what that says, but that it comes.
 */
final class DeviceProbe {
    private static final int BLOCK_BYTES = 4096;

    private DeviceProbe() {}

    /**
     * False if nothing has come within that time. The thread stays until the device answers.
     *
     * @throws IOException if the caller is interrupted
     */
    static boolean answers(Path device, long limitMs) throws IOException {
        CompletableFuture<Boolean> done = new CompletableFuture<>();
        Thread.ofPlatform()
                .name("probe of " + device)
                .daemon()
                .start(() -> {
                    try {
                        LinuxFile.readOnce(device, BLOCK_BYTES);
                    } finally {
                        done.complete(true);
                    }
                });
        try {
            return done.get(limitMs, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }
}
