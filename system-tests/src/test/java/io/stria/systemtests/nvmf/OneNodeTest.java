package io.stria.systemtests.nvmf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.systemtests.host.FioJob;
import io.stria.systemtests.host.StampedWrites;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * What the stock initiator does on two paths, neither of which is lost. Its keep-alive is not so
 * short that a path is lost because the machine's cores are busy: the kernel must have nothing to
 * say.
 */
class OneNodeTest extends TwoPaths {
    OneNodeTest() {
        super(5);
    }

    @Test
    void isDiscoveredAndDescribedAsItIs() {
        String found = run("nvme discover -t tcp -a %s -s 4420".formatted(host.targetAddress(0)));
        assertTrue(found.contains(PathTarget.NQN), found);
        assertTrue(found.contains("traddr:  " + host.targetAddress(1)), found);

        run("nvme connect-all -t tcp -a %s -s 4420 %s".formatted(host.targetAddress(0), options));
        String device = initiator.device(PathTarget.NQN);
        awaitAna(0);
        String path = "/dev/" + initiator.paths(PathTarget.NQN).getFirst().controller();
        String controller = run("nvme id-ctrl " + path);
        assertTrue(controller.contains("mn        : Stria"), controller);
        assertTrue(controller.contains("anacap    : 21"), controller);
        String namespace = run("nvme id-ns " + device);
        assertTrue(namespace.contains("lbads:12"), namespace);
        String limits =
                """
                cd /sys/block/%s/queue
                echo $(<logical_block_size) $(<physical_block_size) $(<max_hw_sectors_kb) \
                    $(<optimal_io_size) $(<discard_granularity) $(<write_cache) $(<fua)
                """;
        assertEquals(
                "4096 4096 1024 1048576 4096 write through 0",
                run(limits.formatted(device.substring("/dev/".length()))).strip());
        for (String command :
                List.of(
                        "smart-log %s",
                        "fw-log %s",
                        "error-log %s -e 1",
                        "effects-log %s",
                        "ana-log %s",
                        "changed-ns-list-log %s",
                        "list-ns %s",
                        "ns-descs %s -n 1",
                        "cmdset-ind-id-ns %s -n 1",
                        "nvm-id-ctrl %s",
                        "get-feature %s -f 7",
                        "get-feature %s -f 0xf",
                        "get-property %s -o 0 -H",
                        "get-property %s -o 0x1c -H")) {
            run("nvme " + command.formatted(path));
        }
        run("nvme disconnect -n " + PathTarget.NQN);
        assertQuietKernel();
    }

    @Test
    void keepsEveryByteThatIsWritten() {
        String device = connectBoth();
        assertSound(FioJob.verifiedWrites(device, 64 << 20).run(host, LATER));
        for (int blockBytes : new int[] {8192, 12288, 131072, 1 << 20}) {
            assertSound(
                    FioJob.verifiedWrites(device, 32 << 20)
                            .blockBytes(blockBytes)
                            .run(host, LATER));
        }
        assertQuietKernel();
    }

    @Test
    void speaksDigests() {
        String device = connectBoth("--hdr-digest", "--data-digest");
        FioJob job = FioJob.verifiedWrites(device, 16 << 20);
        assertSound(job.run(host, LATER));
        assertSound(job.blockBytes(65536).run(host, LATER));
        assertQuietKernel();
    }

    @Test
    void speaksWithoutFlowControl() {
        String device = connectBoth("--disable-sqflow");
        assertSound(FioJob.verifiedWrites(device, 16 << 20).run(host, LATER));
        assertQuietKernel();
    }

    @Test
    void carriesAFileSystem() {
        String device = connectBoth();
        run(
                """
                mkfs.ext4 -q %1$s && mkdir -p /run/volume && mount -o discard %1$s /run/volume
                """
                        .formatted(device));
        assertSound(FioJob.verifiedWrites("/run/volume/file", 64 << 20).run(host, LATER));
        run("rm /run/volume/file && sync && fstrim /run/volume && umount /run/volume");
        run("fsck.ext4 -fn " + device);
        run("blkdiscard -z %1$s && cmp -n $((16 << 20)) %1$s /dev/zero".formatted(device));
        assertQuietKernel();
    }

    @Test
    void losesNothingWhenTheOwnerChanges() throws IOException {
        StampedWrites writes = connectAndWrite(4096);
        for (int turn = 1; turn <= 8; turn++) {
            writes.awaitAcknowledged(500, SOON);
            moveTo(turn % 2);
        }
        writes.awaitAcknowledged(500, SOON);
        assertSound(writes);
        awaitAna(0);
        assertQuietKernel();
    }

    @Test
    void showsANewSizeAtOnce() throws IOException {
        order(0, 1 << 15);
        String device = connectBoth();
        String size = "blockdev --getsize64 " + device;
        String wait = "for i in {1..100}; do [[ $(%s) == %d ]] && exit; sleep .05; done; exit 1";
        run(wait.formatted(size, 1L << 27));
        order(0, 1 << 16);
        run(wait.formatted(size, 1L << 28));
        assertQuietKernel();
    }
}
