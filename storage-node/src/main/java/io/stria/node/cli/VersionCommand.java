package io.stria.node.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code stria version}. */
@Command(name = "version", description = "Print the version of Stria.")
final class VersionCommand implements Callable<Integer> {
    @Override
    public Integer call() {
        System.out.println("stria " + Version.number());
        return 0;
    }
}
