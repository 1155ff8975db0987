package io.stria.nvmf;

import io.stria.nvme.StatusCode;

/** How a command ended, with the data that came for it. */
record Answer(int status, long result, int sqHead, boolean byDataAlone, byte[] data) {
    int code() {
        return StatusCode.code(status);
    }

    boolean isOk() {
        return status == StatusCode.SUCCESS;
    }

    boolean mayRetry() {
        return StatusCode.mayRetry(status);
    }
}
