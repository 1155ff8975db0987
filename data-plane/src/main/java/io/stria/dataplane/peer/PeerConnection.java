package io.stria.dataplane.peer;

import io.stria.dataplane.device.FragmentFormat;
import io.stria.dataplane.device.FragmentOp;
import io.stria.dataplane.device.IoStatus;
import io.stria.nvme.CapsuleCmd;
import io.stria.nvme.CapsuleResp;
import io.stria.nvme.CompletionEntry;
import io.stria.nvme.DataPdu;
import io.stria.nvme.PduError;
import io.stria.nvme.PduHeader;
import io.stria.nvme.PduLimits;
import io.stria.nvme.PduReader;
import io.stria.nvme.PduType;
import io.stria.nvme.PeerCommand;
import io.stria.nvme.SglDescriptor;
import io.stria.nvme.StatusCode;
import io.stria.nvme.SubmissionEntry;
import io.stria.runtime.StreamHandler;
import io.stria.runtime.TcpStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * The store's end of one peer connection: {@link PeerLogin} first, then fragment commands.
 * Everything received is untrusted.
 */
final class PeerConnection implements StreamHandler, PduReader.Handler {
    private static final long LOGIN_NS = 5_000_000_000L;
    private static final long STALL_NS = 2_500_000_000L;

    /** Of the large buffers, at most so many at a time: a share of all. */
    static final int LARGE_BUFFERS_MAX = 16;

    private static final int OUT_BYTES = Math.max(DataPdu.BYTES, CapsuleResp.BYTES);
    private static final PduLimits LIMITS = new PduLimits(true, PeerBuffers.LARGE_BYTES, 4096, 4);

    private final PeerTarget target;
    private final Arena arena = Arena.ofAuto();
    private final PduReader reader = new PduReader(arena, LIMITS, this);
    private final MemorySegment out = arena.allocate(OUT_BYTES, 8);
    private final PeerLogin login;
    private final ArrayDeque<PeerCommandSlot> idle = new ArrayDeque<>();
    private final ArrayDeque<PeerCommandSlot> answers = new ArrayDeque<>();
    private int slotsMade;
    private int largeBuffers;
    private boolean waitsForOwnBuffer;

    /** Bytes of the command that waits outside for a buffer of its device's share. */
    private int starvedBytes;

    /** It does so now; {@link PeerLine}'s. */
    boolean inLine;

    /** When it logged in at the latest, or when the peer last took something of what is due. */
    private long progressNs;

    private int sendSpaceSeen;

    /** PDUs that have arrived whole. */
    private long arrived;

    private long arrivedSeen;

    /** When there was none under way, or another one, at the latest. */
    private long betweenNs;

    private @Nullable TcpStream stream;
    private @Nullable PeerCommandSlot arriving;
    private long copied;

    PeerConnection(PeerTarget target) {
        this.target = target;
        this.login = new PeerLogin(target, arena);
    }

    @Override
    public void onConnected(TcpStream connected) {
        stream = connected;
        login.onConnected(connected);
        progressNs = target.nowNs();
        if (!target.opened(this)) {
            target.counters().onRefused();
            close("there are too many connections, all of members");
        }
    }

    @Override
    public int onData(TcpStream from, MemorySegment buffer, long offset, int length) {
        if (stream == null) {
            return length;
        }
        int consumed = reader.read(buffer, offset, length);
        PduError error = reader.error();
        if (error != null) {
            target.counters().onViolation();
            target.warn(
                    "the peer protocol was broken",
                    "%s broke the peer protocol: %s".formatted(from.remoteAddress(), error));
            from.close();
            return length;
        }
        return consumed;
    }

