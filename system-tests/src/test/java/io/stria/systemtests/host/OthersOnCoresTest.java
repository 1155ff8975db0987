package io.stria.systemtests.host;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Set;
import org.junit.jupiter.api.Test;

class OthersOnCoresTest {
    /** Forked once more, so that it does not descend from this JVM. */
    private static final String SPIN =
            "setsid -f timeout 2 sh -c 'while :; do :; done' >/dev/null 2>&1";

    @Test
    void seesWhatOthersUse() throws InterruptedException {
        OthersOnCores others = OthersOnCores.from(Set::of);
        for (int core = 0; core < 2 * Runtime.getRuntime().availableProcessors(); core++) {
            Command.run("sh", "-c", SPIN).orThrow();
        }
        Thread.sleep(1500);
        double share = others.share();
        assertTrue(share >= OthersOnCores.MUCH, () -> "others had " + share);
    }
}
