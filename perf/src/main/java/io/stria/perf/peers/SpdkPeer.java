package io.stria.perf.peers;

import io.stria.perf.load.TargetAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * SPDK's NVMe-oF target with one device in memory, on one core, which it polls without pause: so it
 * stands still while it is not its turn.
 */
final class SpdkPeer extends NvmePeer {
    private static final String NQN = "nqn.2016-06.io.spdk:bench";
    private static final long STARTED_NS = TimeUnit.SECONDS.toNanos(30);

    private final Path program;
    private final int port;
    private Process process;

    private SpdkPeer(Plan plan, Path program, int port) {
        super(plan);
        this.program = program;
        this.port = port;
    }

    /**
     * @throws PeerMissingException if it is not on this machine
     */
    static SpdkPeer find(Plan plan) throws PeerMissingException, IOException {
        if (plan.kind().equals("file")) {
            throw new PeerMissingException("spdk is measured with devices in memory");
        }
        if ("poll".equals(System.getenv("STRIA_WAITING"))) {
            throw new PeerMissingException(
                    "a node that polls (STRIA_WAITING) takes half of its core in spdk's turns too");
        }
        String home = System.getenv("STRIA_SPDK_HOME");
        if (home == null) {
            throw new PeerMissingException(
                    "STRIA_SPDK_HOME does not name the directory where SPDK was built");
        }
        for (String place : List.of("build/bin/nvmf_tgt", "bin/nvmf_tgt", "nvmf_tgt")) {
            Path program = Path.of(home, place);
            if (Files.isExecutable(program)) {
                try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                    return new SpdkPeer(plan, program, free.getLocalPort());
                }
            }
        }
        throw new PeerMissingException("there is no nvmf_tgt below " + home);
    }

    @Override
    public String name() {
        return "spdk";
    }

    @Override
    public String what() {
        return "nvmf_tgt, one malloc device, no parity, one polling core";
    }

    @Override
    public void start() throws IOException, InterruptedException {
        Path config = plan.directory().resolve("spdk.json");
        Files.writeString(config, config());
        boolean hugePages =
                !Files.readString(Path.of("/proc/sys/vm/nr_hugepages")).strip().equals("0");
        List<String> command =
                new java.util.ArrayList<>(
                        List.of(
                                program.toString(),
                                "-m",
                                "[" + plan.targetCpu() + "]",
                                "-r",
                                plan.directory().resolve("spdk.sock").toString(),
                                "-c",
                                config.toString()));
        if (!hugePages) {
            command.addAll(List.of("--no-huge", "-s", "3072"));
        }
        process = Processes.start(command, plan.directory().resolve("spdk.log"));
        awaitListening();
        fill();
        rest();
    }

    private void awaitListening() throws IOException, InterruptedException {
        long deadlineNs = System.nanoTime() + STARTED_NS;
        while (true) {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                assert socket.isConnected();
                return;
            } catch (IOException e) {
                if (!process.isAlive() || System.nanoTime() > deadlineNs) {
                    throw new IOException(
                            "nvmf_tgt does not listen: "
                                    + Files.readString(plan.directory().resolve("spdk.log")),
                            e);
                }
                Thread.sleep(100);
            }
        }
    }

    private String config() {
        return """
        {"subsystems": [
          {"subsystem": "bdev", "config": [
            {"method": "bdev_malloc_create",
             "params": {"name": "Malloc0", "num_blocks": %d, "block_size": 4096}}]},
          {"subsystem": "nvmf", "config": [
            {"method": "nvmf_create_transport", "params": {"trtype": "TCP"}},
            {"method": "nvmf_create_subsystem",
             "params": {"nqn": "%s", "allow_any_host": true, "serial_number": "BENCH"}},
            {"method": "nvmf_subsystem_add_ns",
             "params": {"nqn": "%s", "namespace": {"bdev_name": "Malloc0"}}},
            {"method": "nvmf_subsystem_add_listener",
             "params": {"nqn": "%s", "listen_address":
               {"trtype": "TCP", "adrfam": "IPv4", "traddr": "127.0.0.1", "trsvcid": "%d"}}}]}]}
        """
                .formatted(plan.spanBytes() / 4096, NQN, NQN, NQN, port);
    }

    @Override
    void awaken() throws IOException, InterruptedException {
        Processes.signal(pid(), "CONT");
    }

    @Override
    void rest() throws IOException, InterruptedException {
        Processes.signal(pid(), "STOP");
    }

    @Override
    TargetAddress address() {
        return new TargetAddress(new InetSocketAddress("127.0.0.1", port), NQN, 1);
    }

    @Override
    long pid() {
        return process.pid();
    }

    @Override
    public void close() {
        if (process != null) {
            process.destroyForcibly();
        }
    }
}
