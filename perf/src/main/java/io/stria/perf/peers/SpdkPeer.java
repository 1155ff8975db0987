package io.stria.perf.peers;

import io.stria.perf.load.TargetAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * SPDK's NVMe-oF target with one device in memory, or several under its raid5f, on one core, which
 * it polls without pause: so it stands still while it is not its turn.
 *
 * <p>raid5f writes whole stripes only. A stripe here is a block of 4 KiB, as of a volume: so every
 * write is one, and goes to n devices and one for parity, where Stria has two.
 */
final class SpdkPeer extends NvmePeer {
    private static final String NQN = "nqn.2016-06.io.spdk:bench";
    private static final long STARTED_NS = TimeUnit.SECONDS.toNanos(30);
    private static final int BLOCK_BYTES = 4096;

    private final String name;
    private final Path program;
    private final int port;
    private Process process;

    private SpdkPeer(Plan plan, String name, Path program, int port) {
        super(plan);
        this.name = name;
        this.program = program;
        this.port = port;
    }

    /**
     * One device.
     *
     * @throws PeerMissingException if it is not on this machine
     */
    static SpdkPeer find(Plan plan) throws PeerMissingException, IOException {
        return find(plan, "spdk");
    }

    /**
     * As many as the scheme has data fragments, and one for parity.
     *
     * @throws PeerMissingException if it is not on this machine, or was built without raid5f
     */
    static SpdkPeer findRaid(Plan plan)
            throws PeerMissingException, IOException, InterruptedException {
        if (plan.dataFragments() != 2 && plan.dataFragments() != 4) {
            throw new PeerMissingException("raid5f has strips from 1 KiB on: --scheme 2+2 or 4+2");
        }
        SpdkPeer peer = find(plan, "raid5f");
        try {
            Processes.run(List.of("grep", "-rq", "bdev_raid5f", home() + "/build"));
        } catch (IOException e) {
            throw new PeerMissingException(
                    "SPDK was built without raid5f (./configure --with-raid5f)");
        }
        return peer;
    }

    private static String home() throws PeerMissingException {
        String home = System.getenv("STRIA_SPDK_HOME");
        if (home == null) {
            throw new PeerMissingException(
                    "STRIA_SPDK_HOME does not name the directory where SPDK was built");
        }
        return home;
    }

    private static SpdkPeer find(Plan plan, String name) throws PeerMissingException, IOException {
        if (plan.kind().equals("file")) {
            throw new PeerMissingException("spdk is measured with devices in memory");
        }
        if ("poll".equals(System.getenv("STRIA_WAITING"))) {
            throw new PeerMissingException(
                    "a node that polls (STRIA_WAITING) takes half of its core in spdk's turns too");
        }
        String home = home();
        for (String place : List.of("build/bin/nvmf_tgt", "bin/nvmf_tgt", "nvmf_tgt")) {
            Path program = Path.of(home, place);
            if (Files.isExecutable(program)) {
                try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                    return new SpdkPeer(plan, name, program, free.getLocalPort());
                }
            }
        }
        throw new PeerMissingException("there is no nvmf_tgt below " + home);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String what() {
        return isRaid()
                ? "nvmf_tgt, raid5f of %d malloc devices, one parity, one polling core"
                        .formatted(plan.dataFragments() + 1)
                : "nvmf_tgt, one malloc device, no parity, one polling core";
    }

    @Override
    public void start() throws IOException, InterruptedException {
        Path config = plan.directory().resolve("spdk.json");
        Files.writeString(config, config());
        boolean hugePages =
                !Files.readString(Path.of("/proc/sys/vm/nr_hugepages")).strip().equals("0");
        List<String> command =
                new ArrayList<>(
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

    private boolean isRaid() {
        return name.equals("raid5f");
    }

    private String config() {
        return """
        {"subsystems": [
          {"subsystem": "bdev", "config": [%s]},
          {"subsystem": "nvmf", "config": [
            {"method": "nvmf_create_transport", "params": {"trtype": "TCP"}},
            {"method": "nvmf_create_subsystem",
             "params": {"nqn": "%s", "allow_any_host": true, "serial_number": "BENCH"}},
            {"method": "nvmf_subsystem_add_ns",
             "params": {"nqn": "%s", "namespace": {"bdev_name": "%s"}}},
            {"method": "nvmf_subsystem_add_listener",
             "params": {"nqn": "%s", "listen_address":
               {"trtype": "TCP", "adrfam": "IPv4", "traddr": "127.0.0.1", "trsvcid": "%d"}}}]}]}
        """
                .formatted(devices(), NQN, NQN, isRaid() ? "Raid" : "Malloc0", NQN, port);
    }

    private String devices() {
        if (!isRaid()) {
            return malloc(0, plan.spanBytes(), BLOCK_BYTES);
        }
        int data = plan.dataFragments();
        int stripBytes = BLOCK_BYTES / data;
        List<String> methods = new ArrayList<>();
        List<String> names = new ArrayList<>();
        for (int i = 0; i <= data; i++) {
            methods.add(malloc(i, plan.spanBytes() / data, 512));
            names.add("\"Malloc%d\"".formatted(i));
        }
        methods.add(
                """
                {"method": "bdev_raid_create", "params": {"name": "Raid", "raid_level": "raid5f",
                  "strip_size_kb": %d, "base_bdevs": [%s]}}\
                """
                        .formatted(stripBytes >> 10, String.join(", ", names)));
        return String.join(",\n", methods);
    }

    private static String malloc(int number, long bytes, int blockBytes) {
        return """
        {"method": "bdev_malloc_create",
         "params": {"name": "Malloc%d", "num_blocks": %d, "block_size": %d}}\
        """
                .formatted(number, bytes / blockBytes, blockBytes);
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
