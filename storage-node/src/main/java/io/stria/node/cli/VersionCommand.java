package io.stria.node.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code stria version}. */
@Command(
        name = "version",
        description = "Print the version of Stria.",
        mixinStandardHelpOptions = true)
final class VersionCommand implements Callable<Integer> {
    @Mixin private Output output = new Output();

    @Override
    public Integer call() {
        String number = Version.number();
        output.print(
                JsonNodeFactory.instance.objectNode().put("version", number),
                () -> "stria " + number + "\n");
        return ExitCode.OK;
    }
}
