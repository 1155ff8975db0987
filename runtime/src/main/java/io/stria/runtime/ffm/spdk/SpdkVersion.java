package io.stria.runtime.ffm.spdk;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which SPDK a process has, told by the names of its libraries: SPDK has no function that says it,
 * but the versions of its interfaces stand in these names.
 *
 * @param nvme interface version of {@code libspdk_nvme}
 * @param env interface version of {@code libspdk_env_dpdk}
 */
public record SpdkVersion(int nvme, int env) {
    /** The release whose structures the bindings were made of. */
    public static final String RELEASE = "26.05";

    private static final SpdkVersion SUPPORTED = new SpdkVersion(18, 17);
    private static final Pattern NVME = Pattern.compile("libspdk_nvme\\.so\\.(\\d+)(\\.\\d+)*");
    private static final Pattern ENV = Pattern.compile("libspdk_env_dpdk\\.so\\.(\\d+)(\\.\\d+)*");

    /** Of these files; empty when they are not there, or their names tell no version. */
    static Optional<SpdkVersion> of(List<Path> libraries) {
        List<Integer> nvme = versions(libraries, NVME);
        List<Integer> env = versions(libraries, ENV);
        return nvme.isEmpty() || env.isEmpty()
                ? Optional.empty()
                : Optional.of(new SpdkVersion(nvme.getFirst(), env.getFirst()));
    }

    /** Why these files are of no use, in one sentence; empty when they are. */
    public static String refusal(SpdkFiles files) {
        return of(files.libraries())
                .map(version -> version.isSupported() ? "" : version.refusal())
                .orElse("the names of its libraries tell no version");
    }

    boolean isSupported() {
        return equals(SUPPORTED);
    }

    /** One sentence. */
    String refusal() {
        return "this SPDK has interface versions nvme %d and env_dpdk %d; Stria knows %d and %d only, those of SPDK %s"
                .formatted(nvme, env, SUPPORTED.nvme, SUPPORTED.env, RELEASE);
    }

    private static List<Integer> versions(List<Path> libraries, Pattern name) {
        List<Integer> found = new ArrayList<>();
        for (Path library : libraries) {
            Matcher matcher = name.matcher(String.valueOf(library.getFileName()));
            if (matcher.matches() && matcher.group(1).length() <= 4) {
                found.add(Integer.parseInt(matcher.group(1)));
            }
        }
        return found;
    }
}
