package io.stria.placement;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.DeviceSlot;
import io.stria.clustermap.DeviceState;
import io.stria.clustermap.NodeEntry;
import io.stria.clustermap.Scheme;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * CRUSH on the same map, by Debian's crushtool: straw2 buckets of zones, racks and nodes, and a
 * rule for erasure coded pools that spreads a page's chunks as Stria's caps do.
 */
final class Crush implements AutoCloseable {
    private static final int NONE = 0x7fffffff;
    private static final int LEVELS = 4;

    private final Path folder;
    private final Scheme scheme;

    /**
     * @param zones 1, or a number that divides the chunks of a page
     */
    Crush(ClusterMap map, int zones, Scheme scheme) throws IOException, InterruptedException {
        this.scheme = scheme;
        this.folder = Files.createTempDirectory("stria-crush");
        Files.writeString(folder.resolve("map.txt"), text(map, zones));
        run("crushtool", "-c", file("map.txt"), "-o", file("map.bin"));
    }

    static boolean isPresent() {
        return Arrays.stream(System.getenv("PATH").split(":"))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, "crushtool")));
    }

    private String text(ClusterMap map, int zones) {
        StringBuilder text = new StringBuilder();
        text.append("tunable choose_local_tries 0\ntunable choose_local_fallback_tries 0\n");
        text.append("tunable choose_total_tries 50\ntunable chooseleaf_descend_once 1\n");
        text.append("tunable chooseleaf_vary_r 1\ntunable chooseleaf_stable 1\n");
        text.append("tunable straw_calc_version 1\n");
        List<DeviceSlot> slots =
                map.slots().stream().filter(slot -> slot.state() != DeviceState.REMOVED).toList();
        slots.forEach(slot -> text.append("device %1$d osd.%1$d\n".formatted(slot.slot())));
        text.append("type 0 osd\ntype 1 host\ntype 2 rack\ntype 3 zone\ntype 4 root\n");
        buckets(text, map, slots);
        int each = scheme.fragments() / zones;
        String leaf = zones == 1 && racks(map) < scheme.fragments() ? "host" : "rack";
        text.append("rule ec {\nid 0\ntype erasure\nmin_size 1\nmax_size 20\n");
        text.append("step set_chooseleaf_tries 5\nstep set_choose_tries 100\nstep take top\n");
        if (zones > 1) {
            text.append("step choose indep %d type zone\n".formatted(zones));
        }
        text.append("step chooseleaf indep %d type %s\nstep emit\n}\n".formatted(each, leaf));
        return text.toString();
    }

    private static long racks(ClusterMap map) {
        return map.nodes().stream().map(NodeEntry::rack).distinct().count();
    }

    private static void buckets(StringBuilder text, ClusterMap map, List<DeviceSlot> slots) {
        Map<String, Map<String, Long>> hosts = new LinkedHashMap<>();
        Map<String, Map<String, Long>> racks = new LinkedHashMap<>();
        Map<String, Map<String, Long>> zones = new LinkedHashMap<>();
        Map<String, Map<String, Long>> top = new LinkedHashMap<>();
        for (DeviceSlot slot : slots) {
            NodeEntry node = map.nodeOf(slot);
            put(hosts, "host" + node.id(), "osd." + slot.slot(), slot.weight());
            put(racks, "rack-" + node.rack(), "host" + node.id(), slot.weight());
            put(zones, "zone-" + node.zone(), "rack-" + node.rack(), slot.weight());
            put(top, "top", "zone-" + node.zone(), slot.weight());
        }
        append(text, "host", hosts, 1);
        append(text, "rack", racks, 2);
        append(text, "zone", zones, 3);
        append(text, "root", top, 4);
    }

    private static void put(
            Map<String, Map<String, Long>> buckets, String bucket, String item, long weight) {
        buckets.computeIfAbsent(bucket, name -> new LinkedHashMap<>())
                .merge(item, weight, Long::sum);
    }

    /** CRUSH hashes ids, so a bucket keeps its own whatever else is in the map. */
    private static void append(
            StringBuilder text, String type, Map<String, Map<String, Long>> buckets, int level) {
        int id = -level;
        for (Map.Entry<String, Map<String, Long>> bucket : buckets.entrySet()) {
            text.append(
                    "%s %s {\nid %d\nalg straw2\nhash 0\n".formatted(type, bucket.getKey(), id));
            bucket.getValue()
                    .forEach((item, weight) ->
                            text.append("item %s weight %.3f\n".formatted(item, weight / 1000.0)));
            text.append("}\n");
            id -= LEVELS;
        }
    }

    int[][] place(int pages) throws IOException, InterruptedException {
        return mappings(pages);
    }

    /** With one device marked out, which keeps its weight in the map. */
    int[][] placeWithout(int device, int pages) throws IOException, InterruptedException {
        return mappings(pages, "--weight", String.valueOf(device), "0");
    }

    private int[][] mappings(int pages, String... options)
            throws IOException, InterruptedException {
        List<String> command = test(pages, "--show-mappings");
        command.addAll(List.of(options));
        int[][] result = new int[pages][];
        for (String line : run(command.toArray(String[]::new)).split("\n")) {
            if (line.startsWith("CRUSH rule")) {
                int x = Integer.parseInt(line.split(" ")[4]);
                String devices = line.substring(line.indexOf('[') + 1, line.indexOf(']'));
                result[x] = Arrays.stream(devices.split(",")).mapToInt(Integer::parseInt).toArray();
            }
        }
        return result;
    }

    private List<String> test(int pages, String... options) {
        List<String> command =
                new ArrayList<>(List.of("crushtool", "-i", file("map.bin"), "--test"));
        command.addAll(List.of("--rule", "0", "--num-rep", String.valueOf(scheme.fragments())));
        command.addAll(List.of("--min-x", "0", "--max-x", String.valueOf(pages - 1)));
        command.addAll(List.of(options));
        return command;
    }

    /** By the CPU time of two runs of different length, so that the start does not count. */
    double placementsPerSecond(int pages) throws IOException, InterruptedException {
        double few = seconds(pages / 10);
        double many = seconds(pages);
        return (pages - pages / 10) / (many - few);
    }

    private double seconds(int pages) throws IOException, InterruptedException {
        String command = String.join(" ", test(pages));
        String times = run("bash", "-c", "TIMEFORMAT=%U; time " + command + " > /dev/null 2>&1");
        return Double.parseDouble(times.strip());
    }

    static long unplaced(int[][] pages) {
        return Arrays.stream(pages).flatMapToInt(Arrays::stream).filter(d -> d == NONE).count();
    }

    static long[] load(int[][] pages, int devices) {
        long[] load = new long[devices];
        Arrays.stream(pages)
                .flatMapToInt(Arrays::stream)
                .filter(device -> device != NONE)
                .forEach(device -> load[device]++);
        return load;
    }

    static long moved(int[][] before, int[][] after) {
        long moved = 0;
        for (int page = 0; page < before.length; page++) {
            for (int chunk = 0; chunk < before[page].length; chunk++) {
                moved += before[page][chunk] != after[page][chunk] ? 1 : 0;
            }
        }
        return moved;
    }

    static double movedOverLost(int[][] before, int[][] after, int device) {
        long lost =
                Arrays.stream(before).flatMapToInt(Arrays::stream).filter(d -> d == device).count();
        return moved(before, after) / (double) lost;
    }

    private String file(String name) {
        return folder.resolve(name).toString();
    }

    private static String run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try (InputStream out = process.getInputStream()) {
            String text = new String(out.readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new IOException(String.join(" ", command) + ": " + text);
            }
            return text;
        }
    }

    @Override
    public void close() throws IOException {
        for (String name : List.of("map.txt", "map.bin")) {
            Files.deleteIfExists(folder.resolve(name));
        }
        Files.delete(folder);
    }
}
