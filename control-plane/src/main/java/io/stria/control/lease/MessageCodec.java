package io.stria.control.lease;

import io.stria.control.json.Json;
import java.io.IOException;
import java.util.List;

/** Messages as JSON. */
public final class MessageCodec {
    /** Messages of one request; what is longer is refused. */
    public static final int BYTES_MAX = 8 << 20;

    private MessageCodec() {}

    public static byte[] encode(Message message) {
        return Json.write(message);
    }

    /** Several for the same receiver, in order. */
    public static byte[] encode(List<Message> messages) {
        return Json.write(messages.toArray(Message[]::new));
    }

    public static List<Message> decodeList(byte[] bytes) throws IOException {
        return List.of(Json.read(bytes, 0, bytes.length, Message[].class));
    }

    /**
     * @throws IOException if the bytes are not a message of this version
     */
    public static Message decode(byte[] bytes) throws IOException {
        return Json.read(bytes, 0, bytes.length, Message.class);
    }
}
