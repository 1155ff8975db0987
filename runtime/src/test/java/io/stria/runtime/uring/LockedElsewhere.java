package io.stria.runtime.uring;

import io.stria.runtime.BlockFile;
import io.stria.runtime.Memory;
import java.io.IOException;
import java.nio.file.Path;

/** Another process: opens the file it is given, says so, and holds it until it is killed. */
final class LockedElsewhere {
    static final String HELD = "held";

    private LockedElsewhere() {}

    public static void main(String[] arguments) throws IOException {
        try (IoUringEngine engine = new IoUringEngine(UringConfig.DEFAULT, new Memory())) {
            engine.openFile(Path.of(arguments[0]), new BlockFile.Options(1 << 20, 4096, true));
            engine.poll();
            System.out.println(HELD);
            System.in.read();
        }
    }
}
