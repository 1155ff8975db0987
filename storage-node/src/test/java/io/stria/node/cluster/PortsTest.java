package io.stria.node.cluster;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;

final class PortsTest {
    private static String refusal(String address, int port) {
        return String.valueOf(
                assertThrows(ClusterException.class, () -> Ports.check(address, port))
                        .getMessage());
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
    void aPortThatWasGivenBackIsFree() throws IOException {
        int port;
        try (ServerSocket user = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            port = user.getLocalPort();
        }
        Ports.check("127.0.0.1", port);
    }

    @Test
    void anAddressOfAnotherMachineIsRefused() {
        assertTrue(refusal("192.0.2.1", 4420).contains("no address of this machine"));
    }
}
