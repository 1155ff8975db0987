package io.stria.runtime.nio;

import io.stria.runtime.ffm.Errno;
import java.io.IOException;
import java.net.NoRouteToHostException;
import java.util.HashMap;
import java.util.Map;

/**
 * Finds the errno behind an exception of a channel, which has nothing but the C library's text of
 * it (and for a reset connection a text of its own).
 */
final class SocketErrors {
    private static final int ERRNO_MAX = 133;
    private static final Map<String, Integer> BY_TEXT = byText();

    private SocketErrors() {}

    /** EIO where it cannot be told. */
    static int errno(IOException failure) {
        if (failure instanceof NoRouteToHostException) {
            return Errno.EHOSTUNREACH;
        }
        return BY_TEXT.getOrDefault(String.valueOf(failure.getMessage()), Errno.EIO);
    }

    private static Map<String, Integer> byText() {
        Map<String, Integer> byText = new HashMap<>();
        for (int errno = 1; errno <= ERRNO_MAX; errno++) {
            byText.putIfAbsent(Errno.text(errno), errno);
        }
        byText.put("Connection reset", Errno.ECONNRESET);
        return byText;
    }
}
