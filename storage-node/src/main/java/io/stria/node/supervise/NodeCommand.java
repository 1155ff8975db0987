package io.stria.node.supervise;

import io.stria.node.NodeMain;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The command line of a process of this distribution. */
public final class NodeCommand {
    /** Where the launcher says what a node's JVM needs; as in `stria`. */
    private static final String FLAGS =
            System.getProperty(
                    "stria.node.flags",
                    "-ea:io.stria... -XX:+UseSerialGC --enable-native-access=ALL-UNNAMED"
                            + " --sun-misc-unsafe-memory-access=allow"
                            + " --add-modules=jdk.incubator.vector");

    private static final String NODE_CACHE = System.getProperty("stria.node.aot", "");
    private static final String CLI_CACHE = System.getProperty("stria.cli.aot", "");

    private NodeCommand() {}

    /** Its own session, so that Ctrl-C reaches the supervisor only. */
    public static List<String> ofNode(Path directory, int nodeId, Path nodeDirectory, long start) {
        List<String> command = new ArrayList<>(List.of("setsid", java()));
        command.addAll(List.of(FLAGS.split(" ")));
        command.addAll(
                List.of(
                        "-Xms48m",
                        "-Xmx128m",
                        "-Xss512k",
                        "-XX:MaxDirectMemorySize=64m",
                        "-XX:ReservedCodeCacheSize=64m",
                        "-XX:+ExitOnOutOfMemoryError",
                        "-XX:ErrorFile=" + nodeDirectory.resolve("jvm-error-%p.log")));
        addCache(command, NODE_CACHE);
        command.addAll(
                List.of(
                        "-cp",
                        System.getProperty("java.class.path"),
                        NodeMain.class.getName(),
                        "--dir",
                        directory.toString(),
                        "--id",
                        Integer.toString(nodeId),
                        "--start",
                        Long.toString(start)));
        return command;
    }

    /** Another command of the CLI, in a session of its own, with this one's flags. */
    static List<String> ofCli(Path directory, String mainClass, String... arguments) {
        List<String> command = new ArrayList<>(List.of("setsid", java()));
        command.addAll(
                List.of(
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-Xmx48m",
                        "-Xss512k",
                        "--enable-native-access=ALL-UNNAMED",
                        "-XX:ErrorFile=" + directory.resolve("jvm-error-%p.log")));
        addCache(command, CLI_CACHE);
        command.addAll(
                List.of(
                        "-Dstria.node.flags=" + FLAGS,
                        "-Dstria.node.aot=" + NODE_CACHE,
                        "-cp",
                        System.getProperty("java.class.path"),
                        mainClass));
        command.addAll(List.of(arguments));
        return command;
    }

    /** A short program of this distribution, in this one's session. The list can be added to. */
    public static List<String> ofTool(String mainClass) {
        return new ArrayList<>(
                List.of(
                        java(),
                        "-ea:io.stria...",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-Xmx64m",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        mainClass));
    }

    private static void addCache(List<String> command, String cache) {
        if (isUsable(cache)) {
            command.addAll(List.of("-XX:AOTCache=" + cache, "-Xlog:aot=off", "-Xlog:cds=off"));
        }
    }

    private static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    private static boolean isUsable(String cache) {
        try {
            return !cache.isEmpty() && Files.size(Path.of(cache)) > 0;
        } catch (IOException e) {
            return false;
        }
    }
}
