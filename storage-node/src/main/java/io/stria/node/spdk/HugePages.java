package io.stria.node.spdk;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The kernel's huge pages of the default size. */
public record HugePages(long total, long free, long pageBytes) {
    private static final Path MEMINFO = Path.of("/proc/meminfo");

    /** As the kernel says; none where it says nothing. */
    public static HugePages now() {
        try {
            return parse(Files.readAllLines(MEMINFO));
        } catch (IOException e) {
            return new HugePages(0, 0, 0);
        }
    }

    static HugePages parse(List<String> meminfo) {
        return new HugePages(
                value(meminfo, "HugePages_Total:"),
                value(meminfo, "HugePages_Free:"),
                value(meminfo, "Hugepagesize:") << 10);
    }

    public long freeBytes() {
        return free * pageBytes;
    }

    private static long value(List<String> lines, String name) {
        return lines.stream()
                .filter(line -> line.startsWith(name))
                .map(line -> line.substring(name.length()).strip().split("\\s+")[0])
                .filter(digits -> digits.matches("\\d{1,18}"))
                .mapToLong(Long::parseLong)
                .findFirst()
                .orElse(0);
    }
}
