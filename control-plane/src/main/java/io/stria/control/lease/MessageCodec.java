package io.stria.control.lease;

import io.stria.control.json.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
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

    /**
     * The same in as few requests as take them: each has {@link #BYTES_MAX} at most, unless a
     * single message is longer.
     */
    public static List<byte[]> encodeInParts(List<Message> messages) {
        List<byte[]> parts = new ArrayList<>();
        ByteArrayOutputStream part = new ByteArrayOutputStream();
        for (Message message : messages) {
            byte[] next = encode(message);
            // With what stands before the message, and the bracket that ends the list.
            if (part.size() > 0 && part.size() + next.length + 2 > BYTES_MAX) {
                parts.add(ended(part));
            }
            part.write(part.size() == 0 ? '[' : ',');
            part.writeBytes(next);
        }
        if (part.size() > 0) {
            parts.add(ended(part));
        }
        return parts;
    }

    private static byte[] ended(ByteArrayOutputStream part) {
        part.write(']');
        byte[] bytes = part.toByteArray();
        part.reset();
        return bytes;
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
