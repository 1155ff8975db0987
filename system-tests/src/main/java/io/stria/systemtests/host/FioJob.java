package io.stria.systemtests.host;

import java.time.Duration;

/**
 * A load of fio on a device or file of the host: direct IO through libaio.
 *
 * @param mode fio's {@code rw}, such as {@code randwrite}
 * @param offset where its region starts, in bytes
 * @param bytes size of the region
 * @param runtime how long; zero is until every block of the region was met once
 * @param verify whether every block carries a crc32c, and is read back and checked after the writes
 * @param perSecond operations per second at most; 0 is as many as the device and the CPU allow.
 *     With such a limit blocks are read back and checked soon after their writes, not after all of
 *     them.
 */
public record FioJob(
        String target,
        String mode,
        int blockBytes,
        int queueDepth,
        long offset,
        long bytes,
        Duration runtime,
        boolean verify,
        int perSecond) {

    /** Writes every 4 KiB block of the region once, in random order, and reads all of them back. */
    public static FioJob verifiedWrites(String target, long bytes) {
        return new FioJob(target, "randwrite", 4096, 16, 0, bytes, Duration.ZERO, true, 0);
    }

    /**
     * 4 KiB blocks at random places of the region, for a time: {@code randread}, {@code randwrite},
     * {@code randrw}.
     */
    public static FioJob load(String target, String mode, long bytes, Duration runtime) {
        return new FioJob(target, mode, 4096, 16, 0, bytes, runtime, false, 0);
    }

    public FioJob queueDepth(int depth) {
        return new FioJob(
                target, mode, blockBytes, depth, offset, bytes, runtime, verify, perSecond);
    }

    public FioJob blockBytes(int size) {
        return new FioJob(
                target, mode, size, queueDepth, offset, bytes, runtime, verify, perSecond);
    }

    public FioJob from(long start) {
        return new FioJob(
                target, mode, blockBytes, queueDepth, start, bytes, runtime, verify, perSecond);
    }

    public FioJob runtime(Duration time) {
        return new FioJob(
                target, mode, blockBytes, queueDepth, offset, bytes, time, verify, perSecond);
    }

    public FioJob perSecond(int operations) {
        return new FioJob(
                target, mode, blockBytes, queueDepth, offset, bytes, runtime, verify, operations);
    }

    /** Runs it to its end; IO and verification errors are in the result. */
    public FioResult run(KernelHost host, Duration timeout) {
        return start(host).await(timeout);
    }

    public RunningFio start(KernelHost host) {
        return new RunningFio(host.start(script()));
    }

    /**
     * The same, and writes what each IO took to a file of the host, for {@link
     * FioLatencies#of(KernelHost, String)}.
     */
    public RunningFio startLogged(KernelHost host, String log) {
        return new RunningFio(host.start(script() + " --write_lat_log=" + log));
    }

    private String script() {
        String time =
                runtime.isZero() ? "" : " --time_based --runtime=" + runtime.toMillis() + "ms";
        String check = verify ? " --verify=crc32c --verify_fatal=1" : "";
        String limit = perSecond == 0 ? "" : " --rate_iops=" + perSecond;
        if (verify && perSecond > 0) {
            check += " --verify_backlog=64";
        }
        return "exec fio --name=job --filename="
                + target
                + " --rw="
                + mode
                + " --bs="
                + blockBytes
                + " --iodepth="
                + queueDepth
                + " --offset="
                + offset
                + " --size="
                + bytes
                + time
                + check
                + limit
                + " --ioengine=libaio --direct=1 --randrepeat=0 --thread --output-format=json";
    }
}
