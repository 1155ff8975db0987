package io.stria.systemtests.host;

import java.time.Duration;

/** An fio job in progress. */
public record RunningFio(Running running) {
    public boolean hasEnded() {
        return running.hasEnded();
    }

    public FioResult await(Duration timeout) {
        Result result = running.await(timeout);
        if (!result.out().contains("{")) {
            throw new HostException("fio did not run: " + result);
        }
        return FioResult.parse(result.out(), result.err());
    }
}
