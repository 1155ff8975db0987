package io.stria.nvmf;

import io.stria.nvme.ConnectCommand;
import io.stria.nvme.ConnectData;
import io.stria.nvme.FabricsType;
import io.stria.nvme.PropertyCommand;
import io.stria.nvme.StatusCode;
import io.stria.nvme.SubmissionEntry;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/** Fabrics commands of one connection: Connect, properties, authentication, Disconnect. */
final class FabricsCommands {
    /** Security protocol of NVMe (SECP) with its two specific bytes (SPSP). */
    private static final int AUTHENTICATION_PROTOCOL = 0xE901_0100;

    private final NvmfTarget target;
    private final Connection connection;

    FabricsCommands(NvmfTarget target, Connection connection) {
        this.target = target;
        this.connection = connection;
    }

    /** See {@link CommandExecutor#admit}. */
    int admit(Command command) {
        int type = SubmissionEntry.fabricsType(command.entry(), command.entryOffset());
        return switch (connection.state()) {
            case AWAITING_INITIALIZE, CLOSED -> StatusCode.COMMAND_SEQUENCE_ERROR | StatusCode.DNR;
            case AWAITING_CONNECT -> admitConnect(command, type);
            case AWAITING_AUTHENTICATION ->
                    isAuthentication(type)
                            ? admitAuthentication(command)
                            : StatusCode.AUTHENTICATION_REQUIRED | StatusCode.DNR;
            case CONNECTED -> admitConnected(command, type);
        };
    }

    private static int admitConnect(Command command, int type) {
        if (type != FabricsType.CONNECT) {
            return StatusCode.COMMAND_SEQUENCE_ERROR | StatusCode.DNR;
        }
        return command.dataBytes() == ConnectData.BYTES
                ? StatusCode.SUCCESS
                : StatusCode.SGL_LENGTH_INVALID | StatusCode.DNR;
    }

    private static boolean isAuthentication(int type) {
        return type == FabricsType.AUTHENTICATION_SEND
                || type == FabricsType.AUTHENTICATION_RECEIVE;
    }

    private static int admitAuthentication(Command command) {
        int protocol = SubmissionEntry.cdw10(command.entry(), command.entryOffset());
        int length = SubmissionEntry.cdw11(command.entry(), command.entryOffset());
        if (protocol != AUTHENTICATION_PROTOCOL) {
            return StatusCode.INVALID_FIELD | StatusCode.DNR;
        }
        return length == command.dataBytes() && length > 0
                ? StatusCode.SUCCESS
                : StatusCode.SGL_LENGTH_INVALID | StatusCode.DNR;
    }

    private int admitConnected(Command command, int type) {
        QueuePair queue = connection.queue();
        boolean adminQueue = queue != null && queue.id() == 0;
        return switch (type) {
            case FabricsType.PROPERTY_GET, FabricsType.PROPERTY_SET ->
                    adminQueue ? StatusCode.SUCCESS : wrongQueue();
            case FabricsType.DISCONNECT -> adminQueue ? wrongQueue() : StatusCode.SUCCESS;
            case FabricsType.CONNECT -> StatusCode.COMMAND_SEQUENCE_ERROR | StatusCode.DNR;
            case FabricsType.AUTHENTICATION_SEND, FabricsType.AUTHENTICATION_RECEIVE ->
                    connection.authenticator() == null
                            ? StatusCode.COMMAND_SEQUENCE_ERROR | StatusCode.DNR
                            : admitAuthentication(command);
            default -> StatusCode.INVALID_FIELD | StatusCode.DNR;
        };
    }

    private static int wrongQueue() {
        return StatusCode.INVALID_OPCODE | StatusCode.DNR;
    }

