package io.stria.systemtests.host;

import java.time.Duration;

/** A bash script that runs, or ran, on a {@link KernelHost}. May be used from any thread. */
public final class Running {
    private static final Duration ONE_STEP = Duration.ofSeconds(30);

    private final KernelHost host;
    private final int number;
    private final String script;

    Running(KernelHost host, int number, String script) {
        this.host = host;
        this.number = number;
        this.script = script;
    }

    public boolean hasEnded() {
        return read("rc").endsWith("\n");
    }

    /**
     * Waits for its end; it is killed when there is none in time, and the exception shows its
     * output.
     */
    public Result await(Duration timeout) {
        long deadlineNs = System.nanoTime() + timeout.toNanos();
        while (!hasEnded()) {
            if (System.nanoTime() - deadlineNs > 0) {
                throw new HostException(
                        "no end within " + timeout + " of:\n" + script + "\n" + abandoned());
            }
            host.awaitMillis(KernelHost.POLL_MILLIS);
        }
        return new Result(Integer.parseInt(read("rc").strip()), read("out"), read("err"));
    }

    /** What it has printed on standard output until now. */
    public String outputSoFar() {
        host.run(flushScript(), ONE_STEP).orThrow();
        return read("out");
    }

    /** Sends a signal (such as {@code TERM}) to all its processes; no error when none is left. */
    public void signal(String name) {
        host.run(signalScript(name), ONE_STEP);
    }

    /** Does not wait for the kill: a process that waits for its device takes it only afterwards. */
    private String abandoned() {
        Running flush = host.start(flushScript());
        host.start(signalScript("KILL"));
        long deadlineNs = System.nanoTime() + ONE_STEP.toNanos() / 4;
        while (!flush.hasEnded() && System.nanoTime() - deadlineNs < 0) {
            host.awaitMillis(KernelHost.POLL_MILLIS);
        }
        return flush.hasEnded()
                ? read("out") + read("err")
                : "(the host does not answer)\n" + host.state();
    }

    private String flushScript() {
        return ": >>/mnt/%1$d.out >>/mnt/%1$d.err".formatted(number);
    }

    private String signalScript(String name) {
        return "until [[ -s /run/%1$d.pid ]]; do sleep 0.01; done; kill -%2$s -- -$(</run/%1$d.pid)"
                .formatted(number, name);
    }

    private String read(String kind) {
        return KernelHost.read(host.shared(number + "." + kind));
    }
}
