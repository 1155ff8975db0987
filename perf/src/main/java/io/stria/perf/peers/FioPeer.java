package io.stria.perf.peers;

import io.stria.perf.load.Latency;
import io.stria.perf.load.LoadResult;
import io.stria.perf.load.Workload;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** fio's io_uring engine on a file beside the cluster's: what the device gives without a target. */
final class FioPeer implements Peer {
    private static final double US = 1000;

    private final Plan plan;

    private FioPeer(Plan plan) {
        this.plan = plan;
    }

    /**
     * @throws PeerMissingException if it is not on this machine, or has nothing to do
     */
    static FioPeer find(Plan plan) throws PeerMissingException {
        if (!Processes.isInstalled("fio")) {
            throw new PeerMissingException("fio is not installed (Debian: fio)");
        }
        if (!plan.kind().equals("file")) {
            throw new PeerMissingException("fio tells the limit of files: --kind file");
        }
        return new FioPeer(plan);
    }

    @Override
    public String name() {
        return "fio";
    }

    @Override
    public String what() {
        return "io_uring engine, O_DIRECT, on one file, no target between";
    }

    private String file() {
        return plan.directory().resolve("fio.file").toString();
    }

    @Override
    public void start() throws IOException, InterruptedException {
        Processes.run(
                List.of(
                        "fio",
                        "--name=fill",
                        "--filename=" + file(),
                        "--size=" + plan.spanBytes(),
                        "--rw=write",
                        "--bs=1M",
                        "--direct=1",
                        "--ioengine=io_uring"));
    }

    @Override
    public LoadResult measure(Workload work, double warmSeconds, double seconds)
            throws IOException, InterruptedException {
        String output =
                Processes.run(
                        Processes.onCpus(
                                String.valueOf(plan.targetCpu()),
                                List.of(
                                        "fio",
                                        "--name=run",
                                        "--filename=" + file(),
                                        "--size=" + plan.spanBytes(),
                                        "--rw=" + work.name(),
                                        "--rwmixread=" + work.readPercent(),
                                        "--bs=" + work.bytes(),
                                        "--iodepth=" + work.depth(),
                                        "--direct=1",
                                        "--sync=" + (work.readPercent() < 100 ? "dsync" : "none"),
                                        "--ioengine=io_uring",
                                        "--time_based",
                                        "--ramp_time=" + (int) Math.ceil(warmSeconds),
                                        "--runtime=" + (int) Math.ceil(seconds),
                                        "--output-format=json")));
        Direction read = new Direction(section(output, "read"));
        Direction write = new Direction(section(output, "write"));
        double iops = read.iops + write.iops;
        Direction main = read.iops >= write.iops ? read : write;
        double cpu = number(output, "usr_cpu") + number(output, "sys_cpu");
        return new LoadResult(
                (long) (iops * seconds),
                0,
                seconds,
                main.latency,
                read.latency,
                write.latency,
                cpu * 1e4 / iops,
                Double.NaN);
    }

    private static String section(String output, String name) {
        return output.substring(output.indexOf("\"" + name + "\" : {"));
    }

    private static double number(String text, String field) throws IOException {
        return Double.parseDouble(Processes.find(text, "\"" + field + "\" : ([0-9.]+)"));
    }

    @Override
    public void close() {
        Path.of(file()).toFile().delete();
    }

    /** Reads or writes, as fio's JSON has them. */
    private static final class Direction {
        final double iops;
        final Latency latency;

        Direction(String json) throws IOException {
            iops = number(json, "iops");
            latency =
                    iops > 0 ? latency(json.substring(json.indexOf("\"clat_ns\""))) : Latency.NONE;
        }

        private static Latency latency(String json) throws IOException {
            return new Latency(
                    number(json, "mean") / US,
                    number(json, "50.000000") / US,
                    number(json, "99.000000") / US,
                    number(json, "99.900000") / US,
                    number(json, "max") / US);
        }
    }
}
