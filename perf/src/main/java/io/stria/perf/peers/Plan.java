package io.stria.perf.peers;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is to be measured.
 *
 * @param home of the clone
 * @param kind of Stria's devices: ram or file
 * @param dataFragments n of Stria's scheme n+2
 * @param spanBytes of the volume that is read and written
 * @param flame where a picture of the target's time goes, if one is wanted
 */
record Plan(
        Path home,
        Path directory,
        String kind,
        int dataFragments,
        List<String> peers,
        List<String> patterns,
        List<Integer> depths,
        int rounds,
        double seconds,
        double warmSeconds,
        long spanBytes,
        int targetCpu,
        int hostCpu,
        @Nullable Path flame) {
    static final long DEVICE_BYTES = 2L << 30;

    /** {@code --peer spdk,fio --kind ram --rounds 5 ...}; see {@code perf/run}. */
    static Plan parse(Path home, Path directory, String[] arguments) {
        String kind = "ram";
        int dataFragments = 1;
        List<String> peers = List.of("spdk", "fio");
        List<String> patterns = List.of("randread", "randwrite", "randrw", "read", "write");
        List<Integer> depths = List.of(1, 8, 32, 128);
        int rounds = 5;
        double seconds = 3;
        Path flame = null;
        for (int i = 0; i + 1 < arguments.length; i += 2) {
            String value = arguments[i + 1];
            switch (arguments[i]) {
                case "--kind" -> kind = value;
                case "--scheme" -> dataFragments = Integer.parseInt(value.replaceAll("\\+2$", ""));
                case "--peer" -> peers = words(value);
                case "--pattern" -> patterns = words(value);
                case "--depth" -> depths = words(value).stream().map(Integer::valueOf).toList();
                case "--rounds" -> rounds = Integer.parseInt(value);
                case "--flame" -> flame = Path.of(value).toAbsolutePath();
                case "--seconds" -> seconds = Double.parseDouble(value);
                default -> throw new IllegalArgumentException("no option " + arguments[i]);
            }
        }
        if (arguments.length % 2 != 0 || !List.of("ram", "file").contains(kind)) {
            throw new IllegalArgumentException("--kind is ram or file, and options have values");
        }
        // Of the machine: this process itself may be kept on one.
        boolean two = Files.exists(Path.of("/sys/devices/system/cpu/cpu1"));
        return new Plan(
                home,
                directory,
                kind,
                dataFragments,
                peers,
                patterns,
                depths,
                rounds,
                seconds,
                1,
                512L << 20,
                0,
                two ? 1 : 0,
                flame);
    }

    private static List<String> words(String value) {
        return Arrays.asList(value.split(","));
    }
}
