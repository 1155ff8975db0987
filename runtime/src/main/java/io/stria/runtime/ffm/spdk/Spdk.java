package io.stria.runtime.ffm.spdk;

import java.io.IOException;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Whether this process can use SPDK. Its libraries must have come with the process, by {@code
 * LD_PRELOAD}, or through one library of the user's that links them all, which {@link #LIBRARY}
 * names. Looked at once; any thread may ask.
 */
@SuppressWarnings("restricted")
public final class Spdk {
    /** Names a library that links all of SPDK's. */
    public static final String LIBRARY = "STRIA_SPDK_LIBRARY";

    private static final String MAPS = "/proc/self/maps";
    private static final String NVME = "libspdk_nvme.so";
    private static final List<String> OPENED =
            List.of("libspdk_log.so", "libspdk_env_dpdk.so", NVME);

    private Spdk() {}

    /** Why it cannot, in one sentence; empty when it can. */
    public static String refusal() {
        return Looked.REFUSAL;
    }

    /**
     * To be called before anything else of this package that reaches into SPDK.
     *
     * @throws IOException with the refusal
     */
    static void require() throws IOException {
        if (!refusal().isEmpty()) {
            throw new IOException(refusal());
        }
    }

    /** So that it is looked at once. */
    private static final class Looked {
        static final String REFUSAL = look();
    }

    private static String look() {
        try {
            List<Path> loaded = loaded();
            if (loaded.isEmpty()) {
                String library = Optional.ofNullable(System.getenv(LIBRARY)).orElse("");
                if (library.isEmpty()) {
                    return "SPDK's libraries are not in this process";
                }
                System.load(library);
                loaded = loaded();
            }
            Optional<SpdkVersion> version = SpdkVersion.of(loaded);
            if (version.isEmpty()) {
                return "the names of SPDK's libraries do not tell a version: " + loaded;
            }
            if (!version.get().isSupported()) {
                return version.get().refusal();
            }
            for (Path path : loaded) {
                if (OPENED.stream().anyMatch(name -> isNamed(path, name))) {
                    System.load(path.toString());
                }
            }
            return missingSymbol();
        } catch (IOException | UnsatisfiedLinkError e) {
            return "SPDK's libraries cannot be used: " + e.getMessage();
        }
    }

    private static String missingSymbol() {
        SymbolLookup lookup = SymbolLookup.loaderLookup();
        return SpdkSymbols.ALL.stream()
                .filter(symbol -> lookup.find(symbol).isEmpty())
                .findFirst()
                .map(symbol -> "this SPDK has no function " + symbol)
                .orElse("");
    }

    /** Files of SPDK that this process has mapped. */
    private static List<Path> loaded() throws IOException {
        try (var lines = Files.lines(Path.of(MAPS))) {
            return lines.filter(line -> line.contains("/libspdk_"))
                    .map(line -> Path.of(line.substring(line.indexOf('/'))))
                    .distinct()
                    .toList();
        }
    }

    private static boolean isNamed(Path path, String name) {
        return String.valueOf(path.getFileName()).startsWith(name);
    }
}
