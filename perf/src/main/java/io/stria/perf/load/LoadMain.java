package io.stria.perf.load;

import java.io.IOException;
import java.net.InetSocketAddress;

/**
 * One target, by hand: {@code ADDRESS PORT NQN [PATTERN DEPTH SECONDS PID CPU SPAN_MIB]}. Prints a
 * line for people and one of JSON.
 */
public final class LoadMain {
    private LoadMain() {}

    public static void main(String[] arguments) throws IOException {
        InetSocketAddress address =
                new InetSocketAddress(arguments[0], Integer.parseInt(arguments[1]));
        String pattern = arguments.length > 3 ? arguments[3] : "randread";
        int depth = arguments.length > 4 ? Integer.parseInt(arguments[4]) : 32;
        double seconds = arguments.length > 5 ? Double.parseDouble(arguments[5]) : 4;
        long pid = arguments.length > 6 ? Long.parseLong(arguments[6]) : 0;
        int cpu = arguments.length > 7 ? Integer.parseInt(arguments[7]) : -1;
        long span = (arguments.length > 8 ? Long.parseLong(arguments[8]) : 256) << 20;
        Workload work = Workload.of(pattern, depth);
        try (LoadHost host =
                new LoadHost(new TargetAddress(address, arguments[2], 1), work.queues(), cpu)) {
            host.fill(Math.min(span, host.bytes()));
            LoadResult result = host.measure(work, Math.min(span, host.bytes()), 2, seconds, pid);
            System.out.println(work.title() + "  " + result);
            System.out.println(result.json());
        }
    }
}
