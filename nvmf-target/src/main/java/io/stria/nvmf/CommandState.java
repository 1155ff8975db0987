package io.stria.nvmf;

/**
 * Where a {@link Command} stands. {@link CommandFlow} alone moves it on.
 *
 * <pre>
 *   FREE -> RECEIVING -+-----------------------------------------> EXECUTING -> RESPONDING -> FREE
 *                      |                                             ^  ^
 *                      +-> AWAITING_BUFFER -+-----(read)-------------+  |
 *                                           +-(write)-> REQUESTING -> AWAITING_DATA
 *
 *   A command that is refused goes from RECEIVING or AWAITING_DATA to RESPONDING.
 * </pre>
 */
enum CommandState {
    FREE,
    /** Its capsule is arriving. */
    RECEIVING,
    /** Stands in line for a data buffer. */
    AWAITING_BUFFER,
    /** Its R2T has not left yet. */
    REQUESTING,
    /** Its R2T is out; data arrives. */
    AWAITING_DATA,
    /** With its executor. */
    EXECUTING,
    /** Data and response have not all left yet. */
    RESPONDING
}
