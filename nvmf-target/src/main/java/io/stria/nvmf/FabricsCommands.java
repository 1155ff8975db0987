package io.stria.nvmf;

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

    private final Connection connection;
    private final ConnectExecutor connect;

    FabricsCommands(NvmfTarget target, Connection connection) {
        this.connection = connection;
        this.connect = new ConnectExecutor(target, connection);
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

    private int admitConnect(Command command, int type) {
        if (type != FabricsType.CONNECT) {
            return StatusCode.COMMAND_SEQUENCE_ERROR | StatusCode.DNR;
        }
        if (command.dataBytes() != ConnectData.BYTES) {
            return StatusCode.SGL_LENGTH_INVALID | StatusCode.DNR;
        }
        command.useMemory(connection.connectData());
        return StatusCode.SUCCESS;
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
            case FabricsType.DISCONNECT ->
                    adminQueue
                            ? StatusCode.INVALID_QUEUE_TYPE | StatusCode.DNR
                            : StatusCode.SUCCESS;
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

    void onClosed() {
        connect.onClosed();
    }

    /** See {@link CommandExecutor#execute}. */
    void execute(Command command) {
        switch (SubmissionEntry.fabricsType(command.entry(), command.entryOffset())) {
            case FabricsType.CONNECT -> connect.execute(command);
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
