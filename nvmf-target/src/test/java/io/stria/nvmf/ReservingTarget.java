package io.stria.nvmf;

import io.stria.runtime.ffm.spdk.SpdkFiles;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** SPDK's own target on loopback, which knows reservations; its device is behind another target. */
final class ReservingTarget implements AutoCloseable {
    private static final String NQN = "nqn.2026-11.io.stria:reserving";
    private static final long STARTED_NS = 60_000_000_000L;

    private final Path directory;
    private final String program;
    private final LoopbackTarget device;
    private final boolean keeps;
    private final int port;
    private Process process;

    /**
     * @param keeps whether it remembers reservations over a restart
     */
    ReservingTarget(Path directory, String program, LoopbackTarget device, boolean keeps)
            throws IOException, InterruptedException {
        this.directory = directory;
        this.program = program;
        this.device = device;
        this.keeps = keeps;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        process = start();
    }

    /** Where it is, if this machine has it. */
    static Optional<String> program() {
        String home = System.getenv().getOrDefault(SpdkFiles.HOME, "");
        return Stream.of("build/bin/nvmf_tgt", "bin/nvmf_tgt")
                .map(Path.of(home)::resolve)
                .filter(Files::isExecutable)
                .map(Path::toString)
                .findFirst();
    }

    int port() {
        return port;
    }

    String address() {
        return address(port);
    }

    /** The same through another port. */
    static String address(int port) {
        return "trtype:TCP traddr:127.0.0.1 trsvcid:%d subnqn:%s ns:1".formatted(port, NQN);
    }

    void restart() throws IOException, InterruptedException {
        process.destroyForcibly().waitFor();
        process = start();
    }

    private Process start() throws IOException, InterruptedException {
        Path config = directory.resolve("target.json");
        Files.writeString(config, config());
        ProcessBuilder builder =
                new ProcessBuilder(
                        program,
                        "-m",
                        "0x1",
                        "-r",
                        directory.resolve("target.sock").toString(),
                        "-c",
                        config.toString(),
                        "--no-huge",
                        "-s",
                        "512",
                        "--no-pci",
                        "--disable-cpumask-locks");
        builder.environment().put("LD_LIBRARY_PATH", libraries());
        Path log = directory.resolve("target.log");
        Process started = builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
        long deadlineNs = System.nanoTime() + STARTED_NS;
        while (!listens()) {
            if (!started.isAlive() || System.nanoTime() > deadlineNs) {
                started.destroyForcibly();
                throw new IOException("nvmf_tgt does not listen: " + Files.readString(log));
            }
            Thread.sleep(100);
        }
        return started;
    }

    private boolean listens() {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    private static String libraries() {
        List<Path> libraries = SpdkFiles.find(System.getenv()).libraries();
        return libraries.stream()
                .map(library -> String.valueOf(library.getParent()))
                .distinct()
                .collect(Collectors.joining(":"));
    }

    private String config() {
        return """
        {"subsystems": [
          {"subsystem": "bdev", "config": [
            {"method": "bdev_set_options",
             "params": {"bdev_io_pool_size": 4096, "bdev_io_cache_size": 64}},
            {"method": "bdev_nvme_attach_controller",
             "params": {"name": "Device", "trtype": "TCP", "adrfam": "IPv4",
                        "traddr": "127.0.0.1", "trsvcid": "%d", "subnqn": "%s",
                        "fabrics_connect_timeout_us": 20000000}}]},
          {"subsystem": "nvmf", "config": [
            {"method": "nvmf_create_transport", "params": {"trtype": "TCP"}},
            {"method": "nvmf_create_subsystem",
             "params": {"nqn": "%s", "allow_any_host": true, "serial_number": "TEST"}},
            {"method": "nvmf_subsystem_add_ns",
             "params": {"nqn": "%s", "namespace": {"bdev_name": "Devicen1"%s}}},
            {"method": "nvmf_subsystem_add_listener",
             "params": {"nqn": "%s", "listen_address":
               {"trtype": "TCP", "adrfam": "IPv4", "traddr": "127.0.0.1", "trsvcid": "%d"}}}]}]}
        """
                .formatted(device.port(), LoopbackTarget.NQN, NQN, NQN, memory(), NQN, port);
    }

    private String memory() {
        return keeps ? ", \"ptpl_file\": \"%s\"".formatted(directory.resolve("reservations")) : "";
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
