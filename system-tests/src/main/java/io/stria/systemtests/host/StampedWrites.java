package io.stria.systemtests.host;

import java.time.Duration;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Stamped writes on a host, and the judge of what is left of them: every block says which write it
 * is from, so that a block which is stale, torn or from elsewhere is found, also when its checksum
 * is right. Its log of issues and acknowledgements lives on the host, so writing may go on after a
 * stop, and verifying may come long after. The program is {@code system-tests/kernel-host/stamped}.
 */
public final class StampedWrites {
    private static final long PROGRESS_MILLIS = 100;

    private final KernelHost host;
    private StampedJob job;
    private final String log = "/run/stamped-" + UUID.randomUUID();
    private @Nullable Running running;

    private StampedWrites(KernelHost host, StampedJob job) {
        this.host = host;
        this.job = job;
    }

    /** Nothing is written yet. */
    public static StampedWrites of(KernelHost host, StampedJob job) {
        return new StampedWrites(host, job);
    }

    /** Starts to write, until {@link #stop}. */
    public static StampedWrites start(KernelHost host, StampedJob job) {
        StampedWrites writes = of(host, job);
        writes.resume();
        return writes;
    }

    /** Goes on with the same blocks, until {@link #stop}. */
    public void resume() {
        running = host.start(writeScript(0));
    }

    /** The same with so many operations per second at most. */
    public void resume(int perSecond) {
        job = job.perSecond(perSecond);
        resume();
    }

    /** Writes until about so many writes are acknowledged. */
    public StampedReport write(long acknowledged, Duration timeout) {
        return report(host.run(writeScript(acknowledged), timeout));
    }

    /** Writes acknowledged since the start or resume, at most half a second ago. */
    public long acknowledgedSoFar() {
        String output = running().outputSoFar();
        int last = output.lastIndexOf("acknowledged ");
        return last < 0 ? 0 : Long.parseLong(output.substring(last).split(" ", 3)[1]);
    }

    /** Waits until {@code more} writes have been acknowledged from now on. */
    public void awaitAcknowledged(long more, Duration timeout) {
        long deadlineNs = System.nanoTime() + timeout.toNanos();
        long enough = acknowledgedSoFar() + more;
        while (acknowledgedSoFar() < enough) {
            if (running().hasEnded() || System.nanoTime() - deadlineNs > 0) {
                throw new HostException("too few acknowledged writes:\n" + running().outputSoFar());
            }
            host.awaitMillis(PROGRESS_MILLIS);
        }
    }

    /** Stops issuing and waits for what is in flight, which takes as long as the device does. */
    public StampedReport stop(Duration timeout) {
        running().signal("TERM");
        return report(running().await(timeout));
    }

    /** Reads and judges all its blocks; nothing may be in flight. */
    public StampedReport verify(Duration timeout) {
        return verify(job.device(), timeout);
    }

    /** The same through another device, such as a second path or a copy of the volume. */
    public StampedReport verify(String device, Duration timeout) {
        return report(host.run(program("verify", device), timeout));
    }

    private Running running() {
        return Objects.requireNonNull(running, "not started");
    }

    /** Where the log is, on the host. */
    String log() {
        return log;
    }

    private String writeScript(long writes) {
        return program("write", job.device())
                + " --first "
                + job.firstBlock()
                + " --blocks "
                + job.blocks()
                + " --in-flight "
                + job.inFlight()
                + " --reads "
                + job.readPercent()
                + " --rate "
                + job.perSecond()
                + " --writes "
                + writes;
    }

    private String program(String command, String device) {
        return "exec python3 -BIS "
                + host.scripts()
                + "/stamped "
                + command
                + " "
                + device
                + " "
                + log;
    }

    private static StampedReport report(Result result) {
        if (result.exitCode() > 1 || result.out().isBlank() || !result.err().isEmpty()) {
            throw new HostException("stamped failed: " + result);
        }
        String out = result.out().stripTrailing();
        return StampedReport.parse(out.substring(out.lastIndexOf('\n') + 1));
    }
}
