package io.stria.node.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** Loads what commands use, for the run that makes the AOT cache. */
@Command(name = "train", hidden = true, description = "Load what commands use.")
final class TrainCommand implements Callable<Integer> {
    @Override
    public Integer call() {
        return 0;
    }
}
