package io.stria.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.stria.node.cluster.EngineKind;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

final class NodeArgumentsTest {
    @Test
    void readsWhatTheSupervisorSays() {
        String[] arguments = {"--dir", "/d", "--id", "3", "--start", "77", "--heartbeat", "/m"};

        assertEquals(
                new NodeArguments(Path.of("/d"), 3, 77, null, Path.of("/m")),
                NodeArguments.parse(arguments, 1000));
    }

    @Test
    void takesAnEngineThatTheClusterWasNotMadeWith() {
        String[] arguments = {"--dir", "/d", "--id", "3", "--engine", "nio"};

        assertEquals(EngineKind.NIO, NodeArguments.parse(arguments, 0).engine());
    }

    @Test
    void namesItselfWhenNobodyElseDoes() {
        String[] arguments = {"--id", "3", "--dir", "/d"};

        assertEquals(1000, NodeArguments.parse(arguments, 1000).start());
    }

    @Test
    void refusesWhatIsMissingOrUnknown() {
        for (String line :
                List.of(
                        "",
                        "--dir /d",
                        "--id 1",
                        "--dir /d --id 0",
                        "--dir /d --id 1 --x y",
                        "--dir /d --id 1 --engine steam",
                        "--dir /d --id 1 --x")) {
            String[] arguments = line.isEmpty() ? new String[0] : line.split(" ");
            assertThrows(
                    IllegalArgumentException.class, () -> NodeArguments.parse(arguments, 0), line);
        }
    }
}
