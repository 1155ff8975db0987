package io.stria.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.stria.clustermap.Scheme;
import io.stria.clustermap.Tolerance;
import io.stria.clustermap.VolumeEntry;
import io.stria.control.json.Json;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Does a little of what commands do, without a cluster, for the run that makes the AOT cache. */
@Command(name = "train", hidden = true, description = "Load what commands use.")
final class TrainCommand implements Callable<Integer> {
    private static final String CLUSTER =
            "{\"id\":\"c\",\"health\":\"degraded\",\"problems\":[\"p\"],"
                    + "\"nodes\":{\"total\":1,\"online\":1},\"voters\":{\"total\":1,\"online\":1}}";
    private static final String LIST =
            "[{\"id\":1,\"state\":\"online\",\"pid\":1,\"voter\":true,\"voterState\":\"works\","
                    + "\"sizeBytes\":8589934592,\"paths\":[{\"traddr\":\"a\"}],\"behind\":[1]}]";

    @Override
    public Integer call() throws IOException {
        for (String[] line :
                List.of(
                        new String[] {"--help"},
                        new String[] {"up", "--help"},
                        new String[] {"volume", "create", "--help"},
                        new String[] {"doctor", "-o", "json"},
                        new String[] {"status", "--api", "http://127.0.0.1:9"},
                        new String[] {"volume", "list", "--api", "http://127.0.0.1:9"})) {
            CommandLine command = Stria.commandLine();
            command.execute(line);
        }
        JsonNode list = Json.strict().readTree(LIST);
        System.out.print(Views.cluster(Json.strict().readTree(CLUSTER)));
        System.out.print(Views.nodes(list) + Views.devices(list) + Views.volumes(list));
        System.out.print(Views.volume(list.get(0)) + Views.connect(list.get(0)));
        System.out.print(Json.strict().writerWithDefaultPrettyPrinter().writeValueAsString(list));
        Json.write(
                VolumeCommand.Create.body(
                        "v", 1, new Scheme(2), Tolerance.NODE, VolumeEntry.LBA_BYTES_SMALL));
        return ExitCode.OK;
    }
}