    /** See {@link CommandExecutor#execute}. */
    void execute(Command command) {
        switch (SubmissionEntry.fabricsType(command.entry(), command.entryOffset())) {
            case FabricsType.CONNECT -> connect(command);
            case FabricsType.PROPERTY_GET -> getProperty(command);
            case FabricsType.PROPERTY_SET -> setProperty(command);
            case FabricsType.AUTHENTICATION_SEND, FabricsType.AUTHENTICATION_RECEIVE ->
                    authenticate(command);
            case FabricsType.DISCONNECT -> {
                command.complete(StatusCode.SUCCESS);
                connection.close("disconnected by the host");
            }
            default -> throw new AssertionError("an unknown type was admitted");
        }
    }

    // Connect.

    private void connect(Command command) {
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
            // Without DNR: it may come, and a host that was told not to retry gives the path up.
            refuse(command, "no subsystem " + nqn, ConnectData.SUBNQN, true, 0);
        } else if (!subsystem.allows(host)) {
            target.log().warning(host + " may not use " + nqn);
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
        target.log().warning("connect refused: " + reason);
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
        int id = subsystem.freeControllerId(target.config().controllerIds());
        if (id == 0) {
            target.log().warning("no controller id is left for " + subsystem.nqn());
            command.complete(StatusCode.CONNECT_CONTROLLER_BUSY);
            return;
        }
        Controller controller = new Controller(target, subsystem, host, id, connection);
        subsystem.attach(controller);
        controller.setKeepAlive(ConnectCommand.keepAliveMs(command.entry(), command.entryOffset()));
        becomeQueue(command, controller, 0);
        target.log().info("%s connected to %s, controller %d".formatted(host, subsystem.nqn(), id));
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
            refuse(command, "no controller " + id, ConnectData.CNTLID, true, StatusCode.DNR);
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
            // The host's commands of connections before this one come first.
            subsystem.associations().whenNone(host, () -> finishIo(command, controller, queueId));
        }
    }

    private void finishIo(Command command, Controller controller, int queueId) {
        if (!connection.isOpen() || controller.isEnded() || !controller.isReady()) {
            command.complete(StatusCode.CONNECT_CONTROLLER_BUSY);
        } else if (controller.hasQueue(queueId)) {
            refuse(
                    command,
                    "queue %d is connected".formatted(queueId),
                    ConnectCommand.QID,
                    false,
                    StatusCode.DNR);
        } else {
            controller.addQueue(connection);
            becomeQueue(command, controller, queueId);
        }
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

    // Properties.

    private Controller controller() {
        return Objects.requireNonNull(connection.queue(), "not connected").controller();
    }

    private void getProperty(Command command) {
        MemorySegment entry = command.entry();
        long offset = command.entryOffset();
        long value =
                controller()
                        .property(
                                PropertyCommand.property(entry, offset),
                                PropertyCommand.isLong(entry, offset));
        if (value < 0) {
            command.complete(StatusCode.INVALID_FIELD | StatusCode.DNR);
        } else {
            command.complete(StatusCode.SUCCESS, value);
        }
    }

    private void setProperty(Command command) {
        MemorySegment entry = command.entry();
        long offset = command.entryOffset();
        command.complete(
                controller()
                        .setProperty(
                                PropertyCommand.property(entry, offset),
                                PropertyCommand.isLong(entry, offset),
                                PropertyCommand.value(entry, offset)));
    }

    // Authentication.

    private void authenticate(Command command) {
        Authenticator authenticator =
                Objects.requireNonNull(connection.authenticator(), "nobody authenticates");
        MemorySegment data = command.data();
        int status;
        if (command.dataFromHost) {
            status = authenticator.onSend(data, 0, command.dataBytes());
        } else {
            data.asSlice(0, command.dataBytes()).fill((byte) 0);
            status = authenticator.onReceive(data, 0, command.dataBytes());
        }
        boolean first = connection.state() == ConnectionState.AWAITING_AUTHENTICATION;
        if (first && authenticator.isAuthenticated()) {
            connection.onAuthenticated();
        }
        command.complete(status);
    }
}
