package io.stria.nvmf;

import io.stria.dataplane.device.BlockDevice;
import io.stria.nvme.AdminOpcode;
import io.stria.nvme.AnaLog;
import io.stria.nvme.AnaState;
import io.stria.nvme.AsyncEvent;
import io.stria.nvme.Cns;
import io.stria.nvme.CommandEffectsLog;
import io.stria.nvme.CommandSets;
import io.stria.nvme.ErrorLog;
import io.stria.nvme.FabricsType;
import io.stria.nvme.FirmwareSlotLog;
import io.stria.nvme.IdentifyController;
import io.stria.nvme.IdentifyIndependent;
import io.stria.nvme.IdentifyNamespace;
import io.stria.nvme.IdentifyNvm;
import io.stria.nvme.IoOpcode;
import io.stria.nvme.LittleEndian;
import io.stria.nvme.LogPageId;
import io.stria.nvme.NamespaceDescriptors;
import io.stria.nvme.NamespaceList;
import io.stria.nvme.SmartLog;
import io.stria.nvme.StatusCode;
import io.stria.nvme.SupportedLogPages;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * A volume as hosts see it: one namespace of blocks of 4 KiB. Every node presents it under the same
 * identity; the node that owns the volume does so as {@link AnaState#OPTIMIZED} path, the others as
 * {@link AnaState#INACCESSIBLE} ones. Without a device it answers no IO, whatever its state.
 */
public final class VolumeSubsystem extends Subsystem {
    /** The namespace's id. */
    public static final int NSID = 1;

    /** MDTS. */
    public static final int TRANSFER_BYTES_MAX = 128 * 1024;

    /** The group that the namespace is in, on every node. */
    public static final int ANA_GROUP = 1;

    /** Most blocks of one Write Zeroes, and of one range of Dataset Management. */
    static final int UNMAP_BLOCKS_MAX = 1 << 16;

    static final int UNMAP_RANGES_MAX = 255;

    /** How long a state of change may last, in seconds: hosts give up a path then. */
    private static final int ANA_TRANSITION_SECONDS = 10;

    private static final int[] LOG_PAGES = {
        LogPageId.SUPPORTED,
        LogPageId.ERROR,
        LogPageId.SMART,
        LogPageId.FIRMWARE_SLOT,
        LogPageId.CHANGED_NS,
        LogPageId.COMMAND_EFFECTS,
        LogPageId.ANA
    };

    private final SubsystemIdentity identity;
    private final IoCounters counters = new IoCounters();
    private int optimalBlocks;
    private long blocks;
    private @Nullable BlockDevice device;
    private AnaState anaState = AnaState.INACCESSIBLE;
    private long anaChanges = 1;
    private int inFlight;

    /** Inaccessible at first. */
    public VolumeSubsystem(SubsystemIdentity identity, long blocks) {
        super(identity.nqn());
        this.identity = identity;
        this.blocks = blocks;
    }

    public AnaState anaState() {
        return anaState;
    }

    /** Changes the path's state, and tells the hosts. */
    public void setAnaState(AnaState state) {
        if (anaState != state) {
            anaState = state;
            anaChanges++;
            raise(AsyncEvents.Kind.ANA);
        }
    }

    /** What executes IO from now on; null: nothing does. */
    public void setDevice(@Nullable BlockDevice next) {
        device = next;
    }

    public long blocks() {
        return blocks;
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
     * Size, alignment and boundary of writes that cost least, in blocks; 0: all are alike. For
     * hosts that identify the namespace from now on; the same on every node.
     */
    public void setOptimalBlocks(int optimal) {
        optimalBlocks = optimal;
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
        return anaState == AnaState.OPTIMIZED || anaState == AnaState.NON_OPTIMIZED ? device : null;
    }

    int refusal() {
        return switch (anaState) {
            case CHANGE -> StatusCode.ANA_TRANSITION;
            case PERSISTENT_LOSS -> StatusCode.ANA_PERSISTENT_LOSS;
            case OPTIMIZED, NON_OPTIMIZED, INACCESSIBLE -> StatusCode.ANA_INACCESSIBLE;
        };
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
    QueueHandler ioQueues() {
        return queue -> new VolumeCommands(this, queue);
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
        IdentifyController.write(
                data,
                offset,
                IdentifyController.TYPE_IO,
                identity.serial(),
                identity.model(),
                identity.firmware(),
                nqn(),
                controller.id());
        TargetConfig config = controller.config();
        IdentifyController.putQueues(data, offset, config.queueEntries(), config.capsuleBytes());
        IdentifyController.putMaxTransfer(data, offset, TRANSFER_BYTES_MAX);
        controller.identify(data, offset);
        LittleEndian.put8(
                data, offset + IdentifyController.CMIC, IdentifyController.CMIC_MULTIPATH_ANA);
        LittleEndian.put16(data, offset + IdentifyController.CRDT1, HostStatus.RETRY_DELAY_1_UNITS);
        LittleEndian.put8(data, offset + IdentifyController.ANATT, ANA_TRANSITION_SECONDS);
        LittleEndian.put8(
                data, offset + IdentifyController.ANACAP, IdentifyController.ANACAP_REPORTED);
        LittleEndian.put32(data, offset + IdentifyController.ANAGRPMAX, ANA_GROUP);
        LittleEndian.put32(data, offset + IdentifyController.NANAGRPID, 1);
        LittleEndian.put32(data, offset + IdentifyController.NN, 1);
        LittleEndian.put32(data, offset + IdentifyController.MNAN, 1);
        LittleEndian.put16(
                data,
                offset + IdentifyController.ONCS,
                IdentifyController.ONCS_DSM | IdentifyController.ONCS_WRITE_ZEROES);
        LittleEndian.put8(data, offset + IdentifyController.VWC, IdentifyController.VWC_NONE);
    }

    @Override
    int identify(int cns, int nsid, int commandSet, MemorySegment data, long offset) {
        return switch (cns) {
            case Cns.ACTIVE_NAMESPACES -> identifyActive(nsid, data, offset);
            case Cns.COMMAND_SETS -> {
                CommandSets.write(data, offset);
                yield StatusCode.SUCCESS;
            }
            case Cns.COMMAND_SET_CONTROLLER -> {
                if (commandSet != Cns.CSI_NVM) {
                    yield StatusCode.INVALID_FIELD | StatusCode.DNR;
                }
                IdentifyNvm.writeController(
                        data,
                        offset,
                        UNMAP_BLOCKS_MAX,
                        UNMAP_RANGES_MAX,
                        UNMAP_BLOCKS_MAX,
                        (long) UNMAP_RANGES_MAX * UNMAP_BLOCKS_MAX);
                yield StatusCode.SUCCESS;
            }
            case Cns.COMMAND_SET_ACTIVE_NAMESPACES ->
                    commandSet == Cns.CSI_NVM
                            ? identifyActive(nsid, data, offset)
                            : StatusCode.INVALID_FIELD | StatusCode.DNR;
            case Cns.NAMESPACE,
                    Cns.NAMESPACE_DESCRIPTORS,
                    Cns.COMMAND_SET_NAMESPACE,
                    Cns.INDEPENDENT_NAMESPACE ->
                    identifyNamespace(cns, nsid, commandSet, data, offset);
            default -> StatusCode.INVALID_FIELD | StatusCode.DNR;
        };
    }

    private static int identifyActive(int above, MemorySegment data, long offset) {
        if (Integer.compareUnsigned(above, 0xFFFF_FFFE) >= 0) {
            return StatusCode.INVALID_NAMESPACE | StatusCode.DNR;
        }
        if (above == 0) {
            NamespaceList.write(data, offset, NSID);
        }
        return StatusCode.SUCCESS;
    }

    private int identifyNamespace(
            int cns, int nsid, int commandSet, MemorySegment data, long offset) {
        if (nsid != NSID) {
            return StatusCode.INVALID_NAMESPACE | StatusCode.DNR;
        }
        switch (cns) {
            case Cns.NAMESPACE ->
                    IdentifyNamespace.write(
                            data, offset, blocks, ANA_GROUP, identity.nguid(), optimalBlocks);
            case Cns.NAMESPACE_DESCRIPTORS ->
                    NamespaceDescriptors.write(data, offset, identity.nguid(), identity.uuid());
            case Cns.INDEPENDENT_NAMESPACE -> IdentifyIndependent.write(data, offset, ANA_GROUP);
            default -> {
                if (commandSet != Cns.CSI_NVM) {
                    return StatusCode.INVALID_FIELD | StatusCode.DNR;
                }
                IdentifyNvm.writeNamespace(data, offset);
            }
        }
        return StatusCode.SUCCESS;
    }

    @Override
    @Nullable MemorySegment logPage(Arena arena, Controller controller, int page, int specific) {
        return switch (page) {
            case LogPageId.SUPPORTED -> {
                MemorySegment log = arena.allocate(SupportedLogPages.BYTES);
                SupportedLogPages.write(log, 0, LOG_PAGES);
                yield log;
            }
            case LogPageId.ERROR -> {
                MemorySegment log = arena.allocate(ErrorLog.ENTRY_BYTES);
                ErrorLog.write(log, 0, 1);
                yield log;
            }
            case LogPageId.SMART -> {
                MemorySegment log = arena.allocate(SmartLog.BYTES);
                counters.write(log);
                yield log;
            }
            case LogPageId.FIRMWARE_SLOT -> {
                MemorySegment log = arena.allocate(FirmwareSlotLog.BYTES);
                FirmwareSlotLog.write(log, 0, identity.firmware());
                yield log;
            }
            case LogPageId.CHANGED_NS -> {
                MemorySegment log = arena.allocate(NamespaceList.BYTES);
                if (controller.hasChangedNamespace()) {
                    NamespaceList.write(log, 0, NSID);
                }
                yield log;
            }
            case LogPageId.COMMAND_EFFECTS -> {
                MemorySegment log = arena.allocate(CommandEffectsLog.BYTES);
                writeEffects(log);
                yield log;
            }
            case LogPageId.ANA -> {
                MemorySegment log = arena.allocate(AnaLog.BYTES);
                boolean groupsOnly = (specific & AnaLog.GROUPS_ONLY) != 0;
                int bytes = AnaLog.write(log, 0, anaChanges, ANA_GROUP, anaState, NSID, groupsOnly);
                yield log.asSlice(0, bytes);
            }
            default -> null;
        };
    }

    private static void writeEffects(MemorySegment log) {
        CommandEffectsLog.clear(log, 0);
        CommandEffectsLog.putAdmin(
                log,
                0,
                AdminOpcode.GET_LOG_PAGE,
                AdminOpcode.IDENTIFY,
                AdminOpcode.ABORT,
                AdminOpcode.SET_FEATURES,
                AdminOpcode.GET_FEATURES,
                AdminOpcode.ASYNC_EVENT_REQUEST,
                AdminOpcode.KEEP_ALIVE,
                FabricsType.OPCODE);
        CommandEffectsLog.putIo(log, 0, CommandEffectsLog.SUPPORTED, IoOpcode.READ, IoOpcode.FLUSH);
        CommandEffectsLog.putIo(
                log,
                0,
                CommandEffectsLog.SUPPORTED | CommandEffectsLog.CHANGES_BLOCKS,
                IoOpcode.WRITE,
                IoOpcode.WRITE_ZEROES,
                IoOpcode.DATASET_MANAGEMENT);
    }
}
