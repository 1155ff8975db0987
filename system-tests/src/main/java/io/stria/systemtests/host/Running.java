package io.stria.systemtests.host;

import java.nio.file.Files;
import java.time.Duration;

/** A bash script that runs, or ran, on a {@link KernelHost}. May be used from any thread. */
public final class Running {
    private final KernelHost host;
    private final int number;
    private final String script;

    Running(KernelHost host, int number, String script) {
        this.host = host;
        this.number = number;
        this.script = script;
    }

    public boolean hasEnded() {
        return Files.exists(host.shared(number + ".rc"));
    }

    /**
     * Waits for its end; when there is none in time it is killed, and the exception says what it
     * printed.
     */
    public Result await(Duration timeout) {
        long deadlineNs = System.nanoTime() + timeout.toNanos();
        while (!hasEnded()) {
            if (System.nanoTime() - deadlineNs > 0) {
                throw new HostException(
                        "no end within " + timeout + " of:\n" + script + "\n" + abandoned());
            }
            host.awaitMoment();
        }
        return new Result(Integer.parseInt(read("rc").strip()), read("out"), read("err"));
    }

    /** What it has printed on standard output until now. */
    public String outputSoFar() {
        return host.run("cat /run/" + number + ".out", Duration.ofSeconds(30)).orThrow().out();
    }

    /**
     * Sends a signal (such as {@code TERM}) to all its processes; no error when there are none
     * left.
     */
    public void signal(String name) {
        host.run(signalScript(name), Duration.ofSeconds(30));
    }

    private String signalScript(String name) {
        String pid = "/run/" + number + ".pid";
        return "until [[ -s "
                + pid
                + " ]]; do sleep 0.01; done; kill -"
                + name
                + " -- -$(<"
                + pid
                + ")";
    }

    /** Does not wait for the kill: a process that waits for its device takes it only afterwards. */
    private String abandoned() {
        Running output = host.start("tail -n 50 /run/" + number + ".out /run/" + number + ".err");
        host.start(signalScript("KILL"));
        long deadlineNs = System.nanoTime() + Duration.ofSeconds(5).toNanos();
        while (!output.hasEnded() && System.nanoTime() - deadlineNs < 0) {
            host.awaitMoment();
        }
        return output.hasEnded()
                ? output.read("out")
                : "(the host does not answer)\n" + host.console();
    }

    private String read(String kind) {
        return KernelHost.read(host.shared(number + "." + kind));
    }
}