    /**
     * Ends a connection that does not log in, does not take its answers, or has a command under way
     * that its owner must have given up: it waits for a buffer, or does not arrive.
     */
    void check(long nowNs) {
        TcpStream open = stream;
        if (open == null) {
            return;
        }
        if (!login.isMember()) {
            if (nowNs - progressNs > LOGIN_NS) {
                target.counters().onLate();
                close("it has not logged in");
            }
            return;
        }
        if (!reader.isInside() || arrived != arrivedSeen) {
            arrivedSeen = arrived;
            betweenNs = nowNs;
        } else if (nowNs - betweenNs > OutstandingCommands.COMMAND_TIMEOUT_NS) {
            target.counters().onStalled();
            close(reader.isWaiting() ? "its command found no buffer" : "its command has no end");
            return;
        }
        int space = open.sendSpace();
        if (answers.isEmpty() || space != sendSpaceSeen) {
            sendSpaceSeen = space;
            progressNs = nowNs;
        } else if (nowNs - progressNs > STALL_NS) {
            target.counters().onStalled();
            close("it does not take its answers");
        }
    }

    /** The node that has logged in, or {@link PeerLogin#NO_MEMBER}. */
    int memberOrNone() {
        return login.memberOrNone();
    }

    void close(String reason) {
        TcpStream open = stream;
        if (open != null) {
            target.warn(
                    "a peer was disconnected",
                    "peer %s is disconnected: %s".formatted(open.remoteAddress(), reason));
            open.close();
        }
    }

    /**
     * A buffer, or null: then it waits for one of its own, or for one of its device's share, and
     * goes on when there is one.
     */
    @Nullable MemorySegment take(int bytes) {
        waitsForOwnBuffer = bytes > PeerBuffers.SMALL_BYTES && largeBuffers >= LARGE_BUFFERS_MAX;
        if (waitsForOwnBuffer) {
            return null;
        }
        MemorySegment buffer = login.share().take(bytes);
        if (buffer == null) {
            starvedBytes = bytes;
            target.starved(this);
        } else if (bytes > PeerBuffers.SMALL_BYTES) {
            largeBuffers++;
        }
        return buffer;
    }

    /** Whether what it waits for is there now. */
    boolean finds() {
        return login.share().mayTake(starvedBytes);
    }

    void give(MemorySegment buffer, int bytes) {
        login.share().give(buffer, bytes);
        target.bufferFreed();
        if (bytes > PeerBuffers.SMALL_BYTES) {
            largeBuffers--;
            if (waitsForOwnBuffer) {
                waitsForOwnBuffer = false;
                resume();
            }
        }
    }

    @Override
    public void onSendSpace(TcpStream of) {
        sendAnswers();
    }

    @Override
    public void onClosed(TcpStream closed, int errno) {
        stream = null;
        target.closed(this); // first: a buffer given back must not wake this one
        PeerCommandSlot partial = arriving;
        arriving = null;
        if (partial != null) {
            partial.releaseBuffer();
        }
        while (!answers.isEmpty()) {
            answers.remove().releaseBuffer();
        }
    }

    void resume() {
        TcpStream open = stream;
        if (open != null && open.isOpen()) {
            // The header that found no buffer is held by the reader: it may be all that had
            // arrived.
            reader.read(MemorySegment.NULL, 0, 0);
            if (!reader.isWaiting()) {
                open.resumeReceive();
            }
        }
    }

    @Override
    public boolean onHeader(PduType type, MemorySegment pdu, long offset, int dataBytes) {
        if (login.isMember() && type == PduType.CAPSULE_CMD) {
            copied = 0;
            return onCommand(pdu, offset + CapsuleCmd.SQE, dataBytes);
        }
        PduError error = login.onHeader(type, pdu, offset, dataBytes);
        if (error != null) {
            reader.fail(error);
        }
        return true;
    }

