package io.stria.node.supervise;

import io.stria.control.json.Json;
import io.stria.node.cluster.ClusterDirectory;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Function;

/**
 * Where a supervisor takes requests from its user: a Unix socket, which works from any network
 * namespace. It lies in the cluster's directory, or below the temporary one when that name is too
 * long for a socket.
 */
final class ControlSocket implements AutoCloseable {
    private static final int NAME_BYTES_MAX = 100;
    private static final int LINE_CHARS_MAX = 4096;

    private final ServerSocketChannel server;
    private final Path path;

    private ControlSocket(ServerSocketChannel server, Path path) {
        this.server = server;
        this.path = path;
    }

    static ControlSocket open(ClusterDirectory directory, String token) throws IOException {
        Path path = directory.path().resolve("supervisor.sock");
        if (path.toString().getBytes(StandardCharsets.UTF_8).length > NAME_BYTES_MAX) {
            path = Files.createTempDirectory("stria-").resolve("supervisor.sock");
        }
        Files.deleteIfExists(path); // of a supervisor that was killed
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(path));
        return new ControlSocket(server, path);
    }

    Path path() {
        return path;
    }

    /** Answers each request on a thread of its own, until it is closed. */
    void serve(Function<Request, Request.Answer> supervisor) {
        Thread.ofPlatform()
                .name("control")
                .daemon()
                .start(() -> {
                    while (server.isOpen()) {
                        try {
                            SocketChannel client = server.accept();
                            Thread.ofPlatform().daemon().start(() -> answer(client, supervisor));
                        } catch (IOException e) {
                            return;
                        }
                    }
                });
    }

    private static void answer(SocketChannel client, Function<Request, Request.Answer> supervisor) {
        try (client) {
            byte[] line = readLine(client);
            Request request = Json.read(line, 0, line.length, Request.class);
            writeLine(client, Json.write(supervisor.apply(request)));
        } catch (IOException e) {
            // Who asked sees that the connection ends without an answer.
        }
    }

    static byte[] readLine(SocketChannel channel) throws IOException {
        BufferedReader reader =
                new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8));
        StringBuilder line = new StringBuilder();
        for (int c = reader.read(); c >= 0 && c != '\n'; c = reader.read()) {
            if (line.length() == LINE_CHARS_MAX * 16) {
                throw new IOException("a request of this length is none");
            }
            line.append((char) c);
        }
        return line.toString().getBytes(StandardCharsets.UTF_8);
    }

    static void writeLine(SocketChannel channel, byte[] json) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(json.length + 1).put(json).put((byte) '\n').flip();
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        Files.deleteIfExists(path);
    }
}
