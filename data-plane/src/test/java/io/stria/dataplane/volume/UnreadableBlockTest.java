package io.stria.dataplane.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.stria.dataplane.device.BlockDevice;
import io.stria.dataplane.device.DeviceAddress;
import io.stria.dataplane.device.IoOp;
import io.stria.dataplane.device.IoStatus;
import org.junit.jupiter.api.Test;

/** A block that nobody can read any more costs that block, and nothing else. */
class UnreadableBlockTest {
    private static final int OTHERS = 192;

    private final OwnerScenario scenario = new OwnerScenario();

    private void goAway(int... slots) {
        for (int slot : slots) {
            scenario.stores.get(slot).setUp(false);
        }
        scenario.runUntil(() -> scenario.behind.size() == slots.length);
    }

    private void comeBack(int... slots) {
        for (int slot : slots) {
            scenario.stores.get(slot).setUp(true);
        }
    }

    /** Slots 2 and 3 miss the block, then one of the two fragments that there are rots. */
    private void loseBlockZero() {
        goAway(2, 3);
        assertEquals(IoStatus.OK, scenario.write(0, 1, 8));
        assertTrue(scenario.stores.get(0).rot(OwnerScenario.VUID), "the only block there is");
        for (int block = 64; block < 64 + OTHERS; block += 32) {
            assertEquals(IoStatus.OK, scenario.write(block, 32, block));
        }
    }

    private IoStatus readStatus(long block) {
        return scenario.end(scenario.begin(IoOp.READ, block, 1, 0)).status;
    }

    @Test
    void slotsThatComeBackGetInSyncWithoutIt() {
        loseBlockZero();
        comeBack(2, 3);
        scenario.runUntil(() -> scenario.behind.isEmpty());
        int replaced = scenario.stores.get(2).replaced() + scenario.stores.get(3).replaced();
        assertTrue(replaced <= 2 * (OTHERS + 1), replaced + " replacements");
        assertEquals(IoStatus.MEDIA_ERROR, readStatus(0));
        assertEquals(64, scenario.read(70));
    }

    @Test
    void itNeverReadsAsWhatWasThereBefore() {
        assertEquals(IoStatus.OK, scenario.write(0, 1, 7));
        loseBlockZero();
        comeBack(2, 3);
        scenario.runUntil(() -> scenario.behind.isEmpty());
        scenario.stores.get(0).setUp(false);
        scenario.stores.get(1).setUp(false);
        assertEquals(IoStatus.UNAVAILABLE, readStatus(0));
        scenario.startOwner();
        scenario.runUntil(() -> scenario.owner.isServing());
        assertEquals(IoStatus.UNAVAILABLE, readStatus(0));
        assertEquals(64, scenario.read(70));
    }

    @Test
    void aWriteHealsIt() {
        loseBlockZero();
        comeBack(2, 3);
        scenario.runUntil(() -> scenario.behind.isEmpty());
        assertEquals(IoStatus.OK, scenario.write(0, 1, 9));
        assertEquals(9, scenario.read(0));
        scenario.stores.get(0).setUp(false);
        scenario.stores.get(1).setUp(false);
        assertEquals(9, scenario.read(0));
    }

    @Test
    void whatAReturningSlotHoldsOfItCounts() {
        goAway(3);
        assertEquals(IoStatus.OK, scenario.write(0, 1, 8));
        goAway(3, 2);
        assertTrue(scenario.stores.get(0).rot(OwnerScenario.VUID), "the only block there is");
        comeBack(2, 3);
        scenario.runUntil(() -> scenario.behind.isEmpty());
        assertEquals(8, scenario.read(0));
        scenario.runFor(OwnerScenario.SECOND_NS);
        scenario.stores.get(1).setUp(false);
        scenario.stores.get(2).setUp(false);
        assertEquals(8, scenario.read(0));
    }

    /** A slot is behind, and two others have lost a fragment each, of different blocks. */
    @Test
    void aReadOfManyBlocksLosesNoneThatCouldBeReadAlone() {
        goAway(3);
        assertEquals(IoStatus.OK, scenario.write(0, 32, 8));
        rot(0, 3);
        rot(1, 20);
        OwnerScenario.Io io = scenario.end(scenario.begin(IoOp.READ, 0, 32, 0));
        assertEquals(IoStatus.OK, io.status);
        for (int block = 0; block < 32; block++) {
            assertEquals(8, io.value(block), "block " + block);
        }
    }

    /** Of the first page, whose chunks are at its first LPAs. */
    private void rot(int slot, int block) {
        int units = BlockDevice.BLOCK_BYTES / 2 / 512;
        for (long lpa = 0; lpa < 4; lpa++) {
            long offset = (lpa << OwnerScenario.PAGE_SHIFT) + (long) block * units;
            byte[] data =
                    scenario.stores.get(slot).newest(DeviceAddress.of(OwnerScenario.VUID, offset));
            if (data != null) {
                data[0] ^= 1;
                return;
            }
        }
        fail("the slot has none of the block");
    }
}
