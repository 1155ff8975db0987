package io.stria.nvmf;

import io.stria.nvme.ControllerProperty;
import io.stria.nvme.IdentifyController;
import io.stria.nvme.LittleEndian;
import io.stria.nvme.StatusCode;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One host's association with a subsystem: made by the Connect of an admin queue, and gone with it.
 */
public final class Controller {
    private static final int READY_TIMEOUT_MS = 10_000;
    private static final int ABORT_LIMIT_LESS_ONE = 3;
    private static final int IO_ENTRY_SIZES =
            6 << ControllerProperty.CC_IOSQES_SHIFT | 4 << ControllerProperty.CC_IOCQES_SHIFT;
    private static final int IO_ENTRY_SIZES_MASK =
            0xF << ControllerProperty.CC_IOSQES_SHIFT | 0xF << ControllerProperty.CC_IOCQES_SHIFT;

    private final NvmfTarget target;
    private final Subsystem subsystem;
    private final HostIdentity host;
    private final int id;
    private final Connection admin;
    private final List<Connection> io = new ArrayList<>();

    /** Those whose Connects wait, and that are no queues of it yet. */
    private final Set<Connection> waiting = new LinkedHashSet<>();

    private final AsyncEvents events = new AsyncEvents();
    private final Features features = new Features(this);
    private final ErrorHistory errors = new ErrorHistory();
    private final KeepAlive keepAlive;
    private int configuration;
    private int status;
    private boolean namespaceChanged;
    private boolean ended;

    Controller(
            NvmfTarget target, Subsystem subsystem, HostIdentity host, int id, Connection admin) {
        this.target = target;
        this.subsystem = subsystem;
        this.host = host;
        this.id = id;
        this.admin = admin;
        this.keepAlive = new KeepAlive(target.timers(), this::onSilence);
    }

    private void onSilence() {
        target.counters().onSilent();
        end("keep alive expired");
    }

    /** CNTLID. */
    public int id() {
        return id;
    }

    public HostIdentity host() {
        return host;
    }

    public Subsystem subsystem() {
        return subsystem;
    }

    /** IO queues that are connected. */
    public int ioQueues() {
        return io.size();
    }

    TargetConfig config() {
        return target.config();
    }

    AsyncEvents events() {
        return events;
    }

    ErrorHistory errors() {
        return errors;
    }

    Buffers buffers() {
        return target.buffers();
    }

    Features features() {
        return features;
    }

    HostAssociations associations() {
        return subsystem.associations();
    }

    Connection admin() {
        return admin;
    }

    /** See {@link Connection#onTermEnded}. */
    void onTermEnded() {
        List.copyOf(io).forEach(Connection::onTermEnded);
    }

    // What it can do.

    int ioQueuesMax() {
        return subsystem.ioQueuesMax(config());
    }

    int supportedEvents() {
        return subsystem.supportedEvents();
    }

    int transferBytesMax() {
        return subsystem.transferBytesMax();
    }

    boolean honoursRetryDelays() {
        return features.retryDelays();
    }

    /** The fields of Identify Controller that every controller has. */
    void identify(MemorySegment data, long offset) {
        LittleEndian.put32(data, offset + IdentifyController.OAES, supportedEvents());
        LittleEndian.put8(data, offset + IdentifyController.ACL, ABORT_LIMIT_LESS_ONE);
        LittleEndian.put8(data, offset + IdentifyController.AERL, AsyncEvents.REQUESTS_MAX - 1);
        LittleEndian.put8(data, offset + IdentifyController.ELPE, ErrorHistory.ENTRIES - 1);
        LittleEndian.put8(data, offset + IdentifyController.FRMW, IdentifyController.FRMW_ONE_SLOT);
        LittleEndian.put8(data, offset + IdentifyController.LPA, logPageAttributes());
        LittleEndian.put16(data, offset + IdentifyController.KAS, KeepAlive.UNIT_MS / 100);
        LittleEndian.put16(data, offset + IdentifyController.MAXCMD, config().queueEntries());
    }

    private int logPageAttributes() {
        int ofVolumes = IdentifyController.LPA_SMART_NAMESPACE | IdentifyController.LPA_EFFECTS;
        boolean volume = subsystem instanceof VolumeSubsystem;
        return IdentifyController.LPA_EXTENDED | (volume ? ofVolumes : 0);
    }

    // Properties.

    /** The value, or -1 if there is no such property of that size. */
    long property(int property, boolean isLong) {
        if (isLong) {
            return property == ControllerProperty.CAP
                    ? ControllerProperty.capabilities(config().queueEntries(), READY_TIMEOUT_MS)
                    : -1;
        }
        return switch (property) {
            case ControllerProperty.VS -> ControllerProperty.VERSION_1_4;
            case ControllerProperty.CC -> configuration & 0xFFFF_FFFFL;
            case ControllerProperty.CSTS -> status;
            default -> -1;
        };
    }

