package io.stria.control.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.control.rest.MessageAuth.Headers;
import io.stria.control.security.ClusterSecret;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class MessageAuthTest {
    private static final String PATH = "/internal/v1/messages";
    private static final byte[] BODY = {1, 2, 3};

    private final ClusterSecret secret = ClusterSecret.random();
    private long wallMs = 1_800_000_000_000L;
    private final MessageAuth sender = new MessageAuth(secret, () -> wallMs);
    private final MessageAuth receiver = new MessageAuth(secret, () -> wallMs);

    private Headers signed(String nonce) {
        return sender.sign(PATH, 1, 2, nonce, BODY);
    }

    @Test
    void aGenuineRequestIsTakenOnce() {
        Headers headers = signed("n1");
        assertNull(receiver.refusal(PATH, 2, headers));
        assertEquals("the request has been here before", receiver.refusal(PATH, 2, headers));
        assertNull(receiver.refusal(PATH, 2, signed("n2")));
    }

    @Test
    void nothingOfItCanBeChanged() {
        refused(h -> new Headers("3", h.to(), h.time(), h.nonce(), h.body(), h.mac()));
        refused(h -> new Headers(h.from(), "3", h.time(), h.nonce(), h.body(), h.mac()));
        refused(h -> new Headers(h.from(), h.to(), h.time() + "1", h.nonce(), h.body(), h.mac()));
        refused(h -> new Headers(h.from(), h.to(), h.time(), "other", h.body(), h.mac()));
        refused(h -> new Headers(h.from(), h.to(), h.time(), h.nonce(), "1" + h.body(), h.mac()));
        refused(h -> new Headers(h.from(), h.to(), h.time(), h.nonce(), h.body(), "00" + h.mac()));
        refused(h -> new Headers(h.from(), h.to(), h.time(), h.nonce(), h.body(), null));
        refused(h -> new Headers(h.from(), h.to(), h.time(), h.nonce(), null, h.mac()));
        assertNotNull(receiver.refusal("/internal/v1/attest", 2, signed("n")));
        assertTrue(signed("n").fit(BODY));
        assertFalse(signed("n").fit(new byte[] {1, 2, 4}));
        assertTrue(signed("n").fitLength("3"));
        for (String length : new String[] {"", "0", "2", "30", "3:"}) {
            assertFalse(signed("n").fitLength(length), length);
        }
    }

    private void refused(UnaryOperator<Headers> change) {
        assertNotNull(receiver.refusal(PATH, 2, change.apply(signed("n"))));
    }

    @Test
    void whatIsForAnotherNodeIsRefused() {
        assertEquals("the request is for node 2", receiver.refusal(PATH, 3, signed("n")));
    }

    @Test
    void anotherClustersMemberIsRefused() {
        MessageAuth stranger = new MessageAuth(ClusterSecret.random(), () -> wallMs);
        Headers headers = stranger.sign(PATH, 1, 2, "n", BODY);
        assertEquals(
                "the request was not made with this cluster's secret",
                receiver.refusal(PATH, 2, headers));
    }

    @Test
    void anOldRequestIsRefusedAlsoWhenItsNonceIsForgotten() {
        Headers headers = signed("n");
        assertNull(receiver.refusal(PATH, 2, headers));
        for (int i = 0; i < 10; i++) {
            wallMs += MessageAuth.WINDOW_MS / 2;
            assertNotNull(receiver.refusal(PATH, 2, headers));
            assertNull(receiver.refusal(PATH, 2, signed("m" + i)));
        }
    }
}
