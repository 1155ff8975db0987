package io.stria.nvmf;

import io.stria.dataplane.device.IoStatus;
import io.stria.nvme.StatusCode;

/**
 * What a host is told when an IO fails. What Linux does with it (6.1, multipath):
 *
 * <ul>
 *   <li>Path related statuses without DNR send the command to another path, as often as needed:
 *       NOT_SERVING and FENCED become <b>Asymmetric Access Inaccessible</b>, upon which the host
 *       also reads the ANA log again and avoids this path until that says something else. With no
 *       path left the host keeps the command until one comes back.
 *   <li>Other statuses without DNR are retried on the same path, {@code nvme_core.max_retries} (5)
 *       times, each after the delay that CRD points to, and then reach the application.
 *       UNAVAILABLE, DISCONNECTED and ABORTED become <b>Namespace Not Ready</b> with a delay: too
 *       many devices are away, which no other path would change, and the volume has already waited
 *       for its bounded time. A path error would make a host with one path repeat the command for
 *       ever, as fast as it can.
 *   <li>With DNR the application gets the error at once.
 * </ul>
 */
final class HostStatus {
    /** CRD field: wait as long as CRDT1 says. */
    static final int RETRY_DELAY_1 = 1 << 11;

    /** CRDT1: half a second, in units of 100 ms. */
    static final int RETRY_DELAY_1_UNITS = 5;

    private HostStatus() {}

    /**
     * @param write what a medium error happened to
     * @param retryDelays the host honours CRD
     */
    static int of(IoStatus status, boolean write, boolean retryDelays) {
        return switch (status) {
            case OK -> StatusCode.SUCCESS;
            case OUT_OF_RANGE -> StatusCode.LBA_OUT_OF_RANGE | StatusCode.DNR;
            case INVALID -> StatusCode.INVALID_FIELD | StatusCode.DNR;
            case MEDIA_ERROR ->
                    (write ? StatusCode.WRITE_FAULT : StatusCode.UNRECOVERED_READ_ERROR)
                            | StatusCode.DNR;
            case NO_SPACE -> StatusCode.CAPACITY_EXCEEDED | StatusCode.DNR;
            case NOT_SERVING, FENCED -> StatusCode.ANA_INACCESSIBLE;
            case UNAVAILABLE, DISCONNECTED, ABORTED ->
                    StatusCode.NAMESPACE_NOT_READY | (retryDelays ? RETRY_DELAY_1 : 0);
            case MISCOMPARE -> StatusCode.COMPARE_FAILURE | StatusCode.DNR;
        };
    }
}
