package io.stria.nvmf;

import io.stria.nvme.AsyncEvent;
import io.stria.nvme.DiscoveryLog;
import io.stria.nvme.IdentifyController;
import io.stria.nvme.LittleEndian;
import io.stria.nvme.LogPageId;
import io.stria.nvme.StatusCode;
import io.stria.nvme.SupportedLogPages;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The well-known subsystem that tells hosts where the others are. */
public final class DiscoverySubsystem extends Subsystem {
    public static final String NQN = "nqn.2014-08.org.nvmexpress.discovery";

    private static final long IDLE_TIMEOUT_MS = 120_000;
    private static final int ADMIN_QUEUE_ENTRIES = 32;

    private final DiscoverySource source;
    private final String firmware;

    public DiscoverySubsystem(DiscoverySource source, String firmware) {
        super(NQN);
        this.source = source;
        this.firmware = firmware;
    }

    /** Tells hosts that stay connected that the paths have changed. */
    public void onPathsChanged() {
        raise(AsyncEvents.Kind.DISCOVERY);
    }

    @Override
    int supportedEvents() {
        return AsyncEvent.CONFIG_DISCOVERY;
    }

    @Override
    int ioQueuesMax(TargetConfig config) {
        return 0;
    }

    @Override
    int transferBytesMax() {
        return 0;
    }

    @Override
    CommandExecutor ioCommands(QueuePair queue) {
        throw new AssertionError("a discovery controller has no IO queues");
    }

    @Override
    boolean hasOneAssociationPerPath() {
        return false;
    }

    @Override
    long idleTimeoutMs() {
        return IDLE_TIMEOUT_MS;
    }

    @Override
    void identifyController(Controller controller, MemorySegment data, long offset) {
        IdentifyController.write(
                data,
                offset,
                IdentifyController.TYPE_DISCOVERY,
                "discovery",
                SubsystemIdentity.MODEL,
                firmware,
                NQN,
                controller.id());
        LittleEndian.put8(
                data, offset + IdentifyController.DCTYPE, IdentifyController.DCTYPE_DIRECT);
        IdentifyController.putMaxTransfer(data, offset, VolumeSubsystem.TRANSFER_BYTES_MAX);
        controller.identify(data, offset);
    }

    @Override
    int identify(int cns, int nsid, int commandSet, MemorySegment data, long offset) {
        return StatusCode.INVALID_FIELD | StatusCode.DNR;
    }

    @Override
    @Nullable MemorySegment logPage(Arena arena, Controller controller, int page, int specific) {
        return switch (page) {
            case LogPageId.SUPPORTED -> {
                MemorySegment log = arena.allocate(SupportedLogPages.BYTES);
                SupportedLogPages.write(
                        log, 0, LogPageId.SUPPORTED, LogPageId.ERROR, LogPageId.DISCOVERY);
                yield log;
            }
            case LogPageId.ERROR -> controller.errors().log(arena);
            case LogPageId.DISCOVERY -> paths(arena, controller);
            default -> null;
        };
    }

    private MemorySegment paths(Arena arena, Controller controller) {
        List<DiscoveryPath> paths = source.paths(controller.host());
        long bytes = DiscoveryLog.HEADER_BYTES + (long) paths.size() * DiscoveryLog.RECORD_BYTES;
        MemorySegment log = arena.allocate(bytes);
        DiscoveryLog.writeHeader(log, 0, source.generation(), paths.size());
        long record = DiscoveryLog.HEADER_BYTES;
        for (DiscoveryPath path : paths) {
            int subtype = subtype(path, controller);
            DiscoveryLog.writeRecord(
                    log,
                    record,
                    subtype,
                    path.nqn(),
                    path.address().getAddress().getHostAddress(),
                    path.address().getPort(),
                    path.portId(),
                    ADMIN_QUEUE_ENTRIES,
                    flags(subtype));
            record += DiscoveryLog.RECORD_BYTES;
        }
        return log;
    }

    private static int subtype(DiscoveryPath path, Controller controller) {
        if (!path.nqn().equals(NQN)) {
            return DiscoveryLog.SUBTYPE_NVM;
        }
        return path.address().equals(controller.admin().stream().localAddress())
                ? DiscoveryLog.SUBTYPE_SELF
                : DiscoveryLog.SUBTYPE_REFERRAL;
    }

    /** All nodes know the same: a host that follows a referral finds nothing new. */
    private static int flags(int subtype) {
        return switch (subtype) {
            case DiscoveryLog.SUBTYPE_SELF -> DiscoveryLog.EFLAGS_PERSISTENT;
            case DiscoveryLog.SUBTYPE_REFERRAL ->
                    DiscoveryLog.EFLAGS_PERSISTENT | DiscoveryLog.EFLAGS_DUPLICATE;
            default -> 0;
        };
    }
}
