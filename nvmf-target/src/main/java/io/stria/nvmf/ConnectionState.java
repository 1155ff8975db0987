package io.stria.nvmf;

/** How far a connection has come. */
enum ConnectionState {
    /** Only ICReq is allowed. */
    AWAITING_INITIALIZE,
    /** Only the Connect command is allowed. */
    AWAITING_CONNECT,
    /** It is a queue; only authentication commands are allowed. */
    AWAITING_AUTHENTICATION,
    CONNECTED,
    CLOSED
}
