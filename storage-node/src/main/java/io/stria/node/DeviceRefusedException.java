package io.stria.node;

import java.io.IOException;

/**
 * A device cannot be served: it cannot be opened, or what lies on it is damaged, foreign, or of
 * another format.
 */
final class DeviceRefusedException extends IOException {
    private static final long serialVersionUID = 1;

    DeviceRefusedException(String sentence) {
        super(sentence);
    }
}