    /** Returns the command's status. */
    int setProperty(int property, boolean isLong, long value) {
        if (property != ControllerProperty.CC || isLong) {
            return StatusCode.INVALID_FIELD | StatusCode.DNR;
        }
        int before = configuration;
        configuration = (int) value;
        boolean enable = (configuration & ControllerProperty.CC_ENABLE) != 0;
        boolean enabled = (before & ControllerProperty.CC_ENABLE) != 0;
        if (enable && !enabled) {
            enable();
        } else if (!enable && enabled) {
            reset();
        }
        if ((configuration & ControllerProperty.CC_SHUTDOWN_MASK) != 0) {
            status |= ControllerProperty.CSTS_SHUTDOWN_COMPLETE;
        }
        return StatusCode.SUCCESS;
    }

    private void enable() {
        int unsupported = ControllerProperty.CC_CSS_MASK | ControllerProperty.CC_MPS_MASK;
        boolean sizes =
                ioQueuesMax() == 0 || (configuration & IO_ENTRY_SIZES_MASK) == IO_ENTRY_SIZES;
        status =
                (configuration & unsupported) == 0 && sizes
                        ? ControllerProperty.CSTS_READY
                        : ControllerProperty.CSTS_FATAL;
    }

    /** Back to what it was after Connect: the admin queue stays. */
    private void reset() {
        status = 0;
        events.clear();
        features.reset();
        closeIo("controller reset");
    }

    /** IO queues can be connected. */
    boolean isReady() {
        return status == ControllerProperty.CSTS_READY;
    }

    /** Commands are carried out, not only fabrics commands. */
    boolean isEnabled() {
        return (status & ControllerProperty.CSTS_READY) != 0;
    }

    // Queues.

    /** Whether the command was one that can be taken back; it has ended then. */
    boolean abort(int queueId, int commandId) {
        if (queueId == 0) {
            return events.abort(commandId) || admin.abort(commandId);
        }
        for (Connection connection : io) {
            QueuePair queue = connection.queue();
            if (queue != null && queue.id() == queueId) {
                return connection.abort(commandId);
            }
        }
        return false;
    }

    boolean hasIoQueues() {
        return !io.isEmpty();
    }

    boolean hasQueue(int queueId) {
        for (Connection connection : io) {
            QueuePair queue = connection.queue();
            if (queue != null && queue.id() == queueId) {
                return true;
            }
        }
        return false;
    }

    void addQueue(Connection connection) {
        io.add(connection);
    }

    void onConnectionClosed(Connection connection, QueuePair queue, String reason) {
        if (queue.id() == 0) {
            end(reason);
        } else {
            io.remove(connection);
        }
    }

    /** The admin queue is about to close: what waits for events there is nothing to wait for. */
    void forgetEvents() {
        events.clear();
    }

    private void closeIo(String reason) {
        List.copyOf(io).forEach(connection -> connection.close(reason));
        List.copyOf(waiting).forEach(connection -> connection.close(reason));
    }

    // Life and death.

    /**
     * Sets the timeout.
     *
     * @param timeoutMs 0: none, but subsystems may have one for idle hosts
     */
    void setKeepAlive(long timeoutMs) {
        keepAlive.start(timeoutMs > 0 ? timeoutMs : subsystem.idleTimeoutMs());
    }

    long keepAliveMs() {
        return keepAlive.timeoutMs();
    }

    /** A command came, on any of its queues, at that time of the loop. */
    void onTraffic(long nowNs) {
        keepAlive.onTraffic(nowNs);
    }

    /** A Connect of its host waits for what the host had left behind. */
    void onConnectWaits(Connection connection) {
        waiting.add(connection);
        keepAlive.hold();
    }

    void onConnectWaitEnds(Connection connection) {
        waiting.remove(connection);
        keepAlive.release();
    }

    void onNamespaceChanged() {
        namespaceChanged = true;
    }

    boolean hasChangedNamespace() {
        return namespaceChanged;
    }

    void onChangedNamespaceRead() {
        namespaceChanged = false;
    }

    /** Closes all connections; the host may come again. */
    void end(String reason) {
        if (ended) {
            return;
        }
        ended = true;
        keepAlive.stop();
        events.clear();
        subsystem.detach(this);
        closeIo(reason);
        admin.close(reason);
    }

    /** Whether a host that connects now has given up this association to do so. */
    boolean isReplacedBy(HostIdentity newHost, @Nullable Object local, @Nullable Object remote) {
        return host.equals(newHost)
                && admin.stream().localAddress().equals(local)
                && admin.stream().remoteAddress().getAddress().equals(remote);
    }
}
