package io.stria.node.cluster;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

final class PortsTest {
    private static String refusal(String address, int port) {
        return refusal(() -> Ports.check(address, port, ""));
    }

    private static String refusal(Executable check) {
        return String.valueOf(assertThrows(ClusterException.class, check).getMessage());
    }

    @Test
    void namesThePortInUseAndWhoHasIt() throws IOException {
        try (ServerSocket user = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            String sentence = refusal("127.0.0.1", user.getLocalPort());

            assertTrue(sentence.contains("port " + user.getLocalPort()), sentence);
            assertTrue(sentence.contains("pid " + ProcessHandle.current().pid()), sentence);
        }
    }

    @Test
    void onlyAClusterThatIsYetToBeMadeMayChooseOtherPorts() throws IOException {
        try (ServerSocket user = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            ClusterFile cluster =
                    new ClusterFile(
                            ClusterFile.FORMAT,
                            new UUID(1, 2),
                            ClusterFile.PAGE_SHIFT,
                            EngineKind.AUTO,
                            List.of(
                                    new ClusterNode(
                                            1,
                                            "127.0.0.1",
                                            user.getLocalPort(),
                                            0,
                                            0,
                                            0,
                                            "",
                                            "",
                                            true,
                                            List.of())));
            assertTrue(refusal(() -> Ports.checkChoice(cluster)).contains("--port-base"));
            assertFalse(refusal(() -> Ports.check(cluster)).contains("--port-base"));
        }
    }

    @Test
    void aPortThatWasGivenBackIsFree() throws IOException {
        int port;
        try (ServerSocket user = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            port = user.getLocalPort();
        }
        Ports.check("127.0.0.1", port, "");
    }

    @Test
    void anAddressOfAnotherMachineIsRefused() {
        assertTrue(refusal("192.0.2.1", 4420).contains("no address of this machine"));
    }
}
