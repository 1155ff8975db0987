package io.stria.control.lease;

/** Sends messages to control planes, this node's own included; they may be lost or doubled. */
public interface Outbox {
    void send(int nodeId, Message message);
}
