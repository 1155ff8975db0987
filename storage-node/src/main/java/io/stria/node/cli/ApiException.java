package io.stria.node.cli;

/** REST's answer was an error, or there was none. */
final class ApiException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int status;

    /**
     * @param status of HTTP; 0 when nobody answered
     */
    ApiException(int status, String sentence) {
        super(sentence);
        this.status = status;
    }

    int status() {
        return status;
    }

    int exitCode() {
        return status == 0 ? ExitCode.UNREACHABLE : ExitCode.FAILED;
    }
}
