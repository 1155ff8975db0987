package io.stria.runtime.kernel;

import io.stria.runtime.ffm.LinuxFile;
import java.io.IOException;
import java.nio.file.Path;

/** Another process: opens the file it is given, says so, and holds it until it is killed. */
final class LockedElsewhere {
    static final String HELD = "held";

    private LockedElsewhere() {}

    public static void main(String[] arguments) throws IOException {
        LinuxFile.open(Path.of(arguments[0]), 1 << 20, 4096, true);
        System.out.println(HELD);
        System.in.read();
    }
}
