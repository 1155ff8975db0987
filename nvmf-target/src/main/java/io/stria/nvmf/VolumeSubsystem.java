package io.stria.nvmf;

import io.stria.dataplane.device.BlockDevice;
import io.stria.nvme.AnaState;
import io.stria.nvme.AsyncEvent;
import io.stria.nvme.LogPageId;
import io.stria.nvme.StatusCode;
import io.stria.nvme.SubmissionEntry;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A volume as hosts see it: one namespace of logical blocks of 4 KiB or 512 bytes. Every node
 * presents it under the same identity; the node that owns the volume does so as {@link
 * AnaState#OPTIMIZED} path, the others as {@link AnaState#INACCESSIBLE} ones. Without a device it
 * answers no IO, whatever its state.
 */
public final class VolumeSubsystem extends Subsystem {
    /** The namespace's id. */
    public static final int NSID = 1;

    /** MDTS. */
    public static final int TRANSFER_BYTES_MAX = 1 << 20;

    /** The group that the namespace is in, on every node. */
    public static final int ANA_GROUP = 1;

    /** Most blocks of one transfer, and of one Verify. */
    static final int TRANSFER_BLOCKS_MAX = TRANSFER_BYTES_MAX / BlockDevice.BLOCK_BYTES;

    /** Most logical blocks of one Write Zeroes. */
    static final int ZEROED_LBAS_MAX = 1 << 16;

    /** Most blocks of one range of Dataset Management. */
    static final int UNMAP_BLOCKS_MAX = 1 << 16;

    static final int UNMAP_RANGES_MAX = 255;

    private final VolumeDescription description;
    private final LbaFormat format;
    private final IoCounters counters = new IoCounters();
    private int pageBlocks;
    private long blocks;
    private @Nullable BlockDevice device;
    private AnaState anaState = AnaState.INACCESSIBLE;
    private long anaChanges = 1;

    /** How often it has ceased to serve. */
    private long term;

    private int inFlight;

    /** Compare and Verify commands that wait for the one before. */
    private final ArrayDeque<DataCheck> checks = new ArrayDeque<>();

    private @Nullable DataCheck checking;
    private boolean beginning;

    /** Inaccessible at first; with logical blocks as large as blocks. */
    public VolumeSubsystem(SubsystemIdentity identity, long blocks) {
        this(identity, blocks, BlockDevice.BLOCK_BYTES);
    }

    /**
     * Inaccessible at first.
     *
     * @param blocks of 4 KiB
     * @param lbaBytes size of the logical blocks that hosts address, 4096 or 512
     */
    public VolumeSubsystem(SubsystemIdentity identity, long blocks, int lbaBytes) {
        super(identity.nqn());
        this.format = new LbaFormat(lbaBytes);
        this.description = new VolumeDescription(this, identity);
        this.blocks = blocks;
    }

    public AnaState anaState() {
        return anaState;
    }

    /**
     * Changes the path's state, and tells the hosts. What hosts have sent before it ceases to serve
     * is not executed when it serves again: they may have had it done on another path meanwhile,
     * and have written the same blocks since.
     */
    public void setAnaState(AnaState state) {
        if (anaState != state) {
            boolean served = isServed();
            anaState = state;
            anaChanges++;
            raise(AsyncEvents.Kind.ANA);
            if (served && !isServed()) {
                term++;
                controllers().forEach(Controller::onTermEnded);
            }
        }
    }

    private boolean isServed() {
        return anaState == AnaState.OPTIMIZED || anaState == AnaState.NON_OPTIMIZED;
    }

    /** What executes IO from now on; null: nothing does. */
    public void setDevice(@Nullable BlockDevice next) {
        device = next;
    }

    public long blocks() {
        return blocks;
    }

    LbaFormat format() {
        return format;
    }

    /** Size in logical blocks. */
    long lbas() {
        return blocks * format.perBlock();
    }

    /** Most logical blocks of one transfer, and of one Verify. */
    int transferLbasMax() {
        return TRANSFER_BYTES_MAX / format.bytes();
    }

    /** Changes the size, and tells the hosts. */
    public void resize(long newBlocks) {
        if (blocks != newBlocks) {
            blocks = newBlocks;
            for (Controller controller : controllers()) {
                controller.onNamespaceChanged();
            }
            raise(AsyncEvents.Kind.NAMESPACE);
        }
    }

    /**
     * Size of the volume's pages in blocks, 0 (at first) if it has none: IO is split where one
     * ends. For hosts that identify the namespace from now on; the same on every node.
     */
    public void setPageBlocks(int size) {
        pageBlocks = size;
    }

    int pageBlocks() {
        return pageBlocks;
    }

    /** Writes of this size and alignment cost least: as much of a page as one command moves. */
    int optimalBlocks() {
        return Math.min(pageBlocks, TRANSFER_BLOCKS_MAX);
    }

    /** How often the state has changed, and one. */
    long anaChanges() {
        return anaChanges;
    }

    /** IO commands that the device has not finished, orphans included. */
    public int inFlight() {
        return inFlight;
    }

    public IoCounters counters() {
        return counters;
    }

    /**
     * The device, or null when IO cannot be served; {@link #refusal} says with what status it is
     * refused.
     */
    @Nullable BlockDevice serving() {
        return isServed() ? device : null;
    }

    /** The same for a command that was admitted before. */
    @Nullable BlockDevice serving(Command command) {
        return command.term == term ? serving() : null;
    }

    /** For commands that are admitted now. */
    long term() {
        return term;
    }

    int refusal() {
        return switch (anaState) {
            case CHANGE -> StatusCode.ANA_TRANSITION;
            case PERSISTENT_LOSS -> StatusCode.ANA_PERSISTENT_LOSS;
            case OPTIMIZED, NON_OPTIMIZED, INACCESSIBLE -> StatusCode.ANA_INACCESSIBLE;
        };
    }

    /** Begins it when those before it have ended: one at a time. */
    void begin(DataCheck check) {
        checks.add(check);
        nextCheck();
    }

    /**
     * Ends those of a connection that has ended, as far as they have not begun: the host's new
     * queue waits for its old commands, and shall not wait for those of others that stand before
     * them.
     */
    void endChecksOf(Connection connection) {
        List<DataCheck> ended = new ArrayList<>();
        checks.removeIf(check -> check.isOf(connection) && ended.add(check));
        ended.forEach(DataCheck::giveUp);
        DataCheck first = checking;
        if (first != null && first.isOf(connection)) {
            first.giveUpWaiting();
        }
    }

    void onCheckEnded() {
        checking = null;
        nextCheck();
    }

    private void nextCheck() {
        if (beginning) {
            return; // the call further out goes on: a long line is no deep stack
        }
        beginning = true;
        while (checking == null && !checks.isEmpty()) {
            checking = checks.remove();
            checking.begin();
        }
        beginning = false;
    }

    void onIoBegun() {
        inFlight++;
    }

    void onIoEnded() {
        inFlight--;
    }

    @Override
    int supportedEvents() {
        return AsyncEvent.CONFIG_NAMESPACE | AsyncEvent.CONFIG_ANA;
    }

    @Override
    int ioQueuesMax(TargetConfig config) {
        return config.ioQueues();
    }

    @Override
    int transferBytesMax() {
        return TRANSFER_BYTES_MAX;
    }

    @Override
    CommandExecutor ioCommands(QueuePair queue) {
        return new VolumeCommands(this, queue);
    }

    @Override
    boolean hasOneAssociationPerPath() {
        return true;
    }

    @Override
    long idleTimeoutMs() {
        return 0;
    }

    @Override
    void identifyController(Controller controller, MemorySegment data, long offset) {
        description.identifyController(controller, data, offset);
    }

    @Override
    int identify(int cns, int nsid, int commandSet, MemorySegment data, long offset) {
        return description.identify(cns, nsid, commandSet, data, offset);
    }

    /** The controller's counts are those of its one namespace. */
    @Override
    int checkLogNamespace(int page, int nsid) {
        boolean known = nsid == 0 || nsid == NSID || nsid == SubmissionEntry.NSID_ALL;
        return known || page != LogPageId.SMART
                ? StatusCode.SUCCESS
                : StatusCode.INVALID_NAMESPACE | StatusCode.DNR;
    }

    @Override
    @Nullable MemorySegment logPage(Arena arena, Controller controller, int page, int specific) {
        return description.logPage(arena, controller, page, specific);
    }
}
