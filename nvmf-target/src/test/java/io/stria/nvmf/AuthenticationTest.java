package io.stria.nvmf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.nvme.Cns;
import io.stria.nvme.ConnectCommand;
import io.stria.nvme.ConnectData;
import io.stria.nvme.ControllerProperty;
import io.stria.nvme.FabricsType;
import io.stria.nvme.LittleEndian;
import io.stria.nvme.StatusCode;
import io.stria.nvme.SubmissionEntry;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Authentication comes before anything else. */
class AuthenticationTest {
    private static final byte[] SECRET = {1, 2, 3, 4};

    private final World world = new World();

    AuthenticationTest() {
        world.volume.authenticateHosts((identity, nqn, queueId) -> new SharedSecret());
    }

    @AfterEach
    void closeWorld() {
        world.close();
    }

    /** The host sends the secret, the target sends it back turned round. */
    private static final class SharedSecret implements Authenticator {
        private boolean authenticated;

        @Override
        public int onSend(MemorySegment data, long offset, int bytes) {
            byte[] sent = data.asSlice(offset, bytes).toArray(ValueLayout.JAVA_BYTE);
            authenticated = Arrays.equals(SECRET, sent);
            return authenticated
                    ? StatusCode.SUCCESS
                    : StatusCode.AUTHENTICATION_REQUIRED | StatusCode.DNR;
        }

        @Override
        public int onReceive(MemorySegment data, long offset, int bytes) {
            LittleEndian.put32(data, offset, 0x01020304);
            return StatusCode.SUCCESS;
        }

        @Override
        public boolean isAuthenticated() {
            return authenticated;
        }
    }

    private static Answer authenticate(HostQueue queue, byte[] secret, int protocol) {
        return queue.await(
                queue.submit(
                        sqe -> {
                            SubmissionEntry.writeFabrics(
                                    sqe, 0, FabricsType.AUTHENTICATION_SEND, 0);
                            LittleEndian.put32(sqe, SubmissionEntry.CDW10, protocol);
                            LittleEndian.put32(sqe, SubmissionEntry.CDW11, secret.length);
                        },
                        secret,
                        true,
                        0));
    }

    @Test
    void takesNothingBeforeTheHostIsAuthenticated() {
        TestHost host = world.connect();
        Answer connected = host.connect(host.admin, 0, 32, ConnectData.ANY_CONTROLLER, World.NQN);
        assertTrue(connected.isOk());
        assertTrue((connected.result() & ConnectCommand.RESULT_AUTHENTICATE) != 0);
        int required = StatusCode.AUTHENTICATION_REQUIRED;
        assertEquals(required, host.keepAlive().code());
        assertEquals(required, host.identify(Cns.CONTROLLER, 0, 0).code());
        assertEquals(required, host.setProperty(ControllerProperty.CC, 0x0046_0001).code());
        byte[] wrong = {4, 3, 2, 1};
        assertEquals(required, authenticate(host.admin, wrong, 0xE901_0100).code());
        assertEquals(required, host.keepAlive().code());
        assertEquals(
                StatusCode.INVALID_FIELD, authenticate(host.admin, SECRET, 0xE901_0000).code());
        assertTrue(authenticate(host.admin, SECRET, 0xE901_0100).isOk());
        assertTrue(host.setProperty(ControllerProperty.CC, 0x0046_0001).isOk());
        host.controllerId = (int) connected.result() & 0xFFFF;

        HostQueue io = host.connectIo(1);
        assertEquals(required, TestHost.read(io, 0, 1).code());
        assertTrue(world.device.log.isEmpty(), "nothing is done before");
        Answer message =
                TestHost.read(
                        io,
                        8,
                        sqe -> {
                            SubmissionEntry.writeFabrics(
                                    sqe, 0, FabricsType.AUTHENTICATION_RECEIVE, 0);
                            LittleEndian.put32(sqe, SubmissionEntry.CDW10, 0xE901_0100);
                            LittleEndian.put32(sqe, SubmissionEntry.CDW11, 8);
                        });
        assertArrayEquals(new byte[] {4, 3, 2, 1, 0, 0, 0, 0}, message.data());
        assertTrue(authenticate(io, SECRET, 0xE901_0100).isOk());
        assertTrue(TestHost.read(io, 0, 1).isOk());
    }

    @Test
    void dropsHostsThatDoNotAuthenticateInTime() {
        TestHost host = world.connect();
        host.connect(host.admin, 0, 32, ConnectData.ANY_CONTROLLER, World.NQN);
        world.runFor(11_000_000_000L);
        assertTrue(host.admin.closed);
    }
}
