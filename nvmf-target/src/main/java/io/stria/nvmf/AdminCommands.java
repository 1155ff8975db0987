package io.stria.nvmf;

import io.stria.nvme.AdminOpcode;
import io.stria.nvme.Cns;
import io.stria.nvme.LogPageId;
import io.stria.nvme.StatusCode;
import io.stria.nvme.SubmissionEntry;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** The admin queue of one controller. */
final class AdminCommands implements CommandExecutor {
    /** DW0 of Abort: the command was not aborted. */
    private static final long NOT_ABORTED = 1;

    private static final long ABORTED = 0;

    private final Controller controller;

    AdminCommands(Controller controller) {
        this.controller = controller;
    }

    @Override
    public int admit(Command command) {
        return switch (command.opcode()) {
            case AdminOpcode.IDENTIFY ->
                    command.dataBytes() == Cns.DATA_BYTES
                            ? StatusCode.SUCCESS
                            : StatusCode.SGL_LENGTH_INVALID | StatusCode.DNR;
            case AdminOpcode.GET_LOG_PAGE -> admitLogPage(command);
            case AdminOpcode.ABORT,
                    AdminOpcode.SET_FEATURES,
                    AdminOpcode.GET_FEATURES,
                    AdminOpcode.ASYNC_EVENT_REQUEST,
                    AdminOpcode.KEEP_ALIVE ->
                    StatusCode.SUCCESS;
            default -> StatusCode.INVALID_OPCODE | StatusCode.DNR;
        };
    }

    private static int admitLogPage(Command command) {
        MemorySegment entry = command.entry();
        long offset = command.entryOffset();
        if (!LogPageId.isPlain(entry, offset) || (LogPageId.offset(entry, offset) & 3) != 0) {
            return StatusCode.INVALID_FIELD | StatusCode.DNR;
        }
        return LogPageId.bytes(entry, offset) == command.dataBytes()
                ? StatusCode.SUCCESS
                : StatusCode.SGL_LENGTH_INVALID | StatusCode.DNR;
    }

    @Override
    public void execute(Command command) {
        MemorySegment entry = command.entry();
        long offset = command.entryOffset();
        if (!command.dataFromHost && command.dataBytes() > 0) {
            // The buffer had other data before, perhaps of another host.
            command.data().asSlice(0, command.dataBytes()).fill((byte) 0);
        }
        switch (command.opcode()) {
            case AdminOpcode.IDENTIFY -> identify(command);
            case AdminOpcode.GET_LOG_PAGE -> getLogPage(command);
            case AdminOpcode.SET_FEATURES ->
                    controller
                            .features()
                            .set(
                                    command,
                                    SubmissionEntry.cdw10(entry, offset),
                                    SubmissionEntry.cdw11(entry, offset));
            case AdminOpcode.GET_FEATURES ->
                    controller
                            .features()
                            .get(
                                    command,
                                    SubmissionEntry.cdw10(entry, offset),
                                    SubmissionEntry.cdw11(entry, offset));
            case AdminOpcode.ASYNC_EVENT_REQUEST -> controller.events().onRequest(command);
            case AdminOpcode.ABORT -> abort(command, SubmissionEntry.cdw10(entry, offset));
            case AdminOpcode.KEEP_ALIVE -> command.complete(StatusCode.SUCCESS);
            default -> throw new AssertionError("admitted opcode " + command.opcode());
        }
    }

    /** A command that a device works on cannot be called back, nor one whose data is under way. */
    private void abort(Command command, int cdw10) {
        boolean aborted = controller.abort(cdw10 & 0xFFFF, cdw10 >>> 16);
        command.complete(StatusCode.SUCCESS, aborted ? ABORTED : NOT_ABORTED);
    }

    private void identify(Command command) {
        int cns = SubmissionEntry.cdw10(command.entry(), command.entryOffset()) & 0xFF;
        int commandSet = SubmissionEntry.cdw11(command.entry(), command.entryOffset()) >>> 24;
        Subsystem subsystem = controller.subsystem();
        if (cns == Cns.CONTROLLER) {
            subsystem.identifyController(controller, command.data(), 0);
            command.complete(StatusCode.SUCCESS);
        } else {
            command.complete(
                    subsystem.identify(cns, command.nsid(), commandSet, command.data(), 0));
        }
    }

    private void getLogPage(Command command) {
        int page = LogPageId.id(command.entry(), command.entryOffset());
        int specific = LogPageId.specific(command.entry(), command.entryOffset());
        long from = LogPageId.offset(command.entry(), command.entryOffset());
        int status = controller.subsystem().checkLogNamespace(page, command.nsid());
        if (status != StatusCode.SUCCESS) {
            command.complete(status);
            return;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment log = controller.subsystem().logPage(arena, controller, page, specific);
            if (log == null) {
                command.complete(StatusCode.INVALID_LOG_PAGE | StatusCode.DNR);
                return;
            }
            if (Long.compareUnsigned(from, log.byteSize()) > 0) {
                command.complete(StatusCode.INVALID_FIELD | StatusCode.DNR);
                return;
            }
            long bytes = Math.min(command.dataBytes(), log.byteSize() - from);
            MemorySegment.copy(log, from, command.data(), 0, bytes);
        }
        boolean retains = LogPageId.retainsEvent(command.entry(), command.entryOffset());
        command.complete(StatusCode.SUCCESS);
        if (!retains) {
            onRead(page);
        }
    }

    private void onRead(int page) {
        if (page == LogPageId.CHANGED_NS) {
            controller.onChangedNamespaceRead();
        }
        controller.events().onLogRead(page);
    }
}
