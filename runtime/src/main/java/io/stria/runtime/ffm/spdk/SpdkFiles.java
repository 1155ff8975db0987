package io.stria.runtime.ffm.spdk;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * SPDK's shared libraries on this machine. They need each other in circles that they do not
 * declare, so they cannot be opened one by one: a process that is to use them is started with all
 * of them in {@code LD_PRELOAD}, in this order.
 *
 * @param libraries all that are needed; empty when one is missing
 * @param refusal why there are none, in one sentence; empty when all are there
 */
public record SpdkFiles(List<Path> libraries, String refusal) {
    /** Names the directory where SPDK was built or installed. */
    public static final String HOME = "STRIA_SPDK_HOME";

    private static final String LIBRARY_PATH = "LD_LIBRARY_PATH";

    /** Below a directory where it was built, or installed. */
    private static final List<String> BELOW_HOME =
            List.of("build/lib", "dpdk/build/lib", "isa-l/.libs", "lib", "lib64", "");

    /** Where its own libraries are not looked for, but DPDK's and ISA-L are. */
    private static final List<Path> SYSTEM =
            List.of(
                    Path.of("/usr/local/lib"),
                    Path.of("/usr/local/lib64"),
                    Path.of("/usr/lib64"),
                    Path.of("/usr/lib/x86_64-linux-gnu"),
                    Path.of("/usr/lib/aarch64-linux-gnu"));

    private static final List<String> NEEDED =
            List.of(
                    "libisal",
                    "librte_log",
                    "librte_kvargs",
                    "librte_telemetry",
                    "librte_argparse",
                    "librte_eal",
                    "librte_ring",
                    "librte_mempool",
                    "librte_mempool_ring",
                    "librte_pci",
                    "librte_bus_pci",
                    "libspdk_log",
                    "libspdk_util",
                    "libspdk_json",
                    "libspdk_jsonrpc",
                    "libspdk_rpc",
                    "libspdk_trace",
                    "libspdk_dma",
                    "libspdk_keyring",
                    "libspdk_sock",
                    "libspdk_sock_posix",
                    "libspdk_env_dpdk",
                    "libspdk_nvme");

    private static final String SPDK = "libspdk_";

    public SpdkFiles {
        libraries = List.copyOf(libraries);
    }

    /** As the environment says. */
    public static SpdkFiles find(Map<String, String> environment) {
        List<Path> own = new ArrayList<>();
        String home = environment.getOrDefault(HOME, "");
        if (!home.isEmpty()) {
            BELOW_HOME.forEach(below -> own.add(Path.of(home, below)));
        }
        Stream.of(environment.getOrDefault(LIBRARY_PATH, "").split(File.pathSeparator))
                .filter(path -> !path.isEmpty())
                .forEach(path -> own.add(Path.of(path)));
        if (own.isEmpty()) {
            return missing("neither " + HOME + " nor " + LIBRARY_PATH + " says where SPDK is");
        }
        return find(own);
    }

    /** For the environment of a process that is to use SPDK. */
    public String preload() {
        return libraries.stream().map(Path::toString).collect(Collectors.joining(":"));
    }

    private static SpdkFiles find(List<Path> own) {
        List<Path> everywhere = new ArrayList<>(own);
        everywhere.addAll(SYSTEM);
        List<Path> found = new ArrayList<>();
        for (String name : NEEDED) {
            List<Path> places = name.startsWith(SPDK) ? own : everywhere;
            Path library = find(name, places);
            if (library == null) {
                return missing(name + ".so is not in " + join(places));
            }
            if (library.toString().matches(".*[\\s:].*")) {
                return missing("the loader takes no path with a blank or a colon: " + library);
            }
            found.add(library);
        }
        return new SpdkFiles(found, "");
    }

    private static @org.jspecify.annotations.Nullable Path find(String name, List<Path> places) {
        for (Path place : places) {
            Path library = newest(name + ".so", place);
            if (library != null) {
                return library;
            }
        }
        return null;
    }

    /** A file that is named by the version of its interface, or the plain one. */
    private static @org.jspecify.annotations.Nullable Path newest(String name, Path place) {
        try (Stream<Path> entries = Files.list(place)) {
            return entries.filter(entry -> isVersionOf(entry, name))
                    .max(Comparator.comparing(entry -> String.valueOf(entry.getFileName())))
                    .map(Path::toAbsolutePath)
                    .orElse(null);
        } catch (IOException e) {
            return null; // no such directory
        }
    }

    private static boolean isVersionOf(Path entry, String name) {
        String file = String.valueOf(entry.getFileName());
        return file.equals(name) || file.matches("\\Q" + name + "\\E(\\.\\d+)+");
    }

    private static String join(List<Path> places) {
        return places.stream().map(Path::toString).collect(Collectors.joining(", "));
    }

    private static SpdkFiles missing(String why) {
        return new SpdkFiles(List.of(), why);
    }
}
