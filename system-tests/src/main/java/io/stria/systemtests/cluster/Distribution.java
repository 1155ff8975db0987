package io.stria.systemtests.cluster;

import io.stria.node.NodeMain;
import io.stria.systemtests.host.Command;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What users run, as the build has packaged it that these tests are part of: the launcher, and the
 * AOT caches with which its processes start sooner. The caches are made here, once a build, and so
 * not within the time that a cluster has to start.
 */
public final class Distribution {
    /** To be run as it is: within the build nothing can be built. */
    private static final List<String> AS_IT_IS = List.of("env", "STRIA_BUILT=1");

    private static final Optional<Distribution> OF_THIS_BUILD = find();

    private final Path launcher;
    private final Path jars;

    private Distribution(Path launcher, Path jars) {
        this.launcher = launcher;
        this.jars = jars;
    }

    /**
     * Empty where these tests run on classes that were compiled and not packaged, as in {@code mvn
     * test}: jars that lie there may be older.
     */
    public static Optional<Distribution> ofThisBuild() {
        return OF_THIS_BUILD;
    }

    private static Optional<Distribution> find() {
        Path code =
                Path.of(
                        URI.create(
                                NodeMain.class
                                        .getProtectionDomain()
                                        .getCodeSource()
                                        .getLocation()
                                        .toString()));
        if (!code.toString().endsWith(".jar")) {
            return Optional.empty();
        }
        Path jars = code.resolveSibling("");
        Path launcher = jars.resolve("../../../../stria").normalize();
        Distribution distribution = new Distribution(launcher, jars);
        Command.run(distribution.command("version").toArray(String[]::new)).orThrow();
        return Optional.of(distribution);
    }

    /** A command of the CLI, as users give it. */
    List<String> command(String... words) {
        return Stream.of(AS_IT_IS, List.of(launcher.toString()), List.of(words))
                .flatMap(List::stream)
                .toList();
    }

    /**
     * Options of a JVM of these tests whose nodes are to have the cache: it serves JVMs whose class
     * path begins with the one it was made for.
     */
    public List<String> nodeOptions() {
        return List.of(
                "-cp",
                classPath() + ":" + System.getProperty("java.class.path"),
                "-Dstria.node.aot=" + nodeCache());
    }

    private String classPath() {
        try (Stream<Path> files = Files.list(jars)) {
            return files.map(Path::toString)
                    .filter(file -> file.endsWith(".jar"))
                    .sorted()
                    .collect(Collectors.joining(":"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The newest one: there is one for each JDK. */
    private String nodeCache() {
        try (Stream<Path> files = Files.walk(jars.resolveSibling("aot"))) {
            return files.filter(file -> file.endsWith("node.aot"))
                    .max(Comparator.comparingLong(file -> file.toFile().lastModified()))
                    .map(Path::toString)
                    .orElse("");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
