package io.stria.perf.load;

/**
 * What a host does.
 *
 * @param bytes of each IO
 * @param readPercent how many of a hundred IOs read
 * @param depth IOs on their way at any time, over all queues
 * @param perSecond IOs that begin in each second, however many are on their way, over the queues
 *     that {@code depth} would have; 0: each begins when another has ended
 */
public record Workload(
        String name, int bytes, int readPercent, boolean sequential, int depth, double perSecond) {
    /** On one queue; a target's usual queue holds 128. */
    private static final int DEPTH_PER_QUEUE_MAX = 32;

    public Workload {
        if (bytes % 4096 != 0 || bytes <= 0 || depth < 1) {
            throw new IllegalArgumentException(name + ": " + bytes + " bytes, depth " + depth);
        }
    }

    /** Such as {@code randread}, {@code randwrite}, {@code randrw}, {@code read}, {@code write}. */
    public static Workload of(String pattern, int depth) {
        return switch (pattern) {
            case "randread" -> new Workload(pattern, 4096, 100, false, depth, 0);
            case "randwrite" -> new Workload(pattern, 4096, 0, false, depth, 0);
            case "randrw" -> new Workload(pattern, 4096, 70, false, depth, 0);
            case "read" -> new Workload(pattern, 128 << 10, 100, true, depth, 0);
            case "write" -> new Workload(pattern, 128 << 10, 0, true, depth, 0);
            default -> throw new IllegalArgumentException("no pattern is called " + pattern);
        };
    }

    /** The same at even distances. */
    public Workload paced(double newPerSecond) {
        return new Workload(name, bytes, readPercent, sequential, depth, newPerSecond);
    }

    boolean isPaced() {
        return perSecond > 0;
    }

    public int queues() {
        return (depth + DEPTH_PER_QUEUE_MAX - 1) / DEPTH_PER_QUEUE_MAX;
    }

    public int depthOf(int queue) {
        return depth / queues() + (queue < depth % queues() ? 1 : 0);
    }

    /** For tables: {@code randread QD 32}, {@code randrw 20000/s}. */
    public String title() {
        return isPaced() ? "%s %.0f/s".formatted(name, perSecond) : name + " QD " + depth;
    }
}
