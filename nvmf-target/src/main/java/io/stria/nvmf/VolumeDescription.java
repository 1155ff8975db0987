package io.stria.nvmf;

import io.stria.nvme.AdminOpcode;
import io.stria.nvme.AnaLog;
import io.stria.nvme.Cns;
import io.stria.nvme.CommandEffectsLog;
import io.stria.nvme.CommandSets;
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
import io.stria.nvme.SupportedFeatures;
import io.stria.nvme.SupportedLogPages;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** What a volume's controllers say when they are asked: identify data and log pages. */
final class VolumeDescription {
    /** How long a state of change may last, in seconds: hosts give up a path then. */
    private static final int ANA_TRANSITION_SECONDS = 10;

    private static final int[] LOG_PAGES = {
        LogPageId.SUPPORTED,
        LogPageId.ERROR,
        LogPageId.SMART,
        LogPageId.FIRMWARE_SLOT,
        LogPageId.CHANGED_NS,
        LogPageId.COMMAND_EFFECTS,
        LogPageId.ANA,
        LogPageId.FEATURES
    };

    private final VolumeSubsystem volume;
    private final SubsystemIdentity identity;

    VolumeDescription(VolumeSubsystem volume, SubsystemIdentity identity) {
        this.volume = volume;
        this.identity = identity;
    }

    void identifyController(Controller controller, MemorySegment data, long offset) {
        IdentifyController.write(
                data,
                offset,
                IdentifyController.TYPE_IO,
                identity.serial(),
                identity.model(),
                identity.firmware(),
                identity.nqn(),
                controller.id());
        TargetConfig config = controller.config();
        IdentifyController.putQueues(data, offset, config.queueEntries(), config.capsuleBytes());
        IdentifyController.putMaxTransfer(data, offset, VolumeSubsystem.TRANSFER_BYTES_MAX);
        controller.identify(data, offset);
        LittleEndian.put8(
                data, offset + IdentifyController.CMIC, IdentifyController.CMIC_MULTIPATH_ANA);
        LittleEndian.put16(data, offset + IdentifyController.CRDT1, HostStatus.RETRY_DELAY_1_UNITS);
        LittleEndian.put8(data, offset + IdentifyController.ANATT, ANA_TRANSITION_SECONDS);
        LittleEndian.put8(
                data, offset + IdentifyController.ANACAP, IdentifyController.ANACAP_REPORTED);
        LittleEndian.put32(data, offset + IdentifyController.ANAGRPMAX, VolumeSubsystem.ANA_GROUP);
        LittleEndian.put32(data, offset + IdentifyController.NANAGRPID, 1);
        LittleEndian.put32(data, offset + IdentifyController.NN, 1);
        LittleEndian.put32(data, offset + IdentifyController.MNAN, 1);
        LittleEndian.put16(
                data,
                offset + IdentifyController.ONCS,
                IdentifyController.ONCS_COMPARE
                        | IdentifyController.ONCS_DSM
                        | IdentifyController.ONCS_WRITE_ZEROES
                        | IdentifyController.ONCS_VERIFY);
        LittleEndian.put8(data, offset + IdentifyController.VWC, IdentifyController.VWC_NONE);
        LittleEndian.put16(
                data, offset + IdentifyController.OFCS, IdentifyController.OFCS_DISCONNECT);
    }

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
                int rangeLbasMax = VolumeSubsystem.UNMAP_BLOCKS_MAX * volume.format().perBlock();
                IdentifyNvm.writeController(
                        data,
                        offset,
                        VolumeSubsystem.TRANSFER_BLOCKS_MAX,
                        VolumeSubsystem.ZEROED_LBAS_MAX / volume.format().perBlock(),
                        VolumeSubsystem.UNMAP_RANGES_MAX,
                        rangeLbasMax,
                        (long) VolumeSubsystem.UNMAP_RANGES_MAX * rangeLbasMax);
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
            NamespaceList.write(data, offset, VolumeSubsystem.NSID);
        }
        return StatusCode.SUCCESS;
    }

    private int identifyNamespace(
            int cns, int nsid, int commandSet, MemorySegment data, long offset) {
        if (nsid != VolumeSubsystem.NSID) {
            return StatusCode.INVALID_NAMESPACE | StatusCode.DNR;
        }
        switch (cns) {
            case Cns.NAMESPACE ->
                    IdentifyNamespace.write(
                            data,
                            offset,
                            volume.lbas(),
                            volume.format().shift(),
                            volume.format().perBlock(),
                            VolumeSubsystem.ANA_GROUP,
                            identity.nguid(),
                            volume.pageBlocks() * volume.format().perBlock(),
                            volume.optimalBlocks() * volume.format().perBlock());
            case Cns.NAMESPACE_DESCRIPTORS ->
                    NamespaceDescriptors.write(data, offset, identity.nguid(), identity.uuid());
            case Cns.INDEPENDENT_NAMESPACE ->
                    IdentifyIndependent.write(data, offset, VolumeSubsystem.ANA_GROUP);
            default -> {
                if (commandSet != Cns.CSI_NVM) {
                    return StatusCode.INVALID_FIELD | StatusCode.DNR;
                }
                IdentifyNvm.writeNamespace(data, offset);
            }
        }
        return StatusCode.SUCCESS;
    }

    @Nullable MemorySegment logPage(Arena arena, Controller controller, int page, int specific) {
        return switch (page) {
            case LogPageId.SUPPORTED -> {
                MemorySegment log = arena.allocate(SupportedLogPages.BYTES);
                SupportedLogPages.write(log, 0, LOG_PAGES);
                yield log;
            }
            case LogPageId.ERROR -> controller.errors().log(arena);
            case LogPageId.SMART -> {
                MemorySegment log = arena.allocate(SmartLog.BYTES);
                volume.counters().write(log, controller.errors().count());
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
                    NamespaceList.write(log, 0, VolumeSubsystem.NSID);
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
                int bytes =
                        AnaLog.write(
                                log,
                                0,
                                volume.anaChanges(),
                                VolumeSubsystem.ANA_GROUP,
                                volume.anaState(),
                                VolumeSubsystem.NSID,
                                groupsOnly);
                yield log.asSlice(0, bytes);
            }
            case LogPageId.FEATURES -> {
                MemorySegment log = arena.allocate(SupportedFeatures.BYTES);
                SupportedFeatures.write(log, 0, Features.KNOWN);
                yield log;
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
        CommandEffectsLog.putIo(
                log,
                0,
                CommandEffectsLog.SUPPORTED,
                IoOpcode.READ,
                IoOpcode.FLUSH,
                IoOpcode.COMPARE,
                IoOpcode.VERIFY);
        CommandEffectsLog.putIo(
                log,
                0,
                CommandEffectsLog.SUPPORTED | CommandEffectsLog.CHANGES_BLOCKS,
                IoOpcode.WRITE,
                IoOpcode.WRITE_ZEROES,
                IoOpcode.DATASET_MANAGEMENT);
    }
}
