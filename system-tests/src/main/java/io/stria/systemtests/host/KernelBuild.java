package io.stria.systemtests.host;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The scripts of {@code system-tests/kernel-host} and the kernel that its {@code build} keeps in a
 * cache.
 */
record KernelBuild(@Nullable Path scripts, @Nullable Path linux, String problem) {

    /** Looks from the working directory upwards, so it is found from any module of the project. */
    static KernelBuild locate() {
        Path scripts = findScripts();
        if (scripts == null) {
            return new KernelBuild(
                    null, null, "system-tests/kernel-host is not above the working directory");
        }
        Result outcome = Command.run(scripts.resolve("build").toString(), "--path");
        return outcome.exitCode() == 0
                ? new KernelBuild(scripts, Path.of(outcome.out().strip()), "")
                : new KernelBuild(scripts, null, outcome.err().strip());
    }

    Optional<String> whyNot() {
        return linux == null ? Optional.of(problem) : Optional.empty();
    }

    private static @Nullable Path findScripts() {
        for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
            Path scripts = at.resolve("system-tests").resolve("kernel-host");
            if (Files.isExecutable(scripts.resolve("build"))) {
                return scripts;
            }
        }
        return null;
    }
}
