package io.stria.systemtests.host;

import java.util.List;

/**
 * What was seen while stamped blocks were written, or when they were verified.
 *
 * @param acknowledged writes that the device acknowledged (0 when verifying)
 * @param longestStallMs longest time without an acknowledged write, from start to end
 * @param longestStallAtMs when it began, counted from the start
 * @param ioErrors operations that the device failed; they say nothing about the blocks
 * @param ioErrorKinds operation and error name of each kind of them, such as {@code write EIO}
 * @param checked blocks that were read and judged
 * @param lost blocks older than a write that was acknowledged, or than a value once read
 * @param torn blocks that are not one whole write
 * @param misplaced whole blocks of another place
 * @param neverWritten blocks newer than anything issued
 * @param examples the first wrong blocks, a sentence each
 */
public record StampedReport(
        long acknowledged,
        long longestStallMs,
        long longestStallAtMs,
        long ioErrors,
        List<String> ioErrorKinds,
        long checked,
        long lost,
        long torn,
        long misplaced,
        long neverWritten,
        List<String> examples) {

    public long wrong() {
        return lost + torn + misplaced + neverWritten;
    }

    static StampedReport parse(String line) {
        Json json = Json.parse(line);
        return new StampedReport(
                json.number("acknowledged"),
                json.number("longest_stall_ms"),
                json.number("longest_stall_at_ms"),
                json.number("io_errors"),
                json.at("io_errors_by_kind").names(),
                json.number("checked"),
                json.number("lost"),
                json.number("torn"),
                json.number("misplaced"),
                json.number("never_written"),
                json.at("examples").strings());
    }
}
