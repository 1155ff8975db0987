package io.stria.nvmf;

import io.stria.nvme.StatusCode;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** Takes the commands of one connection from state to state; see {@link CommandState}. */
final class CommandFlow {
    private final Connection connection;
    private final SendQueue sends;
    private int awaitingData;
    private long owedBytes;

    CommandFlow(Connection connection, SendQueue sends) {
        this.connection = connection;
        this.sends = sends;
    }

    /** Commands whose data the host owes. */
    int awaitingData() {
        return awaitingData;
    }

    /** What the command waited for has happened. */
    void advance(Command command) {
        switch (command.state) {
            case RECEIVING -> onReceived(command);
            case AWAITING_BUFFER -> onRoom(command);
            case REQUESTING -> {
                command.state = CommandState.AWAITING_DATA;
                awaitingData++;
                owedBytes += command.dataBytes();
                command.dueNs = connection.dueNs(owedBytes);
            }
            case AWAITING_DATA -> {
                awaitingData--;
                owedBytes -= command.dataBytes();
                executeOrRefuse(command);
            }
            case EXECUTING -> respond(command);
            case RESPONDING -> command.free();
            case FREE -> throw new AssertionError("a free command advances");
        }
    }

    private void onReceived(Command command) {
        boolean isWhole = command.dataBytes() == 0 || command.dataInCapsule;
        if (command.status != StatusCode.SUCCESS || isWhole) {
            executeOrRefuse(command);
            return;
        }
        command.state = CommandState.AWAITING_BUFFER;
        if (command.hasBuffer() || takeBuffer(command)) {
            advance(command);
        }
    }

    private boolean takeBuffer(Command command) {
        BufferShare owner = bufferFor(command);
        MemorySegment buffer = owner.take(command);
        if (buffer == null) {
            return false;
        }
        command.putBuffer(owner, buffer);
        return true;
    }

    private BufferShare bufferFor(Command command) {
        Buffers.Shares shares = connection.shares();
        return command.dataFromHost
                ? shares.forTransfer(command.dataBytes())
                : shares.forRead(command.dataBytes());
    }

    /** Ends the command with that, if it has not even begun to take room. */
    boolean abort(@Nullable Command command) {
        if (command == null || command.state != CommandState.AWAITING_BUFFER) {
            return false;
        }
        command.leaveLine();
        command.status = StatusCode.ABORT_REQUESTED;
        respond(command);
        return true;
    }

    private void onRoom(Command command) {
        if (command.dataFromHost) {
            command.state = CommandState.REQUESTING;
            sends.add(command);
        } else {
            executeOrRefuse(command);
        }
    }

    private void executeOrRefuse(Command command) {
        if (command.status == StatusCode.SUCCESS) {
            command.state = CommandState.EXECUTING;
            connection.execute(command);
        } else {
            respond(command);
        }
    }

    private void respond(Command command) {
        command.state = CommandState.RESPONDING;
        if (command.status != StatusCode.SUCCESS) {
            connection.onError(command);
        }
        sends.add(command);
    }
}
