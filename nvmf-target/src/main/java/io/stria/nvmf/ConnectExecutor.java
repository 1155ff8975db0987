package io.stria.nvmf;

import io.stria.nvme.ConnectCommand;
import io.stria.nvme.ConnectData;
import io.stria.nvme.StatusCode;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;

/**
 * The Connect command: makes a controller of an admin queue's connection, and gives a controller an
 * IO queue.
 *
 * <p>Only what can never be right is refused with DNR. A subsystem, a controller or a permission
 * that is not there may come (again), and newer Linux hosts give a path up for good when they are
 * told not to retry.
 */
final class ConnectExecutor {
    private final NvmfTarget target;
    private final Connection connection;

    /** Gives up a Connect that waits for its host's old commands. */
    private Runnable giveUp = () -> {};

    ConnectExecutor(NvmfTarget target, Connection connection) {
        this.target = target;
        this.connection = connection;
    }

    void execute(Command command) {
        MemorySegment entry = command.entry();
        long offset = command.entryOffset();
        MemorySegment data = command.data();
        if (ConnectCommand.recordFormat(entry, offset) != 0) {
            command.complete(StatusCode.CONNECT_INCOMPATIBLE_FORMAT | StatusCode.DNR);
            return;
        }
        String nqn = ConnectData.subsystemNqn(data, 0);
        HostIdentity host =
                HostIdentity.of(ConnectData.hostNqn(data, 0), ConnectData.hostId(data, 0));
        Subsystem subsystem = target.subsystem(nqn);
        if (!isNqn(nqn)) {
            refuse(command, "not an NQN", ConnectData.SUBNQN, true, StatusCode.DNR);
        } else if (!isNqn(host.nqn())) {
            refuse(command, "not a host NQN", ConnectData.HOSTNQN, true, StatusCode.DNR);
        } else if (subsystem == null) {
            refuse(command, "no subsystem " + nqn, ConnectData.SUBNQN, true, 0);
        } else if (!subsystem.allows(host)) {
            target.log().log(Level.WARNING, "hosts were not allowed", host + " may not use " + nqn);
            command.complete(StatusCode.CONNECT_INVALID_HOST);
        } else if (!hasValidSize(entry, offset)) {
            refuse(command, "queue size", ConnectCommand.SQSIZE, false, StatusCode.DNR);
        } else if (ConnectCommand.queueId(entry, offset) == 0) {
            connectAdmin(command, subsystem, host);
        } else {
            connectIo(command, subsystem, host);
        }
    }

    /** Printable, because it goes into logs. */
    private static boolean isNqn(String text) {
        return !text.isEmpty()
                && text.length() <= ConnectData.NQN_BYTES_MAX
                && text.chars().allMatch(c -> c > ' ' && c <= '~');
    }

    private boolean hasValidSize(MemorySegment entry, long offset) {
        int entries = ConnectCommand.queueEntries(entry, offset);
        return entries >= 2 && entries <= target.config().queueEntries();
    }

    private void refuse(
            Command command, String reason, int fieldOffset, boolean inData, int flags) {
        target.log().log(Level.WARNING, "connects were refused", "connect refused: " + reason);
        command.complete(
                StatusCode.CONNECT_INVALID_PARAMETERS | flags,
                fieldOffset | (inData ? ConnectCommand.RESULT_IN_DATA : 0));
    }

    private void connectAdmin(Command command, Subsystem subsystem, HostIdentity host) {
        int asked = ConnectData.controllerId(command.data(), 0);
        if (asked != ConnectData.ANY_CONTROLLER) {
            refuse(
                    command,
                    "controller " + asked + " asked for",
                    ConnectData.CNTLID,
                    true,
                    StatusCode.DNR);
            return;
        }
        if (subsystem.hasOneAssociationPerPath()) {
            endReplaced(subsystem, host);
        }
        if (isFull(command)) {
            return;
        }
        int id = subsystem.freeControllerId(target.config().controllerIds());
        if (id == 0) {
            target.log().log(
                    Level.WARNING,
                    "no controller id was left",
                    "no controller id is left for " + subsystem.nqn());
            command.complete(StatusCode.CONNECT_CONTROLLER_BUSY);
            return;
        }
        Controller controller = new Controller(target, subsystem, host, id, connection);
        subsystem.attach(controller);
        controller.setKeepAlive(ConnectCommand.keepAliveMs(command.entry(), command.entryOffset()));
        becomeQueue(command, controller, 0);
        target.log().log(
                Level.INFO,
                "hosts connected",
                "%s connected to %s, controller %d".formatted(host, subsystem.nqn(), id));
    }

