package io.stria.systemtests;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.stria.systemtests.cluster.HostedCluster;
import io.stria.systemtests.host.FioJob;
import io.stria.systemtests.host.FioResult;
import io.stria.systemtests.host.Initiator;
import io.stria.systemtests.host.KernelHost;
import io.stria.systemtests.host.NeedsKernelHost;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a Linux host gets from five nodes on this machine: 4 KiB random reads and writes at queue
 * depths 1 and 32 on a 2+2 volume, with the CPU that all nodes together spend per IO, housekeeping
 * included. Measured after a warm-up, since JVMs compile what is hot first. Run by {@code perf/run
 * host}, not with the tests: its name says so to Surefire.
 */
@NeedsKernelHost
@Timeout(300)
class HostFigures {
    private static final Duration RUNTIME = Duration.ofSeconds(10);
    private static final Duration WARM_UP = Duration.ofSeconds(20);
    private static final Duration LIMIT = Duration.ofSeconds(90);
    private static final long SPAN_BYTES = 256L << 20;

    @TempDir Path directory;

    @Test
    void printsWhatAHostGets() {
        try (KernelHost host = KernelHost.start();
                HostedCluster cluster = HostedCluster.up(host, directory.resolve("cluster"))) {
            Initiator nvme = new Initiator(host);
            String device = cluster.connect(nvme, "demo");
            FioJob.load(device, "write", SPAN_BYTES, RUNTIME)
                    .blockBytes(128 << 10)
                    .queueDepth(4)
                    .run(host, LIMIT);
            for (String mode : new String[] {"randread", "randwrite"}) {
                FioJob.load(device, mode, SPAN_BYTES, WARM_UP).queueDepth(32).run(host, LIMIT);
            }
            System.out.printf(
                    "%n%-10s %5s %10s %10s %10s %14s%n",
                    "4 KiB", "depth", "IO/s", "p50 us", "p99 us", "CPU us/IO");
            for (String mode : new String[] {"randread", "randwrite"}) {
                for (int depth : new int[] {1, 32}) {
                    print(host, cluster, device, mode, depth);
                }
            }
        }
    }

    private static void print(
            KernelHost host, HostedCluster cluster, String device, String mode, int depth) {
        long before = cluster.cpuMillis();
        FioResult result =
                FioJob.load(device, mode, SPAN_BYTES, RUNTIME).queueDepth(depth).run(host, LIMIT);
        long spentMs = cluster.cpuMillis() - before;
        assertEquals(0, result.error(), result::messages);
        var side = mode.equals("randread") ? result.reads() : result.writes();
        System.out.printf(
                "%-10s %5d %10.0f %10.0f %10.0f %14.0f%n",
                mode,
                depth,
                side.perSecond(),
                side.p50Us(),
                side.p99Us(),
                1000.0 * spentMs / Math.max(1, side.operations()));
    }
}
