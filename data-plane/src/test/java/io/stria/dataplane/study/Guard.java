package io.stria.dataplane.study;

import io.stria.dataplane.device.IoOp;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.DoubleSupplier;

/**
 * Compares figures that can be trusted on a busy machine with the most that each may be: counts,
 * and ratios within one process. {@code Guard LIMITS}: a file with lines {@code name limit ...};
 * {@code perf/run guard}. Ends with status 1 when one is over its limit, three times measured.
 */
public final class Guard {
    private static final int ATTEMPTS = 3;
    private static final double NS_PER_S = 1e9;

    private final Map<String, Double> limits = new LinkedHashMap<>();
    private boolean failed;

    private Guard(Path file) throws IOException {
        for (String line : Files.readAllLines(file)) {
            String[] words = line.strip().split("\\s+");
            if (words.length >= 2 && !words[0].startsWith("#")) {
                limits.put(words[0], Double.valueOf(words[1]));
            }
        }
    }

    private void check(String name, DoubleSupplier measure) {
        Double limit = limits.remove(name);
        if (limit == null) {
            throw new IllegalArgumentException("no limit for " + name);
        }
        double least = Double.MAX_VALUE;
        for (int attempt = 0; attempt < ATTEMPTS && least > limit; attempt++) {
            least = Math.min(least, measure.getAsDouble());
        }
        boolean fits = least <= limit;
        failed |= !fits;
        System.out.printf(
                "%-32s %8.2f  at most %8.2f  %s%n", name, least, limit, fits ? "" : "TOO MUCH");
    }

    private void checkAll() throws IOException {
        try (VolumeCosts volume = new VolumeCosts()) {
            check("read-allocated-bytes", () -> volume.allocated(IoOp.READ));
            check("write-allocated-bytes", () -> volume.allocated(IoOp.WRITE));
            check("read-to-copy", () -> volume.time(IoOp.READ));
        }
        CodeFigures code = new CodeFigures();
        for (int n = 2; n <= 8; n *= 2) {
            int data = n;
            check("encode-%d+2-to-copy".formatted(n), () -> code.encode(data));
            check("decode-%d+2-to-copy".formatted(n), () -> code.decode(data));
        }
        check("placement-to-copy", code::placement);
        check("pdu-to-copy", code::pdu);
        if (!limits.isEmpty()) {
            throw new IllegalArgumentException("nobody measures " + limits.keySet());
        }
    }

    public static void main(String[] arguments) throws IOException {
        long beganNs = System.nanoTime();
        Guard guard = new Guard(Path.of(arguments[0]));
        guard.checkAll();
        System.out.printf("%.0f s%n", (System.nanoTime() - beganNs) / NS_PER_S);
        if (guard.failed) {
            System.out.printf(
                    "guard: something costs more than it did; %s says what each figure is.%n",
                    arguments[0]);
            System.exit(1);
        }
    }
}
