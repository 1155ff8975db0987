package io.stria.systemtests.host;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A real Linux as NVMe/TCP host: a user-mode Linux 6.1 in a network namespace of its own, up in
 * about a second. Its files are this machine's, with an overlay in memory, so the installed
 * nvme-cli and fio work and nothing it writes is seen outside.
 *
 * <p>Targets are processes started by {@link #startInNamespace}; they listen on {@link
 * #targetAddress}, which the host reaches over a tap device. All of it goes with {@link #close},
 * and also when this JVM ends in any way. Methods may be called from any thread.
 */
public final class KernelHost implements AutoCloseable {
    /**
     * Targets can have addresses 0 to this minus one: as many nodes or paths with an address each.
     */
    public static final int TARGET_ADDRESSES = 16;

    static final long POLL_MILLIS = 5;
    private static final int MEMORY_MEBIBYTES = 1024;
    private static final Duration BOOT_LIMIT = Duration.ofSeconds(60);

    private final Path scripts;
    private final Path directory;
    private final Path share;
    private final Process machine;
    private final HostNetwork network;
    private int lastScript;

    private KernelHost(Path scripts, Path directory, Process machine) {
        this.scripts = scripts;
        this.directory = directory;
        this.share = directory.resolve("share");
        this.machine = machine;
        this.network = new HostNetwork(read(directory.resolve("namespace")).strip(), directory);
    }

    /** Why this machine cannot run a kernel host, in one sentence; empty when it can. */
    public static Optional<String> whyNot() {
        return Checked.WHY_NOT;
    }

    /** Boots a host; returns when it takes scripts. */
    public static KernelHost start() {
        whyNot().ifPresent(reason -> {
            throw new HostException(reason);
        });
        KernelBuild build = KernelBuild.locate();
        Path scripts = Objects.requireNonNull(build.scripts());
        try {
            Path directory = Files.createTempDirectory(memoryDirectory(), "stria-host");
            Process machine =
                    new ProcessBuilder(
                                    scripts.resolve("run").toString(),
                                    Objects.requireNonNull(build.linux()).toString(),
                                    directory.toString(),
                                    Integer.toString(MEMORY_MEBIBYTES))
                            .redirectErrorStream(true)
                            .redirectOutput(directory.resolve("console.log").toFile())
                            .start();
            return awaitBoot(scripts, directory, machine);
        } catch (IOException e) {
            throw new HostException("the host did not start", e);
        }
    }

    /** The first address for targets, in the namespace. */
    public String targetAddress() {
        return targetAddress(0);
    }

    /** The address for the target with this index, below {@link #TARGET_ADDRESSES}. */
    public String targetAddress(int index) {
        return "10.77.0." + (1 + Objects.checkIndex(index, TARGET_ADDRESSES));
    }

    /** The host's own address. */
    public String address() {
        return "10.77.0.200";
    }

    /**
     * Runs a bash script on the host, as root, to its end; its exit code is the caller's to judge.
     */
    public Result run(String script, Duration timeout) {
        return start(script).await(timeout);
    }

    /** Starts a bash script on the host. */
    public synchronized Running start(String script) {
        int number = lastScript + 1;
        Path hidden = share.resolve(number + ".new");
        try {
            Files.writeString(hidden, script);
            Files.move(hidden, share.resolve(number + ".cmd"), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new HostException("the host takes no script", e);
        }
        lastScript = number;
        return new Running(this, number, script);
    }

    /** Silently drops every packet between the host and the target with this index. */
    public void cutPath(int targetIndex) {
        network.cut(address(), targetAddress(targetIndex));
    }

    /** Undoes {@link #cutPath}. */
    public void restorePath(int targetIndex) {
        network.restore(address(), targetAddress(targetIndex));
    }

    /** The namespace, for processes and faults beyond the plain ones. */
    public HostNetwork network() {
        return network;
    }

    /** Starts a target (or anything else) in the namespace; {@link #processLog} has its output. */
    public Process startInNamespace(List<String> command) {
        return network.start(command);
    }

    /** What a process of {@link #startInNamespace} has printed so far. */
    public String processLog(Process process) {
        return network.log(process);
    }

    /** The command line of this JVM's java with its class path, to start a main class of a test. */
    public static List<String> javaCommand(String... optionsAndMainClass) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("--enable-native-access=ALL-UNNAMED");
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.addAll(List.of(optionsAndMainClass));
        return command;
    }

    /** What the kernel and its first process said; for messages of failed tests. */
    public String console() {
        return read(directory.resolve("console.log"));
    }

    /** The console, what the host's processes do now and a second later, and its kernel's calls. */
    String state() {
        String before = ProcessStates.of(machine);
        awaitMillis(1000);
        return console()
                + before
                + "a second later:\n"
                + ProcessStates.of(machine)
                + ProcessStates.callsOf(machine, "linux");
    }

    /** Ends the host, everything started in its namespace, and the namespace. */
    @Override
    public void close() {
        try {
            machine.getOutputStream().close();
            if (!machine.waitFor(10, TimeUnit.SECONDS)) {
                machine.destroy();
                machine.waitFor();
            }
            network.end();
            Command.run("rm", "-rf", directory.toString());
        } catch (IOException e) {
            machine.destroy();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the end of its input ends it all the same
        }
    }

    /** The directory of {@code init} and its programs, the same here and on the host. */
    Path scripts() {
        return scripts;
    }

    /** The file of this name that the host wrote, or will write. */
    Path shared(String name) {
        return share.resolve(name);
    }

    /** Waits for something the host does; fails when the host has ended instead. */
    void awaitMillis(long millis) {
        if (hasEnded(machine, millis)) {
            throw new HostException("the host ended by itself\n" + console());
        }
    }

    private static boolean hasEnded(Process machine, long millis) {
        try {
            return machine.waitFor(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new HostException("interrupted while waiting for the host", e);
        }
    }

    private static KernelHost awaitBoot(Path scripts, Path directory, Process machine) {
        long deadlineNs = System.nanoTime() + BOOT_LIMIT.toNanos();
        while (!Files.exists(directory.resolve("share").resolve("ready"))) {
            if (hasEnded(machine, POLL_MILLIS) || System.nanoTime() - deadlineNs > 0) {
                machine.destroy();
                throw new HostException(
                        "the host did not boot:\n" + read(directory.resolve("console.log")));
            }
        }
        return new KernelHost(scripts, directory, machine);
    }

    private static Path memoryDirectory() {
        Path memory = Path.of("/dev/shm");
        return Files.isWritable(memory)
                        && memory.toFile().getUsableSpace() > (long) MEMORY_MEBIBYTES << 20
                ? memory
                : Path.of(System.getProperty("java.io.tmpdir"));
    }

    static String read(Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "(no " + file + ")";
        }
    }

    /** The machine does not change while the tests run: one check a JVM. */
    private static final class Checked {
        static final Optional<String> WHY_NOT = HostRequirements.whyNot();
    }
}
