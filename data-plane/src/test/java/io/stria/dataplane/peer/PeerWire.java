package io.stria.dataplane.peer;

import io.stria.nvme.CapsuleCmd;
import io.stria.nvme.ConnectCommand;
import io.stria.nvme.ConnectData;
import io.stria.nvme.FabricsType;
import io.stria.nvme.IcReq;
import io.stria.nvme.PduHeader;
import io.stria.nvme.SglDescriptor;
import io.stria.nvme.SubmissionEntry;
import io.stria.runtime.BlockFile;
import io.stria.runtime.Clock;
import io.stria.runtime.Engine;
import io.stria.runtime.StreamHandler;
import io.stria.runtime.StreamListener;
import io.stria.runtime.StreamListener.AcceptHandler;
import io.stria.runtime.TcpStream;
import io.stria.runtime.Timers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** One connection to a device of a peer target: bytes go in by hand, and time passes by hand. */
final class PeerWire implements Engine, TcpStream, Timers {
    private static final UUID DEVICE = new UUID(3, 4);
    private static final InetSocketAddress ADDRESS = new InetSocketAddress("10.0.0.2", 4421);
    private static final byte[] SECRET =
            "sixteen bytes or more".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] NONCE = new byte[PeerAuth.NONCE_BYTES];
    private static final int PART_BYTES = 2048;

    private final MemorySegment received = Arena.ofAuto().allocate(1 << 16, 8);
    private final PeerAuth auth = new PeerAuth(SECRET, NONCE::clone);
    private final PeerTarget target;
    private final StreamHandler connection;
    private @Nullable AcceptHandler acceptor;
    private int held;
    private boolean open = true;
    private boolean paused;
    private long nowNs;
    private long dueNs;
    private @Nullable Runnable due;

    PeerWire(PeerTarget.Device device) {
        try {
            target = new PeerTarget(this, this, ADDRESS, auth, () -> 9);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        target.addDevice(DEVICE, device);
        connection = Objects.requireNonNull(acceptor).onAccept(this);
        connection.onConnected(this);
    }

    /** Gives bytes to the connection, as a socket does: what it does not take comes again. */
    void receive(byte[] bytes, int offset, int length) {
        if (!open || held + length > received.byteSize()) {
            return;
        }
        MemorySegment.copy(MemorySegment.ofArray(bytes), offset, received, held, length);
        held += length;
        int taken = 1;
        while (open && !paused && held > 0 && taken > 0) {
            taken = connection.onData(this, received, 0, held);
            held -= taken;
            MemorySegment.copy(received, taken, received, 0, held);
        }
    }

    void end() {
        open = false;
        connection.onClosed(this, 0);
    }

    /** Runs what is due meanwhile. */
    void passTime(long ns) {
        long untilNs = nowNs + ns;
        while (due != null && dueNs <= untilNs) {
            Runnable callback = due;
            nowNs = dueNs;
            due = null;
            callback.run();
        }
        nowNs = untilNs;
    }

    int buffersInUse() {
        return target.buffers().inUse();
    }

    /** As an owner that knows the secret. */
    void logIn() {
        byte[] hello = new byte[IcReq.BYTES];
        IcReq.write(MemorySegment.ofArray(hello), 0, 0, 0, 0);
        receive(hello, 0, hello.length);
        byte[] names = new byte[ConnectData.BYTES];
        ConnectData.write(
                MemorySegment.ofArray(names),
                0,
                new byte[16],
                ConnectData.ANY_CONTROLLER,
                PeerNames.device(DEVICE),
                PeerNames.node(1));
        step(FabricsType.CONNECT, names);
        step(FabricsType.AUTHENTICATION_SEND, NONCE);
        step(FabricsType.AUTHENTICATION_RECEIVE, new byte[0]);
        step(
                FabricsType.AUTHENTICATION_SEND,
                auth.ownerProof(NONCE, NONCE, PeerNames.device(DEVICE)));
    }

    private void step(int type, byte[] data) {
        byte[] bytes = new byte[PART_BYTES];
        MemorySegment pdu = MemorySegment.ofArray(bytes);
        CapsuleCmd.writeHeader(pdu, 0);
        if (type == FabricsType.CONNECT) {
            ConnectCommand.write(pdu, CapsuleCmd.SQE, 1, 1, 128, 0, 0);
        } else {
            SubmissionEntry.writeFabrics(pdu, CapsuleCmd.SQE, type, 1);
            SglDescriptor.write(
                    pdu,
                    CapsuleCmd.SQE + SubmissionEntry.SGL,
                    SglDescriptor.ID_IN_CAPSULE,
                    data.length);
        }
        int at = PduHeader.frame(pdu, 0, data.length, 4, false, false);
        System.arraycopy(data, 0, bytes, at, data.length);
        receive(bytes, 0, at + data.length);
    }

    /** Of the stream: the connection may ask for it, and hears of its end by {@link #end}. */
    @Override
    public void close() {
        open = false;
    }

    // Engine.

    @Override
    public Clock clock() {
        return () -> 0;
    }

    @Override
    public int poll() {
        return 0;
    }

    @Override
    public void await(long timeoutNs) {}

    @Override
    public void deliverLater(Runnable delivery) {
        throw new AssertionError("nobody defers here");
    }

    @Override
    public void wake() {}

    @Override
    public BlockFile openFile(Path path, BlockFile.Options options) throws IOException {
        throw new IOException("no files here");
    }

    @Override
    public StreamListener listen(InetSocketAddress address, AcceptHandler handler) {
        acceptor = handler;
        return new StreamListener() {
            @Override
            public InetSocketAddress localAddress() {
                return address;
            }

            @Override
            public void close() {}
        };
    }

    @Override
    public TcpStream connect(InetSocketAddress address, StreamHandler handler) {
        throw new AssertionError("nobody connects");
    }

    // TcpStream.

    @Override
    public InetSocketAddress remoteAddress() {
        return ADDRESS;
    }

    @Override
    public InetSocketAddress localAddress() {
        return ADDRESS;
    }

    @Override
    public int sendSpace() {
        return sendCapacity();
    }

    @Override
    public int sendCapacity() {
        return 1 << 20;
    }

    @Override
    public void send(MemorySegment source, long offset, int length) {
        assert length >= 0 && offset + length <= source.byteSize();
    }

    @Override
    public void pauseReceive() {
        paused = true;
    }

    @Override
    public void resumeReceive() {
        paused = false;
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    // Timers; close, isOpen and the rest serve engine and stream alike.

    @Override
    public Timers.Timer schedule(long delayNs, Runnable callback) {
        assert due == null : "the target has one timer";
        dueNs = nowNs + delayNs;
        due = callback;
        return () -> due = null;
    }

    @Override
    public long nowNs() {
        return nowNs;
    }
}
