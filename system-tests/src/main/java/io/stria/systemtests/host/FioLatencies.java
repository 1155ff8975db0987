package io.stria.systemtests.host;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What each IO of an fio job took, and when it ended: what one percentile of all does not tell. */
public record FioLatencies(List<Io> ios) {
    /**
     * @param endMs since the job began
     */
    public record Io(long endMs, boolean isRead, double tookUs) {}

    /** Of a job that was started with that log, and has ended. */
    public static FioLatencies of(KernelHost host, String log) {
        Result result = host.run("cat " + log + "_clat.1.log", Duration.ofMinutes(1));
        List<Io> ios = new ArrayList<>();
        for (String line : result.out().split("\n")) {
            String[] fields = line.split(", *", 4);
            ios.add(
                    new Io(
                            Long.parseLong(fields[0]),
                            fields[2].equals("0"),
                            Long.parseLong(fields[1]) / 1000.0));
        }
        return new FioLatencies(ios);
    }

    /** Of reads, or of writes, that ended in that time: one in a hundred took longer; in us. */
    public double p99Us(boolean reads, Duration from, Duration to) {
        double[] took =
                ios.stream()
                        .filter(io -> io.isRead() == reads)
                        .filter(io -> io.endMs() >= from.toMillis() && io.endMs() < to.toMillis())
                        .mapToDouble(Io::tookUs)
                        .sorted()
                        .toArray();
        return took.length == 0 ? Double.NaN : took[took.length - 1 - took.length / 100];
    }
}
