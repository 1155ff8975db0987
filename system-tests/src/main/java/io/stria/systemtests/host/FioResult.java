package io.stria.systemtests.host;

/**
 * What fio measured.
 *
 * @param error errno of the first IO or verification error, 0 when there was none (EILSEQ, 84, is a
 *     wrong checksum)
 * @param userCpuPercent share of one of the host's processors; a user-mode Linux counts most of it
 *     as system
 * @param messages what fio had to say about errors
 */
public record FioResult(
        int error,
        Side reads,
        Side writes,
        double userCpuPercent,
        double systemCpuPercent,
        String messages) {

    /** One direction; latencies from submission to completion, in microseconds. */
    public record Side(
            long operations, double perSecond, double meanUs, double p50Us, double p99Us) {}

    static FioResult parse(String out, String err) {
        Json job = Json.parse(out.substring(out.indexOf("{\n"))).at("jobs").at(0);
        return new FioResult(
                (int) job.number("error"),
                side(job.at("read")),
                side(job.at("write")),
                job.decimal("usr_cpu"),
                job.decimal("sys_cpu"),
                out.substring(0, out.indexOf("{\n")) + err);
    }

    private static Side side(Json json) {
        Json latency = json.at("clat_ns");
        Json percentile = latency.at("percentile");
        return new Side(
                json.number("total_ios"),
                json.decimal("iops"),
                latency.decimal("mean") / 1000,
                percentile.decimal("50.000000") / 1000,
                percentile.decimal("99.000000") / 1000);
    }
}
