package io.stria.systemtests.host;

import java.time.Duration;

/**
 * The kernel's own NVMe/TCP target on the host, on its loopback: one subsystem whose namespace is
 * memory (null_blk). What Stria is compared with, and what the judges are proved against.
 */
public record KernelTarget(KernelHost host, String name, int port) {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    /**
     * Makes the subsystem {@code name} with so many MiB in blocks of 4 KiB, on this port of
     * 127.0.0.1.
     */
    public static KernelTarget inMemory(KernelHost host, String name, int port, int mebibytes) {
        String script =
                """
                set -e
                device=/sys/kernel/config/nullb/nullb_%1$s
                mkdir $device
                echo 1 >$device/memory_backed
                echo %3$d >$device/size
                echo 4096 >$device/blocksize
                echo 1 >$device/power
                cd /sys/kernel/config/nvmet
                mkdir subsystems/%1$s ports/%2$d
                echo 1 >subsystems/%1$s/attr_allow_any_host
                mkdir subsystems/%1$s/namespaces/1
                echo /dev/nullb_%1$s >subsystems/%1$s/namespaces/1/device_path
                echo 1 >subsystems/%1$s/namespaces/1/enable
                echo tcp >ports/%2$d/addr_trtype
                echo ipv4 >ports/%2$d/addr_adrfam
                echo 127.0.0.1 >ports/%2$d/addr_traddr
                echo %2$d >ports/%2$d/addr_trsvcid
                ln -s "$PWD/subsystems/%1$s" ports/%2$d/subsystems/%1$s
                """;
        host.run(script.formatted(name, port, mebibytes), LIMIT).orThrow();
        return new KernelTarget(host, name, port);
    }

    /** Connects the host to it; the block device. */
    public String connect(String... options) {
        Initiator initiator = new Initiator(host);
        initiator.connect(name, "127.0.0.1", port, options);
        return initiator.device(name);
    }

    /** From now on operations that touch these 512-byte sectors fail; {@code last} is included. */
    public void breakSectors(long first, long last) {
        markSectors('+', first, last);
    }

    public void repairSectors(long first, long last) {
        markSectors('-', first, last);
    }

    private void markSectors(char mark, long first, long last) {
        String script = "echo '%s%d-%d' >/sys/kernel/config/nullb/nullb_%s/badblocks";
        host.run(script.formatted(mark, first, last, name), LIMIT).orThrow();
    }
}
