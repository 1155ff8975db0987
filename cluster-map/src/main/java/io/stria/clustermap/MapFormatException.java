package io.stria.clustermap;

/**
 * Bytes are not the encoding of a cluster map that this program understands. Checked, because the
 * bytes come from outside and every caller has an answer: ask for the full map, or refuse to start.
 */
public class MapFormatException extends Exception {
    private static final long serialVersionUID = 1L;

    public MapFormatException(String message) {
        super(message);
    }

    public MapFormatException(String message, Throwable cause) {
        super(message, cause);
    }
}
