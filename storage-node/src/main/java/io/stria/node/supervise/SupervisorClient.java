package io.stria.node.supervise;

import io.stria.control.json.Json;
import io.stria.node.cluster.ClusterDirectory;
import io.stria.node.cluster.ClusterException;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.Optional;

/** Asks the supervisor of a cluster on this machine. */
public final class SupervisorClient {
    private final SupervisorFile supervisor;

    private SupervisorClient(SupervisorFile supervisor) {
        this.supervisor = supervisor;
    }

    /**
     * @throws NoSupervisorException if none runs
     */
    public static SupervisorClient of(ClusterDirectory directory) {
        return new SupervisorClient(
                SupervisorFile.read(directory)
                        .orElseThrow(() -> {
                            // `up` would refuse them as well.
                            Orphans.refuse(directory, directory.read());
                            return new NoSupervisorException(nothingRuns(directory));
                        }));
    }

    /** Why no node of the cluster can be reached, in a sentence; empty if some process is there. */
    public static String whySilent(ClusterDirectory directory) {
        boolean runs =
                SupervisorFile.read(directory).isPresent()
                        || !Orphans.find(directory, directory.read()).isEmpty();
        return runs ? "" : nothingRuns(directory);
    }

    private static String nothingRuns(ClusterDirectory directory) {
        return "nothing runs the cluster in %s: `stria up --dir %s` starts it"
                .formatted(directory.path(), directory.path());
    }

    public List<NodeStatus> list() {
        return ask(Request.Word.LIST, 0);
    }

    /** The node's process; empty if there is none. */
    public Optional<NodeStatus> running(int node) {
        return list().stream().filter(each -> each.id() == node && each.running()).findFirst();
    }

    public void start(int node) {
        ask(Request.Word.START, node);
    }

    /** Returns when the node has stopped. */
    public void stop(int node) {
        ask(Request.Word.STOP, node);
    }

    private List<NodeStatus> ask(Request.Word word, int node) {
        try (SocketChannel channel =
                SocketChannel.open(UnixDomainSocketAddress.of(supervisor.socket()))) {
            ControlSocket.writeLine(
                    channel, Json.write(new Request(supervisor.token(), word, node)));
            byte[] line = ControlSocket.readLine(channel);
            Request.Answer answer = Json.read(line, 0, line.length, Request.Answer.class);
            if (!answer.error().isEmpty()) {
                throw new ClusterException(answer.error());
            }
            return answer.nodes();
        } catch (IOException e) {
            throw new NoSupervisorException(
                    "%s does not answer: %s".formatted(supervisor, e.getMessage()), e);
        }
    }
}