    private boolean onCommand(MemorySegment pdu, long sqe, int dataBytes) {
        FragmentOp op = PeerOpcodes.opOrNull(SubmissionEntry.opcode(pdu, sqe));
        int shift = PeerCommand.fragmentShift(pdu, sqe);
        int count = PeerCommand.count(pdu, sqe);
        long address = PeerCommand.address(pdu, sqe);
        int epoch = PeerCommand.epoch(pdu, sqe);
        if (op == null || shift < 9 || shift > 12 || address < 0 || epoch >>> 24 != 0) {
            reader.fail(
                    PduError.sequence(
                            "no peer command: opcode " + SubmissionEntry.opcode(pdu, sqe)));
            return true;
        }
        long fragments = (long) count * FragmentFormat.stride(1 << shift);
        long described = SglDescriptor.dataBytes(pdu, sqe + SubmissionEntry.SGL);
        long expected =
                switch (op) {
                    case WRITE, REPLACE, READ, READ_AT -> fragments;
                    case LIST -> described;
                    default -> 0;
                };
        boolean fits =
                described == expected
                        && expected <= PeerBuffers.LARGE_BYTES
                        && dataBytes == (PeerCommandSlot.carriesData(op) ? expected : 0);
        if (!fits) {
            reader.fail(
                    PduError.sequence(
                            op + " of " + described + " bytes in a capsule of " + dataBytes));
            return true;
        }
        PeerCommandSlot slot = idle.poll();
        if (slot == null) {
            if (slotsMade == OutstandingCommands.QUEUE_DEPTH) {
                reader.fail(PduError.sequence("more commands than the queue is deep"));
                return true;
            }
            slot = new PeerCommandSlot(this);
            slotsMade++;
        }
        if (!slot.takeBuffer((int) expected)) {
            idle.add(slot);
            if (stream != null) {
                stream.pauseReceive();
            }
            return false;
        }
        slot.commandId = SubmissionEntry.commandId(pdu, sqe);
        slot.request.op = op;
        slot.request.address = address;
        slot.request.count = count;
        slot.request.groups = PeerCommand.groups(pdu, sqe);
        slot.request.fragmentBytes = 1 << shift;
        slot.request.epoch = epoch;
        slot.request.watermark = PeerCommand.watermark(pdu, sqe);
        slot.request.allInSync = PeerCommand.allInSync(pdu, sqe);
        slot.request.dropsOthers = PeerCommand.dropsOthers(pdu, sqe);
        slot.request.version = PeerCommand.version(pdu, sqe);
        slot.request.association = login.associations().of(op, slot.request.vuid());
        arriving = slot;
        return true;
    }

    @Override
    public void onData(MemorySegment source, long offset, int length) {
        PeerCommandSlot slot = arriving;
        if (slot == null) {
            login.onData(source, offset, length);
        } else {
            MemorySegment.copy(source, offset, slot.request.buffer, copied, length);
            copied += length;
        }
    }

    @Override
    public void onEnd(boolean dataIntact) {
        arrived++;
        PeerCommandSlot slot = arriving;
        if (slot != null) {
            arriving = null;
            login.device().submit(slot.request);
        } else if (login.onEnd()) {
            target.loggedIn(this);
        }
    }

    /** The store is done with a command. */
    void executed(PeerCommandSlot slot) {
        if (stream == null) {
            slot.releaseBuffer();
            return;
        }
        answers.add(slot);
        sendAnswers();
    }

    private void sendAnswers() {
        TcpStream open = stream;
        while (open != null && !answers.isEmpty()) {
            PeerCommandSlot slot = answers.element();
            int bytes = slot.answerBytes();
            if (open.sendSpace() < DataPdu.BYTES + bytes + CapsuleResp.BYTES) {
                return; // onSendSpace goes on
            }
            answers.remove();
            if (bytes > 0) {
                DataPdu.write(
                        out, 0, PduType.C2H_DATA, PduHeader.FLAG_LAST, slot.commandId, 0, 0, bytes);
                PduHeader.frame(out, 0, bytes, 4, false, false);
                open.send(out, 0, DataPdu.BYTES);
                open.send(slot.request.buffer, slot.request.bufferOffset, bytes);
            }
            CapsuleResp.writeHeader(out, 0);
            int status =
                    slot.status == IoStatus.OK
                            ? StatusCode.SUCCESS
                            : PeerOpcodes.statusCode(slot.status);
            CompletionEntry.write(
                    out, CapsuleResp.CQE, slot.result, 0xFFFF, slot.commandId, status);
            open.send(out, 0, CapsuleResp.BYTES);
            slot.releaseBuffer();
            idle.add(slot);
        }
    }
}
