package io.stria.node.supervise;

import io.stria.control.json.Json;
import io.stria.node.cluster.ClusterDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Takes the requests of a supervisor in this process, of whose nodes the first one runs. */
public final class SupervisorStub implements AutoCloseable {
    private final ControlSocket socket;
    private final List<String> asked = new CopyOnWriteArrayList<>();

    public SupervisorStub(ClusterDirectory directory) throws IOException {
        socket = ControlSocket.open(directory, "token");
        SupervisorFile file =
                new SupervisorFile(ProcessId.current(), socket.path().toString(), "token");
        Files.write(SupervisorFile.in(directory), Json.write(file));
        socket.serve(request -> {
            asked.add(request.word() + " " + request.node());
            return new Request.Answer(
                    "",
                    List.of(
                            new NodeStatus(1, 4711, true, ""),
                            new NodeStatus(2, 4712, false, "with exit status 0")));
        });
    }

    /** Such as {@code START 1}. */
    public List<String> asked() {
        return asked;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
