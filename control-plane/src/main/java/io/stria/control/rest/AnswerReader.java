package io.stria.control.rest;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;

/**
 * Reads the bodies of answers, of which nobody knows yet who gives them: whoever listens at the
 * port of a node that is away may send without end. Used on the context of one {@link PeerPost}.
 */
final class AnswerReader {
    private final int bytesMax;
    private long readBytes;

    /**
     * @param bytesMax that all bodies together have which are being read at one time
     */
    AnswerReader(int bytesMax) {
        this.bytesMax = bytesMax;
    }

    /** Fails, and ends the connection, when the body is longer or there is no room for it. */
    Future<Buffer> read(HttpClientResponse response, int bodyBytesMax) {
        Body body = new Body(response, bodyBytesMax);
        if (announced(response) > bodyBytesMax) {
            body.refuse();
        } else {
            response.handler(body::add)
                    .endHandler(ended -> body.whole.tryComplete(body.bytes))
                    .exceptionHandler(body.whole::tryFail);
        }
        return body.whole.future().onComplete(done -> readBytes -= body.bytes.length());
    }

    private static long announced(HttpClientResponse response) {
        String length = response.getHeader("Content-Length");
        try {
            return length == null ? 0 : Long.parseLong(length.strip());
        } catch (NumberFormatException e) {
            return Long.MAX_VALUE;
        }
    }

    private final class Body {
        private final HttpClientResponse response;
        private final int bodyBytesMax;
        private final Promise<Buffer> whole = Promise.promise();
        private final Buffer bytes = Buffer.buffer();

        Body(HttpClientResponse response, int bodyBytesMax) {
            this.response = response;
            this.bodyBytesMax = bodyBytesMax;
        }

        void add(Buffer chunk) {
            if (whole.future().isComplete()) {
                return;
            }
            int length = chunk.length();
            if (bytes.length() + length > bodyBytesMax || readBytes + length > bytesMax) {
                refuse();
                return;
            }
            readBytes += length;
            bytes.appendBuffer(chunk);
        }

        void refuse() {
            whole.tryFail(new TooLongException(bodyBytesMax));
            response.request().reset();
        }
    }

    static final class TooLongException extends Exception {
        private static final long serialVersionUID = 1;

        TooLongException(int bytesMax) {
            super("an answer has more than %d bytes".formatted(bytesMax));
        }
    }
}
