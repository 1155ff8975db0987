package io.stria.perf.peers;

import io.stria.perf.load.LoadHost;
import io.stria.perf.load.LoadResult;
import io.stria.perf.load.TargetAddress;
import io.stria.perf.load.Workload;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A peer that is an NVMe/TCP target, in a process of its own. */
abstract class NvmePeer implements Peer {
    final Plan plan;

    NvmePeer(Plan plan) {
        this.plan = plan;
    }

    abstract TargetAddress address() throws IOException;

    /** Of the process that does the IO. */
    abstract long pid() throws IOException;

    /** Before a turn, and after it. */
    void awaken() throws IOException, InterruptedException {}

    void rest() throws IOException, InterruptedException {}

    private interface HostWork<T> {
        T on(LoadHost host) throws IOException;
    }

    final void fill() throws IOException, InterruptedException {
        withHost(
                1,
                host -> {
                    host.fill(Math.min(plan.spanBytes(), host.bytes()));
                    return true;
                });
    }

    @Override
    public LoadResult measure(Workload work, double warmSeconds, double seconds)
            throws IOException, InterruptedException {
        awaken();
        try {
            return withHost(
                    work.queues(),
                    host ->
                            host.measure(
                                    work,
                                    Math.min(plan.spanBytes(), host.bytes()),
                                    warmSeconds,
                                    seconds,
                                    pid()));
        } finally {
            rest();
        }
    }

    private <T> T withHost(int queues, HostWork<T> work) throws IOException, InterruptedException {
        return Attempts.of(
                name(),
                () -> {
                    try (LoadHost host = new LoadHost(address(), queues, plan.hostCpu())) {
                        return work.on(host);
                    }
                });
    }

    /** In a window of its own, since counting costs something. */
    @Override
    public double callsPerIo(Workload work) throws IOException, InterruptedException {
        if (!Processes.isInstalled("perf")) {
            return Double.NaN;
        }
        Path log = plan.directory().resolve("calls.log");
        Process counter =
                Processes.start(
                        List.of(
                                "perf",
                                "stat",
                                "-x,",
                                "-e",
                                "raw_syscalls:sys_enter",
                                "-p",
                                String.valueOf(pid()),
                                "--timeout",
                                "1000"),
                        log);
        LoadResult result = measure(work, 0.2, 1.2);
        if (counter.waitFor() != 0) {
            return Double.NaN;
        }
        String counted = Files.readString(log);
        if (!counted.matches("(?s).*?(\\d+),,raw_syscalls:sys_enter.*")) {
            return Double.NaN;
        }
        double calls = Double.parseDouble(Processes.find(counted, "(\\d+),,raw_syscalls"));
        return calls / result.iops();
    }
}
