package io.stria.control.lease;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.fuzz.AllocationBound;
import io.stria.fuzz.FuzzTest;
import java.io.IOException;
import java.util.List;

/** What one control plane sends to another. */
class MessageFuzzTest extends FuzzTest {
    public static void fuzzerTestOneInput(byte[] input) {
        AllocationBound.hold((4 << 20) + 2000L * input.length, () -> decode(input));
    }

    private static void decode(byte[] input) {
        try {
            List<Message> messages = MessageCodec.decodeList(input);
            for (Message message : messages) {
                assertNotNull(message);
                Message.isQuestion(message);
            }
            assertEquals(messages, MessageCodec.decodeList(MessageCodec.encode(messages)));
        } catch (IOException e) {
            assertTrue(e.getMessage() != null && !e.getMessage().isBlank());
        }
    }
}
