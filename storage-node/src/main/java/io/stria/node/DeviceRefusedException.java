package io.stria.node;

import java.io.IOException;

/** What lies on a device cannot be served: it is damaged, foreign, or of another format. */
final class DeviceRefusedException extends IOException {
    private static final long serialVersionUID = 1;

    DeviceRefusedException(String sentence) {
        super(sentence);
    }
}
