package io.stria.nvmf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.nvme.Cns;
import io.stria.nvme.StatusCode;
import io.stria.nvme.SubmissionEntry;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class IdentifyTest {
    private final World world = new World();
    private final TestHost host = world.connect().enable();

    @AfterEach
    void closeWorld() {
        world.close();
    }

    /** Checks these bytes, and that all others are zero. */
    private static void assertOnly(Map<Integer, String> golden, byte[] data) {
        byte[] expected = new byte[4096];
        golden.forEach((offset, hex) -> {
            byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));
            System.arraycopy(bytes, 0, expected, offset, bytes.length);
        });
        int mismatch = Arrays.mismatch(expected, data);
        assertEquals(-1, mismatch, "first difference");
    }

    @Test
    void describesTheController() {
        Map<Integer, String> golden = new TreeMap<>();
        golden.put(4, "30313233343536373839 61626364656630313233"); // serial
        golden.put(24, "5374726961" + "20".repeat(35)); // Stria
        golden.put(64, "312e302020202020"); // 1.0
        golden.put(76, "0b 08 0410"); // multi-controller and ANA, 1 MiB, CNTLID 4100
        golden.put(80, "00040100"); // 1.4
        golden.put(92, "00090000"); // namespace and ANA events
        golden.put(96, "41000000"); // 128-bit host ids, traffic keeps alive
        golden.put(111, "01"); // IO controller
        golden.put(128, "0500"); // retry after half a second
        golden.put(258, "03 03 03 07 3f"); // ACL, AERL, FRMW, LPA, ELPE
        golden.put(320, "0100"); // KAS
        golden.put(342, "0a 15"); // ANATT, ANACAP
        golden.put(344, "01000000 01000000"); // ANAGRPMAX, NANAGRPID
        golden.put(512, "66 44 8000 01000000 8d00"); // SQES, CQES, MAXCMD, NN, ONCS
        golden.put(525, "06"); // no volatile cache
        golden.put(536, "01001000 01000000"); // SGLS, MNAN
        golden.put(768, HexFormat.of().formatHex(World.NQN.getBytes()));
        golden.put(1792, "04020000 01000000"); // IOCCSZ, IORCSZ
        golden.put(1803, "01 0100"); // MSDBD, OFCS
        assertOnly(golden, host.identify(Cns.CONTROLLER, 0, 0).data());
    }

    @Test
    void describesTheNamespace() {
        world.volume.setPageBlocks(256);
        Map<Integer, String> golden = new TreeMap<>();
        golden.put(0, "0010000000000000".repeat(3)); // 4096 blocks
        golden.put(24, "10"); // NSFEAT
        golden.put(30, "01"); // NMIC
        golden.put(33, "09"); // DLFEAT
        golden.put(46, "0001"); // NOIOB: a page
        golden.put(72, "ff00"); // NOWS: 1 MiB
        golden.put(92, "01000000"); // ANAGRPID
        golden.put(104, "0123456789abcdef0123456789abcdef"); // NGUID
        golden.put(130, "0c"); // LBADS
        assertOnly(golden, host.identify(Cns.NAMESPACE, 1, 0).data());
        assertOnly(
                Map.of(1, "01", 4, "01000000", 14, "01"),
                host.identify(Cns.INDEPENDENT_NAMESPACE, 1, 0).data());
        assertOnly(
                Map.of(
                        0,
                        "02100000 0123456789abcdef0123456789abcdef",
                        20,
                        "03100000 0123456789abcdef0123456789abcdef",
                        40,
                        "04010000 00"),
                host.identify(Cns.NAMESPACE_DESCRIPTORS, 1, 0).data());
    }

    @Test
    void describesItsCommandSet() {
        assertOnly(
                Map.of(0, "08 10 00 ff 00000100 0000ff0000000000"),
                host.identify(Cns.COMMAND_SET_CONTROLLER, 0, 0).data());
        assertOnly(Map.of(), host.identify(Cns.COMMAND_SET_NAMESPACE, 1, 0).data());
        assertOnly(Map.of(0, "01"), host.identify(Cns.COMMAND_SETS, 0, 0).data());
        for (int cns :
                new int[] {
                    Cns.COMMAND_SET_CONTROLLER,
                    Cns.COMMAND_SET_NAMESPACE,
                    Cns.COMMAND_SET_ACTIVE_NAMESPACES
                }) {
            assertEquals(StatusCode.INVALID_FIELD, host.identify(cns, 1, 2).code());
        }
    }

    @Test
    void listsItsNamespace() {
        for (int cns : new int[] {Cns.ACTIVE_NAMESPACES, Cns.COMMAND_SET_ACTIVE_NAMESPACES}) {
            assertOnly(Map.of(0, "01000000"), host.identify(cns, 0, 0).data());
            assertOnly(Map.of(), host.identify(cns, 1, 0).data());
            assertEquals(StatusCode.INVALID_NAMESPACE, host.identify(cns, 0xFFFF_FFFE, 0).code());
        }
    }

    @Test
    void refusesNamespacesAndStructuresThatDoNotExist() {
        for (int nsid : new int[] {0, 2, SubmissionEntry.NSID_ALL}) {
            Answer answer = host.identify(Cns.NAMESPACE, nsid, 0);
            assertEquals(StatusCode.INVALID_NAMESPACE, answer.code());
            assertEquals(0, answer.data().length);
        }
        for (int cns : new int[] {0x04, 0x10, 0x13, 0x17, 0xFF}) {
            assertEquals(StatusCode.INVALID_FIELD, host.identify(cns, 1, 0).code());
        }
    }

    @Test
    void saysTheSameOnEveryNode() {
        byte[] here = host.identify(Cns.NAMESPACE, 1, 0).data();
        byte[] names = host.identify(Cns.NAMESPACE_DESCRIPTORS, 1, 0).data();
        TestHost other = world.connect();
        other.hostNqn = "nqn.other";
        other.enable();
        assertArrayEquals(here, other.identify(Cns.NAMESPACE, 1, 0).data());
        assertArrayEquals(names, other.identify(Cns.NAMESPACE_DESCRIPTORS, 1, 0).data());
        assertTrue(other.controllerId != host.controllerId);
    }
}
