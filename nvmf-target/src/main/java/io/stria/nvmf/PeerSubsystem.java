package io.stria.nvmf;

import io.stria.nvme.Cns;
import io.stria.nvme.IdentifyController;
import io.stria.nvme.LogPageId;
import io.stria.nvme.NamespaceList;
import io.stria.nvme.StatusCode;
import io.stria.nvme.SupportedLogPages;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * A subsystem for the cluster's own nodes: no namespace that a stock host could use, and IO
 * commands that its {@link QueueHandler} defines. The length of a command's data is what its SGL
 * says.
 */
public final class PeerSubsystem extends Subsystem {
    private final SubsystemIdentity identity;
    private final int transferBytesMax;
    private final QueueHandler handler;

    /**
     * @param transferBytesMax most data of one command; the target needs buffers of that size
     */
    public PeerSubsystem(SubsystemIdentity identity, int transferBytesMax, QueueHandler handler) {
        super(identity.nqn());
        this.identity = identity;
        this.transferBytesMax = transferBytesMax;
        this.handler = handler;
    }

    @Override
    int supportedEvents() {
        return 0;
    }

    @Override
    int ioQueuesMax(TargetConfig config) {
        return config.ioQueues();
    }

    @Override
    int transferBytesMax() {
        return transferBytesMax;
    }

    @Override
    QueueHandler ioQueues() {
        return handler;
    }

    /** Each reactor of a peer has its own, and stores tell old associations from new ones. */
    @Override
    boolean hasOneAssociationPerPath() {
        return false;
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
        controller.identify(data, offset);
    }

    @Override
    int identify(int cns, int nsid, int commandSet, MemorySegment data, long offset) {
        if (cns == Cns.ACTIVE_NAMESPACES) {
            NamespaceList.write(data, offset);
            return StatusCode.SUCCESS;
        }
        return StatusCode.INVALID_FIELD | StatusCode.DNR;
    }

    @Override
    @Nullable MemorySegment logPage(Arena arena, Controller controller, int page, int specific) {
        if (page != LogPageId.SUPPORTED) {
            return null;
        }
        MemorySegment log = arena.allocate(SupportedLogPages.BYTES);
        SupportedLogPages.write(log, 0, LogPageId.SUPPORTED);
        return log;
    }
}
