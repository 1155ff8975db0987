package io.stria.systemtests.linear;

/**
 * One operation of one host on one block, as the host saw it.
 *
 * @param client the host; it does one operation at a time
 * @param value what was written or read; 0 is a block that nobody wrote, every other value was
 *     written by one operation only
 * @param startNs before its first command was sent
 * @param endNs after its answer came; of an unknown outcome, when it was given up
 * @param known false for a write that was sent and not acknowledged: it happened, or happens later,
 *     or never
 */
public record Operation(
        int client, boolean write, long lba, long value, long startNs, long endNs, boolean known) {
    /** For outside checkers: an unknown end is null, as is the outcome. */
    String json() {
        return "{\"client\":%d,\"op\":\"%s\",\"lba\":%d,\"value\":%d,\"start\":%d,\"end\":%s,\"ok\":%s}"
                .formatted(
                        client,
                        write ? "write" : "read",
                        lba,
                        value,
                        startNs,
                        known ? Long.toString(endNs) : "null",
                        known ? "true" : "null");
    }
}
