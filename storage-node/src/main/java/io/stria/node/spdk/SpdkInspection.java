package io.stria.node.spdk;

import io.stria.node.cluster.ClusterException;
import io.stria.node.cluster.IoReason;
import io.stria.node.cluster.SpdkDevice;
import io.stria.node.supervise.NodeCommand;
import io.stria.node.supervise.SpdkProcess;
import io.stria.runtime.spdk.SpdkAddress;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** Looks at devices through SPDK, from a process that does not have it: another one does. */
public final class SpdkInspection {
    private static final long TIMEOUT_S = 300;

    private SpdkInspection() {}

    /**
     * Changes nothing.
     *
     * @throws ClusterException if SPDK is not there, or a device does not answer or holds anything
     */
    public static List<SpdkDevice> of(List<SpdkAddress> addresses) {
        if (addresses.isEmpty()) {
            return List.of();
        }
        List<String> words = inspect(addresses);
        List<SpdkDevice> devices = new ArrayList<>();
        for (int i = 0; i < addresses.size(); i++) {
            devices.add(device(addresses.get(i), words.get(i)));
        }
        return devices;
    }

    private static SpdkDevice device(SpdkAddress address, String words) {
        if (words.startsWith(SpdkInspector.ERROR)) {
            throw new ClusterException(words.substring(SpdkInspector.ERROR.length()));
        }
        String[] parts = words.split(" ");
        if (parts.length != 2 || !parts[0].matches("\\d{1,18}")) {
            throw new ClusterException(address + ": SPDK said '" + words + "'");
        }
        if (!parts[1].equals(SpdkInspector.BLANK)) {
            throw new ClusterException(
                    address
                            + " holds something: nothing was changed; format or deallocate it if it"
                            + " is meant");
        }
        return new SpdkDevice(address, Long.parseLong(parts[0]));
    }

    private static List<String> inspect(List<SpdkAddress> addresses) {
        List<String> command = NodeCommand.ofTool(SpdkInspector.class.getName());
        addresses.forEach(address -> command.add(address.toString()));
        try {
            Path output = Files.createTempFile("stria-spdk", ".log");
            try {
                return run(command, output, addresses.size());
            } finally {
                Files.deleteIfExists(output);
            }
        } catch (IOException e) {
            throw new ClusterException("cannot look at devices: " + IoReason.of(e), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ClusterException("interrupted while looking at devices", e);
        }
    }

    /** SPDK's own words, without what it says when all is well. */
    private static String spdkErrors(String said) {
        return said.lines()
                .filter(line -> line.contains("*ERROR*") || line.startsWith("EAL:"))
                .map(line -> line + "\n")
                .collect(Collectors.joining());
    }

    private static List<String> run(List<String> command, Path output, int answers)
            throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command);
        SpdkProcess.prepare(builder.environment());
        Process process = builder.redirectErrorStream(true).redirectOutput(output.toFile()).start();
        if (!process.waitFor(TIMEOUT_S, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new ClusterException("SPDK did not answer within " + TIMEOUT_S + " s");
        }
        String said = Files.readString(output, StandardCharsets.UTF_8);
        List<String> words =
                said.lines()
                        .filter(line -> line.startsWith(SpdkInspector.MARK))
                        .map(line -> line.substring(SpdkInspector.MARK.length()))
                        .toList();
        if (words.stream().anyMatch(word -> word.startsWith(SpdkInspector.ERROR))) {
            System.err.print(spdkErrors(said));
        }
        if (words.size() != answers) {
            throw new ClusterException("SPDK ended with these words:\n" + said.strip());
        }
        return words;
    }
}
