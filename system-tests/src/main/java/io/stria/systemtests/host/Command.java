package io.stria.systemtests.host;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** A short command of the machine itself, run to its end; its output must fit a pipe. */
public final class Command {
    private Command() {}

    /** Its result; exit code 127 with the reason when it cannot be started. */
    public static Result run(String... command) {
        try {
            Process process = new ProcessBuilder(command).start();
            process.getOutputStream().close();
            String out =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            String err =
                    new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
            return new Result(process.waitFor(), out, err);
        } catch (IOException e) {
            return new Result(127, "", String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new HostException("interrupted while running " + command[0], e);
        }
    }
}
