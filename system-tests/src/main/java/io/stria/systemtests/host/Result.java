package io.stria.systemtests.host;

/** What a script on the host printed, and its exit code (128 + signal when a signal ended it). */
public record Result(int exitCode, String out, String err) {

    /** This result, or an exception that shows what was printed when the script failed. */
    public Result orThrow() {
        if (exitCode != 0) {
            throw new HostException("exit code " + exitCode + "\n" + err + out);
        }
        return this;
    }
}