    private void endReplaced(Subsystem subsystem, HostIdentity host) {
        Object local = connection.stream().localAddress();
        Object remote = connection.stream().remoteAddress().getAddress();
        for (Controller old : subsystem.controllers()) {
            if (old.isReplacedBy(host, local, remote)) {
                old.end("replaced by a new association of the host");
            }
        }
    }

    private void connectIo(Command command, Subsystem subsystem, HostIdentity host) {
        int id = ConnectData.controllerId(command.data(), 0);
        int queueId = ConnectCommand.queueId(command.entry(), command.entryOffset());
        Controller controller = subsystem.controller(id);
        if (controller == null) {
            refuse(command, "no controller " + id, ConnectData.CNTLID, true, 0);
        } else if (!controller.host().equals(host)) {
            refuse(
                    command,
                    "controller %d is not one of %s".formatted(id, host),
                    ConnectData.HOSTNQN,
                    true,
                    StatusCode.DNR);
        } else if (queueId > controller.ioQueuesMax()) {
            refuse(command, "queue " + queueId, ConnectCommand.QID, false, StatusCode.DNR);
        } else {
            // The host's commands of connections before this one come first. Whoever waits for them
            // keeps no buffer from others.
            command.releaseBuffer();
            Leftovers before = subsystem.associations().newest(host);
            if (before == null) {
                finishIo(command, controller, queueId);
            } else {
                await(before, command, controller, queueId);
            }
        }
    }

    private void await(Leftovers before, Command command, Controller controller, int queueId) {
        Runnable finish =
                () -> {
                    giveUp = () -> {};
                    controller.onConnectWaitEnds(connection);
                    connection.onConnectWaitEnds();
                    finishIo(command, controller, queueId);
                };
        giveUp =
                () -> {
                    before.forget(finish);
                    controller.onConnectWaitEnds(connection);
                    Connection.abandon(command);
                };
        before.await(finish);
        controller.onConnectWaits(connection);
        connection.onConnectWaits();
    }

    void onClosed() {
        giveUp.run();
    }

    private void finishIo(Command command, Controller controller, int queueId) {
        if (!controller.isReady()) {
            command.complete(StatusCode.CONNECT_CONTROLLER_BUSY);
        } else if (controller.hasQueue(queueId)) {
            refuse(
                    command,
                    "queue %d is connected".formatted(queueId),
                    ConnectCommand.QID,
                    false,
                    0);
        } else if (!isFull(command)) {
            controller.addQueue(connection);
            controller.onTraffic(connection.nowNs());
            becomeQueue(command, controller, queueId);
        }
    }

    /** All queues together have too many entries for one more: the host may try again. */
    private boolean isFull(Command command) {
        int entries = ConnectCommand.queueEntries(command.entry(), command.entryOffset());
        if (target.hasRoomFor(entries)) {
            return false;
        }
        target.log().log(
                Level.WARNING,
                "queues were too many",
                "a queue of %d entries was refused: all have %d at most"
                        .formatted(entries, target.config().entriesMax()));
        command.complete(StatusCode.CONNECT_CONTROLLER_BUSY);
        return true;
    }

    private void becomeQueue(Command command, Controller controller, int queueId) {
        MemorySegment entry = command.entry();
        long offset = command.entryOffset();
        int attributes = ConnectCommand.attributes(entry, offset);
        connection.becomeQueue(
                controller,
                queueId,
                ConnectCommand.queueEntries(entry, offset),
                (attributes & ConnectCommand.CATTR_NO_SQ_FLOW_CONTROL) == 0);
        boolean authenticate = connection.authenticator() != null;
        command.complete(
                StatusCode.SUCCESS,
                controller.id() | (authenticate ? ConnectCommand.RESULT_AUTHENTICATE : 0));
    }
}
