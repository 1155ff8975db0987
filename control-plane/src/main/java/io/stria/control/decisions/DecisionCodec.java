package io.stria.control.decisions;

import io.stria.control.json.Json;
import java.io.IOException;

/**
 * Decisions, results and whole states as bytes: one byte for the format (1), then JSON. A state is
 * written whole, as a snapshot.
 */
public final class DecisionCodec {
    private static final byte FORMAT = 1;

    private DecisionCodec() {}

    public static byte[] encode(Decision decision) {
        return framed(Json.write(decision));
    }

    public static Decision decodeDecision(byte[] bytes) throws IOException {
        return decode(bytes, Decision.class);
    }

    public static byte[] encode(Result result) {
        return framed(Json.write(result));
    }

    public static Result decodeResult(byte[] bytes) throws IOException {
        return decode(bytes, Result.class);
    }

    public static byte[] encode(ClusterState state) {
        return framed(Json.write(state));
    }

    public static ClusterState decodeState(byte[] bytes) throws IOException {
        return decode(bytes, ClusterState.class);
    }

    private static byte[] framed(byte[] json) {
        byte[] bytes = new byte[json.length + 1];
        bytes[0] = FORMAT;
        System.arraycopy(json, 0, bytes, 1, json.length);
        return bytes;
    }

    private static <T> T decode(byte[] bytes, Class<T> type) throws IOException {
        if (bytes.length == 0 || bytes[0] != FORMAT) {
            throw new IOException(
                    bytes.length == 0
                            ? "nothing where a " + type.getSimpleName() + " should stand"
                            : "format "
                                    + bytes[0]
                                    + " of "
                                    + type.getSimpleName()
                                    + " is not known: a newer version wrote it");
        }
        return Json.read(bytes, 1, bytes.length - 1, type);
    }
}
