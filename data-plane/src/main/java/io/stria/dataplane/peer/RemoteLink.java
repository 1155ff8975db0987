package io.stria.dataplane.peer;

import io.stria.dataplane.device.FragmentRequest;
import io.stria.nvme.CapsuleResp;
import io.stria.nvme.CompletionEntry;
import io.stria.nvme.DataPdu;
import io.stria.nvme.IcResp;
import io.stria.nvme.PduError;
import io.stria.nvme.PduLimits;
import io.stria.nvme.PduReader;
import io.stria.nvme.PduType;
import io.stria.runtime.Engine;
import io.stria.runtime.StreamHandler;
import io.stria.runtime.TcpStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * One connection to a peer's store: its stream and PDUs, which it hands to the login and to the
 * commands that they are for. What still comes after it was dropped goes nowhere.
 */
final class RemoteLink implements StreamHandler, PduReader.Handler {
    /** Hears of a connection until it is dropped. */
    interface Listener {
        void onConnected();

        void onLogin(RemoteLogin.Outcome outcome);

        /** Another command may find room. */
        void onRoom();

        /** It is closed, or has to be. */
        void onLost();
    }

    private static final System.Logger LOG = System.getLogger(RemoteLink.class.getName());
    private static final int DATA_BYTES_MAX = 1 << 20;
    private static final PduLimits LIMITS = new PduLimits(false, 0, DATA_BYTES_MAX, 4);

    private final InetSocketAddress address;
    private final String device;
    private final RemoteLogin login;
    private final OutstandingCommands commands;
    private final KeepAlive keepAlive;
    private final Listener listener;
    private final PduReader reader;
    private boolean dropped;
    private @Nullable TcpStream stream;
    private MemorySegment target = MemorySegment.NULL;
    private long targetOffset;
    private int answeredId = -1;
    private int answeredStatus;
    private long answeredResult;
    private boolean initialized;

    /**
     * @param device the name of the store's device
     * @param readers for the PDU that arrives
     */
    RemoteLink(
            InetSocketAddress address,
            String device,
            SegmentAllocator readers,
            RemoteLogin login,
            OutstandingCommands commands,
            KeepAlive keepAlive,
            Listener listener) {
        this.address = address;
        this.device = device;
        this.login = login;
        this.commands = commands;
        this.keepAlive = keepAlive;
        this.listener = listener;
        this.reader = new PduReader(readers, LIMITS, this);
    }

    void connect(Engine engine) {
        stream = engine.connect(address, this);
    }

    /** Closes it, and hears no more of it. */
    void drop() {
        dropped = true;
        if (stream != null) {
            stream.close();
        }
    }

    TcpStream stream() {
        TcpStream open = stream;
        if (open == null) {
            throw new IllegalStateException("no stream to " + address);
        }
        return open;
    }

    @Override
    public void onConnected(TcpStream connected) {
        stream = connected;
        if (dropped) {
            connected.close();
        } else {
            listener.onConnected();
            login.initialize(connected);
        }
    }

    @Override
    public int onData(TcpStream from, MemorySegment buffer, long offset, int length) {
        if (dropped) {
            return length;
        }
        keepAlive.onData();
        int consumed = reader.read(buffer, offset, length);
        PduError error = reader.error();
        if (error != null && !dropped) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "{0} at {1} broke the protocol: {2}",
                    device,
                    address,
                    error);
            listener.onLost();
        }
        return dropped ? length : consumed;
    }

    @Override
    public void onSendSpace(TcpStream of) {
        if (!dropped) {
            listener.onRoom();
        }
    }

    @Override
    public void onClosed(TcpStream closed, int errno) {
        if (!dropped) {
            stream = null;
            listener.onLost();
        }
    }

    @Override
    public boolean onHeader(PduType type, MemorySegment pdu, long offset, int dataBytes) {
        if (dropped) {
            return true;
        }
        switch (type) {
            case IC_RESP -> {
                if (!login.isInitializing() || IcResp.digests(pdu, offset) != 0) {
                    reader.fail(PduError.sequence("ICResp out of order"));
                }
                initialized = true;
            }
            case CAPSULE_RESP -> {
                answeredId = CompletionEntry.commandId(pdu, offset + CapsuleResp.CQE);
                answeredStatus = CompletionEntry.status(pdu, offset + CapsuleResp.CQE);
                answeredResult = CompletionEntry.result(pdu, offset + CapsuleResp.CQE);
                if (answeredId != RemoteLogin.COMMAND_ID && !commands.isOutstanding(answeredId)) {
                    reader.fail(PduError.sequence("an answer to no command: " + answeredId));
                }
            }
            case C2H_DATA -> aim(pdu, offset, dataBytes);
            default -> reader.fail(PduError.sequence("unexpected " + type));
        }
        return true;
    }

    private void aim(MemorySegment pdu, long offset, int dataBytes) {
        int id = DataPdu.commandId(pdu, offset);
        long at = DataPdu.dataOffset(pdu, offset);
        if (id == RemoteLogin.COMMAND_ID && login.takes(at + dataBytes)) {
            target = login.data();
            targetOffset = at;
            return;
        }
        FragmentRequest request = commands.receive(id, at, dataBytes);
        if (request == null) {
            reader.fail(
                    PduError.sequence(
                            "data that nobody asked for: " + DataPdu.describe(pdu, offset)));
            return;
        }
        target = request.buffer;
        targetOffset = request.bufferOffset + at;
    }

    @Override
    public void onData(MemorySegment source, long offset, int length) {
        if (!dropped) {
            MemorySegment.copy(source, offset, target, targetOffset, length);
            targetOffset += length;
        }
    }

    @Override
    public void onEnd(boolean dataIntact) {
        if (dropped) {
            return;
        }
        if (initialized && login.isInitializing()) {
            login.join(stream());
        } else if (answeredId == RemoteLogin.COMMAND_ID) {
            answeredId = -1;
            listener.onLogin(login.answered(stream(), address, answeredStatus));
        } else if (answeredId >= 0) {
            int id = answeredId;
            answeredId = -1;
            commands.answered(id, PeerOpcodes.status(answeredStatus), answeredResult);
            listener.onRoom();
        }
    }
}
