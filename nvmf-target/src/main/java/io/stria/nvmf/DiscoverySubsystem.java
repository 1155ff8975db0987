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

    /** Where hosts look for it that are told no other port. */
    public static final int PORT = 8009;

    /** Anybody may ask, and the largest buffers are few. */
    static final int TRANSFER_BYTES_MAX = 128 << 10;

    private static final long IDLE_TIMEOUT_MS = 120_000;
    private static final int ADMIN_QUEUE_ENTRIES = 32;

    private final DiscoverySource source;
    private final String firmware;

    /** The log that was written last, for the next who wants a piece of it. */
    private MemorySegment log = MemorySegment.NULL;

    /** The paths that it lists, and their generation. */
    private List<DiscoveryPath> logged = List.of();

    private long loggedGeneration;

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
        return TRANSFER_BYTES_MAX;
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
        IdentifyController.putMaxTransfer(data, offset, transferBytesMax());
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
            case LogPageId.DISCOVERY -> log(controller.host());
            default -> null;
        };
    }

    private MemorySegment log(HostIdentity host) {
        List<DiscoveryPath> paths = source.paths(host);
        boolean isWritten = log.byteSize() > 0 && logged.equals(paths);
        if (!isWritten || loggedGeneration != source.generation()) {
            logged = paths;
            loggedGeneration = source.generation();
            log = write(paths, source.ports(), loggedGeneration);
        }
        return log;
    }

    private static MemorySegment write(
            List<DiscoveryPath> paths, List<DiscoveryPath> ports, long generation) {
        int records = paths.size() + ports.size();
        long bytes = DiscoveryLog.HEADER_BYTES + (long) records * DiscoveryLog.RECORD_BYTES;
        MemorySegment log = Arena.ofAuto().allocate(bytes);
        DiscoveryLog.writeHeader(log, 0, generation, records);
        long record = DiscoveryLog.HEADER_BYTES;
        for (DiscoveryPath path : paths) {
            boolean referral = path.nqn().equals(NQN);
            write(
                    log,
                    record,
                    path,
                    referral ? DiscoveryLog.SUBTYPE_REFERRAL : DiscoveryLog.SUBTYPE_NVM,
                    0);
            record += DiscoveryLog.RECORD_BYTES;
        }
        int others = ports.size() > 1 ? DiscoveryLog.EFLAGS_DUPLICATE : 0;
        for (DiscoveryPath port : ports) {
            int flags = DiscoveryLog.EFLAGS_PERSISTENT | others;
            write(log, record, port, DiscoveryLog.SUBTYPE_SELF, flags);
            record += DiscoveryLog.RECORD_BYTES;
        }
        return log;
    }

    private static void write(
            MemorySegment log, long record, DiscoveryPath path, int subtype, int flags) {
        DiscoveryLog.writeRecord(
                log,
                record,
                subtype,
                path.nqn(),
                path.address().getAddress().getHostAddress(),
                path.address().getPort(),
                path.portId(),
                ADMIN_QUEUE_ENTRIES,
                flags);
    }
}
