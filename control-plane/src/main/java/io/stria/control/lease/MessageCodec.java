package io.stria.control.lease;

import io.stria.control.json.Json;
import java.io.IOException;

/** Messages as JSON. */
public final class MessageCodec {
    private MessageCodec() {}

    public static byte[] encode(Message message) {
        return Json.write(message);
    }

    /**
     * @throws IOException if the bytes are not a message of this version
     */
    public static Message decode(byte[] bytes) throws IOException {
        return Json.read(bytes, 0, bytes.length, Message.class);
    }
}
