package io.stria.node.cli;

import io.stria.clustermap.Scheme;
import io.stria.clustermap.Tolerance;
import io.stria.clustermap.VolumeEntry;
import io.stria.node.cluster.ClusterDirectory;
import io.stria.runtime.Sizes;
import java.io.IOException;
import java.nio.file.Files;
import java.util.concurrent.TimeUnit;

/** The volume that the first start of a cluster makes, so that there is something to connect to. */
final class FirstVolume {
    static final String NAME = "demo";
    private static final long SIZE_BYTES = 8L << 30;
    private static final long LIMIT_NS = TimeUnit.SECONDS.toNanos(30);
    private static final int CONFLICT = 409;
    private static final int NOT_READY = 503;

    private final ClusterDirectory directory;
    private final Progress progress;

    FirstVolume(ClusterDirectory directory, Progress progress) {
        this.directory = directory;
        this.progress = progress;
    }

    void make(Api api) throws IOException, InterruptedException {
        if (!Files.exists(directory.firstVolumeFile())) {
            return;
        }
        // Made by an older version it names the scheme alone.
        String[] words = Files.readString(directory.firstVolumeFile()).split(" ");
        Scheme scheme = Scheme.parse(words[0]);
        Tolerance tolerance = words.length > 1 ? Tolerance.valueOf(words[1]) : Tolerance.NODE;
        if (Views.items(api.get("/volumes"), "volumes").isEmpty()) {
            progress.say(
                    "making the volume %s (%s, %s, thin)"
                            .formatted(NAME, scheme, Sizes.format(SIZE_BYTES)));
            create(api, scheme, tolerance);
        }
        Files.delete(directory.firstVolumeFile());
    }

    /** A leader may still be on its way; a name that is taken was taken by an earlier try. */
    private static void create(Api api, Scheme scheme, Tolerance tolerance)
            throws InterruptedException {
        long deadlineNs = System.nanoTime() + LIMIT_NS;
        while (true) {
            try {
                api.post(
                        "/volumes",
                        VolumeCommand.Create.body(
                                NAME,
                                SIZE_BYTES,
                                scheme,
                                tolerance,
                                VolumeEntry.LBA_BYTES_DEFAULT));
                return;
            } catch (ApiException e) {
                if (e.status() == CONFLICT) {
                    return;
                }
                if (e.status() != NOT_READY || System.nanoTime() - deadlineNs > 0) {
                    throw e;
                }
            }
            Thread.sleep(Readiness.LOOK_MS);
        }
    }
}
